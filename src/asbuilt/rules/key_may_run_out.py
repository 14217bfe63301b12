"""A number that counts up will run out of values, by what the document says of the table's size.

**Why it matters.** At 2,147,483,647 (`INTEGER`) or 32,767 (`SMALLINT`) every insert fails, and the way to `BIGINT` then leads over
a table of that size. Numbers are lost to transactions that end without a commit, so there are fewer than it seems.

**Example.** `id SERIAL PRIMARY KEY`, and *Volume* says that `events` has 300 million rows.

**What to do.** Use `BIGINT` from the beginning: a key that is eight bytes long costs little.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.chapters import Volume
from asbuilt.model.design import Design, Entity, Field

_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1}
_SHARE = 10
"""A table that fills more than the tenth part of the numbers is too near to the end."""


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in _largest(design):
        entity = design.entity(fact.entity)
        key = _counted(entity) if entity else None
        if key is None or key.type is None or not fact.rows:
            continue
        largest = _LARGEST[key.type.value.name]
        if fact.rows * _SHARE >= largest:
            what = f"`{key.subject}` is `{key.type.value.raw}`, which ends at {largest:,}"
            labels = (Label(key.type.span, "counts up"), Label(fact.span, f"{fact.rows:,} rows"))
            yield Diagnostic("key_may_run_out", Severity.WARNING, what, labels, "use BIGINT")


def _largest(design: Design) -> list[Volume]:
    """Return for each entity the statement of the most rows."""
    found: dict[str, Volume] = {}
    for fact in design.of(Volume):
        known = found.get(fact.entity)
        if fact.rows and (known is None or fact.rows > (known.rows or 0)):
            found[fact.entity] = fact
    return list(found.values())


def _counted(entity: Entity) -> Field | None:
    """Return the field that is the whole primary key and a small whole number."""
    if len(entity.primary_key) != 1:
        return None
    field = entity.field(entity.primary_key[0])
    return field if field and field.type and field.type.value.name in _LARGEST else None
