"""A document changes, and its database follows: planned, applied, verified, taken back, the rows kept."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from asbuilt.cli import main
from asbuilt.engines.changes import Hazard
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.errors import GroundMoved, HazardsNotAllowed, NothingToDo
from asbuilt.model.renames import renames_of
from asbuilt.project import BuildRefused, Project, changes
from asbuilt.text import Source

pytestmark = pytest.mark.xdist_group("changes")

FIRST = """# Library – Data Design

**Database**: PostgreSQL 16

## books

```sql
CREATE TABLE books (
    id int PRIMARY KEY,
    title text NOT NULL,
    shelf varchar(20) CHECK (shelf IN ('a', 'b')),
    pages int
);
CREATE INDEX idx_books_title ON books (title);
CREATE VIEW shelves AS SELECT DISTINCT shelf FROM books;
```
"""
SECOND = (
    FIRST.replace("    shelf varchar(20) CHECK (shelf IN", "    place varchar(30) CHECK (place IN")
    .replace("DISTINCT shelf", "DISTINCT place")
    .replace("    pages int\n", "    isbn text -- the number on the back\n")
    .replace("(title);", "(lower(title));")
)
ROWS = "INSERT INTO books SELECT n, 'title ' || n, 'a', n * 10 FROM generate_series(1, 9) n"


def project(text: str, folder: Path) -> Project:
    path = folder / "library.md"
    path.write_text(text, encoding="utf-8")
    return Project(Source(str(path), text), path)


def built(url: str, folder: Path) -> None:
    project(FIRST, folder).build(url)
    with POSTGRES.connect(url) as session:
        session.execute(ROWS)


def rows(url: str, what: str) -> list[tuple[object, ...]]:
    with POSTGRES.connect(url) as session:
        return session.rows(f"SELECT {what} FROM books ORDER BY id")


def titles(plan: changes.PlanResult) -> list[str]:
    return [operation.title for step in plan.plan.steps for operation in step.operations]


def test_a_stated_rename_keeps_the_rows_there_and_back(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    before = rows(url, "id, title, shelf, pages")
    changed = project(SECOND.replace("place varchar(30) CHECK (place IN ('a', 'b')),", "place varchar(30) CHECK (place IN ('a', 'b')), -- renamed from shelf"), tmp_path)  # fmt: skip
    found = changes.plan_for(changed, url)
    assert "rename column books.shelf to place, its copy to shelf" in titles(found)
    assert not any("place" in title and "add column" in title for title in titles(found))
    assert set(found.plan.hazards) == {Hazard.DATA_LOST, Hazard.APPLICATION_BREAKS}
    assert "column books.pages" in next(
        r.danger.text for s in found.plan.steps for r in s.risks if r.danger.hazard == Hazard.APPLICATION_BREAKS
    )
    entry = changes.apply_plan(url, found.plan, ("all",))
    assert entry.state == "expanded"
    assert rows(url, "id, title, place") == rows(url, "id, title, shelf") == [row[:3] for row in before]
    waiting = changes.plan_for(changed, url)
    assert titles(waiting) == ["drop the old name books.shelf"]
    later = project(SECOND + "\nMore.\n", tmp_path)
    with pytest.raises(HazardsNotAllowed, match=r"the contract is not carried out.*application_breaks") as refused:
        changes.contract_plan(later, url)
    assert refused.value.help == (
        "once nobody uses the old: `asbuilt apply --contract --allow application_breaks`; "
        "to keep the old, take the plan back: `asbuilt rollback`"
    )
    assert changes.contract_plan(changed, url, ("application_breaks",)).state == "applied"
    assert rows(url, "id, title, place") == [row[:3] for row in before]
    assert changes.plan_for(changed, url).plan.steps == ()
    assert changed.verify(url).broken == ()
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO books VALUES (10, 'new', 'b', NULL)")
    changes.take_back(url)
    assert rows(url, "id, title, shelf, pages") == [*before, (10, "new", "b", None)]
    assert changes.plan_for(project(FIRST, tmp_path), url).plan.steps == ()


def test_a_rename_that_nobody_states_is_a_loss_that_has_a_name(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    found = changes.plan_for(project(SECOND, tmp_path), url).plan
    assert "drop column books.shelf, its values kept aside" in titles(changes.PlanResult(found, None))  # type: ignore[arg-type]
    risk = next(r for s in found.steps for r in s.risks if "shelf" in r.danger.text)
    assert (risk.danger.hazard, risk.rows) == (Hazard.DATA_LOST, 9)
    with pytest.raises(HazardsNotAllowed, match="data_lost"):
        changes.apply_plan(url, found)
    with POSTGRES.connect(url) as session:
        assert POSTGRES.journal(session).entries() == []


def test_each_step_names_the_line_that_causes_it(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    changed = project(SECOND, tmp_path)
    found = changes.plan_for(changed, url).plan
    causes = {step.title: step.causes for step in found.steps}
    lines = SECOND.splitlines()
    [added] = {
        changed.source.line_at(spans[0].start) for title, spans in causes.items() if title == "add column books.isbn"
    }
    assert lines[added - 1].strip().startswith("isbn text")
    assert causes["drop column books.pages, its values kept aside"] == ()


def test_what_is_only_planned_changes_nothing(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    with POSTGRES.connect(url) as session:
        before = session.inspect()
        changes.plan_for(project(SECOND, tmp_path), url)
        assert session.inspect() == before
        assert session.rows("SELECT to_regnamespace('asbuilt') IS NULL")[0][0]


def test_a_plan_that_was_made_for_another_ground_is_refused(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    found = changes.plan_for(project(SECOND, tmp_path), url).plan
    with POSTGRES.connect(url) as session:
        session.execute("DROP VIEW shelves")
    with pytest.raises(GroundMoved):
        changes.apply_plan(url, found, ("all",))


def test_a_document_that_does_not_run_makes_no_plan(url: str, tmp_path: Path) -> None:
    with pytest.raises(BuildRefused, match="nowhere"):
        changes.plan_for(project(FIRST.replace("FROM books;", "FROM nowhere;"), tmp_path), url)


def test_hazards_are_known_by_name() -> None:
    with pytest.raises(NothingToDo, match="no hazard `everything`"):
        changes.hazards_named(("everything",))


def test_one_database_follows_another(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    with scratch_database() as other:
        plan = changes.sync_plan(url, other)
        changes.apply_plan(other, plan)
        assert changes.sync_plan(url, other).steps == ()
        assert changes.sync_plan(other, url).steps == ()


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("| name | text | yes | renamed from `label` |", ("things", "name", "label")),
        ("| name | text | yes | formerly: label |", ("things", "name", "label")),
    ],
)
def test_renames_are_read_beside_fields(told: str, expected: tuple[str, str, str], tmp_path: Path) -> None:
    text = f"# D\n\n## things\n\n| Field | Type | Required | Description |\n| --- | --- | --- | --- |\n| id | uuid | yes | |\n{told}\n"
    [rename] = renames_of(project(text, tmp_path).design)
    assert (rename.table, rename.column, rename.old) == expected


def test_renames_are_read_in_the_change_log_and_in_sql(tmp_path: Path) -> None:
    text = (
        "# D\n\n## Change log\n\n| Version | Date | Changes |\n| --- | --- | --- |\n"
        "| 2 | 2026-01-02 | Renamed table `people` to `users`; renamed `users.label` to `users.name` |\n\n"
        "## Migration\n\n```sql\nALTER TABLE users RENAME COLUMN mail TO email;\n```\n"
    )
    found = {(r.table, r.column, r.old) for r in renames_of(project(text, tmp_path).design)}
    assert found == {("users", "", "people"), ("users", "name", "label"), ("users", "email", "mail")}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Table `items` renamed to `goods`", ("goods", "", "items")),
        ("The entity items was renamed to goods", ("goods", "", "items")),
        ("`items` renamed to `goods`", ("goods", "", "items")),
        ("Renamed `items` → `goods`", ("goods", "", "items")),
        ("`goods.label` was renamed to `goods.name`", ("goods", "name", "label")),
        ("`goods.label` has been renamed to `name`", ("goods", "name", "label")),
        ("Renamed `label` to `name` in the table `goods`", ("goods", "name", "label")),
        ("Renamed column label to name in goods", ("goods", "name", "label")),
    ],
)
@pytest.mark.parametrize("line", ["- {}", "- 1.2: {}", "- 2026-01-02 - {}"])
def test_renames_are_read_in_the_words_that_people_use(
    line: str, told: str, expected: tuple[str, str, str], tmp_path: Path
) -> None:
    text = f"# D\n\n## Change log\n\n{line.format(told)}\n"
    assert expected in {(r.table, r.column, r.old) for r in renames_of(project(text, tmp_path).design)}


def test_a_table_that_the_change_log_says_was_renamed_keeps_its_rows(url: str, tmp_path: Path) -> None:
    before = "# D\n\n```sql\nCREATE TABLE items (id int PRIMARY KEY);\n```\n"
    project(before, tmp_path).build(url)
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO items VALUES (7)")
    after = before.replace("items", "goods") + "\n## Change log\n\n- table `items` renamed to `goods`\n"
    named = project(after, tmp_path)
    named.apply(named.plan(url), url, allowed=("application_breaks",))
    with POSTGRES.connect(url) as session:
        assert session.rows("SELECT id FROM goods") == [(7,)]


def test_sync_says_what_goes_and_how_to_do_it(url: str) -> None:
    """What is made is in the database that is followed, and so it is not said that it is not there any more."""
    with scratch_database() as origin:
        for at, sql in ((origin, "CREATE TABLE a (n int)"), (url, "CREATE TABLE b (n int)")):
            with POSTGRES.connect(at) as session:
                session.execute(sql)
        told = CliRunner().invoke(main, ["sync", "--from", origin, "--to", url, "-q"])
    lines = told.output.splitlines()
    assert told.exit_code == 1
    assert "  1  create table a" in lines
    assert [line for line in lines if "not in PostgreSQL" in line and "drop table b" in line and "any more" not in line]
    assert [line for line in lines if line.startswith(f"next  asbuilt sync --from '{origin}' --to '{url}' --yes")]


def test_the_commands(url: str, tmp_path: Path) -> None:
    built(url, tmp_path)
    document = str(project(SECOND, tmp_path).path)

    def call(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(main, list(words))
        assert result.exit_code == code, result.output
        return result.output

    planned = json.loads(call("plan", document, "--to", url, "--format", "json", "-q"))
    assert planned["hazards"] == ["data_lost", "application_breaks"]
    assert {
        "number",
        "title",
        "phase",
        "cause",
        "statement",
        "statements",
        "in_transaction",
        "hazards",
        "notes",
        "locks",
        "rewrites",
        "scans",
        "reverse",
        "backfill",
        "migration",
        "keeps_aside",
        "at_once",
    } == set(planned["steps"][0])
    assert "--plan ID" in call("apply", document, "--to", url, "-q", code=2)
    assert "has changed since" in call("apply", document, "--to", url, "--plan", "feed", "-q", code=2)
    assert "--allow data_lost" in call("apply", document, "--to", url, "--plan", planned["id"], "-q", code=1)
    assert "rollback" in call(
        "apply",
        document,
        "--to",
        url,
        "--plan",
        planned["id"],
        "--allow",
        "data_lost",
        "--allow",
        "application_breaks",
        "-q",
    )
    assert "nothing to do" in call("plan", document, "--to", url, "-q")
    [entry] = json.loads(call("history", document, "--to", url, "--format", "json"))["entries"]
    assert (entry["plan"], entry["state"]) == (planned["id"], "applied")
    assert "rolled back" in call("rollback", document, "--on", url, "-q")
    assert "no plan to take back" in call("rollback", document, "--on", url, "-q", code=2)
