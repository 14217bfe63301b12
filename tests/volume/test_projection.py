"""Rows in time are those that the document states, and between them they grow evenly by the same factor."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workshop import DOCUMENT

import asbuilt
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, TableState
from asbuilt.engines.statistics import ColumnStatistics, RelationStatistics
from asbuilt.volume.projection import TableProjection, project
from asbuilt.volume.scaling import Size, scaled

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_table_grows_as_stated_and_goes_on_as_before() -> None:
    table = TableProjection("jobs", ((0.0, 100), (1.0, 1_000), (3.0, 4_000)), growth=2.0)
    assert [table.rows(years) for years in (0, 0.5, 1, 2, 3, 4)] == [100, 316, 1_000, 2_000, 4_000, 8_000]


@given(st.lists(st.integers(1, 10**9), min_size=2, max_size=5), st.floats(0, 4))
def test_rows_never_leave_the_points_they_lie_between(counts: list[int], years: float) -> None:
    points = tuple((float(at), rows) for at, rows in enumerate(sorted(counts)))
    table = TableProjection("t", points)
    assert points[0][1] <= table.rows(years) <= points[-1][1]
    assert table.rows(years) <= table.rows(years + 0.5)


def test_what_is_not_counted_grows_as_what_it_points_at() -> None:
    design = asbuilt.load(DOCUMENT).design
    with POSTGRES.scratch() as session:
        state = POSTGRES.build(session, design).state
    stated = project(design, state)
    assert stated["parts"].points == ((0.0, 6_000), (1.0, 120_000), (3.0, 1_200_000))
    live = project(design, state, {"clients": 900, "jobs": 50_000, "parts": 10})
    assert live["jobs"].points == ((0.0, 50_000), (1.0, 50_000), (3.0, 400_000))


def state() -> DatabaseState:
    column = ColumnState("id", 1, "bigint", is_nullable=False, identity="always")
    key = ConstraintState("k", "foreign key", ("owner",), "", target="owners", target_columns=("id",))
    columns = (
        column,
        ColumnState("owner", 2, "bigint", is_nullable=False),
        ColumnState("made_at", 3, "timestamp with time zone", is_nullable=False),
        ColumnState("kind", 4, "text", is_nullable=False),
    )
    tables = {
        "owners": TableState("owners", "table", (column,)),
        "things": TableState("things", "table", columns, (key,)),
    }
    return DatabaseState((18, 4), tables)


def thing(*columns: ColumnStatistics) -> tuple[RelationStatistics, ...]:
    return (RelationStatistics("owners", 10, 10, 100.0), RelationStatistics("things", 200, 200, 1_000.0, columns))


PROJECTED = {
    "owners": TableProjection("owners", ((0.0, 100), (1.0, 1_000))),
    "things": TableProjection("things", ((0.0, 1_000), (1.0, 50_000))),
}


def at(years: float, *columns: ColumnStatistics) -> RelationStatistics:
    return scaled(thing(*columns), state(), PROJECTED, Size(years, NOW))[1]


def test_rows_and_pages_grow_alike() -> None:
    found = at(1)
    assert (found.rows, found.pages, found.visible) == (50_000, 10_000, 10_000)


def test_pages_of_a_small_table_that_are_empty_yet_do_not_grow() -> None:
    known = (RelationStatistics("owners", 40, 40, 100.0, (ColumnStatistics("id", 0, 8, -1.0),)),)
    found = scaled(known, state(), PROJECTED, Size(1, NOW))[0]
    assert found.pages == 40


def test_counters_go_on() -> None:
    found = at(1, ColumnStatistics("id", 0, 8, -1.0, histogram=("1", "500", "1000")))
    assert found.columns[0].histogram == ("50", "25000", "50000")


def test_a_key_has_as_many_values_more_as_there_are_rows_to_point_at() -> None:
    known = ColumnStatistics("owner", 0, 8, 90.0, ("7",), (0.02,), ("1", "50", "100"))
    found = at(1, known).columns[0]
    assert found.distinct == 900
    assert found.shares == (0.002,)
    assert found.histogram == ("10", "500", "1000")


def test_a_label_stays_as_frequent_as_it_is() -> None:
    known = ColumnStatistics("kind", 0, 5, 3.0, ("a", "b"), (0.6, 0.3))
    assert at(1, known).columns[0] == known


def test_most_rows_of_a_growing_table_are_young() -> None:
    history = tuple((NOW - timedelta(days=age)).isoformat(" ") for age in range(400, 99, -10))
    found = at(1, ColumnStatistics("made_at", 0, 8, -1.0, histogram=history)).columns[0]
    moments = [datetime.fromisoformat(text) for text in found.histogram]
    assert moments == sorted(moments)
    assert NOW - moments[-1] < timedelta(minutes=5)
    assert NOW - moments[len(moments) // 2] < timedelta(days=100)
    today = at(0, ColumnStatistics("made_at", 0, 8, -1.0, histogram=history)).columns[0]
    assert datetime.fromisoformat(today.histogram[0]) == NOW - timedelta(days=300)


@pytest.mark.parametrize("bound", ["infinity", "0044-03-15 00:00:00+00 BC"])
def test_times_beyond_the_calendar_stay_as_they_are(bound: str) -> None:
    known = ColumnStatistics("made_at", 0, 8, -1.0, histogram=("2025-01-01 00:00:00+00", bound))
    assert at(1, known).columns[0] == known
