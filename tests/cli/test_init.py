"""`asbuilt init`: a document from a live database, and what is said where that cannot be."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database

pytestmark = pytest.mark.live


@pytest.fixture
def url() -> Iterator[str]:
    with scratch_database() as found:
        with POSTGRES.connect(found) as session:
            session.execute(
                "CREATE TABLE seats (id int PRIMARY KEY, row_no int NOT NULL); CREATE TABLE log (at timestamptz)"
            )
        yield found


def test_a_document_is_written_and_says_what_it_starts_with(url, tmp_path, run) -> None:
    path = tmp_path / "theatre.md"
    result = run("init", "--from", url, "-o", path)
    assert result.exit_code == 0, result.output
    assert "allowed, as it stands so there: 1 × missing_primary_key" in " ".join(result.stdout.split())
    assert "0 broken" in result.stdout
    text = path.read_text(encoding="utf-8")
    assert (
        "<!-- asbuilt: allow missing_primary_key: found so in the live database -->\n```sql\nCREATE TABLE log" in text
    )
    assert run("check", path).exit_code == 0
    assert "nothing to do" in run("plan", path, "--to", url).stdout


def test_a_file_is_replaced_only_where_that_is_asked_for(url, tmp_path, run) -> None:
    path = tmp_path / "design.md"
    path.write_text("# Mine\n", encoding="utf-8")
    result = run("init", "--from", url, "-o", path)
    assert result.exit_code == 2
    assert "exists already" in result.stderr
    assert "--force" in result.stderr
    assert path.read_text(encoding="utf-8") == "# Mine\n"
    assert run("init", "--from", url, "-o", path, "--force").exit_code == 0
    assert "CREATE TABLE seats" in path.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [path]


def test_machines_get_findings_and_claims(url, tmp_path, run) -> None:
    result = run("init", "--from", url, "-o", tmp_path / "design.md", "--format", "json")
    answer = json.loads(result.stdout)
    assert {claim["verdict"] for claim in answer["claims"]} <= {"holds", "stated"}
    assert not result.stderr


def test_what_cannot_be_written_about_is_said(tmp_path, run) -> None:
    path = tmp_path / "design.md"
    nobody = run("init", "--from", "postgresql://nobody@127.0.0.1:1/none", "-o", path)
    assert nobody.exit_code == 2
    assert "help: " in nobody.stderr
    with scratch_database() as empty:
        result = run("init", "--from", empty, "-o", path)
    assert result.exit_code == 2
    assert "is empty: there is nothing to write about" in " ".join(result.stderr.split())
    assert not path.exists()


def test_a_folder_that_is_not_there_is_said(url, tmp_path, run) -> None:
    result = run("init", "--from", url, "-o", tmp_path / "nowhere" / "design.md")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


def test_what_the_role_may_not_see_is_said(url, tmp_path, run) -> None:
    path: Path = tmp_path / "design.md"
    with POSTGRES.connect(url) as session:
        session.execute(
            "DROP ROLE IF EXISTS init_guest; CREATE ROLE init_guest LOGIN; GRANT SELECT ON seats TO init_guest"
        )
    guest = url.replace("postgres@", "init_guest@")
    try:
        result = run("init", "--from", guest, "-o", path)
    finally:
        with POSTGRES.connect(url) as session:
            session.execute("DROP OWNED BY init_guest; DROP ROLE init_guest")
    told = " ".join(result.stdout.split())
    assert "the role init_guest may not read the rows of a table (log)" in told
    assert "- **Not seen**: the role `init_guest` may not read" in path.read_text(encoding="utf-8")
    assert "0 broken" in told
