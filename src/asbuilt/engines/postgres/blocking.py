"""Who keeps a session waiting: seen from another one, and told without what their statements hold."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from asbuilt.engines.base import Row, Session
from asbuilt.engines.postgres.session import PostgresSession

LOOK_SECONDS = 0.2
"""How long is waited between looks: less than half of what a step waits for a lock."""
TOLD = """
coalesce(nullif(a.application_name, ''), a.backend_type), a.usename, host(a.client_addr), a.state,
extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.backend_start))::int, a.query
"""
"""The columns of a session that `told` puts into words."""
_BLOCKERS = f"""
SELECT b.pid, {TOLD} FROM unnest(pg_blocking_pids(%s)) AS b(pid) LEFT JOIN pg_stat_activity a ON a.pid = b.pid
"""
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|--[^\n]*", re.DOTALL)
_VALUE = re.compile(
    r"\bE'(?:[^'\\]|\\.|'')*(?:'|\Z)|'(?:[^']|'')*(?:'|\Z)|\$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z)|(?<![\w$.])\d[\d.]*\b",
    re.DOTALL | re.IGNORECASE,
)
_LONGEST = 100


@dataclass(slots=True)
class PostgresBlockers:
    """Who keeps a session waiting, as `engines.base.Blockers` has it."""

    last: tuple[str, ...] = ()


@contextmanager
def blockers(session: PostgresSession, tell: Callable[[str], None], patience: int) -> Iterator[PostgresBlockers]:
    """Look meanwhile, from a session of its own, who keeps this one waiting; tell of those that `patience` looks in a row find."""
    found = PostgresBlockers()
    is_over = threading.Event()
    thread = threading.Thread(target=_look, args=(session, found, tell, patience, is_over), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        is_over.set()
        thread.join(LOOK_SECONDS)


def _look(
    session: PostgresSession,
    found: PostgresBlockers,
    tell: Callable[[str], None],
    patience: int,
    is_over: threading.Event,
) -> None:
    """What is done quickly is not looked at: no other session is opened for it."""
    import psycopg

    info = session.connection.info
    if is_over.wait(LOOK_SECONDS):
        return
    try:
        pid = info.backend_pid
        with psycopg.connect(info.dsn, password=info.password, autocommit=True, application_name="asbuilt") as other:
            seen, times = set[int](), 0
            while not is_over.wait(LOOK_SECONDS):
                rows = other.execute(_BLOCKERS, [pid]).fetchall()
                pids = {int(row[0]) for row in rows}
                times = times + 1 if pids and pids & seen else min(len(pids), 1)
                seen = pids
                if times >= patience and not is_over.is_set():
                    found.last = tuple(dict.fromkeys(map(told, rows)))
                    tell(f"waiting for {'; '.join(found.last)}")
    except psycopg.Error:
        return  # no connection to spare, or the server is gone: the work itself will tell


def told(row: Row) -> str:
    """Return in words who a session is: its process, who it is, since when it is at work, what it runs."""
    pid, name, user, address, state, seconds, query = row
    if not pid:
        return "a prepared transaction, of those in pg_prepared_xacts"
    who = ", ".join(filter(None, [name, f"as {user}" if user else "", f"from {address}" if address else ""]))
    since = (
        f", {'idle in its' if (state or '').startswith('idle') else 'in its'} transaction for {seconds:,} s"
        if state
        else ""
    )
    what = masked(query or "")
    return f"process {pid} ({who}{since}){f': {what}' if what else ''}"


def masked(query: str) -> str:
    """Return the beginning of a statement in a line, without the values that stand in it."""
    words = " ".join(_VALUE.sub("…", _COMMENT.sub(" ", query)).split())
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"


def holders(session: Session) -> list[str]:
    """Return in words who else holds locks on tables, the longest at work first."""
    return [told(row) for row in session.rows(_HOLDERS)]


_HOLDERS = f"""
SELECT a.pid, {TOLD}
FROM pg_stat_activity a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND EXISTS (
    SELECT FROM pg_locks l
    WHERE l.pid = a.pid AND l.granted AND l.locktype = 'relation' AND l.relation >= 16384
)
ORDER BY a.xact_start NULLS LAST LIMIT 3
"""
