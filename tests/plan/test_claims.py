"""The claim that a journal makes: the schema is what the last plan left. Its sabotage is any change by hand."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from asbuilt.cli import main
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.errors import ServerRefused
from asbuilt.evidence import Evidence, Verdict
from asbuilt.plan.running import contract
from asbuilt.plan.storing import state_from_bytes, state_to_bytes
from asbuilt.project import Project
from asbuilt.text import Source

FIRST = """# Library – Data Design

## books

```sql
CREATE TABLE books (id int PRIMARY KEY, title text NOT NULL);
```

## Change log

| Version | Date | Changes |
| --- | --- | --- |
| 1.0 | 2026-11-01 | The first shelf |
"""
SECOND = FIRST.replace("title text NOT NULL", "title text NOT NULL, pages int")
KIND = "schema_as_recorded"


def project(text: str, folder: Path) -> Project:
    return Project(Source(str(folder / "library.md"), text), folder / "library.md")


def told(project: Project, url: str) -> list[Evidence]:
    return [e for e in project.verify(url).evidence if e.claim.kind == KIND]


def changed(url: str, folder: Path) -> Project:
    project(FIRST, folder).build(url)
    second = project(SECOND, folder)
    second.apply(second.plan(url), url)
    return second


def run(url: str, sql: str) -> None:
    with POSTGRES.connect(url) as session:
        session.execute(sql)


def test_nothing_is_claimed_where_no_plan_stands(url: str, tmp_path: Path) -> None:
    first = project(FIRST, tmp_path)
    first.build(url)
    assert told(first, url) == []
    changed_back = project(SECOND, tmp_path)
    changed_back.apply(changed_back.plan(url), url)
    changed_back.rollback(url)
    assert told(first, url) == []


def test_a_schema_that_a_plan_left_holds_until_somebody_changes_it_by_hand(url: str, tmp_path: Path) -> None:
    second = changed(url, tmp_path)
    [found] = told(second, url)
    assert (found.verdict, found.observed) == (Verdict.HOLDS, "as it was left")
    run(url, "CREATE INDEX by_hand ON books (title)")
    [found] = told(second, url)
    assert found.verdict == Verdict.BROKEN
    assert found.observed.endswith("by no plan: index books.by_hand added")
    assert (
        "The first shelf" in second.source[second.source.line_span(second.source.line_at(found.claim.spans[0].start))]
    )
    run(url, "DROP INDEX by_hand")
    assert told(second, url)[0].verdict == Verdict.HOLDS


def test_who_may_not_read_the_journal_is_told_so(url: str, tmp_path: Path) -> None:
    second = changed(url, tmp_path)
    run(
        url,
        "DROP ROLE IF EXISTS asbuilt_reader; CREATE ROLE asbuilt_reader LOGIN; GRANT USAGE ON SCHEMA asbuilt TO asbuilt_reader",
    )
    try:
        [found] = told(second, url.replace("postgres@", "asbuilt_reader@"))
        assert found.verdict == Verdict.UNKNOWN
        assert "may not be read" in found.reason
        run(url, "REVOKE ALL ON SCHEMA asbuilt FROM asbuilt_reader; GRANT SELECT ON books TO asbuilt_reader")
        [found] = told(second, url.replace("postgres@", "asbuilt_reader@"))
        assert found.reason == "the journal may not be read: permission denied for schema asbuilt"
        planned = second.plan(url.replace("postgres@", "asbuilt_reader@"))
        assert [step.title for step in planned.steps] == ["change table books"]
    finally:
        run(url, "DROP OWNED BY asbuilt_reader; DROP ROLE asbuilt_reader")


def test_who_may_not_read_the_journal_gets_no_plan_while_one_waits(url: str, tmp_path: Path) -> None:
    """What waits to be taken away would look like columns that nobody wants."""
    renamed = (
        SECOND.replace("title text", "name text") + "| 1.1 | 2026-11-02 | renamed `books.title` to `books.name` |\n"
    )
    project(SECOND, tmp_path).build(url)
    run(url, "INSERT INTO books VALUES (1, 'Emma')")
    third = project(renamed, tmp_path)
    assert third.apply(third.plan(url), url).state == "expanded"
    run(
        url,
        "DROP ROLE IF EXISTS asbuilt_reader; CREATE ROLE asbuilt_reader LOGIN; GRANT SELECT ON books TO asbuilt_reader",
    )
    reader = url.replace("postgres@", "asbuilt_reader@")
    try:
        with pytest.raises(
            ServerRefused, match=r"plan 1 waits for its contract in .*asbuilt_reader may not read"
        ) as caught:
            third.plan(reader)
        run(url, caught.value.help.partition(": ")[2])
        assert [step.title for step in third.plan(reader).steps] == ["drop the old name books.title"]
        run(url, "DROP OWNED BY asbuilt_reader")
        contract(POSTGRES, url)
        with POSTGRES.connect(reader) as session:
            assert POSTGRES.journal(session).under_way() == ""
    finally:
        run(url, "DROP OWNED BY asbuilt_reader; DROP ROLE asbuilt_reader")


def test_what_changed_since_the_last_plan_is_told_thing_by_thing(url: str, tmp_path: Path) -> None:
    second = changed(url, tmp_path)
    run(url, "CREATE INDEX by_hand ON books (title); ALTER TABLE books DROP COLUMN pages, ALTER title TYPE varchar(90)")
    run(url, "CREATE TABLE shelves (id int PRIMARY KEY)")
    expected = [
        "column books.pages dropped",
        "column books.title changed (type text → character varying(90))",
        "constraint shelves.shelves_pkey added",
        "index books.by_hand added",
        "table shelves added",
    ]
    [found] = told(second, url)
    assert list(found.rows) == expected
    assert found.observed.endswith("; ".join(expected))
    [note] = second.plan(url).notes
    assert note == f"changed since plan 1, by no plan: {'; '.join(expected)}"


def test_history_says_whether_the_schema_is_as_it_was_left(url: str, tmp_path: Path) -> None:
    second = changed(url, tmp_path)
    assert history(second, url).endswith("schema as plan 1 left it\n")
    run(url, "CREATE INDEX by_hand ON books (title)")
    last = [line.strip() for line in history(second, url).splitlines()][-2:]
    assert last[0].startswith("schema changed since plan 1 (")
    assert last[1] == "index books.by_hand added"
    found = json.loads(history(second, url, "--format", "json"))
    assert found["schema"] == {"plan": 1, "is_as_left": False, "changes": ["index books.by_hand added"]}


def history(project: Project, url: str, *options: str) -> str:
    project.path.write_text(project.source.text, encoding="utf-8")
    return CliRunner().invoke(main, ["history", str(project.path), "--to", url, *options]).stdout


def test_a_journal_of_an_earlier_version_still_tells_that_something_changed(url: str, tmp_path: Path) -> None:
    second = changed(url, tmp_path)
    run(url, "DROP TABLE asbuilt.states; UPDATE asbuilt.version SET number = 2; ALTER TABLE books ADD COLUMN mine int")
    [found] = told(second, url)
    assert found.verdict == Verdict.BROKEN
    assert "the journal does not keep" in found.observed
    assert "carried out by an earlier asbuilt" in history(second, url)


def test_what_a_plan_taken_back_left_is_not_kept(url: str, tmp_path: Path) -> None:
    second = changed(url, tmp_path)
    third = project(SECOND.replace("pages int", "pages int, isbn text"), tmp_path)
    third.apply(third.plan(url), url)
    with POSTGRES.connect(url) as session:
        assert session.rows("SELECT plan FROM asbuilt.states ORDER BY 1") == [(1,), (2,)]
        third.rollback(url)
        assert session.rows("SELECT plan FROM asbuilt.states") == [(1,)]
    assert told(second, url)[0].verdict == Verdict.HOLDS


def test_a_state_of_a_thousand_tables_takes_little_room(url: str) -> None:
    tables = "; ".join(
        f"CREATE TABLE t{n} (id int PRIMARY KEY, name text NOT NULL CHECK (name <> ''), at timestamptz DEFAULT now())"
        for n in range(100)
    )
    run(url, tables)
    with POSTGRES.connect(url) as session:
        state = session.inspect()
    packed = state_to_bytes(state)
    assert state_from_bytes(packed) == state
    assert len(packed) < 100 * 200
    assert state_from_bytes(packed[:-9]) is None


def test_a_contract_that_waits_is_carried_out_with_the_document_of_its_plan(url: str, tmp_path: Path) -> None:
    project(FIRST, tmp_path).build(url)
    run(url, "INSERT INTO books VALUES (1, 'Emma')")
    renamed = FIRST.replace("title text", "name text").replace(
        "The first shelf", "renamed `books.title` to `books.name`"
    )
    second = project(renamed, tmp_path)
    assert second.apply(second.plan(url), url).state == "expanded"
    other = Project(Source("other.md", FIRST), tmp_path / "other.md")
    [entry, backup, left] = history(other, url).splitlines()
    assert f"asbuilt apply {second.path} --to " in entry
    assert backup.strip().startswith("backup ")
    assert left == "schema as plan 1 left it"
