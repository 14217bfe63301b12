"""The docs are true: every command, finding and public name is documented, generated pages are fresh, examples run."""

import re
from pathlib import Path

import click
import pytest

import asbuilt
from asbuilt.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_generated_pages_are_fresh() -> None:
    from docs.generate import pages

    stale = [p.name for p, text in pages().items() if not p.exists() or p.read_text(encoding="utf-8") != text]
    assert not stale, "run `make docs`"


@pytest.mark.parametrize("name", main.list_commands(click.Context(main)))
def test_the_readme_names_every_command(name: str) -> None:
    assert f"asbuilt {name}" in README


@pytest.mark.parametrize("name", asbuilt.__all__)
def test_every_public_name_is_documented_and_there(name: str) -> None:
    assert f"`{name}" in API or f"`{name}`" in API
    assert getattr(asbuilt, name).__doc__


def test_the_readme_opens_with_the_two_commands() -> None:
    first_screen = "\n".join(README.splitlines()[:40])
    assert "make demo" in first_screen
    assert "make test" in first_screen


@pytest.mark.live
@pytest.mark.parametrize("page", ["README.md", "docs/api.md"])
def test_python_examples_run(page: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(ROOT)
    examples = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), flags=re.DOTALL)
    for example in examples:
        exec(compile(example, page, "exec"), {})


def test_links_between_pages_lead_somewhere() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
