"""A table or column bears a reserved word of SQL as its name.

**Why it matters.** It works as long as every statement quotes it; the first that does not fails, or means something
else: `SELECT user` is the session's user.

**Example.** A field table for `orders` with a column `end`.

**What to do.** Choose another name, or quote it everywhere.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design

RESERVED = frozenset(
    "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create current_catalog "
    "current_date current_role current_time current_timestamp current_user default deferrable desc distinct do else end except "
    "false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime localtimestamp "
    "not null offset on only or order placing primary references returning select session_user some symmetric system_user "
    "table then to trailing true union unique user using variadic when where window with".split()
)  # fmt: skip
"""What PostgreSQL 18 takes as a table's or a column's name only in quotes."""


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        if entity.name in RESERVED and not entity.is_assumed:
            yield _finding("table", entity.name, Label(entity.span))
        for field in entity.fields:
            if field.name in RESERVED and not field.is_assumed:
                yield _finding("column", field.name, Label(field.mentions[0].name_span))


def _finding(what: str, name: str, place: Label) -> Diagnostic:
    message = f"the {what} `{name}` bears a reserved word of SQL"
    return Diagnostic("reserved_identifier", Severity.INFO, message, (place,), "quote it everywhere, or rename it")
