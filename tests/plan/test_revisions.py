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
    assert told == ["rename column users.label to name  design.md:6", "add column users.age  design.md:7"]
    assert "no difference" in call("diff", "design.md", "design.md", "-q")


def test_as_markdown_and_json(repository: Path) -> None:
    markdown = call("diff", "HEAD:design.md", "design.md", "--format", "markdown")
    assert markdown.startswith("**2 changes of the database**\n\n- rename column users.label to name (line 6)\n")
    assert "```sql\nALTER TABLE users RENAME COLUMN label TO name;\n" in markdown
    steps = json.loads(call("diff", "HEAD:design.md", "design.md", "--format", "json"))["steps"]
    assert [step["cause"][0]["line"] for step in steps] == [6, 7]


def test_what_is_not_there_is_told(repository: Path) -> None:
    assert "cannot read nowhere:design.md" in call("diff", "nowhere:design.md", "design.md", "-q", code=2)
    assert "cannot read missing.md" in call("diff", "missing.md", "design.md", "-q", code=2)
