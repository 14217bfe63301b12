"""The claim that environments agree: its sabotage is anything that one database has and the other has not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asbuilt.cli import main
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.evidence import Evidence, Verdict
from asbuilt.project import Project
from asbuilt.text import Source

TEXT = """# Library – Data Design

## books

```sql
CREATE TABLE books (id int PRIMARY KEY, title text NOT NULL);
CREATE INDEX idx_books_title ON books (title);
```

## Environments

| Environment | Database |
| --- | --- |
| Staging | `library_staging` |
| Production | `library` |
"""


@pytest.fixture
def one() -> Iterator[str]:
    with scratch_database() as found:
        yield found


@pytest.fixture
def other() -> Iterator[str]:
    with scratch_database() as found:
        yield found


@pytest.fixture
def library(one: str, other: str, tmp_path: Path) -> Project:
    path = tmp_path / "library.md"
    path.write_text(TEXT, encoding="utf-8")
    project = Project(Source(str(path), TEXT), path)
    project.build(one)
    project.build(other)
    return project


def run(url: str, sql: str) -> None:
    with POSTGRES.connect(url) as session:
        session.execute(sql)


def told(project: Project, url: str, *also: str) -> list[Evidence]:
    found = project.verify(url, also=also).evidence
    assert [e for e in found if e.verdict == Verdict.BROKEN and e.claim.kind != "environments_agree"] == []
    return [e for e in found if e.claim.kind == "environments_agree"]


def test_databases_that_are_alike_agree(library: Project, one: str, other: str) -> None:
    assert told(library, one) == []
    [found] = told(library, one, f"production={other}")
    assert (found.verdict, found.claim.subject) == (Verdict.HOLDS, "production")
    assert library.source[found.claim.spans[0]] == "| Production | `library` |"
    assert found.rows == ()


@pytest.mark.parametrize(
    ("sabotage", "expected"),
    [
        ("DROP INDEX idx_books_title", ["index books.idx_books_title missing there"]),
        ("CREATE INDEX mine ON books (id, title)", ["index books.mine only there"]),
        ("ALTER TABLE books ALTER title TYPE varchar(90)", ["column books.title changed (type text → character varying(90))"]),
        ("CREATE TABLE more (id int)", ["table more only there"]),
        ("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Asia/Tokyo''', current_database()); END $$", ["setting TimeZone {} → Asia/Tokyo"]),
    ],
)  # fmt: skip
def test_a_sabotage_is_told_thing_by_thing_and_breaks_nothing_else(
    library: Project, one: str, other: str, sabotage: str, expected: list[str]
) -> None:
    run(other, sabotage)
    [found] = told(library, one, f"production={other}")
    with POSTGRES.connect(one) as session:
        zone = session.rows("SHOW TimeZone")[0][0]
    assert found.verdict == Verdict.BROKEN
    assert list(found.rows) == [words.format(zone) for words in expected]
    assert found.observed == f"1 difference: {found.rows[0]}"
    assert found.reproduce == 'asbuilt sync --from "$DATABASE_URL" --to "$PRODUCTION_URL"'


def test_one_that_does_not_answer_is_unknown_and_the_others_are_compared(
    library: Project, one: str, other: str
) -> None:
    gone, found = told(library, one, "staging=postgresql://me:secret@127.0.0.1:1/library", f"production={other}")
    assert (gone.verdict, found.verdict) == (Verdict.UNKNOWN, Verdict.HOLDS)
    assert gone.reason.startswith("cannot use the server at 127.0.0.1:1/library: ")
    assert "secret" not in gone.reason


def verified(project: Project, url: str, *options: str) -> Result:
    return CliRunner().invoke(main, ["verify", str(project.path), "--to", url, "-q", *options])


def test_the_command_shows_the_first_differences_and_its_json_all(library: Project, one: str, other: str) -> None:
    run(other, "; ".join(f"CREATE TABLE more_{n} (id int)" for n in range(60)))
    shown = verified(library, one, "--also", f"production={other}")
    assert shown.exit_code == 1
    words = " ".join(shown.stdout.split())
    assert "broken environments agree: production" in words
    assert "observed 60 differences: table more_0 only there; " in words
    assert "and 15 more; --format json lists them all" in words
    data = json.loads(verified(library, one, "--also", f"production={other}", "--format", "json").stdout)
    [claim] = [c for c in data["claims"] if c["kind"] == "environments_agree"]
    assert len(claim["rows"]) == 60


@pytest.mark.parametrize(
    ("also", "message"),
    [
        (["production"], "`--also` names no database: production"),
        (["production="], "`--also` names no database: production="),
        (["a=postgresql://h/x", "a=postgresql://h/y"], "two databases are called a"),
        (["postgresql://h/x", "postgresql://h/x?sslmode=disable"], "two databases are called h:5432/x"),
    ],
)
def test_what_names_no_database_is_refused(library: Project, one: str, also: list[str], message: str) -> None:
    result = verified(library, one, *(word for text in also for word in ("--also", text)))
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_a_database_is_not_compared_with_itself(library: Project, one: str) -> None:
    result = verified(library, one, "--also", f"me={one}")
    assert (result.exit_code, "me is the database that it would be compared with" in result.stderr) == (2, True)
