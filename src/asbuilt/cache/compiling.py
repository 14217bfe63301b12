"""From a document and what stands to the plan of its cache. What cannot be taken as it is written is told, with its line."""

import re
from collections.abc import Iterator, Sequence
from hashlib import blake2s
from pathlib import PurePath

import msgspec
from msgspec.structs import replace

from asbuilt.cache.cascading import followed
from asbuilt.cache.invalidating import said_in
from asbuilt.cache.patterns import column_for, columns_for, entity_words, is_unique, parts_of, shape_of
from asbuilt.cache.plan import EVENTS, CachePlan, Drop, Hole, Key, Note
from asbuilt.cache.session_plan import session_plan
from asbuilt.cache.spelling import kind_of
from asbuilt.engines.state import ColumnState, DatabaseState, TableState
from asbuilt.model.chapters import CacheKey
from asbuilt.model.design import Design
from asbuilt.model.fact import Form
from asbuilt.model.names import singular, words

ASSUMED_TTL = 3600
"""Seconds that a key is kept of which the document does not say how long."""
_MARKS = ("deleted_at", "deletedAt", "removed_at", "is_deleted", "isDeleted")
_NEUTRAL = frozenset("by cache cached row record data entity item detail".split())


def cache_plan(state: DatabaseState, design: Design) -> CachePlan:
    """Return what the document states of its cache, compiled for the database that stands."""
    keys: list[Key] = []
    notes: list[Note] = []
    for fact in _stated(design):
        compiler = _Compiler(state, design, fact)
        key = compiler.key()
        notes += compiler.notes
        if key is not None:
            keys.append(key)
    notes += _doubles(keys)
    plan = CachePlan(tuple(keys), tuple(notes), _digest(state, keys), _name(design))
    return replace(plan, sessions=session_plan(state, design, plan))


def _stated(design: Design) -> Iterator[CacheKey]:
    """Yield each key that the document promises once, with what all mentions of it say; code that uses one promises none."""
    by_shape: dict[str, list[CacheKey]] = {}
    for fact in design.of(CacheKey):
        by_shape.setdefault(shape_of(fact.pattern), []).append(fact)
    for mentions in by_shape.values():
        promised = next((fact for fact in mentions if fact.form != Form.CLASS), None)
        if promised is None:
            continue
        ttls = (fact.ttl_seconds for fact in (promised, *mentions) if fact.ttl_seconds is not None)
        texts = (fact.invalidation for fact in (promised, *mentions) if fact.invalidation)
        yield replace(promised, ttl_seconds=next(ttls, None), invalidation=next(texts, None))


class _Compiler:
    """Compiles one key; `notes` are what there is to tell of it."""

    def __init__(self, state: DatabaseState, design: Design, fact: CacheKey) -> None:
        self._state = state
        self._design = design
        self._fact = fact
        self._line = design.source.line_at(fact.pattern_span.start)
        self._parts, self._holes = parts_of(fact.pattern)
        self.notes: list[Note] = []

    def key(self) -> Key | None:
        """Return the key, None where it cannot be kept at all."""
        if "*" in "".join(self._parts):
            self._tell("`*` says no value, so no key can be made of it: name the hole")
            return None
        ttl = self._fact.ttl_seconds
        if not ttl:
            self._tell(f"the document does not say how long it is kept: {ASSUMED_TTL} seconds are assumed")
        table = self._table()
        columns = self._row_of(table) if table is not None else None
        own = table.name if table is not None and columns is not None else None
        key = Key(
            self._fact.pattern,
            self._parts,
            tuple(self._hole(hole, table) for hole in self._holes),
            ttl or ASSUMED_TTL,
            self._line,
            own,
            columns or (),
        )
        drops = list(self._drops(table, columns))
        if not drops:
            self._tell("nothing but time makes it go: the document names no write that makes it untrue")
        return replace(key, drops=followed(self._state, drops))

    def _tell(self, text: str) -> None:
        self.notes.append(Note(self._fact.pattern, self._line, text))

    def _lookup(self, name: str) -> TableState | None:
        entity = self._design.entity(name)
        if entity is None:
            return None
        qualified = f"{entity.schema}.{entity.name}" if entity.schema not in (None, "public") else entity.name
        return self._state.tables.get(qualified)

    def _table(self) -> TableState | None:
        """Return the table that a key is about: the first that its fixed parts name, else that of a hole, else of its name."""
        segments = [part for text in self._parts for part in text.split(":") if part]
        spoken = ["_".join(words(hole)[:count]) for hole in self._holes for count in (2, 1)]
        named = ["_".join(words(self._fact.name)[:count]) for count in (2, 1)]
        found = (self._lookup(name) for name in (*segments, *spoken, *named) if name)
        return next((table for table in found if table is not None), None)

    def _hole(self, name: str, table: TableState | None) -> Hole:
        column = column_for(name, table) if table is not None else None
        kind = self._kind(column) if column is not None else None
        return Hole(name, kind or "any")

    def _kind(self, column: ColumnState) -> str | None:
        if column.collation is not None:
            return None
        labels = ("enum", column.type) in self._state.objects
        return kind_of(column.type, labels)

    def _row_of(self, table: TableState) -> tuple[str, ...] | None:
        """Return the columns of a unique key of `table` that the holes are; None where it holds something else than a row."""
        columns = columns_for(self._holes, table)
        if not columns or self._words_left(table, columns) or not is_unique(columns, table):
            return None
        if table.has_row_security:
            self._tell(f"rows of {table.name} are not kept: row level security shows each reader others")
            return None
        for name in columns:
            column = table.column(name)
            if column is None or self._kind(column) is None:
                self._tell(f"rows are not kept by {table.name}.{name}: several spellings may be one value of its type")
                return None
        return columns

    def _words_left(self, table: TableState, columns: Sequence[str]) -> set[str]:
        """Return the words of the fixed parts that name neither the table nor a column of the key."""
        known = {singular(word) for name in columns for word in words(name)} | set(entity_words(table)) | _NEUTRAL
        said = (singular(word) for text in self._parts for word in words(text))
        return {word for word in said if word not in known and not re.fullmatch(r"v|\d+", word)}

    def _drops(self, table: TableState | None, columns: tuple[str, ...] | None) -> Iterator[Drop]:
        if table is not None and columns is not None:
            yield Drop(table.name, EVENTS, columns)
        said, silent = said_in(self._fact.invalidation or "", self._lookup, table)
        for one in said:
            for target in one.tables:
                if not (columns is not None and target is table):
                    yield from self._drop(target, one.events, one.columns, is_any=one.is_any)
        for text in silent:
            self._tell(f"nothing in the document says which write `{text}` is: it does not make the key go")

    def _drop(
        self, table: TableState, events: tuple[str, ...], changed: tuple[str, ...], *, is_any: bool
    ) -> Iterator[Drop]:
        """Yield the drops for writes of a table; what marks a row as deleted deletes it."""
        columns = None if is_any and self._holes else columns_for(self._holes, table)
        yield Drop(table.name, events, columns, changed)
        mark = next((c.name for c in table.columns if c.name in _MARKS), None)
        if mark is not None and "update" not in events:
            yield Drop(table.name, ("update",), columns, (mark,))


def _doubles(keys: Sequence[Key]) -> Iterator[Note]:
    """Yield a note for each key that holds what an earlier one holds: reads use the first."""
    first: dict[tuple[str, tuple[str, ...]], Key] = {}
    for key in keys:
        if key.table is not None:
            other = first.setdefault((key.table, key.columns), key)
            if other is not key:
                yield Note(key.pattern, key.line, f"holds the same rows as `{other.pattern}`, which reads use")


def _digest(state: DatabaseState, keys: Sequence[Key]) -> str:
    """Return what changes with the keys, and with the columns of any table: a kept value may hold rows of several."""
    columns = [(name, [(c.name, c.type) for c in table.columns]) for name, table in sorted(state.tables.items())]
    shapes = [(shape_of(key.pattern), [hole.kind for hole in key.holes], key.columns) for key in keys]
    return blake2s(msgspec.json.encode((columns, shapes)), digest_size=6).hexdigest()


def _name(design: Design) -> str:
    return re.sub(r"[^\w.-]+", "_", PurePath(design.source.path).stem) or "data"
