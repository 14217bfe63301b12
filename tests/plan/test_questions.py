"""Renames that nobody states: recognised, asked for, never done unasked."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from asbuilt.cli import main
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.errors import NothingToDo
from asbuilt.project import changes, load
from asbuilt.project.asking import answers_of
from asbuilt.project.revisions import difference_of

pytestmark = pytest.mark.xdist_group("questions")

OLD = """# App

**Database**: PostgreSQL 16

## users

```sql
CREATE TABLE users (
    id int PRIMARY KEY,
    username varchar(40) NOT NULL UNIQUE, -- what they log in with
    age int
);
CREATE TABLE notes (id int PRIMARY KEY, body text, user_id int);
```
"""
NEW = OLD.replace("username", "login").replace("notes", "remarks")


@pytest.fixture
def document(url: str, tmp_path: Path) -> Path:
    path = tmp_path / "app.md"
    path.write_text(OLD, encoding="utf-8")
    load(path).build(url)
    with POSTGRES.connect(url) as session:
        session.execute("INSERT INTO users VALUES (1, 'ada', 36); INSERT INTO notes VALUES (1, 'x', 1)")
    path.write_text(NEW, encoding="utf-8")
    return path


def call(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == code, result.output
    return result.output


def test_what_may_be_renamed_is_asked_for_and_not_done(document: Path, url: str) -> None:
    plan = changes.plan_for(load(document), url).plan
    assert [(q.table, q.old, q.new) for q in plan.questions] == [
        ("remarks", "notes", ""),
        ("users", "username", "login"),
    ]
    assert "both in a unique" in plan.questions[1].evidence
    assert "100% of the columns with their types" in plan.questions[0].evidence
    lost = [r.danger.text for s in plan.steps for r in s.risks if r.danger.hazard == "data_lost"]
    assert any("unless it is renamed (--rename users.username=login)" in text for text in lost)
    told = call("plan", str(document), "--to", url, "-q")
    assert "users.username goes and users.login comes: is it renamed?" in told
    assert "renamed from `username`" in told
    refused = call("apply", str(document), "--to", url, "-q", "--yes", code=1)
    assert "--rename notes=remarks" in " ".join(refused.split())


def test_an_answer_keeps_the_rows(document: Path, url: str) -> None:
    words = ("--rename", "users.username=login", "--rename", "notes=remarks")
    planned = json.loads(call("plan", str(document), "--to", url, "-q", "--format", "json", *words))
    assert (planned["possible_renames"], "data_lost" in planned["hazards"]) == ([], False)
    call("apply", str(document), "--to", url, "-q", "--plan", planned["id"], "--allow", "all", *words)
    with POSTGRES.connect(url) as session:
        assert session.rows("SELECT login FROM users") == [("ada",)]
        assert session.rows("SELECT body FROM remarks") == [("x",)]


def test_no_is_an_answer(document: Path, url: str) -> None:
    planned = json.loads(call("plan", str(document), "--to", url, "-q", "--format", "json", "--no-renames"))
    assert planned["possible_renames"] == []
    assert "data_lost" in planned["hazards"]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("users.username", "states no rename"),
        ("users.name=login", "does not fit"),
        ("people.a=b", "the document has no table `people`"),
        ("notes=users", "does not fit"),
    ],
)
def test_an_answer_that_fits_nothing_is_refused(document: Path, url: str, word: str, told: str) -> None:
    assert told in call("plan", str(document), "--to", url, "-q", "--rename", word, code=2)


def test_columns_that_differ_are_no_rename(document: Path, url: str) -> None:
    document.write_text(NEW.replace("login varchar(40)", "login varchar(60)").replace("remarks (id int PRIMARY KEY, body text, user_id int)", "remarks (code uuid)"), encoding="utf-8")  # fmt: skip
    assert changes.plan_for(load(document), url).plan.questions == ()


def test_two_revisions_ask_too_and_the_journal_knows_the_line(document: Path, url: str) -> None:
    folder = document.parent

    def git(*words: str) -> None:
        subprocess.run(["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True)  # fmt: skip

    document.write_text(OLD.replace("age int", "age bigint"), encoding="utf-8")
    git("init")
    git("add", document.name)
    git("commit", "-m", "first")
    project = load(document)
    changes.apply_plan(
        url, changes.plan_for(project, url, is_at_once=True).plan, ("all",), project=project, is_backed_up=False
    )
    document.write_text(NEW.replace("age int", "age bigint"), encoding="utf-8")
    asked = {q.old: q.evidence for q in changes.plan_for(load(document), url).plan.questions}
    assert any("the line reads as in revision" in text for text in asked["username"])
    old = folder / "old.md"
    old.write_text(OLD, encoding="utf-8")
    questions = difference_of(load(old), load(document)).plan.questions
    assert {q.old for q in questions} == {"username", "notes"}
    assert "is it renamed?" in call("diff", str(old), str(document), "-q")
    assert "is it renamed?* (" in (reviewed := call("diff", str(old), str(document), "-q", "--format", "markdown"))
    assert "if it is, say so: renamed from `username`" in reviewed


def test_words_that_state_nothing() -> None:
    with pytest.raises(NothingToDo, match="states no rename"):
        answers_of(["=x"])
