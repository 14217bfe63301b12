"""Stated queries are run on the rows that are there: what is promised of them holds, breaks where it is broken, or is unknown."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop import DOCUMENT, filled

import asbuilt
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.evidence import Evidence, Verdict
from asbuilt.model.chapters import Target
from asbuilt.project import Project
from asbuilt.volume.claims import There, judged, promises
from asbuilt.volume.measuring import Measured
from asbuilt.volume.projection import TableProjection
from asbuilt.volume.targets import bounds_of

USED = ("query_fast", "query_served", "query_selective", "volume")
SHOP = Path(__file__).parents[2] / "examples/shop.md"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    path = tmp_path_factory.mktemp("workshop") / "workshop.md"
    path.write_text(DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    return asbuilt.load(path)


@pytest.fixture(scope="module")
def workshop() -> Iterator[tuple[str, PostgresSession]]:
    with filled(1) as found:
        yield found


def seen(project: Project, url: str) -> dict[str, Evidence]:
    run = project.verify(url, is_measured=True)
    return {f"{e.claim.kind} {e.claim.subject}": e for e in run.evidence if e.claim.kind in USED}


def broken(found: dict[str, Evidence]) -> set[str]:
    return {name for name, evidence in found.items() if evidence.verdict == Verdict.BROKEN}


def test_what_is_promised_of_the_queries_holds(project: Project, workshop: tuple[str, PostgresSession]) -> None:
    found = seen(project, workshop[0])
    assert {name: e.observed or e.reason for name, e in found.items() if e.verdict != Verdict.HOLDS} == {}
    fast = found["query_fast A client by e-mail"]
    assert fast.claim.expected == "p99 under 250 ms"
    assert "of 60 runs; up to 1 row, 3 pages" in fast.observed
    assert found["query_fast Dear jobs"].claim.expected == "p95 under 2000 ms"
    assert found["query_served A client's jobs, newest first"].observed.endswith("idx_jobs_client")
    assert found["volume jobs"].observed.startswith("40,000 rows")


def test_an_index_that_is_gone_breaks_what_it_serves(project: Project, workshop: tuple[str, PostgresSession]) -> None:
    url, session = workshop
    session.execute("DROP INDEX idx_jobs_total")
    try:
        found = seen(project, url)
    finally:
        session.execute("CREATE INDEX idx_jobs_total ON jobs (total)")
    assert broken(found) == {"query_served Dear jobs", "query_selective Dear jobs"}
    assert "it reads 40,000 rows of jobs to return" in found["query_selective Dear jobs"].observed
    line = project.source.line_at(found["query_served Dear jobs"].claim.spans[0].start)
    assert "idx_jobs_total" in DOCUMENT.read_text(encoding="utf-8").splitlines()[line - 1]


def test_stale_statistics_break_what_the_index_serves(project: Project, workshop: tuple[str, PostgresSession]) -> None:
    url, session = workshop
    session.execute(
        "SELECT pg_restore_attribute_stats('schemaname', 'public', 'relname', 'jobs', 'attname', 'total', 'inherited', false, "
        "'null_frac', 0::real, 'n_distinct', -1::real, 'histogram_bounds', '{996,997,998,999}'::text)"
    )
    try:
        found = seen(project, url)
    finally:
        session.execute("ANALYZE jobs")
    assert {"query_served Dear jobs", "query_selective Dear jobs"} <= broken(found)


def test_more_rows_than_were_ever_expected_break_the_volume(
    project: Project, workshop: tuple[str, PostgresSession]
) -> None:
    url, session = workshop
    session.execute("UPDATE pg_class SET reltuples = 900000, relpages = relpages / 20 WHERE relname = 'clients'")
    try:
        found = seen(project, url)
    finally:
        session.execute("ANALYZE clients")
    assert "volume clients" in broken(found)


def test_nothing_is_measured_unless_it_is_asked_for(project: Project, workshop: tuple[str, PostgresSession]) -> None:
    run = project.verify(workshop[0])
    assert [e.claim.subject for e in run.evidence if e.claim.kind.startswith("query_fast")] == []
    targets = [e for e in run.evidence if e.claim.kind == "target"]
    assert {e.verdict for e in targets} == {Verdict.STATED}
    assert all("--measure" in e.reason for e in targets)


def judge(measured: Measured, rows: int = 40_000) -> dict[str, Evidence]:
    design = asbuilt.load(DOCUMENT).design
    promised = next(p for p in promises(design, asbuilt.load(DOCUMENT).check().trial.state) if p.subject == "Dear jobs")
    projected = {"jobs": TableProjection("jobs", ((0.0, 2_000),), spans=(promised.pattern.span,))}
    there = There({"jobs": rows}, projected, lambda name: frozenset({name}))
    return {e.claim.kind: e for e in judged(promised, measured, there)}


@pytest.mark.parametrize(
    ("times", "verdict"),
    [((1.0,) * 95 + (3000.0,) * 5, Verdict.HOLDS), ((1.0,) * 94 + (3000.0,) * 6, Verdict.BROKEN)],
)
def test_a_percentile_is_that_of_the_runs(times: tuple[float, ...], verdict: Verdict) -> None:
    found = judge(Measured(times, plan="Index Scan", indexes=frozenset({"idx_jobs_total"})))
    assert found["query_fast"].verdict == verdict


def test_a_query_that_was_stopped_is_too_slow_and_the_rest_is_unknown() -> None:
    found = judge(Measured(refusal="canceling statement due to statement timeout", is_too_long=True))
    assert found["query_fast"].verdict == Verdict.BROKEN
    assert found["query_served"].verdict == found["query_selective"].verdict == Verdict.UNKNOWN


def test_few_rows_prove_nothing() -> None:
    found = judge(Measured((1.0,), plan="Seq Scan on jobs"), rows=20)
    assert {e.verdict for e in found.values()} == {Verdict.UNKNOWN}
    assert "jobs has 20 rows, and 2,000 are expected" in found["query_fast"].reason
    assert "too few for an index to pay" in found["query_served"].reason


def test_what_writes_is_not_run() -> None:
    found = judge(Measured(refusal="it is not run: what an UPDATE writes would stay"))
    assert {e.verdict for e in found.values()} == {Verdict.UNKNOWN}


def test_targets_are_meant_by_the_words_that_tell_queries_apart() -> None:
    project = asbuilt.load(SHOP)
    trial = project.check().trial
    assert trial is not None
    stated = {p.subject: [bound.words for bound, _ in p.bounds] for p in promises(project.design, trial.state)}
    assert stated["Find a customer by e-mail"] == ["p95 under 5 ms"]
    assert stated["Full-text search in the catalogue"] == ["p95 under 50 ms"]
    assert [target.subject for target in project.design.of(Target)][-1] == "Availability"
    workshop = asbuilt.load(DOCUMENT).design
    for promised in promises(workshop, trial.state):
        assert len(bounds_of(workshop, promised.pattern, trial.state)) == 1
