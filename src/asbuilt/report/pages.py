"""The page of a finding: what it means, why it matters, what to do."""

import inspect
import re
import textwrap
from collections.abc import Iterator

from asbuilt.errors import NothingToDo
from asbuilt.model.names import did_you_mean

_PARAGRAPH = re.compile(r"(?!\s|```|[-*#|>] |\d+\. )")


def page(code: str, width: int = 100) -> str:
    """Return the page of `code`, hyphens or underscores; raise `NothingToDo` where there is none."""
    from asbuilt.rules import PAGES

    name = code.strip().lower().replace("-", "_")
    if name in PAGES:
        return f"{name}\n{'─' * len(name)}\n\n" + "\n\n".join(_set(PAGES[name], width))
    near = did_you_mean(name, PAGES)
    raise NothingToDo(
        f"there is no finding `{code}`",
        help=f"did you mean `{near}`?" if near else "run `asbuilt explain` to list them",
    )


def _set(text: str, width: int) -> Iterator[str]:
    """Yield the parts of a page: paragraphs filled to the width, whatever has a form of its own as it is."""
    for part in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        is_prose = all(_PARAGRAPH.match(line) for line in part.splitlines())
        yield textwrap.fill(" ".join(part.split()), width, break_long_words=False) if is_prose else part


def index(width: int = 100) -> str:
    """Return all codes with their first lines."""
    from asbuilt.rules import PAGES

    widest = max(map(len, PAGES))
    return "\n".join(
        f"{code:<{widest}}  {_shortened(text.strip().splitlines()[0], width - widest - 2)}"
        for code, text in sorted(PAGES.items())
    )


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else textwrap.shorten(text, max(width, 24), placeholder=" …")
