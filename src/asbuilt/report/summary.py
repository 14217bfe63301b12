"""What people read on a terminal at the end of a command."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.evidence import Evidence, Verdict
from asbuilt.model.fact import Assumption, Placeholder
from asbuilt.reading.coverage import LineKind
from asbuilt.report import numbers, snippet
from asbuilt.report.findings import broken
from asbuilt.report.grouping import grouped
from asbuilt.report.layout import Screen, row, rows_of, stacked
from asbuilt.server_url import without_password

if TYPE_CHECKING:
    from asbuilt.engines.postgres.engine import BuildResult
    from asbuilt.project import BuildRefused, CheckResult, Project, UpResult
    from asbuilt.verify import Run

_MOST_HEADLINES = 10
_MOST_LISTED = 40
Line = Callable[[str], str]
"""Makes the command line of a command for the same document and database."""
_MOST_ALIKE = 6
_MOST_UNKNOWN = 8
_MOST_NOTES = 12
_MOST_PLACES = 3
_LONGEST_EXCERPT = 100


def up(project: "Project", result: "UpResult", screen: Screen, line: Line) -> Text:
    """The lines at the end of `up`, what is wrong above them; `line` makes commands whole."""
    run = result.run
    errors = [d for d in grouped(result.check.diagnostics) if d.severity == Severity.ERROR]
    stands = numbers.built(result.build)
    seeded = numbers.seeded(result.seeding) if result.seeding.rows or result.seeding.own else Text("")
    rows = [
        row(screen, "read", numbers.read(result.check)),
        row(screen, "found", numbers.found(result.check.diagnostics)),
        row(screen, "built", stands if result.is_new else Text.assemble("it stood already: ", stands)),
        row(screen, "listens", result.url if result.is_own else without_password(result.url, result.url)),
        *([row(screen, "seeded", seeded)] if seeded else []),
        row(screen, "proved", numbers.proved(run.evidence)),
        *rows_of(screen, numbers.by_chapter(run.evidence)),
        *_notes(run, screen),
        row(screen, "report", str(result.report)),
        _next(screen, _steps_after_up(result, line)),
    ]
    return Text("\n").join([*_headlines([*errors, *broken(run.evidence)], project), *rows])


def _steps_after_up(result: "UpResult", line: Line) -> list[tuple[str, str]]:
    look = (line("check"), "every finding in full")
    again = (line("verify"), "prove it again, after any change by hand")
    stop = (line("down"), "stop the server")
    return [*([look] if result.check.diagnostics else []), again, *([stop] if result.is_own else [])]


def refused(project: "Project", refusal: "BuildRefused", screen: Screen) -> Text:
    """What `up` found, and why nothing was built."""
    check, path = refusal.check, project.shown_path
    errors = [d for d in grouped(check.diagnostics) if d.severity == Severity.ERROR]
    rows = [
        row(screen, "read", numbers.read(check)),
        row(screen, "found", numbers.found(check.diagnostics)),
        row(screen, "built", Text(f"nothing: PostgreSQL refused {refusal}", "red")),
        _next(screen, [(f"{screen.program} check {path}", "every finding in full, with what can be done"), *_fixing(check, screen, path)]),
    ]  # fmt: skip
    return Text("\n").join([*_headlines(errors, project), *rows])


def _fixing(check: "CheckResult", screen: Screen, path: str) -> list[tuple[str, str]]:
    if any(fix.is_safe for d in check.diagnostics for fix in d.fixes):
        return [(f"{screen.program} check --fix {path}", "make the safe fixes")]
    return []


def _headlines(found: Sequence[Diagnostic], project: "Project") -> list[Text]:
    """The first of what is wrong, a line each, and how many more there are."""
    shown = [_headline(d, project) for d in found[:_MOST_HEADLINES]]
    if len(found) > _MOST_HEADLINES:
        shown.append(Text(f"… and {len(found) - _MOST_HEADLINES} more", "dim"))
    return [*shown, Text()] if shown else []


def _headline(diagnostic: Diagnostic, project: "Project") -> Text:
    line = project.source.line_at(diagnostic.span.start)
    return Text.assemble(snippet.headline(diagnostic), (f"  {project.path}:{line}", "dim"))


def _next(screen: Screen, steps: Sequence[tuple[str, str]]) -> Text:
    """What to try next: commands to copy, each with what it is for beside it, or above it where there is no room."""
    widest = max(len(command) for command, _ in steps)
    if all(widest + len(why) + 4 <= screen.room for _, why in steps):
        lines = [Text.assemble(f"{command:<{widest}}  ", (f"# {why}", "dim")) for command, why in steps]
    else:
        lines = [line for command, why in steps for line in (Text(f"# {why}", "dim"), Text(command))]
    return stacked("next", lines)


def check(project: "Project", result: "CheckResult", screen: Screen, *, with_coverage: bool) -> Text:
    """Every finding in full, then what was read and found, and the next step."""
    blocks = [snippet.render(d, project.source) for d in grouped(result.diagnostics)]
    rows = [
        row(screen, "read", numbers.read(result)),
        row(screen, "found", numbers.found(result.diagnostics)),
        *_stand_ins(result, screen),
        _next(screen, _steps_after_check(project, result, screen)),
    ]
    if with_coverage:
        blocks += [_coverage(project, result), *_left_open(project, result)]
    return Text("\n\n").join([*blocks, Text("\n").join(rows)])


def _stand_ins(result: "CheckResult", screen: Screen) -> list[Text]:
    if result.trial is None or not result.trial.stubs:
        return []
    return [row(screen, "stand-ins", Text(", ".join(result.trial.stubs), "dim"))]


def _steps_after_check(project: "Project", result: "CheckResult", screen: Screen) -> list[tuple[str, str]]:
    program, path = screen.program, project.shown_path
    if result.diagnostics:
        explain = (f"{program} explain {result.diagnostics[0].code}", "what a finding means, and why it matters")
        return [*_fixing(result, screen, path), explain]
    if not any(result.design.tables()):
        return [(f"{program} check --coverage {path}", "how each line was taken: no table was found")]
    return [(f"{program} up {path}", "build it and prove it")]


def _coverage(project: "Project", result: "CheckResult") -> Text:
    """What became of every line: counts, then each line that nobody understood."""
    counts = result.coverage.counts
    total = max(1, len(result.coverage.lines))
    rows = [
        Text.assemble((f"{kind.replace('_', ' '):>16}  ", "bold"), f"{n:>6} lines  {100 * n / total:5.1f} %")
        for kind, n in counts.items()
    ]
    lines = [n for n, kind in enumerate(result.coverage.lines, 1) if kind == LineKind.NOT_UNDERSTOOD]
    rows += [Text(f"{project.path}:{n}: {_excerpt(project, n)}", "yellow") for n in lines]
    return Text("\n").join(rows)


def _left_open(project: "Project", result: "CheckResult") -> list[Text]:
    """The placeholders to fill in, and what had to be assumed."""
    at = project.source.line_at
    open_ones = [
        f"{project.path}:{at(p.span.start)}: {p.text}" + (f" (wanted: {p.wanted})" if p.wanted else "")
        for p in result.design.of(Placeholder)
    ]
    assumed = [_assumed(project, alike) for alike in _alike(result.design.assumptions)]
    titled = (("to fill in", open_ones), ("assumed; write it down to overrule it", assumed))
    return [_listed(title, rows) for title, rows in titled if rows]


def _alike(assumptions: Sequence[Assumption]) -> Iterable[list[Assumption]]:
    """Return the assumptions, those together that assume the same for the same reason."""
    by_reason: dict[tuple[str, str], list[Assumption]] = {}
    for assumption in assumptions:
        by_reason.setdefault((assumption.assumed, assumption.reason), []).append(assumption)
    return by_reason.values()


def _assumed(project: "Project", alike: list[Assumption]) -> str:
    first, *others = alike
    line = project.source.line_at(first.span.start)
    told = f"{project.path}:{line}: {first.subject} is {first.assumed}: {first.reason}"
    names = [f"{a.subject} (line {project.source.line_at(a.span.start)})" for a in others[:_MOST_ALIKE]]
    more = [f"… and {len(others) - _MOST_ALIKE} more"] if len(others) > _MOST_ALIKE else []
    return told + (f"; likewise {', '.join([*names, *more])}" if others else "")


def _listed(title: str, rows: Sequence[str]) -> Text:
    more = [f"… and {len(rows) - _MOST_LISTED} more; --format json lists them all"] if len(rows) > _MOST_LISTED else []
    return Text("\n").join([Text(title, "bold"), *(Text(f"  {row}") for row in [*rows[:_MOST_LISTED], *more])])


def build(project: "Project", result: "BuildResult", url: str | None, screen: Screen, line: Line) -> Text:
    """What was built and where (`url` None: on our own server), and how to prove it; `line` makes commands whole."""
    rows = [
        row(screen, "built", numbers.built(result)),
        row(screen, "listens", without_password(url, url) if url else project.target()),
        _next(screen, [(line("verify"), "prove it")]),
    ]
    return Text("\n").join(rows)


def verify(project: "Project", run: "Run", screen: Screen) -> Text:
    """Broken claims in full, the unknown by their reasons, then the counts."""
    blocks = [_claim(e, project) for e in run.evidence if e.verdict == Verdict.BROKEN]
    blocks += _unknown([e for e in run.evidence if e.verdict == Verdict.UNKNOWN], project)
    rows = [
        row(screen, "proved", numbers.proved(run.evidence)),
        *rows_of(screen, numbers.by_chapter(run.evidence)),
        *_fast(run, screen),
        row(screen, "server", run.server),
        *_notes(run, screen),
        _next(screen, [(f"{screen.program} report {project.shown_path}", "write the page with all the evidence")]),
    ]
    return Text("\n\n").join([*blocks, Text("\n").join(rows)])


def _fast(run: "Run", screen: Screen) -> list[Text]:
    """How long the stated queries took, where they were measured."""
    seen = [e for e in run.evidence if e.claim.kind == "query_fast" and e.observed]
    lines = [Text.assemble(e.claim.subject, (f"  {e.observed}", numbers.STYLES[e.verdict])) for e in seen]
    return [stacked("measured", lines)] if lines else []


def _notes(run: "Run", screen: Screen) -> list[Text]:
    more = len(run.notes) - _MOST_NOTES
    told = [*run.notes[:_MOST_NOTES], *([f"… and {more} more, in the report"] if more > 0 else [])]
    return [row(screen, "note", Text(note, "yellow")) for note in told]


def _unknown(evidence: Sequence[Evidence], project: "Project") -> Iterator[Text]:
    """What could not be checked, a block for each reason."""
    by_reason: dict[str, list[Evidence]] = {}
    for item in evidence:
        by_reason.setdefault(item.reason, []).append(item)
    for reason, items in by_reason.items():
        title = Text.assemble(("unknown", numbers.STYLES[Verdict.UNKNOWN]), f": {numbers.plural(len(items), 'claim')}")
        more = [f"… and {len(items) - _MOST_UNKNOWN} more"] if len(items) > _MOST_UNKNOWN else []
        names = [_name_and_line(item, project) for item in items[:_MOST_UNKNOWN]]
        yield Text("\n").join([title, _detail("because", reason), _detail("claims", "\n".join([*names, *more]))])


def _name_and_line(evidence: Evidence, project: "Project") -> str:
    claim = evidence.claim
    line = f", line {project.source.line_at(claim.spans[0].start)}" if claim.spans else ""
    return f"{claim.kind.replace('_', ' ')}: {claim.subject}{line}"


def _claim(evidence: Evidence, project: "Project") -> Text:
    claim = evidence.claim
    kind = claim.kind.replace("_", " ")
    lines = [Text.assemble((evidence.verdict, numbers.STYLES[evidence.verdict]), f" {kind}: ", (claim.subject, "bold"))]
    places = {at.line: at for at in (project.source.position(span.start) for span in reversed(claim.spans))}
    for at in list(places.values())[::-1][:_MOST_PLACES]:
        lines.append(Text(f"  {project.path}:{at.line}:{at.column}  {_excerpt(project, at.line)}", "dim"))
    details = (
        ("expected", claim.expected),
        ("observed", evidence.observed),
        ("because", evidence.reason),
        ("rows", "\n".join(_rows(evidence))),
        ("statement", evidence.statement),
        ("reproduce", evidence.reproduce),
    )
    lines += [_detail(name, value) for name, value in details if value]
    return Text("\n").join(lines)


def _rows(evidence: Evidence) -> list[str]:
    """Return what was seen and the line above does not say already, as much as there is room for."""
    rows = [row for row in evidence.rows if row not in evidence.observed]
    more = [f"and {len(rows) - _MOST_LISTED:,} more; --format json lists them all"] if len(rows) > _MOST_LISTED else []
    return [*rows[:_MOST_LISTED], *more]


def _detail(name: str, value: str) -> Text:
    return stacked(name, [Text(line) for line in value.splitlines()])


def _excerpt(project: "Project", line: int) -> str:
    text = project.source[project.source.line_span(line)].strip()
    return text if len(text) <= _LONGEST_EXCERPT else f"{text[:_LONGEST_EXCERPT]} …"
