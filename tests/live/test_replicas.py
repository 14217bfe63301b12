"""A server with a replica: backfills wait for it, and say so."""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

import asbuilt
from asbuilt.engines.base import Progress
from asbuilt.engines.changes import Backfill
from asbuilt.engines.postgres import places
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.replicas import following, lag
from asbuilt.plan.backfilling import fill
from other_servers import Programs, Target, running

pytestmark = pytest.mark.xdist_group("replicas")
ROWS = 2000
PROGRAMS = places.binaries()
DOCUMENT = """# Shop

```sql
CREATE TABLE orders (id int PRIMARY KEY, amount {type} NOT NULL);
```
"""


class Replica:
    """A replica, whose replay can be held up."""

    def __init__(self, primary: Target) -> None:
        self.primary = primary
        self.url = primary.url("postgres").replace("port=5433", "port=5434")

    def run(self, sql: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql)

    def fall_behind(self, seconds: float) -> None:
        """Hold the replay up until the primary says that it is `seconds` behind."""
        self.run("SELECT pg_wal_replay_pause()")
        with POSTGRES.connect(self.primary.url("postgres")) as session:
            self.wait_for(lambda: (found := lag(session)) is not None and found.seconds > seconds)

    def catch_up(self) -> None:
        self.run("SELECT pg_wal_replay_resume()")

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        until = time.monotonic() + 30
        while not is_so():
            assert time.monotonic() < until
            self.primary.execute("SELECT txid_current()")
            time.sleep(0.05)


@pytest.fixture(scope="module")
def replica(own_cache: Path) -> Iterator[Replica]:
    if not (PROGRAMS / "pg_basebackup").exists():
        pytest.skip("the embedded PostgreSQL comes without pg_basebackup")
    with running(Programs(PROGRAMS, 18), own_cache) as primary:
        data = primary.folder / "replica"
        user = places.account()

        def run(program: str, *arguments: str) -> None:
            command = [str(PROGRAMS / program), "-D", str(data), *arguments]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **(user.options if user else {}))

        run("pg_basebackup", "-d", primary.url("postgres"), "-R", "-X", "stream", "-c", "fast", "--no-sync")
        options = f"-p 5434 -k {primary.folder} -c listen_addresses='' -c wal_receiver_status_interval=1s -c fsync=off"
        run("pg_ctl", "start", "-w", "-l", str(primary.folder / "replica-log"), "-o", options)
        try:
            yield Replica(primary)
        finally:
            run("pg_ctl", "stop", "-m", "immediate")


@pytest.fixture
def url(replica: Replica) -> str:
    return replica.primary.url(replica.primary.empty_database())


def test_a_backfill_waits_until_the_replica_has_caught_up(replica: Replica, url: str) -> None:
    told: list[str] = []
    is_waiting = threading.Event()

    def tell(what: str, done: int, total: int) -> None:
        told.append(what)
        is_waiting.set()

    progress: Progress = tell
    with POSTGRES.connect(url) as session:
        session.execute(f"CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT generate_series(1, {ROWS})")
        replica.fall_behind(0.5)
        backfill = Backfill("t", "n = 1", key=("id",))
        work = threading.Thread(target=fill, args=(POSTGRES, session, backfill), kwargs={"progress": progress, "lag_limit": 0.4})  # fmt: skip
        work.start()
        assert is_waiting.wait(10)
        with POSTGRES.connect(url) as other:
            assert other.rows("SELECT count(*) FROM t WHERE n = 1") == [(0,)]
        replica.catch_up()
        work.join(30)
        assert not work.is_alive()
        assert session.rows("SELECT count(*) FROM t WHERE n = 1") == [(ROWS,)]
    assert told[0].startswith("waiting for a replica, ")
    assert told[0].endswith(" s behind: walreceiver")


def test_a_limit_that_is_further_away_lets_it_go_on(replica: Replica, url: str) -> None:
    with POSTGRES.connect(url) as session:
        session.execute(f"CREATE TABLE t (id int PRIMARY KEY, n int); INSERT INTO t SELECT generate_series(1, {ROWS})")
        replica.fall_behind(0.5)
        try:
            fill(POSTGRES, session, Backfill("t", "n = 1", key=("id",)), lag_limit=float("inf"))
            assert session.rows("SELECT count(*) FROM t WHERE n = 1") == [(ROWS,)]
        finally:
            replica.catch_up()


def test_who_has_replayed_all_there_is_is_not_behind(replica: Replica, url: str) -> None:
    """The server shows the last lag that it measured for a while."""
    replica.fall_behind(0.5)
    replica.catch_up()
    is_there = "SELECT replay_lsn = pg_current_wal_lsn(), replay_lag IS NOT NULL FROM pg_stat_replication"
    with POSTGRES.connect(url) as session:
        until = time.monotonic() + 30
        while session.rows(is_there)[0] != (True, True):
            assert time.monotonic() < until
        assert lag(session) is None


def test_a_plan_says_what_backfills_wait_for(replica: Replica, url: str, tmp_path: Path) -> None:
    path = tmp_path / "shop.md"
    path.write_text(DOCUMENT.format(type="int"), encoding="utf-8")
    asbuilt.load(path).build(url)
    path.write_text(DOCUMENT.format(type="bigint"), encoding="utf-8")
    assert not any("replica" in note for note in asbuilt.load(path).plan(url).notes)
    replica.primary.execute("INSERT INTO orders VALUES (1, 1)", url.rpartition("?")[0].rpartition("/")[2])
    told = "followed there by 1 replica: backfills wait while one is more than 10 s behind (`apply --max-lag`)"
    assert told in asbuilt.load(path).plan(url).notes


def test_a_role_that_may_not_see_the_lag_is_told(replica: Replica, url: str) -> None:
    replica.primary.execute("CREATE ROLE plain LOGIN")
    with POSTGRES.connect(url.replace("postgres@", "plain@")) as session:
        assert following(session) == (1, 1)
        assert lag(session) is None
    replica.primary.execute("GRANT pg_read_all_stats TO plain")
    with POSTGRES.connect(url.replace("postgres@", "plain@")) as session:
        assert following(session) == (1, 0)
