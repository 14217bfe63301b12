"""How much there is in a table, by what the server's planner expects."""

import pytest

from asbuilt.engines.postgres.measuring import planned_rows
from asbuilt.engines.postgres.session import PostgresSession

ROWS = 20_000
PARALLEL = "SET min_parallel_table_scan_size = 0; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0"


@pytest.fixture
def parallel(session: PostgresSession) -> PostgresSession:
    """A session in which the planner has several workers read a table, as it does with every large one."""
    session.execute(f"CREATE TABLE t (id int); INSERT INTO t SELECT generate_series(1, {ROWS}); {PARALLEL}")
    session.execute("ANALYZE t")
    return session


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM t",
        "SELECT count(*) FROM (SELECT FROM t) AS found",
        "WITH few AS MATERIALIZED (SELECT FROM t LIMIT 3) SELECT count(*) FROM t WHERE id > (SELECT count(*) FROM few) - 9",
    ],
    ids=["table", "query", "with another"],
)
def test_rows_that_workers_would_count_are_all_expected(parallel: PostgresSession, query: str) -> None:
    with_workers = "\n".join(line for (line,) in parallel.rows(f"EXPLAIN {query}"))
    assert "Partial Aggregate" in with_workers
    assert planned_rows(parallel, query) in (ROWS, ROWS // 3 + 1)  # a third is what is expected of an unknown bound


def test_the_session_plans_on_as_it_did(parallel: PostgresSession) -> None:
    before = parallel.rows("SHOW max_parallel_workers_per_gather")
    planned_rows(parallel, "SELECT count(*) FROM t")
    assert parallel.rows("SHOW max_parallel_workers_per_gather") == before
