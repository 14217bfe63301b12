"""The facade, on real servers: a document is built, proved, changed by hand, found broken, stopped and removed."""

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

import asbuilt
from asbuilt.cli import main
from asbuilt.errors import AsbuiltError, DocumentUnreadable, NothingToDo, TargetNotEmpty
from asbuilt.evidence import Verdict
from asbuilt.project import BuildRefused, Project, load

# One worker takes them all: the tests of `TestLive` follow each other on one server.
pytestmark = pytest.mark.xdist_group("project")

LIBRARY = """# Lending library

### members

| Field | Type | Required | Constraints |
| --- | --- | --- | --- |
| id | BIGSERIAL | yes | PK |
| email | VARCHAR(255) | yes | unique |

### loans

| Field | Type | Required | Constraints |
| --- | --- | --- | --- |
| id | BIGSERIAL | yes | PK |
| member_id | BIGINT | yes | FK → members.id |
| lent_at | TIMESTAMPTZ | yes | |

```sql
CREATE INDEX idx_loans_member ON loans (member_id);
```
"""
REFUSED = """# Refused

```sql
CREATE TABLE loans (id BIGINT PRIMARY KEY, lent_at TIMESTAMPTZ NOT NULL);
CREATE INDEX idx_loans_recent ON loans (lent_at) WHERE lent_at > NOW();
```
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_a_document_that_cannot_be_read_says_why(tmp_path) -> None:
    with pytest.raises(DocumentUnreadable, match="no such file"):
        load(tmp_path / "missing.md")


def test_state_goes_beside_the_document_or_into_the_cache(tmp_path, monkeypatch) -> None:
    path = write(tmp_path / "library.md", LIBRARY)
    assert load(path).home == tmp_path.resolve() / ".asbuilt" / "library"
    monkeypatch.setattr("asbuilt.project.facade.may_be_made", lambda folder: False)
    assert tmp_path not in load(path).home.parents


def test_a_link_and_its_document_share_one_state(tmp_path) -> None:
    path = write(tmp_path / "library.md", LIBRARY)
    link = tmp_path / "link.md"
    link.symlink_to(path)
    assert (load(link).home, load(link).database) == (load(path).home, load(path).database)


def test_nothing_to_report_before_a_run(tmp_path) -> None:
    project = load(write(tmp_path / "library.md", LIBRARY))
    with pytest.raises(NothingToDo):
        project.last_run()
    with pytest.raises(NothingToDo):
        project.verify()


def test_fixes_that_get_in_each_others_way_are_made_one_after_the_other(tmp_path) -> None:
    text = "```sql\nCREATE TABLE a (\n  id INT PRIMARY KEY,\n  b INT,\n  INDEX i (b),\n  INDEX j (id, b)\n);\n```\n"
    project = load(write(tmp_path / "a.md", text)).fixed(is_tried=False)
    assert project.fixes
    assert not [d for d in project.check(is_tried=False).diagnostics if any(f.is_safe for f in d.fixes)]


def test_documents_of_one_name_keep_apart(tmp_path) -> None:
    homes = {load(write(tmp_path / name, "# A\n")).home for name in ("a.md", "a.txt", "a.markdown")}
    assert len(homes) == 3


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Iterator[Project]:
    """A document that stands on its own server, with rows in it."""
    path = write(tmp_path_factory.mktemp("library") / "library.md", LIBRARY)
    project = load(path)
    try:
        result = project.up(rows=3)
        assert result.is_fine
        assert result.is_new
        assert result.seeding.rows == {"members": 3, "loans": 3}
        yield project
    finally:
        project.down(with_data=True)


@pytest.fixture
def url(built) -> str:
    return built.target()


@pytest.mark.live
class TestLive:
    """All on one server, in this order."""

    def test_what_stands_already_is_proved_again(self, built) -> None:
        result = run("up", built.path)
        assert result.exit_code == 0, result.output
        assert "it stood already" in result.stdout
        assert [word in result.stderr for word in ("check …", "seed …", "verify …")] == [True, False, True]

    def test_every_format_shows_the_verdicts(self, built) -> None:
        answer = json.loads(run("verify", built.path, "--format", "json").stdout)
        assert {claim["verdict"] for claim in answer["claims"]} == {"holds"}
        assert run("report", built.path, "--format", "text").exit_code == 0

    def test_the_report_is_written_where_it_is_asked_for(self, built, tmp_path) -> None:
        result = run("report", built.path, "-o", tmp_path / "page.html")
        assert result.stdout.strip() == str(tmp_path / "page.html")
        assert "idx_loans_member" in (tmp_path / "page.html").read_text(encoding="utf-8")

    def test_another_document_does_not_go_into_its_database(self, url, tmp_path) -> None:
        other = write(tmp_path / "other.md", "```sql\nCREATE TABLE other (id BIGINT PRIMARY KEY);\n```\n")
        result = run("up", other, "--to", url)
        assert result.exit_code == 2
        assert "is not empty: it holds table loans, table members" in " ".join(result.stderr.split())
        assert "nothing was changed" in " ".join(result.stderr.split())
        with pytest.raises(TargetNotEmpty):
            load(other).build(url)

    def test_a_url_with_a_password_is_not_printed(self, built, url) -> None:
        result = run("up", built.path, "--to", url)
        password = url.split(":")[2].split("@")[0]
        assert result.exit_code == 0, result.output
        assert password not in result.output

    def test_what_is_changed_by_hand_is_found_at_its_line_and_not_built_over(self, built, url) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP INDEX idx_loans_member")
        result = run("verify", built.path)
        assert result.exit_code == 1
        assert f"{built.path}:19:" in result.stdout
        broken = [e.claim.subject for e in built.last_run().broken]
        assert broken
        assert all("idx_loans_member" in subject for subject in broken)
        result = run("up", built.path)
        assert result.exit_code == 2
        assert "asbuilt down --data" in " ".join(result.stderr.split())

    def test_it_is_stopped_once_and_removed_once(self, built) -> None:
        assert "its data is kept" in run("down", built.path).stdout
        assert "no server runs" in run("down", built.path).stdout
        assert run("verify", built.path).exit_code == 2
        assert "its data removed" in run("down", "--data", built.path).stdout
        assert "nothing was done" in run("down", "--data", built.path).stdout


@pytest.mark.live
def test_a_statement_that_is_refused_keeps_all_from_being_built(tmp_path) -> None:
    project = load(write(tmp_path / "refused.md", REFUSED))
    try:
        with pytest.raises(BuildRefused) as refused:
            project.up()
        result = run("up", project.path)
        assert "IMMUTABLE" in str(refused.value)
        assert any("IMMUTABLE" in d.message for d in refused.value.check.diagnostics)
        assert result.exit_code == 1
        assert "nothing: PostgreSQL refused index idx_loans_recent (line 5)" in " ".join(result.stdout.split())
        assert f"asbuilt check {project.path}" in result.stdout
        assert json.loads(run("up", project.path, "--format", "json").stdout)["diagnostics"]
        assert run("build", project.path).exit_code == 2
    finally:
        project.down(with_data=True)


def test_the_public_interface_mirrors_the_facade() -> None:
    assert asbuilt.load is load
    assert asbuilt.Project is Project
    assert issubclass(BuildRefused, AsbuiltError)
    assert {v.value for v in asbuilt.Verdict} == {v.value for v in Verdict}
