"""The reference documents: nearly all of their design lines become facts."""

from pathlib import Path

import pytest
from design_lines import design_lines, fence_lines

from asbuilt.document import parse
from asbuilt.reading import read
from asbuilt.reading.coverage import LineKind
from asbuilt.text import Source

_SHARED = Path(__file__).parents[2] / ".." / "shared"
_EXAMPLES = Path(__file__).parents[2] / "examples"
_REFERENCES = sorted([*_SHARED.glob("corpus/*-*.md"), *_SHARED.glob("templates/*.txt")])
_READ = (LineKind.FACT, LineKind.PLACEHOLDER)


def unread_share(path: Path) -> tuple[float, list[str]]:
    """Return which part of a document's design lines was not read, and those lines with their numbers."""
    source = Source(str(path), path.read_text(encoding="utf-8"))
    document = parse(source)
    kinds = read(document).coverage.lines
    lines = design_lines(document)
    left = [f"{n}: {source[source.line_span(n)].rstrip()}" for n in sorted(lines) if kinds[n - 1] not in _READ]
    return len(left) / len(lines), left


@pytest.mark.skipif(not _REFERENCES, reason="the reference documents (../shared) are not here")
@pytest.mark.parametrize("path", _REFERENCES, ids=lambda path: path.name)
def test_the_design_lines_of_a_reference_become_facts(path: Path) -> None:
    share, left = unread_share(path)
    assert share <= 0.05, "\n".join(left)


@pytest.mark.parametrize("path", sorted(_EXAMPLES.glob("*.md")), ids=lambda path: path.name)
def test_the_design_lines_of_an_example_become_facts(path: Path) -> None:
    share, left = unread_share(path)
    assert share <= 0.05, "\n".join(left)


@pytest.mark.parametrize(
    ("language", "body", "lines"),
    [
        ("sql", "-- why\nCREATE TABLE a (\n\n  id int\n);", [0, 1, 3, 4]),
        ("", "src/\n├── app.py\n└── models/", []),
        ("", "Users: id, email", [0]),
        ("yaml", "services:\n  db: {}", []),
        ("python", "import os\n\nclass A(Base):\n    __tablename__ = 'a'\n\ndef f():\n    pass", [2, 3]),
        ("python", "class Service:\n    def run(self):\n        pass", []),
        ("ts", "interface A {\n  id: string;\n}", [0, 1, 2]),
        ("ts", "const app = express();", []),
        ("go", 'type A struct {\n\tID int `gorm:"x"`\n}', [0, 1, 2]),
        ("go", 'type ARequest struct {\n\tID int `json:"x"`\n}', []),
    ],
)
def test_what_a_design_line_is(language: str, body: str, lines: list[int]) -> None:
    assert fence_lines(language, body) == lines
