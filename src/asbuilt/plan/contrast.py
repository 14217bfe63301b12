"""What differs between two revisions of a design, thing by thing, for people who have to judge the change."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from asbuilt.engines.changes import Change, Thing
from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, IndexState, Item, ObjectState, TableState
from asbuilt.model.renames import Rename
from asbuilt.plan.difference import difference
from asbuilt.plan.wording import unlike, worded

_ORDER = ("table", "column", "constraint", "index", "trigger", "policy")
_LONGEST = 120
_SHOWN_KINDS = frozenset({"enum", "domain", "composite", "range", "sequence"})
"""The objects whose definition is short enough to be read in a line."""


@dataclass(frozen=True, slots=True)
class Contrast:
    """A thing that differs: `verb` is added, dropped, changed or renamed; `told` says how, with what is SQL in backticks."""

    item: Item
    verb: str
    told: tuple[str, ...] = ()


def contrasts(before: DatabaseState, after: DatabaseState, renames: Iterable[Rename] = ()) -> tuple[Contrast, ...]:
    """Return what `after` has otherwise than `before`, in which what was renamed has its new names already.

    What comes or goes with its table is told with the table.
    """
    changes = difference(before, after)
    whole = {
        change.item.name for change in changes if change.item.kind == "table" and None in (change.before, change.after)
    }
    found = [*map(_renamed, renames)]
    found += [_told(_complete(change, after)) for change in changes if change.item.table not in whole]
    return tuple(sorted(found, key=_place))


def _place(one: Contrast) -> tuple[str, int, str, int]:
    """Return where a thing stands: tables by their names with what is on them below, then all else."""
    item = one.item
    at = _ORDER.index(item.kind) if item.kind in _ORDER else len(_ORDER)
    table = item.table or (item.name if item.kind == "table" else "~")
    return (table, at, f"{item.kind} {item.name}", one.verb != "renamed")


def _complete(change: Change, after: DatabaseState) -> Change:
    """Return the change with all that is on a table that comes."""
    comes = change.item.kind == "table" and change.before is None
    return replace(change, after=after.tables[change.item.name]) if comes else change


def _renamed(rename: Rename) -> Contrast:
    item = Item("column", rename.column, rename.table) if rename.column else Item("table", rename.table)
    return Contrast(item, "renamed", (f"from {_code(rename.old)}",))


def _told(change: Change) -> Contrast:
    before, after = change.before, change.after
    if before is None or after is None:
        return Contrast(change.item, "added" if after else "dropped", tuple(_described(after)) if after else ())
    return Contrast(change.item, "changed", tuple(_changed(before, after)))


def _described(thing: Thing) -> Iterator[str]:
    """Yield what is worth knowing of a thing that comes."""
    match thing:
        case ColumnState():
            yield _code(_column(thing))
        case ConstraintState():
            yield _code(thing.definition)
        case IndexState():
            yield _code(_index(thing))
        case TableState():
            if thing.partition_bound:
                yield f"a partition of {_code(', '.join(thing.parents))} {_code(thing.partition_bound)}"
            if thing.partition_key:
                yield f"partitioned by {_code(thing.partition_key)}"
            yield from _counted(thing)
        case ObjectState() if thing.kind in _SHOWN_KINDS:
            yield _code(thing.definition)


def _counted(table: TableState) -> Iterator[str]:
    own = sum(index.backs is None for index in table.indexes)
    for count, one, many in (
        (len(table.columns), "column", "columns"),
        (len(table.constraints), "constraint", "constraints"),
        (own, "index", "indexes"),
    ):
        if count:
            yield f"{count} {one if count == 1 else many}"


def _column(column: ColumnState) -> str:
    parts = [column.type, "" if column.is_nullable else "NOT NULL"]
    parts += [f"DEFAULT {column.default}"] if column.default else []
    parts += [f"GENERATED {column.identity.upper()} AS IDENTITY"] if column.identity else []
    parts += [f"GENERATED ALWAYS AS ({column.generated})"] if column.generated else []
    return " ".join(filter(None, parts))


def _index(index: IndexState) -> str:
    """Return an index's definition less its names, which are told beside it."""
    kind = "UNIQUE " if index.is_unique else ""
    return kind + index.definition.partition(" USING ")[2]


def _changed(before: Thing, after: Thing) -> Iterator[str]:
    if isinstance(before, IndexState) and isinstance(after, IndexState) and _index(before) != _index(after):
        yield f"{_code(_index(before))} → {_code(_index(after))}"
        return
    is_long = isinstance(after, ObjectState) and after.kind not in _SHOWN_KINDS
    for name, old, new in unlike(before, after):
        if name == "definition" and is_long:
            yield "another definition"
        elif name == "is_nullable":
            yield "may be NULL now" if new == "yes" else f"{_code('NOT NULL')} now"
        else:
            yield f"{worded(name)} {_value(old)} → {_value(new)}"


def _value(shown: str) -> str:
    return shown if shown in ("none", "yes", "no") else _code(shown)


def _code(sql: str) -> str:
    """Return SQL as a code span in a line."""
    words = " ".join(sql.replace("`", "'").split())
    return f"`{words if len(words) <= _LONGEST else words[: _LONGEST - 1] + '…'}`"


def grouped(found: Sequence[tuple[Contrast, str]]) -> Iterator[tuple[str, list[tuple[Contrast, str]]]]:
    """Yield what differs by table, with the empty name for what is on none; a table that comes, goes or changes is the first of its own."""
    groups: dict[str, list[tuple[Contrast, str]]] = {}
    for one, at in found:
        table = one.item.table or (one.item.name if one.item.kind == "table" else "")
        groups.setdefault(table, []).append((one, at))
    yield from groups.items()
