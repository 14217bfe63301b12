"""Partitions change on a real server: beside readers and writers, and whatever is cut off in between."""

import threading
import time
from collections.abc import Iterator

import pytest

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.changing.bounds import may_overlap, takes
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.state import TableState
from asbuilt.errors import AsbuiltError
from asbuilt.plan.making import make, side
from asbuilt.plan.running import apply, roll_back
from asbuilt.plan.steps import Plan

pytestmark = pytest.mark.xdist_group("partitions")
EVENTS = """
CREATE TABLE events (id int, at date NOT NULL, what text) PARTITION BY RANGE (at);
CREATE TABLE events_2023 PARTITION OF events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
"""
ROWS = "INSERT INTO events SELECT n, '2023-01-01'::date + n, 'row ' || n FROM generate_series(0, 699) n"
WITHOUT_2023 = EVENTS + "DROP TABLE events_2023;"
INDEXED = EVENTS + "CREATE INDEX events_what ON events (what);"


@pytest.fixture
def url() -> Iterator[str]:
    with scratch_database() as found:
        with POSTGRES.connect(found) as session:
            session.execute(EVENTS)
            session.execute(ROWS)
        yield found


def plan_to(url: str, wanted: str) -> Plan:
    with POSTGRES.scratch() as other, POSTGRES.connect(url) as session:
        other.execute(wanted)
        return make(POSTGRES, side(POSTGRES, session), side(POSTGRES, other))


def count(session: Session, table: str = "events") -> int:
    return int(session.rows(f"SELECT count(*) FROM {table}")[0][0])


@pytest.mark.parametrize(
    ("key", "bound", "condition"),
    [
        ("RANGE (at)", "FOR VALUES FROM ('1') TO ('2')", "(at IS NOT NULL AND at >= '1' AND at < '2')"),
        ("RANGE (at)", "FOR VALUES FROM (MINVALUE) TO (MAXVALUE)", "(at IS NOT NULL)"),
        (
            "RANGE (a, lower(b))",
            "FOR VALUES FROM (1, MINVALUE) TO (2, MAXVALUE)",
            "(a IS NOT NULL AND lower(b) IS NOT NULL AND a >= 1 AND a <= 2)",
        ),
        ("LIST (k)", "FOR VALUES IN ('a,b', NULL)", "(k IN ('a,b') OR k IS NULL)"),
        (
            "HASH (id)",
            "FOR VALUES WITH (modulus 4, remainder 1)",
            "satisfies_hash_partition('t'::regclass, 4, 1, id)",
        ),
    ],
)
def test_what_a_partition_takes(key: str, bound: str, condition: str) -> None:
    assert takes(TableState("t", "partitioned table", (), partition_key=key), bound) == condition


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("FOR VALUES FROM ('2023-01-01') TO ('2024-01-01')", "FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')", False),
        ("FOR VALUES FROM (1) TO (10)", "FOR VALUES FROM (9) TO (20)", True),
        ("FOR VALUES FROM (1) TO (10)", "FOR VALUES FROM (10) TO (20)", False),
        ("FOR VALUES IN ('a', 'b')", "FOR VALUES IN ('b')", True),
        ("FOR VALUES IN ('a')", "FOR VALUES IN ('b')", False),
        ("FOR VALUES WITH (modulus 2, remainder 0)", "FOR VALUES WITH (modulus 4, remainder 2)", True),
        ("FOR VALUES WITH (modulus 2, remainder 0)", "FOR VALUES WITH (modulus 4, remainder 3)", False),
        ("DEFAULT", "FOR VALUES IN ('b')", True),
    ],
)
def test_which_partitions_may_take_the_same_rows(one: str, other: str, expected: bool) -> None:
    assert may_overlap(one, other) is expected
    assert may_overlap(other, one) is expected


def test_a_partition_goes_and_comes_back_with_its_rows(url: str) -> None:
    plan = plan_to(url, WITHOUT_2023)
    assert any("DETACH PARTITION events_2023 CONCURRENTLY" in sql for step in plan.steps for sql in step.statements)
    apply(POSTGRES, url, plan)
    with POSTGRES.connect(url) as session:
        assert count(session) == 335
        session.execute("INSERT INTO events VALUES (1000, '2024-06-01', 'since')")
        roll_back(POSTGRES, url)
        assert (count(session), count(session, "events_2023")) == (701, 365)


def test_a_detaching_that_was_cut_off_is_brought_to_its_end(url: str) -> None:
    """It waits for a reader in two transactions; what is cut off between them is neither attached nor detached."""
    plan = plan_to(url, WITHOUT_2023)
    worker = threading.Thread(target=apply, args=(POSTGRES, url, plan))
    with POSTGRES.connect(url) as reader, POSTGRES.connect(url) as other:
        with reader.transaction():
            count(reader)
            worker.start()
            while not other.rows("SELECT 1 FROM pg_inherits WHERE inhdetachpending"):
                time.sleep(0.01)
            other.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%CONCURRENTLY%' AND pid <> pg_backend_pid()")  # fmt: skip
        worker.join()
        [entry] = POSTGRES.journal(other).entries()
        assert entry.state == "applied"
    assert plan_to(url, WITHOUT_2023).steps == ()


def test_an_index_of_a_partitioned_table_is_built_beside_a_writer(url: str) -> None:
    """A writer in the midst of a transaction is waited for; another one that comes is not held up."""
    plan = plan_to(url, INDEXED)
    with POSTGRES.connect(url) as writer, POSTGRES.connect(url) as other:
        with writer.transaction():
            writer.execute("INSERT INTO events VALUES (1000, '2023-06-01', 'open')")
            worker = threading.Thread(target=apply, args=(POSTGRES, url, plan))
            worker.start()
            while not other.rows("SELECT 1 FROM pg_stat_progress_create_index"):
                time.sleep(0.01)
            other.execute("SET lock_timeout = '1s'; INSERT INTO events VALUES (1001, '2023-06-02', 'passes')")
        worker.join()
        assert all(index.is_valid for index in other.inspect().tables["events"].indexes)
        assert count(other) == 702
    assert plan_to(url, INDEXED).steps == ()


def test_an_index_of_a_partition_that_failed_half_way_is_built_again(url: str) -> None:
    plan = plan_to(url, EVENTS + "CREATE UNIQUE INDEX events_id ON events (id, at);")
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO events VALUES (1, '2023-01-02', 'double')")
        with pytest.raises(AsbuiltError, match="could not create unique index"):
            apply(POSTGRES, url, plan)
        assert session.rows("SELECT count(*) FROM pg_index WHERE NOT indisvalid AND indrelid = 'events_2023'::regclass") == [(1,)]  # fmt: skip
        session.execute("DELETE FROM events WHERE what = 'double'")
        assert apply(POSTGRES, url, None).state == "applied"
        assert all(index.is_valid for table in session.inspect().tables.values() for index in table.indexes)


def test_rows_written_to_a_new_partition_are_not_lost_on_the_way_back(url: str) -> None:
    plan = plan_to(url, EVENTS + "CREATE TABLE events_2025 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');")  # fmt: skip
    apply(POSTGRES, url, plan)
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO events VALUES (1000, '2025-06-01', 'new')")
        roll_back(POSTGRES, url)
        assert count(session) == 700
        assert count(session, f"{plan.kept}.events_2025") == 1


@pytest.mark.parametrize(("default", "breaks"), [("", True), ("ALTER TABLE events ALTER what SET DEFAULT 'x';", False)])
def test_what_one_partition_requires_comes_in_steps_and_its_own_default_helps_nobody(
    url: str, default: str, breaks: bool
) -> None:
    own = "ALTER TABLE events_2023 ALTER what SET DEFAULT 'own', ALTER what SET NOT NULL;"
    with POSTGRES.connect(url) as session:
        session.execute(default or "SELECT 1")
    plan = plan_to(url, EVENTS + default + own)
    assert [step.title for step in plan.steps] == [
        "change the default of events_2023.what",
        "require events_2023.what of new rows",
        "look for rows of events_2023 without what",
        "require events_2023.what",
    ]
    dangers = [d.text for step in plan.steps for o in step.operations for d in o.dangers]
    assert ("an application that writes rows into events_2023 without what is refused" in dangers) == breaks
    apply(POSTGRES, url, plan)
    assert plan_to(url, EVENTS + default + own).steps == ()
    roll_back(POSTGRES, url)
    with POSTGRES.connect(url) as session:
        assert count(session) == 700


@pytest.mark.parametrize(
    "more",
    [
        "ALTER TABLE events ADD before_id int, ADD before_at date, ADD FOREIGN KEY (before_id, before_at) REFERENCES events (id, at);",
        "CREATE TABLE notes (id int PRIMARY KEY, event_id int, at date, FOREIGN KEY (event_id, at) REFERENCES events (id, at));",
    ],
)
def test_a_new_divided_table_that_keys_point_at_goes_again(more: str) -> None:
    wanted = EVENTS.replace("what text", "what text, PRIMARY KEY (id, at)") + more
    with scratch_database() as found:
        plan = plan_to(found, wanted)
        apply(POSTGRES, found, plan)
        with POSTGRES.connect(found) as session:
            session.execute("INSERT INTO events SELECT 1, '2023-05-05', 'x'")
        roll_back(POSTGRES, found)
        with POSTGRES.connect(found) as session:
            assert session.inspect().is_empty
