"""Two revisions of a document compared, in words and as Markdown."""

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from asbuilt.cli import main

pytestmark = pytest.mark.xdist_group("changes")

OLD = "# D\n\n```sql\nCREATE TABLE users (id int PRIMARY KEY, label text);\n```\n"
NEW = "# D\n\n```sql\nCREATE TABLE users (\n    id int PRIMARY KEY,\n    name text, -- renamed from label\n    age int\n);\n```\n"


def call(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, list(words))
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    document = tmp_path / "design.md"
    document.write_text(OLD, encoding="utf-8")
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["init", "-q"], ["add", "design.md"], [*who, "commit", "-q", "-m", "first"]):
        subprocess.run(["git", *words], check=True, cwd=tmp_path)
    document.write_text(NEW, encoding="utf-8")
    return document


def test_revisions_of_one_document_in_words(repository: Path) -> None:
    told = call("diff", "HEAD:design.md", "design.md", "-q").splitlines()
    assert told == ["column users.age added: integer  design.md:7", "column users.name renamed from label  design.md:6"]
    assert "no difference" in call("diff", "design.md", "design.md", "-q")


def test_as_markdown_and_json(repository: Path) -> None:
    markdown = call("diff", "HEAD:design.md", "design.md", "--format", "markdown")
    assert markdown.startswith(
        "**2 changes of the database**\n\n- table `users`\n"
        "  - column `age` added: `integer` (line 7)\n"
        "  - column `name` renamed from `label` (line 6)\n"
    )
    assert "```sql\nALTER TABLE users RENAME COLUMN label TO name;\n" in markdown
    steps = json.loads(call("diff", "HEAD:design.md", "design.md", "--format", "json"))["steps"]
    assert [step["cause"][0]["line"] for step in steps] == [6, 7]


def test_what_is_not_there_is_told(repository: Path) -> None:
    assert "cannot read nowhere:design.md" in call("diff", "nowhere:design.md", "design.md", "-q", code=2)
    assert "cannot read missing.md" in call("diff", "missing.md", "design.md", "-q", code=2)


BEFORE = """# Shop

```sql
CREATE TABLE users (
    id int PRIMARY KEY,
    email varchar(255) NOT NULL,
    label text,
    last_login timestamptz
);
CREATE INDEX users_email ON users (email);
CREATE TYPE mood AS ENUM ('sad', 'ok');
CREATE TABLE logs (id int PRIMARY KEY);
CREATE VIEW names AS SELECT id FROM users;
```
"""
AFTER = """# Shop

```sql
CREATE TABLE users (
    id int PRIMARY KEY,
    email varchar(320),
    label text NOT NULL DEFAULT 'none',
    CONSTRAINT label_short CHECK (length(label) < 9)
);
CREATE UNIQUE INDEX users_email ON users (lower(email));
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TABLE tags (id int PRIMARY KEY, name text UNIQUE);
CREATE INDEX tags_name ON tags (lower(name));
CREATE VIEW names AS SELECT id, label FROM users;
```
"""
REVIEWED = """\
**9 changes of the database**

- table `logs` dropped (was line 12)
- table `tags` added: 2 columns, 2 constraints, 1 index (line 12)
- table `users`
  - column `email` changed: type `character varying(255)` → `character varying(320)`, may be NULL now (line 6)
  - column `label` changed: `NOT NULL` now, default none → `'none'::text` (line 7)
  - column `last_login` dropped (was line 8)
  - constraint `label_short` added: `CHECK ((length(label) < 9))` (line 8)
  - index `users_email` changed: `btree (email)` → `UNIQUE btree (lower((email)::text))` (line 10)
- enum `mood` changed: definition `ENUM ('sad', 'ok')` → `ENUM ('sad', 'ok', 'happy')` (line 11)
- view `names` changed: another definition (line 14)
"""


def test_a_reviewer_reads_what_differs_and_not_how_it_is_brought_about(tmp_path: Path) -> None:
    """What comes or goes with its table is told with it; an index that is replaced, a check in two steps is one change."""
    old, new = tmp_path / "old.md", tmp_path / "new.md"
    old.write_text(BEFORE, encoding="utf-8")
    new.write_text(AFTER, encoding="utf-8")
    told = call("diff", str(old), str(new), "--format", "markdown", "-q")
    listed, _, folded = told.partition("\n<details><summary>SQL that leads there</summary>\n")
    assert listed == REVIEWED
    assert "CREATE UNIQUE INDEX CONCURRENTLY" in folded
