"""Patterns of keys: what is fixed in them, what is a hole, and which column of a table fills it."""

import re
from collections.abc import Iterable

from asbuilt.engines.state import ColumnState, TableState
from asbuilt.model.names import normal, singular, words

_HOLE = re.compile(r"\$\{([^}]*)\}|\{([^}]*)\}|<([\w. -]+)>|%\(?(\w+)\)?s|(?<=:):(\w+)")
_KEY_WORDS = frozenset({"id", "key", "uuid", "pk"})


def parts_of(pattern: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the texts between the holes of a pattern, and the names of the holes: `user:{userId}` is ("user:", "") and ("userId",)."""
    parts, holes, end = [], [], 0
    for found in _HOLE.finditer(pattern):
        parts.append(pattern[end : found.start()])
        holes.append(next(group for group in found.groups() if group is not None).strip())
        end = found.end()
    return (*parts, pattern[end:]), tuple(holes)


def shape_of(pattern: str) -> str:
    """Return a pattern whatever its holes are called."""
    return "{}".join(parts_of(pattern)[0])


def column_for(hole: str, table: TableState) -> ColumnState | None:
    """Return the column of a row of `table` that fills a hole: by its name, or `{userId}` the key of `users`."""
    by_name = {normal(column.name): column for column in table.columns}
    if (found := by_name.get(normal(hole))) is not None:
        return found
    entity = entity_words(table)
    said = tuple(singular(word) for word in words(hole))
    rest = said[len(entity) :] if said[: len(entity)] == entity else said
    if rest and rest != said and (found := by_name.get("_".join(rest))) is not None:
        return found
    is_key = not rest or (len(rest) == 1 and rest[0] in _KEY_WORDS)
    key = table.primary_key
    return table.column(key[0]) if is_key and len(key) == 1 else None


def columns_for(holes: Iterable[str], table: TableState) -> tuple[str, ...] | None:
    """Return the columns that fill the holes; None where one has none."""
    found = [column_for(hole, table) for hole in holes]
    return None if None in found else tuple(column.name for column in found if column is not None)


def entity_words(table: TableState) -> tuple[str, ...]:
    """Return what one row of a table is called, in words."""
    return tuple(singular(word) for word in words(table.name.rpartition(".")[2]))


def is_unique(columns: Iterable[str], table: TableState) -> bool:
    """Tell whether these columns' values are those of one row at most."""
    wanted = set(columns)
    keys = [set(c.columns) for c in table.constraints if c.kind in ("primary key", "unique")]
    keys += [set(i.keys) for i in table.indexes if i.is_unique and i.is_valid and i.predicate is None]
    return bool(wanted) and wanted in keys
