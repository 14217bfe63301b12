"""The claim that environments agree: other databases have the structure, the versions and the settings of the first."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from asbuilt.engines.base import Engine
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused, ServerUnavailable
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.design import Design
from asbuilt.plan.wording import differences, shortened
from asbuilt.text import Span

_HEADING = re.compile(r"#+\s.*?(?:environment|umgebung|entorno|ambiente|ortam|lingkungan|环境|環境|환경|окружени)", re.IGNORECASE)  # fmt: skip
_ANY_HEADING = re.compile(r"#+\s")


@dataclass(frozen=True, slots=True)
class Environment:
    """A database beside the first, and what its user calls it."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class _Looked:
    server: str
    state: DatabaseState
    settings: Mapping[str, str]


def agreeing(engine: Engine, url: str, others: Sequence[Environment], design: Design) -> Iterator[Evidence]:
    """Yield for each other database whether it is like the one at `url`; all are only read.

    One that cannot be read is unknown, with the reason. Raises `ServerUnavailable` where nobody answers at `url`.
    """
    if not others:
        return
    first = _looked(engine, url)
    for other in others:
        claim = Claim(
            "environments_agree", Chapter.MIGRATION, other.name, (_place(design, other.name),), f"as {first.server}"
        )
        try:
            yield _compared(claim, first, _looked(engine, other.url))
        except (ServerRefused, ServerUnavailable) as error:
            yield Evidence(claim, Verdict.UNKNOWN, reason=f"{error}" + (f": {error.help}" if error.help else ""))


def _looked(engine: Engine, url: str) -> _Looked:
    with engine.connect(url, read_only=True) as session:
        return _Looked(session.server, session.inspect(), engine.settings(session))


def _compared(claim: Claim, first: _Looked, other: _Looked) -> Evidence:
    found = (
        *_unlike(first.settings, other.settings),
        *differences(first.state, other.state, "only there", "missing there"),
    )
    count = f"{len(found):,} difference{'' if len(found) == 1 else 's'}: "
    variable = re.sub(r"\W+", "_", claim.subject).strip("_").upper()
    return Evidence(
        claim,
        Verdict.BROKEN if found else Verdict.HOLDS,
        count + shortened(found) if found else "the same structure, versions and settings",
        reproduce=f'asbuilt sync --from "$DATABASE_URL" --to "${variable}_URL"',
        rows=found,
        server=other.server,
    )


def _unlike(one: Mapping[str, str], other: Mapping[str, str]) -> Iterator[str]:
    """Yield what both have and is not the same; an extension that one lacks is a difference of structure."""
    for name, value in one.items():
        if name in other and other[name] != value:
            yield f"{name} {value} → {other[name]}"


def _place(design: Design, name: str) -> Span:
    """Return where the document tells of an environment: a line that names it, the heading over all of them, or its first line."""
    source = design.source
    lines = [source[source.line_span(number)] for number in range(1, len(source.line_starts) + 1)]
    heading = next((at for at, line in enumerate(lines) if _HEADING.match(line)), None)
    if heading is None:
        return source.line_span(1)
    after = range(heading + 1, len(lines))
    end = next((at for at in after if _ANY_HEADING.match(lines[at])), len(lines))
    word = re.compile(rf"\b{re.escape(name)}\b", re.IGNORECASE)
    named = next((at for at in range(heading + 1, end) if word.search(lines[at])), heading)
    return source.line_span(named + 1)
