"""A forecast plans as the server does once the rows are there, and says where a plan turns into another."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from workshop import DOCUMENT, filled, truth

import asbuilt
from asbuilt.cli import main
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.projecting import restore, statistics
from asbuilt.project.forecast import forecast

SHOP = Path(__file__).parents[2] / "examples/shop.md"


def test_a_forecast_from_live_statistics_agrees_with_the_truth() -> None:
    with filled(0) as (url, session):
        known = statistics(session)
        found = forecast(asbuilt.load(DOCUMENT), url, (1,))
    assert found.notes == ()
    for number, years in enumerate(found.years):
        with filled(years) as (_, session):
            true = truth(session, known)
        same = [query.title for query in found.queries if query.plans[number].shape == true[query.title]]
        assert len(same) >= len(true) - 3
    turning = {query.title for query in found.queries if query.turns}
    assert {"Clients of a town, the best first", "Jobs by their note"} <= turning, turning


def test_a_forecast_from_the_document_alone() -> None:
    found = forecast(asbuilt.load(SHOP))
    assert [found.tables["orders"].rows(years) for years in found.years] == [20_000, 500_000, 5_000_000]
    assert found.tables["payments"].like == "orders"
    assert [query.refusal for query in found.queries] == [""] * 5
    orders = next(query for query in found.queries if query.title.startswith("A customer's orders"))
    assert all("idx_orders_user_ordered" in plan.indexes for plan in orders.plans)
    waiting = next(query for query in found.queries if query.title.startswith("Orders that wait"))
    assert waiting.plans[-1].cost > 50 * waiting.plans[0].cost


def test_statistics_come_back_as_they_were_restored() -> None:
    design = asbuilt.load(DOCUMENT).design
    with filled(0) as (_, session):
        known = statistics(session)
    with POSTGRES.scratch() as session:
        POSTGRES.build(session, design)
        assert restore(session, known) == ()
        again = statistics(session)
        size = session.rows("SELECT pg_relation_size('jobs') / 8192")[0][0]
    assert again == known
    assert size == next(one.pages for one in known if one.name == "jobs")


def test_a_table_larger_than_one_file_takes_no_room() -> None:
    design = asbuilt.load(DOCUMENT).design
    with filled(0) as (_, session):
        jobs = next(one for one in statistics(session) if one.name == "jobs")
    with POSTGRES.scratch() as session:
        POSTGRES.build(session, design)
        large = type(jobs)("jobs", 300_000, 0, 20_000_000.0, jobs.columns)
        restore(session, [large])
        plan = session.rows("EXPLAIN SELECT * FROM jobs")[0][0]
        folder = Path(session.rows("SELECT current_setting('data_directory')")[0][0])
        first = folder / session.rows("SELECT pg_relation_filepath('jobs')")[0][0]
        files = sorted(first.parent.glob(f"{first.name}*"))
        taken = sum(file.stat().st_blocks * 512 for file in files if "_" not in file.name)
    assert "rows=20000000" in plan
    assert taken < 1_000_000


def test_a_query_that_is_refused_has_no_plan_but_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "design.md"
    text = DOCUMENT.read_text(encoding="utf-8")
    path.write_text(text.replace("SELECT count(*) FROM clients", "SELECT count(*) FROM customers"), encoding="utf-8")
    refused = [query for query in forecast(asbuilt.load(path), years=(1,)).queries if query.refusal]
    assert [query.title for query in refused] == ["How many clients there are"]
    assert "customers" in refused[0].refusal


def test_a_table_that_was_never_analysed_is_told() -> None:
    with filled(0) as (url, session):
        session.execute(
            "CREATE TABLE late AS SELECT 1 AS id; DELETE FROM pg_statistic WHERE starelid = 'parts'::regclass"
        )
        found = forecast(asbuilt.load(DOCUMENT), url, (1,))
    assert any(note.startswith("parts was never analysed") for note in found.notes)


def test_the_command_shows_rows_plans_and_turns() -> None:
    shown = CliRunner().invoke(main, ["forecast", str(DOCUMENT), "--years", "3", "--quiet"])
    assert shown.exit_code == 0
    assert "in 3 years" in shown.output
    assert "plans turn into another" in shown.output
    told = CliRunner().invoke(main, ["forecast", str(DOCUMENT), "--years", "1,3", "--format", "json"])
    data = json.loads(told.output)
    assert data["years"] == [0.0, 1.0, 3.0]
    assert len(data["queries"]) == 26
    assert all(len(query["plans"]) == 3 for query in data["queries"])


@pytest.mark.parametrize("years", ["soon", "1,,3", "-1", "1000"])
def test_years_that_are_none_are_refused(years: str) -> None:
    shown = CliRunner().invoke(main, ["forecast", str(DOCUMENT), "--years", years])
    assert shown.exit_code == 2
    assert "no list of years" in shown.output
