"""One key of a document, tried on a real Redis with a row of a copy of the database."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from asbuilt.access.cache_writing import Done, Writing
from asbuilt.access.refusals import DataError
from asbuilt.cache.keys import Row, key_of
from asbuilt.cache.patterns import parts_of
from asbuilt.cache.plan import CachePlan, Drop, Key
from asbuilt.cache.resp import Refused
from asbuilt.cache.sync.cache import Cache
from asbuilt.cache.sync.link import Link
from asbuilt.engines.base import Session
from asbuilt.errors import ServerRefused
from asbuilt.evidence import Verdict

_SHORTEST = 0.85
"""A time to live is shortened at random by a tenth, and is looked at a moment later."""
_SETTLED = 0.05


class Seen(Struct, frozen=True):
    """What was seen; `reason` says why nothing could be."""

    verdict: Verdict
    observed: str = ""
    reason: str = ""
    statement: str = ""


def _unknown(reason: str) -> Seen:
    return Seen(Verdict.UNKNOWN, reason=reason)


class Trial:
    """Two caches as two programs have them, a session in the copy, and a connection to look at Redis itself."""

    def __init__(
        self,
        plan: CachePlan,
        session: Session,
        writing: Writing,
        one: Cache,
        other: Cache,
        link: Link,
        number: int,
    ) -> None:
        self._plan = plan
        self._session = session
        self._writing = writing
        self._one = one
        self._other = other
        self._link = link
        if number:
            link.ask(("SELECT", number))

    def try_out(self, kind: str, key: Key) -> Seen:
        """Return what is seen of one kind of promise of a key."""
        row = self._row(key.table or next((drop.table for drop in key.drops), None))
        values = _values(key, row)
        if values is None:
            return _unknown(f"no row of {key.table} is there to try it with")
        tries: Mapping[str, Callable[[Key, tuple[str, ...], Row | None], Seen]] = {
            "cache_key_shape": self._shape,
            "cache_hit": self._hit,
            "cache_ttl": self._ttl,
            "cache_invalidates": self._invalidates,
            "cache_keeps": self._keeps,
        }
        try:
            return tries[kind](key, values, row)
        except (ServerRefused, DataError) as refusal:
            return _unknown(f"the write was refused: {refusal}")

    def _shape(self, key: Key, values: tuple[str, ...], row: Row | None) -> Seen:
        self._read(self._one, key, values)
        name = self._plan.prefix + _expected(key, values)
        [found] = self._link.ask(("EXISTS", name))
        verdict = Verdict.HOLDS if found == 1 else Verdict.BROKEN
        return Seen(verdict, f"{name} {'is there' if found == 1 else 'is not there'}", statement=f"EXISTS {name}")

    def _hit(self, key: Key, values: tuple[str, ...], row: Row | None) -> Seen:
        self._read(self._one, key, values)
        loads = self._read(self._one, key, values) + self._read(self._other, key, values)
        verdict = Verdict.BROKEN if loads else Verdict.HOLDS
        told = "loaded again from the database" if loads else "read again, and by another program: no load"
        return Seen(verdict, told, statement=f"GET {_expected(key, values)}")

    def _ttl(self, key: Key, values: tuple[str, ...], row: Row | None) -> Seen:
        self._one.forget(key.pattern, _named(key, values))
        self._read(self._one, key, values)
        name = self._plan.prefix + _expected(key, values)
        [left] = self._link.ask(("PTTL", name))
        if isinstance(left, Refused) or left == -2:
            return _unknown(f"nothing is kept under {name}")
        seconds = left / 1000
        is_so = _SHORTEST * key.ttl - 1 <= seconds <= key.ttl
        told = "it never expires" if left == -1 else f"it is kept {seconds:.0f} more seconds"
        return Seen(Verdict.HOLDS if is_so else Verdict.BROKEN, told, statement=f"PTTL {name}")

    def _invalidates(self, key: Key, values: tuple[str, ...], row: Row | None) -> Seen:
        """Try every write that the document names, or that goes along with one, and that the copy allows: each has to make it go."""
        done: list[str] = []
        statement = reason = ""
        for drop, event in [(one, event) for one in key.drops for event in one.events]:
            try:
                written = self._write(drop, event, values)
            except DataError as refusal:
                reason = f"the {event} was refused: {refusal}"
                continue
            if written is None:
                continue
            statement = written.statement
            self._keep(key, values)
            self._one.written(written.changes)
            time.sleep(_SETTLED)
            done.append(f"{event} of {drop.table}")
            if not self._read(self._one, key, values) + self._read(self._other, key, values):
                return Seen(Verdict.BROKEN, f"after the {done[-1]} it was read as it had been", statement=statement)
        if not done:
            return _unknown(reason or "no row is there on which the write could be tried")
        return Seen(Verdict.HOLDS, f"loaded anew after the {', the '.join(done)}", statement=statement)

    def _keeps(self, key: Key, values: tuple[str, ...], row: Row | None) -> Seen:
        found = self._unrelated(key, values)
        if found is None:
            return _unknown("no other row is there to be written")
        self._keep(key, values)
        self._one.written(found.changes)
        time.sleep(_SETTLED)
        loads = self._read(self._one, key, values) + self._read(self._other, key, values)
        told = f"after a write of another row of {found.table} it was {'loaded anew' if loads else 'still kept'}"
        return Seen(Verdict.BROKEN if loads else Verdict.HOLDS, told, statement=found.statement)

    def _keep(self, key: Key, values: tuple[str, ...]) -> None:
        """Let both programs have it."""
        for _ in range(2):
            self._read(self._one, key, values)
            self._read(self._other, key, values)

    def _read(self, cache: Cache, key: Key, values: tuple[str, ...]) -> int:
        """Read a key and return how often it had to be loaded."""
        loads = []

        def load() -> bytes | None:
            loads.append(1)
            if key.table is None:
                return b"?"
            where = " AND ".join(f"{_quoted(name)}::text = %s" for name in key.columns)
            rows = self._session.rows(f"SELECT to_json(t)::text FROM {_quoted(key.table)} t WHERE {where}", values)
            return str(rows[0][0]).encode() if rows else None

        if key.table is None:
            cache.kept(key.pattern, _named(key, values), load)
        else:
            cache.read(key.table, key.columns, values, load)
        return len(loads)

    def _row(self, table: str | None, *, skip: int = 0) -> Row | None:
        if table is None:
            return None
        rows = self._session.rows(
            f"SELECT to_json(t)::text, t.ctid::text FROM {_quoted(table)} t ORDER BY t.ctid LIMIT 1 OFFSET {skip}"
        )
        return {**_texts(json.loads(rows[0][0])), "ctid": rows[0][1]} if rows else None

    def _write(self, drop: Drop, event: str, values: tuple[str, ...]) -> Done | None:
        """Write the row that a drop is about, and take that back; None where there is no such row."""
        skip = 0
        while (row := self._row(drop.table, skip=skip)) is not None:
            if drop.columns is None or tuple(row[name] for name in drop.columns) == values:
                return self._writing.write(drop.table, row["ctid"], event, drop)
            skip += 1
        return None

    def _unrelated(self, key: Key, values: tuple[str, ...]) -> Done | None:
        """Write something that the document does not name: another row, or one of a table that the key does not depend on."""
        named = {drop.table for drop in key.drops}
        if key.table is not None:
            row = self._row(key.table, skip=1)
            return self._writing.write(key.table, row["ctid"], "update") if row is not None else None
        others = sorted({one.table for one in self._plan.keys if one.table is not None} - named)
        for table in others:
            row = self._row(table)
            if row is not None:
                return self._writing.write(table, row["ctid"], "update")
        return None


def _values(key: Key, row: Row | None) -> tuple[str, ...] | None:
    """Return values for the holes: those of a row, else any."""
    if key.table is not None:
        found = tuple(row[name] for name in key.columns) if row is not None else (None,)
        return found if None not in found else None
    drop = next((drop for drop in key.drops if drop.columns), None)
    if row is not None and drop is not None and drop.columns and all(row.get(name) for name in drop.columns):
        return tuple(str(row[name]) for name in drop.columns)
    return tuple("1" for _ in key.holes) if all(hole.kind == "any" for hole in key.holes) else None


def _named(key: Key, values: tuple[str, ...]) -> dict[str, Any]:
    return {hole.name: value for hole, value in zip(key.holes, values, strict=True)}


def _expected(key: Key, values: tuple[str, ...]) -> str:
    """Return the key as the document writes it, its holes filled."""
    parts, _ = parts_of(key.pattern)
    made = key_of(key, values) or ""
    plain = parts[0] + "".join(value + part for value, part in zip(values, parts[1:], strict=True))
    return made if "%" in made else plain


def _texts(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with the texts that the server writes for its values."""
    return {name: _text(value) for name, value in row.items()}


def _text(value: Any) -> Any:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def _quoted(name: str) -> str:
    return ".".join('"{}"'.format(part.replace('"', '""')) for part in name.split("."))
