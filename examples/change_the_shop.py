"""The shop's document changes while people use its database: the database follows, and goes back, and nothing they wrote is lost.

asbuilt up examples/shop.md
python examples/change_the_shop.py
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg

import asbuilt

HERE = Path(__file__).parent
CUSTOMERS = 20_000
_PAUSE_SECONDS = 0.002
_MORE = f"""
INSERT INTO users (email, name, password_hash, preferences)
SELECT 'customer' || n || '@shop.example', 'Customer ' || n, 'argon2', jsonb_build_object('currency', (ARRAY['EUR', 'USD'])[1 + n % 2])
FROM generate_series(1, {CUSTOMERS}) AS n
ON CONFLICT (email) DO NOTHING
"""


@dataclass
class Application:
    """Somebody who signs customers up and renames them, calling the column as their version does.

    What was acknowledged is noted, and the first write that was refused.
    """

    url: str
    column: str
    acknowledged: dict[str, str] = field(default_factory=dict)
    writes: int = 0
    longest: float = 0.0
    refused: str = ""
    is_over: threading.Event = field(default_factory=threading.Event)

    def work(self) -> None:
        sign_up = f"INSERT INTO users (email, {self.column}, password_hash) VALUES (%s, %s, 'argon2')"
        rename = f"UPDATE users SET {self.column} = %s WHERE email = %s"
        try:
            with psycopg.connect(self.url, autocommit=True) as connection:
                while not self.is_over.is_set():
                    email = f"{uuid4().hex}@new.example"
                    self._timed(lambda to=email: connection.execute(sign_up, [to, "New"]))
                    self._timed(lambda to=email: connection.execute(rename, [f"Renamed {to}", to]))
                    self.acknowledged[email] = f"Renamed {email}"
                    time.sleep(_PAUSE_SECONDS)
        except psycopg.Error as error:
            self.refused = str(error)

    def _timed(self, write: Callable[[], object]) -> None:
        began = time.perf_counter()
        write()
        self.writes += 1
        self.longest = max(self.longest, time.perf_counter() - began)

    def lost(self, connection: psycopg.Connection, column: str) -> int:
        """Return how many of the customers do not stand as they were acknowledged."""
        known = dict(self.acknowledged)
        query = f"SELECT email, {column} FROM users WHERE email = ANY(%s)"
        found = dict(connection.execute(query, [list(known)]).fetchall())
        return sum(found.get(email) != name for email, name in known.items())


def main() -> None:
    url = asbuilt.load(HERE / "shop.md").target()
    changed = asbuilt.load(HERE / "shop_next.md")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(_MORE)
        connection.execute("ANALYZE users")
        yesterday, today = Application(url, "name"), Application(url, "full_name")
        with_yesterday = start(yesterday)

        began = time.perf_counter()
        plan = changed.plan(url)
        tell(
            "plan",
            f"{plan.id}: {len(plan.now)} steps now, {len(plan.later)} later; tried up and back in {since(began)}",
        )
        began = time.perf_counter()
        changed.apply(plan, url, allowed=tuple(plan.hazards))
        filled = connection.execute("SELECT count(*) FROM users WHERE currency IS NOT NULL").fetchone()
        tell(
            "applied",
            f"in {since(began)}: a rename, a type, {filled[0] if filled else 0:,} rows filled from JSON, an index, a partition",
        )

        with_today = start(today)
        time.sleep(0.5)
        stop(today, with_today)
        lost = yesterday.lost(connection, "full_name") + today.lost(connection, "name")
        began = time.perf_counter()
        changed.rollback(url)
        tell("back", f"in {since(began)}: the shop is as it was, what was written since included")
        stop(yesterday, with_yesterday)

        lost += yesterday.lost(connection, "name") + today.lost(connection, "name")
        writes = yesterday.writes + today.writes
        longest = max(yesterday.longest, today.longest) * 1000
        tell(
            "writes",
            f"{writes:,} acknowledged of two versions of the application, {lost} lost; the longest stall {longest:.0f} ms",
        )
    refused = yesterday.refused or today.refused
    raise SystemExit(f"a write was refused: {refused}" if refused else 1 if lost else 0)


def start(application: Application) -> threading.Thread:
    thread = threading.Thread(target=application.work)
    thread.start()
    return thread


def stop(application: Application, thread: threading.Thread) -> None:
    application.is_over.set()
    thread.join()


def since(began: float) -> str:
    return f"{time.perf_counter() - began:.1f} s"


def tell(what: str, words: str) -> None:
    print(f"{what:>9}  {words}", flush=True)


if __name__ == "__main__":
    main()
