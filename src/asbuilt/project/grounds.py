"""Where things are tried: on our own scratch server or, where that lacks what is used, on the target's."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from asbuilt.engines.base import Progress, silent
from asbuilt.engines.postgres.borrowing import borrowing, lender
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.fitting import fit, used_in
from asbuilt.model.design import Design
from asbuilt.model.sql import SqlStatement


@contextmanager
def fit_ground(url: str, used: Iterable[str], progress: Progress = silent) -> Iterator[str]:
    """Try things meanwhile where what is `used` and what the database at `url` uses is to be had; give a note where that cannot be.

    That is a temporary database on the server of `url`, if ours lacks something, it does not, and the role may make one.
    """
    if lender():
        yield ""
        return
    with POSTGRES.connect(url, read_only=True) as session:
        found = fit(session, used)
    if not found.is_lent:
        yield found.reason
        return
    progress(
        f"scratch: using a temporary database on the target's server, as ours lacks {', '.join(found.lacking)}", 0, 0
    )
    with borrowing(url):
        yield ""


def used_by(design: Design) -> set[str]:
    """Return the extensions that a document names, and what else of a server it uses that not every one has."""
    statements = design.of(SqlStatement)
    named = {name.name for s in statements for name in s.creates if name.kind == "extension"}
    return named | used_in(s.sql for s in statements)
