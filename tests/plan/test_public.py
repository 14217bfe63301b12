"""The schema `public`: what a document says of it is planned, what it says nothing of stays as it is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.public import KEY, left_alone
from asbuilt.engines.state import DatabaseState, ObjectState
from asbuilt.project.changes import take_back
from plan.commands import run

SILENT = "# Shop\n\n```sql\nCREATE TABLE t (id int PRIMARY KEY);\n```\n"
ROLE = "DO $$ BEGIN CREATE ROLE public_app; EXCEPTION WHEN duplicate_object THEN NULL; END $$"


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    with POSTGRES.connect(url) as found:
        found.execute(f"{ROLE}; CREATE TABLE t (id int PRIMARY KEY)")
        yield found
        found.execute("DROP OWNED BY public_app")


def document(text: str, folder: Path) -> str:
    path = folder / "shop.md"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    "sql",
    [
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC; GRANT USAGE ON SCHEMA public TO public_app",
        "COMMENT ON SCHEMA public IS 'ours'",
    ],
)
def test_a_document_that_says_nothing_of_it_leaves_it_alone(
    url: str, session: Session, tmp_path: Path, sql: str
) -> None:
    session.execute(sql)
    assert "nothing to do" in run("plan", document(SILENT, tmp_path), "--to", url, "-q").stdout


def test_what_a_document_says_of_it_is_planned_with_its_hazard_and_taken_back(
    url: str, session: Session, tmp_path: Path
) -> None:
    says = SILENT.replace(
        ");\n```", ");\nGRANT CREATE ON SCHEMA public TO PUBLIC;\nCOMMENT ON SCHEMA public IS 'ours';\n```"
    )
    session.execute("GRANT USAGE ON SCHEMA public TO public_app")
    begin = session.inspect()
    path = document(says, tmp_path)
    told = run("plan", path, "--to", url, "-q").stdout
    assert "GRANT CREATE ON SCHEMA public TO PUBLIC;" in told
    assert "hazard permission_widened: everybody may in schema public: CREATE" in told
    assert "public_app" not in told
    done = run("apply", path, "--to", url, "--yes", "-q", "--no-backup", "--allow", "permission_widened")
    assert done.exit_code == 0, done.output
    assert "nothing to do" in run("plan", path, "--to", url, "-q").stdout
    assert run("verify", path, "--to", url, "-q").exit_code == 0
    take_back(url)
    assert session.inspect() == begin


def of_version(major: int, everybody: str = "") -> DatabaseState:
    said = (("everybody", everybody),) if everybody else ()
    return DatabaseState((major, 0), {}, {KEY: ObjectState(*KEY, "schema public", said)} if said else {})


def test_what_everybody_may_at_first_is_not_the_same_in_all_versions() -> None:
    wide, narrow = "CREATE, USAGE instead of USAGE", "USAGE instead of CREATE, USAGE"
    assert left_alone(of_version(18), of_version(14)).objects == {}
    assert left_alone(of_version(18, wide), of_version(14)).objects == {}
    assert left_alone(of_version(18), of_version(14, narrow)) == replaced(of_version(14, narrow), 18)
    assert left_alone(of_version(18, wide), of_version(14, narrow)) == of_version(18, wide)


def replaced(state: DatabaseState, major: int) -> DatabaseState:
    return DatabaseState((major, 0), state.tables, state.objects)
