"""What people read once a document has been written from a database."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from asbuilt.evidence import Verdict
from asbuilt.report import numbers
from asbuilt.report.layout import Screen, row

if TYPE_CHECKING:
    from asbuilt.project.initial import Draft

_MOST_REASONS = 5


def draft(made: "Draft", screen: Screen) -> Text:
    """What was written, what it starts with, what was proved of it, and what to do next."""
    project = made.project
    rows = [
        row(screen, "wrote", f"{project.path}: {numbers.plural(len(made.check.coverage.lines), 'line')}"),
        row(screen, "read", numbers.read(made.check)),
        row(screen, "found", _found(made)),
        row(screen, "proved", numbers.proved(made.run.evidence)),
        *(row(screen, "unlike", Text(f"{name} is not made as it stands there", "red")) for name in made.unlike),
        *(row(screen, "unknown", Text(reason, "yellow")) for reason in _reasons(made)),
        *(row(screen, "note", Text(note.replace("**", "").replace("`", ""), "yellow")) for note in made.notes),
        row(screen, "next", _next(made, screen)),
    ]
    return Text("\n").join(rows)


def _found(made: "Draft") -> Text:
    if not made.allowed:
        return numbers.found(made.check.diagnostics)
    told = ", ".join(f"{number} × {code}" for code, number in sorted(made.allowed.items()))
    rest = Text.assemble(numbers.found(made.check.diagnostics), "; ") if made.check.diagnostics else Text()
    return Text.assemble(rest, (f"allowed, as it stands so there: {told}", "yellow"))


def _reasons(made: "Draft") -> Iterator[str]:
    """Yield why claims could not be checked, the first of the reasons with how many claims each."""
    reasons: dict[str, int] = {}
    for item in made.run.evidence:
        if item.verdict == Verdict.UNKNOWN:
            reasons[item.reason] = reasons.get(item.reason, 0) + 1
    for reason, count in list(reasons.items())[:_MOST_REASONS]:
        yield f"{numbers.plural(count, 'claim')}: {reason}"
    if len(reasons) > _MOST_REASONS:
        yield f"{len(reasons) - _MOST_REASONS} more reasons; `asbuilt verify` lists them"


def _next(made: "Draft", screen: Screen) -> str:
    path = made.project.shown_path
    return f"{screen.program} plan {path} --to URL   # after you have changed it: what would follow"
