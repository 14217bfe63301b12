"""Foreign keys as a mermaid `erDiagram`: who refers to whom, and how many of them there may be."""

import re
from collections.abc import Iterator

from asbuilt.engines.state import ConstraintState, DatabaseState, TableState
from asbuilt.writing.groups import Group, root_of

_PLAIN = re.compile(r"[A-Za-z]\w*\Z", re.ASCII)
_RESERVED = frozenset({"end", "title", "direction", "style", "class", "classdef", "accTitle", "accDescr", "one", "zero", "many", "only", "to", "optionally", "u"})  # fmt: skip


def diagram(state: DatabaseState, group: Group) -> str:
    """Return the diagram of a group's tables; a table of another group that they refer to is shown, too."""
    lines = list(dict.fromkeys(_relationships(state, group)))
    shown = {name for line in lines for name in line[:2]}
    alone = [_name(name) for name in group.tables if name not in shown]
    drawn = [f"{_name(target)} {counts} {_name(table)} : {label}" for target, table, counts, label in lines]
    return "\n".join(["```mermaid", "erDiagram", *(f"    {line}" for line in (*drawn, *alone)), "```"])


def _relationships(state: DatabaseState, group: Group) -> Iterator[tuple[str, str, str, str]]:
    for name in group.tables:
        table = state.tables[name]
        for key in table.constraints:
            if key.target is not None:
                target = state.tables.get(key.target)
                yield root_of(state, target) if target else key.target, name, _counts(table, key), _label(key)


def _counts(table: TableState, key: ConstraintState) -> str:
    """Return how many rows stand at either end of a foreign key, the target's end first."""
    is_required = all(column is not None and not column.is_nullable for column in map(table.column, key.columns))
    return f"{'||' if is_required else '|o'}--{'o|' if _is_unique(table, key.columns) else 'o{'}"


def _is_unique(table: TableState, columns: tuple[str, ...]) -> bool:
    """Tell whether no two rows can have the same values in the columns."""
    return any(index.is_unique and not index.predicate and set(index.keys) <= set(columns) for index in table.indexes)


def _label(key: ConstraintState) -> str:
    words = ", ".join(key.columns).replace('"', "'")
    return words if _PLAIN.match(words) else f'"{words}"'


def _name(name: str) -> str:
    if _PLAIN.match(name) and name.lower() not in _RESERVED:
        return name
    return '"' + name.replace('"', "'") + '"'
