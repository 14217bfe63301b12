"""Documents with the facts that they are expected to state, as the files in `constructs` and `traps` hold them.

A file holds several: a `<!-- document: what it is -->` line, the document, a `<!-- facts -->` line, and a line of
`telling` for each fact that must be found. `never` opens a pattern that no fact may match.
"""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from telling import told

_PART = re.compile(
    r"<!-- document: (?P<title>[^\n]+?) -->\n(?P<text>.*?)<!-- facts -->\n(?P<facts>.*?)(?=<!-- document: |\Z)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Expectation:
    """A document and what must, and what must not, be found in it."""

    title: str
    text: str
    lines: tuple[str, ...]

    def missing(self) -> list[str]:
        """Return the expected lines that were not told, and the forbidden ones that were."""
        found = told(self.text)
        wanted = [line for line in self.lines if not line.startswith("never ") and line not in found]
        patterns = [line.removeprefix("never ") for line in self.lines if line.startswith("never ")]
        return wanted + [f"found {line}" for line in found if any(fnmatchcase(line, p) for p in patterns)]


def expectations(folder: str) -> list[Expectation]:
    """Return the documents of a folder beside this file."""
    paths = sorted((Path(__file__).parent / folder).glob("*.md"))
    return [
        Expectation(f"{path.stem}: {part['title']}", part["text"], tuple(filter(None, part["facts"].split("\n"))))
        for path in paths
        for part in _PART.finditer(path.read_text(encoding="utf-8"))
    ]
