"""A document of another kind: German, two schemas, a tenant's number in every key, ranges, rights and policies."""

from collections.abc import Iterator
from pathlib import Path

import pytest

import asbuilt
from asbuilt.engines.postgres.session import connect
from asbuilt.evidence import Verdict
from asbuilt.project import UpResult

DOCUMENT = Path(__file__).with_name("clinic.md")

pytestmark = pytest.mark.xdist_group("clinic")


@pytest.fixture(scope="module")
def clinic(own_cache: Path) -> Iterator[tuple[asbuilt.Project, UpResult]]:
    path = own_cache / "clinic.md"
    path.write_text(DOCUMENT.read_text(encoding="utf-8"), encoding="utf-8")
    project = asbuilt.load(path)
    yield project, project.up(rows=20)
    project.down(with_data=True)


def test_all_of_it_is_read_built_filled_and_proved(clinic) -> None:
    _, result = clinic
    assert [d.code for d in result.check.diagnostics] == ["cardinality_not_held_by_keys"]
    assert result.check.coverage.not_understood == ()
    assert result.seeding.problems == ()
    assert set(result.seeding.rows.values()) == {20}
    assert {
        e.claim.id: e.reason or e.observed
        for e in result.run.evidence
        if e.verdict not in (Verdict.HOLDS, Verdict.STATED)
    } == {}


def test_a_key_that_waits_keeps_to_its_tenant(clinic) -> None:
    _, result = clinic
    with connect(result.url) as session:
        asked = "SELECT count(*) FROM stamm.aerzte WHERE vertreter_id IS NOT NULL"
        assert session.rows(asked)[0][0] > 0


@pytest.mark.parametrize(
    ("sabotage", "broken"),
    [
        (
            "ALTER TABLE termine.termine DROP CONSTRAINT termine_praxis_id_raum_nummer_fkey",
            {"foreign_key", "foreign_key_refuses_orphan", "on_delete", "cardinality"},
        ),
        (
            "ALTER TABLE termine.termine DROP CONSTRAINT termine_zeitraum_check, ADD CONSTRAINT termine_zeitraum_check "
            "CHECK (zeitraum IS NOT NULL)",
            {"check", "check_refuses"},
        ),
        ("ALTER TABLE termine.befunde DISABLE TRIGGER befunde_geaendert", {"trigger", "trigger_keeps"}),
        ("GRANT DELETE ON termine.termine TO arzt", {"no_other_grants"}),
        (
            "ALTER POLICY termine_anlegen ON termine.termine WITH CHECK (praxis_id = stamm.meine_praxis())",
            {"policy", "row_security_inserts"},
        ),
    ],
)
def test_what_is_changed_by_hand_breaks_just_its_claims(clinic, sabotage: str, broken: set[str]) -> None:
    project, result = clinic
    with connect(result.url) as session:
        session.execute("DROP DATABASE IF EXISTS broken WITH (FORCE)")
        session.execute("CREATE DATABASE broken")
    url = result.url.rpartition("/")[0] + "/broken"
    project.build(url)
    with connect(url) as session:
        session.execute(sabotage)
    assert {e.claim.kind for e in project.verify(url).broken} == broken
