"""The journal of a PostgreSQL database: tables in the schema `asbuilt`, and an advisory lock."""

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import cast

from asbuilt.engines.base import Row, Session
from asbuilt.engines.journal import Deed, Entry, Held, Origin, Purge, Reach
from asbuilt.engines.postgres.blocking import holders
from asbuilt.engines.postgres.emptying import emptying, held, rows_of
from asbuilt.engines.postgres.quoting import literal
from asbuilt.engines.state import Item
from asbuilt.errors import AsbuiltError, ServerRefused, TargetBusy

LOCK = 4_209_617_533
"""The advisory lock's key: `asbuilt`, as a number of our own."""

_FIRST = """
CREATE TABLE asbuilt.plans (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    plan_id text NOT NULL,
    state text NOT NULL,
    document text NOT NULL,
    revision text NOT NULL,
    digest text NOT NULL,
    backup text NOT NULL,
    made_by text NOT NULL DEFAULT session_user,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    after text NOT NULL DEFAULT '',
    plan text NOT NULL
);
CREATE TABLE asbuilt.steps (
    plan integer NOT NULL REFERENCES asbuilt.plans (number),
    number integer NOT NULL,
    title text NOT NULL,
    state text NOT NULL DEFAULT 'pending',
    started_at timestamptz,
    finished_at timestamptz,
    error text NOT NULL DEFAULT '',
    PRIMARY KEY (plan, number)
);
"""
_BACKFILLS = """
CREATE TABLE asbuilt.backfills (
    plan integer NOT NULL,
    step integer NOT NULL,
    is_back boolean NOT NULL,
    last text[] NOT NULL,
    until text[] NOT NULL,
    passed bigint NOT NULL,
    changed bigint NOT NULL,
    total bigint NOT NULL,
    is_done boolean NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    noted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (plan, step, is_back),
    FOREIGN KEY (plan, step) REFERENCES asbuilt.steps (plan, number)
);
"""
_STATES = """
CREATE TABLE asbuilt.states (
    plan integer PRIMARY KEY REFERENCES asbuilt.plans (number),
    stood bytea NOT NULL
);
"""
_PURGES = """
CREATE TABLE asbuilt.purges (
    plan integer PRIMARY KEY REFERENCES asbuilt.plans (number),
    purged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    purged_by text NOT NULL DEFAULT session_user,
    lost jsonb NOT NULL
);
"""
_DEEDS = """
CREATE TABLE asbuilt.deeds (
    number integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    done_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_by text NOT NULL DEFAULT session_user,
    kind text NOT NULL,
    name text NOT NULL,
    parent text NOT NULL,
    told text NOT NULL
);
"""
_STAGES = (_FIRST, _BACKFILLS, _STATES, _PURGES, _DEEDS)
"""What made the journal what it is, version by version; a later version is added at the end."""
_KEEPING_STATES = _STAGES.index(_STATES) + 1
_KNOWING_PURGES = _STAGES.index(_PURGES) + 1
_KNOWING_DEEDS = _STAGES.index(_DEEDS) + 1
_ROOM = """
CREATE SCHEMA IF NOT EXISTS asbuilt;
CREATE TABLE IF NOT EXISTS asbuilt.version (number integer NOT NULL);
"""
_ENTRIES = """
SELECT p.number, p.plan_id, p.state, p.document, p.revision, p.made_by, p.started_at, p.finished_at, p.plan,
       p.after, p.digest, p.backup,
       ARRAY(SELECT s.number FROM asbuilt.steps s WHERE s.plan = p.number ORDER BY s.number),
       ARRAY(SELECT s.state FROM asbuilt.steps s WHERE s.plan = p.number ORDER BY s.number),
       ARRAY(SELECT s.error FROM asbuilt.steps s WHERE s.plan = p.number ORDER BY s.number)
FROM asbuilt.plans p ORDER BY p.number
"""
_HOLDER = """
SELECT a.application_name, a.usename, a.pid, to_char(a.backend_start, 'YYYY-MM-DD HH24:MI:SS')
FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory' AND l.granted AND (l.classid::bigint << 32) | l.objid::bigint = %s
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_SHOWN = "SELECT obj_description(to_regnamespace('asbuilt'), 'pg_namespace')"
_PATIENCE = 3.0
"""Seconds: the lock of one that was killed is held until the server notices, which looks every two seconds."""
_ENDS = ("done", "reversed", "failed")
_AT_REST = ("applied", "rolled back")


class PostgresJournal:
    """The journal as `engines.base.Journal` has it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @contextmanager
    def lock(self) -> Iterator[None]:
        if not self._is_locked_in_time():
            found = self._session.rows(_HOLDER, [LOCK])
            who = "{} as {}, process {}, since {}".format(*found[0]) if found else "somebody else"
            raise TargetBusy(self._session.server, who)
        try:
            yield
        except BaseException:
            with suppress(AsbuiltError):  # where the connection is lost, the lock is gone with it
                self._unlock()
            raise
        self._unlock()

    def _is_locked_in_time(self) -> bool:
        until = time.monotonic() + _PATIENCE
        while not self._session.rows("SELECT pg_try_advisory_lock(%s)", [LOCK])[0][0]:
            if time.monotonic() > until:
                return False
            time.sleep(0.1)
        return True

    def _unlock(self) -> None:
        self._session.execute("SELECT pg_advisory_unlock_all()")

    def entries(self) -> list[Entry]:
        if not self._version():
            return []
        return [_entry(row) for row in self._session.rows(_ENTRIES)]

    def _version(self) -> int:
        """Return the journal's version, 0 where there is none yet; refuse what a later asbuilt has written."""
        if not self._session.rows("SELECT to_regclass('asbuilt.version') IS NOT NULL")[0][0]:
            return 0
        found = self._session.rows("SELECT coalesce(max(number), 0) FROM asbuilt.version")[0][0]
        if found > len(_STAGES):
            raise ServerRefused(
                f"the journal of {self._session.server} was written by a later asbuilt", help="use that version"
            )
        return int(found)

    def make_room(self) -> None:
        self._session.execute(_ROOM)
        missing = _STAGES[self._version() :]
        for stage in missing:
            self._session.execute(stage)
        if missing:
            self._session.execute("DELETE FROM asbuilt.version")
            self._session.execute("INSERT INTO asbuilt.version VALUES (%s)", [len(_STAGES)])

    def begin(self, plan_id: str, plan: str, titles: Sequence[str], origin: Origin) -> int:
        with self._session.transaction():
            self.make_room()
            number = self._session.rows(
                "INSERT INTO asbuilt.plans (plan_id, state, document, revision, digest, backup, plan) "
                "VALUES (%s, 'running', %s, %s, %s, %s, %s) RETURNING number",
                [plan_id, origin.document, origin.revision, origin.digest, origin.backup, plan],
            )[0][0]
            for at, title in enumerate(titles, 1):
                self._session.execute(
                    "INSERT INTO asbuilt.steps (plan, number, title) VALUES (%s, %s, %s)", [number, at, title]
                )
            self._show(int(number), "running")
        return int(number)

    def mark_step(self, number: int, step: int, state: str, error: str = "") -> None:
        time = "finished_at" if state in _ENDS else "started_at"
        self._session.execute(
            f"UPDATE asbuilt.steps SET state = %s, error = %s, {time} = clock_timestamp() WHERE plan = %s AND number = %s",
            [state, error, number, step],
        )

    def mark(self, number: int, state: str, after: str = "", stood: bytes = b"") -> None:
        finished = "clock_timestamp()" if state in ("expanded", *_AT_REST) else "NULL"
        with self._session.transaction():
            self.make_room()
            self._session.execute(
                f"UPDATE asbuilt.plans SET state = %s, after = %s, finished_at = {finished} WHERE number = %s",
                [state, after, number],
            )
            self._show(number, state)
            self._session.execute("DELETE FROM asbuilt.states WHERE plan = %s", [number])
            if stood:
                self._session.execute("INSERT INTO asbuilt.states VALUES (%s, %s)", [number, stood])

    def forget(self, number: int) -> None:
        self._show(number, _AT_REST[0])
        for table, column in (("backfills", "plan"), ("steps", "plan"), ("states", "plan"), ("plans", "number")):
            self._session.execute(f"DELETE FROM asbuilt.{table} WHERE {column} = %s", [number])

    def move_on(self, number: int, after: str, stood: bytes) -> None:
        with self._session.transaction():
            self.make_room()
            self._session.execute("UPDATE asbuilt.plans SET after = %s WHERE number = %s", [after, number])
            self._session.execute("DELETE FROM asbuilt.states WHERE plan = %s", [number])
            self._session.execute("INSERT INTO asbuilt.states VALUES (%s, %s)", [number, stood])

    def stood(self, number: int) -> bytes:
        if self._version() < _KEEPING_STATES:
            return b""
        found = self._session.rows("SELECT stood FROM asbuilt.states WHERE plan = %s", [number])
        return bytes(found[0][0]) if found else b""

    def reach(self, number: int, step: int, *, is_back: bool) -> Reach | None:
        found = self._session.rows(
            "SELECT last, until, passed, changed, total, is_done FROM asbuilt.backfills WHERE plan = %s AND step = %s AND is_back = %s",
            [number, step, is_back],
        )
        return Reach(tuple(found[0][0]), tuple(found[0][1]), *found[0][2:]) if found else None

    def mark_reach(self, number: int, step: int, reach: Reach, *, is_back: bool) -> None:
        self._session.execute(
            "INSERT INTO asbuilt.backfills (plan, step, is_back, last, until, passed, changed, total, is_done) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (plan, step, is_back) DO UPDATE SET "
            "last = excluded.last, until = excluded.until, passed = excluded.passed, changed = excluded.changed, "
            "total = excluded.total, is_done = excluded.is_done, noted_at = clock_timestamp()",
            [number, step, is_back, list(reach.last), list(reach.until), reach.passed, reach.changed, reach.total, reach.is_done],
        )  # fmt: skip

    def under_way(self) -> str:
        return str(self._session.rows(_SHOWN)[0][0] or "")

    def _show(self, number: int, state: str) -> None:
        """Say on the schema, which everybody may look up, that a plan is not at rest; who does not own it leaves that out."""
        told = f"plan {number} is {state}" if state not in _AT_REST else ""
        told = f"plan {number} waits for its contract" if state == "expanded" else told
        with suppress(ServerRefused), self._session.transaction():
            self._session.execute(f"COMMENT ON SCHEMA asbuilt IS {literal(told) if told else 'NULL'}")

    def leftovers(self) -> frozenset[Item]:
        try:
            if not self._version():
                return frozenset()
            plans = self._session.rows("SELECT plan FROM asbuilt.plans WHERE state = 'expanded'")
        except ServerRefused:
            return frozenset()
        return frozenset(Item(**item) for (plan,) in plans for item in json.loads(plan).get("leftovers", ()))

    def now(self) -> datetime:
        return cast(datetime, self._session.rows("SELECT clock_timestamp()")[0][0])

    def held(self) -> tuple[Held, ...]:
        return held(self._session)

    def rows_of(self, held: Held) -> int:
        return rows_of(self._session, held)

    def purges(self) -> dict[int, Purge]:
        if self._version() < _KNOWING_PURGES:
            return {}
        found = self._session.rows("SELECT plan, purged_at, purged_by, lost FROM asbuilt.purges")
        return {number: Purge(at, by, tuple((what, rows) for what, rows in lost)) for number, at, by, lost in found}

    def purging(self, number: int, held: Sequence[Held], lost: Sequence[tuple[str, int]]) -> tuple[str, ...]:
        note = literal(json.dumps(lost, ensure_ascii=False))
        return (*emptying(self._session, held), f"INSERT INTO asbuilt.purges (plan, lost) VALUES ({number}, {note})")

    def note(self, deed: Deed) -> None:
        if self._version():
            self.make_room()
            self._session.execute(
                "INSERT INTO asbuilt.deeds (kind, name, parent, told) VALUES (%s, %s, %s, %s)",
                [deed.kind, deed.table, deed.parent, deed.told],
            )

    def deeds(self) -> list[Deed]:
        if self._version() < _KNOWING_DEEDS:
            return []
        found = self._session.rows(
            "SELECT kind, name, parent, told, done_at, done_by FROM asbuilt.deeds ORDER BY number"
        )
        return [Deed(*row) for row in found]

    def holders(self) -> list[str]:
        return holders(self._session)


def _entry(row: Row) -> Entry:
    numbers, states, errors = row[-3:]
    number, plan_id, state, document, revision, made_by, started_at, finished_at, plan, after, digest, backup = row[:-3]
    steps = dict(zip(numbers, states, strict=True))
    remarks = {step: error for step, error in zip(numbers, errors, strict=True) if error}
    return Entry(
        number,
        plan_id,
        state,
        document,
        revision,
        made_by,
        started_at,
        finished_at,
        plan,
        steps,
        after,
        digest,
        backup,
        remarks,
    )
