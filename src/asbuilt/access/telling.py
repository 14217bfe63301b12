"""What a write tells a cache: which rows it changed, as they were and as they are, as far as keys are made of them."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from asbuilt.access.schema import Column, Table
from asbuilt.cache.keys import Written

Tell = Callable[[Sequence[Any]], list[Written]]
"""Return what a write changed, from the records that it returned."""
_MOST_TOLD = 1000
"""A write of more rows is told as one of unknown rows."""
_WRITING = re.compile(r"\b(insert|update|delete|merge|truncate|copy|call|do)\b", re.IGNORECASE)
_READING = re.compile(r"[\s(]*(?:select|with|values|table)\b", re.IGNORECASE)
_OF_THE_SERVER = re.compile(r"\bfor\s+(?:key\s+)?share\b|\bpg_|\bset_config\b|\bcurrent_setting\b", re.IGNORECASE)
_LOCKING = re.compile(r"\bfor\s+(no\s+key\s+)?update\b", re.IGNORECASE)


def moving(table: Table, told: Sequence[str], sets: Iterable[str]) -> tuple[str, ...]:
    """Return the columns of those `told` that may have another value once a row's `sets` have been changed."""
    changed = {*sets, table.version}
    return tuple(name for name in told if name in changed or _moves_by_itself(table, table.by_name.get(name)))


def _moves_by_itself(table: Table, column: Column | None) -> bool:
    """Tell whether the server may change a column whatever a write sets: by a trigger, or because it is generated."""
    return column is None or column.is_amended or not (column.is_written or column.name in table.primary_key)


def of_inserted(table: Table, told: Sequence[str]) -> Tell:
    places = _places(table, told)
    return _limited(table, lambda record: [Written(table.name, None, _at(record, places))])


def of_deleted(table: Table, told: Sequence[str]) -> Tell:
    places = _places(table, told)
    return _limited(table, lambda record: [Written(table.name, _at(record, places), None)])


def of_changed(table: Table, told: Sequence[str], moved: Sequence[str], former: Sequence[str]) -> Tell:
    """Return what tells of rows that were changed: what `moved` is known as it was where it is among `former`, which stands
    behind the row in each record."""
    places = _places(table, told)
    width = len(table.columns)
    before = [(name, at) for name, at in places if name not in moved]
    before += [(name, width + n) for n, name in enumerate(former)]
    return _limited(table, lambda record: [Written(table.name, _at(record, before), _at(record, places))])


def of_put(table: Table, told: Sequence[str], moved: Sequence[str]) -> Tell:
    """Return what tells of rows that were inserted or changed, nobody knows which."""
    places = _places(table, told)
    before = [(name, at) for name, at in places if name not in moved]

    def tell(record: Any) -> list[Written]:
        after = _at(record, places)
        return [Written(table.name, None, after), Written(table.name, _at(record, before), after)]

    return _limited(table, tell)


def of_given(table: Table, told: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[Written]:
    """Return what tells of rows that were inserted as they were given; what the server may keep otherwise is left out."""
    if len(rows) > _MOST_TOLD:
        return [Written(table.name)]
    columns = [column for name in told if (column := table.by_name.get(name)) is not None and _is_kept_as_given(column)]
    return [
        Written(table.name, None, {c.name: row[c.attribute] for c in columns if c.attribute in row}) for row in rows
    ]


def _is_kept_as_given(column: Column) -> bool:
    return not column.is_amended and ("(" not in column.type or column.type.startswith("character"))


def _limited(table: Table, tell: Callable[[Any], list[Written]]) -> Tell:
    def told(records: Sequence[Any]) -> list[Written]:
        if len(records) > _MOST_TOLD:
            return [Written(table.name)]
        return [written for record in records for written in tell(record)]

    return told


def _places(table: Table, told: Sequence[str]) -> list[tuple[str, int]]:
    return [(column.name, at) for at, column in enumerate(table.columns) if column.name in told]


def _at(record: Any, places: Sequence[tuple[str, int]]) -> dict[str, Any]:
    return {name: record[at] for name, at in places}


@lru_cache(maxsize=500)
def only_reads(sql: str) -> bool:
    """Tell whether a statement by hand reads what tables hold and nothing else, so that any server may be asked.

    What locks, or asks for the server's own state (`pg_…`), is for the primary.
    """
    return bool(_READING.match(sql)) and not _WRITING.search(sql) and not _OF_THE_SERVER.search(sql)


@lru_cache(maxsize=500)
def written_by(sql: str, tables: frozenset[str]) -> tuple[str, ...]:
    """Return those of some tables that a statement by hand may write: all that it names, unless it only reads."""
    if not _WRITING.search(_LOCKING.sub("", sql)):
        return ()
    words = {word.lower() for word in re.findall(r"\w+", sql)}
    return tuple(sorted(name for name in tables if name.rpartition(".")[2].lower() in words))
