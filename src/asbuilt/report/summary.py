"""What people read on a terminal at the end of a command."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.evidence import Chapter, Evidence, Verdict
from asbuilt.model.entities import RelationshipMention
from asbuilt.model.fact import Placeholder
from asbuilt.model.sql import QueryPattern
from asbuilt.reading.coverage import LineKind
from asbuilt.report import snippet
from asbuilt.report.findings import broken

if TYPE_CHECKING:
    from asbuilt.engines.postgres.engine import BuildResult
    from asbuilt.project import CheckResult, Project, Seeding, UpResult
    from asbuilt.verify import Run

STYLES = {
    Verdict.HOLDS: "green",
    Verdict.BROKEN: "bold red",
    Verdict.UNKNOWN: "yellow",
    Verdict.STATED: "dim",
}
_MOST_BROKEN = 10
_MOST_LISTED = 40


def up(project: "Project", result: "UpResult") -> Text:
    """The ten lines at the end of `up`."""
    path, run = project.path, result.run
    rows = [
        ("read", read_line(result.check)),
        ("found", found_line(result.check.diagnostics)),
        ("built", built_line(result.build)),
        ("listens", Text(result.url)),
        ("seeded", seeded_line(result.seeding)),
        ("proved", verdict_line(run.evidence)),
        ("", chapter_line(run.evidence)),
        ("report", Text(str(result.report))),
    ]
    lines = [_row(name, value) for name, value in rows]
    notices = [_finding(d, project) for d in result.check.diagnostics if d.severity == Severity.ERROR]
    notices += [_finding(d, project) for d in broken(run.evidence)][:_MOST_BROKEN]
    after = "`asbuilt check` shows every finding in full" if not result.is_fine else f"change a line of {path} by hand"
    steps = f"psql '{result.url}' · asbuilt verify {path} · asbuilt down {path}"
    return Text("\n").join(
        [*notices, *lines, _row("next", Text(f"{steps} · {after}" if not result.is_fine else steps))]
    )


def _row(name: str, value: Text | str) -> Text:
    return Text.assemble((f"{name:>9}  ", "bold"), value)


def _finding(diagnostic: Diagnostic, project: "Project") -> Text:
    return Text.assemble(snippet.headline(diagnostic), (f"  {project.path}:{_line(diagnostic, project)}", "dim"))


def _line(diagnostic: Diagnostic, project: "Project") -> int:
    return project.source.line_at(diagnostic.span.start)


def read_line(check: "CheckResult") -> Text:
    """What was read, in numbers."""
    design, coverage = check.design, check.coverage
    entities = tuple(design.tables())
    counts = [
        (len(coverage.lines), "line"),
        (len(entities), "entity"),
        (sum(len(e.fields) for e in entities), "field"),
        (len(design.of(RelationshipMention)), "relationship"),
        (sum(len(e.indexes) for e in entities), "index"),
        (len(design.of(QueryPattern)), "query pattern"),
        (len(design.of(Placeholder)), "placeholder"),
    ]
    text = ", ".join(plural(n, what) for n, what in counts if n)
    missed = coverage.count(LineKind.NOT_UNDERSTOOD)
    return Text(f"{text}; {plural(missed, 'line') if missed else 'nothing'} not understood")


def built_line(build: "BuildResult") -> Text:
    """What stands now, in numbers; what stands in for something else is named."""
    tables, objects = build.state.tables.values(), build.state.objects
    kinds = Counter(kind for kind, _ in objects)
    counts = [
        (len(tables), "table"),
        (sum(len(t.columns) for t in tables), "column"),
        (sum(len(t.constraints) for t in tables), "constraint"),
        (sum(i.backs is None for t in tables for i in t.indexes), "index"),
        (sum(len(t.triggers) for t in tables), "trigger"),
        (sum(len(t.policies) for t in tables), "policy"),
        *((kinds[kind], kind) for kind in ("enum", "view", "function")),
    ]
    stubs = f" (stand-ins: {', '.join(build.stubs)})" if build.stubs else ""
    return Text(listed(counts) + stubs)


def seeded_line(seeding: "Seeding") -> Text:
    """How many rows stand in how many tables, the document's own seed statements first."""
    own = f"{plural(seeding.own, 'statement')} of the document's own, " if seeding.own else ""
    filled = [n for n in seeding.rows.values() if n]
    text = Text(f"{own}{plural(sum(filled), 'generated row')} in {plural(len(filled), 'table')}")
    if seeding.problems:
        more = f" and {len(seeding.problems) - 1} more" if len(seeding.problems) > 1 else ""
        text.append(f"; not seeded: {seeding.problems[0]}{more}", "yellow")
    return text


def found_line(diagnostics: Sequence[Diagnostic]) -> Text:
    counts = Counter(d.severity for d in diagnostics)
    if not diagnostics:
        return Text("nothing that contradicts itself or cannot work", "green")
    words = ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note"))
    parts = [(plural(counts[s], word), snippet.STYLES[s]) for s, word in words if counts[s]]
    return Text(", ").join(Text(text, style) for text, style in parts)


def verdict_line(evidence: Sequence[Evidence]) -> Text:
    counts = Counter(e.verdict for e in evidence)
    parts = [Text(f"{counts[v]} {v}", STYLES[v]) for v in Verdict if counts[v] or v in (Verdict.HOLDS, Verdict.BROKEN)]
    return Text.assemble(f"{plural(len(evidence), 'claim')}: ", Text(", ").join(parts))


def chapter_line(evidence: Sequence[Evidence]) -> Text:
    """The verdicts by chapter: how many hold of how many could be checked, and what is broken."""
    by_chapter: dict[Chapter, Counter[Verdict]] = {}
    for item in evidence:
        by_chapter.setdefault(item.claim.chapter, Counter())[item.verdict] += 1
    return Text(" · ").join(_chapter(c, by_chapter[c]) for c in Chapter if c in by_chapter)


def _chapter(chapter: Chapter, counts: Counter[Verdict]) -> Text:
    shown = [Text(f"{counts[v]} {v}", STYLES[v]) for v in Verdict if counts[v]]
    return Text.assemble((f"{chapter} ", ""), Text(" ").join(shown))


def check(project: "Project", result: "CheckResult", *, with_coverage: bool) -> Text:
    """Every finding in full, then what was read and found, and the next step."""
    blocks = [snippet.render(d, project.source) for d in result.diagnostics]
    lines = [_row("read", read_line(result)), _row("found", found_line(result.diagnostics))]
    if result.trial is not None and result.trial.stubs:
        lines.append(_row("stubs", Text(", ".join(result.trial.stubs), "dim")))
    lines.append(_row("next", _next_step(project, result)))
    if with_coverage:
        blocks += [_coverage(project, result), *_left_open(project, result)]
    return Text("\n\n").join([*blocks, Text("\n").join(lines)])


def _next_step(project: "Project", result: "CheckResult") -> Text:
    if any(fix.is_safe for d in result.diagnostics for fix in d.fixes):
        return Text(f"asbuilt check --fix {project.path} makes the safe fixes")
    if result.diagnostics:
        return Text(f"asbuilt explain {result.diagnostics[0].code} says what a finding means")
    return Text(f"asbuilt up {project.path} builds it and proves it")


def _coverage(project: "Project", result: "CheckResult") -> Text:
    """What became of every line: counts, then each line that nobody understood."""
    counts = result.coverage.counts
    total = max(1, len(result.coverage.lines))
    rows = [
        Text.assemble((f"{kind.replace('_', ' '):>16}  ", "bold"), f"{n:>6} lines  {100 * n / total:5.1f} %")
        for kind, n in counts.items()
    ]
    lines = [n for n, kind in enumerate(result.coverage.lines, 1) if kind == LineKind.NOT_UNDERSTOOD]
    rows += [Text(f"{project.path}:{n}: {project.source[project.source.line_span(n)]}", "yellow") for n in lines]
    return Text("\n").join(rows)


def _left_open(project: "Project", result: "CheckResult") -> list[Text]:
    """The placeholders to fill in, and what had to be assumed."""
    at = project.source.line_at
    open_ones = [
        f"{project.path}:{at(p.span.start)}: {p.text}" + (f" (wanted: {p.wanted})" if p.wanted else "")
        for p in result.design.of(Placeholder)
    ]
    assumed = [
        f"{project.path}:{at(a.span.start)}: {a.subject} is {a.assumed}: {a.reason}" for a in result.design.assumptions
    ]
    titled = (("to fill in", open_ones), ("assumed; write it down to overrule it", assumed))
    return [_listed(title, rows) for title, rows in titled if rows]


def _listed(title: str, rows: Sequence[str]) -> Text:
    more = [f"… and {len(rows) - _MOST_LISTED} more; --format json lists them all"] if len(rows) > _MOST_LISTED else []
    return Text("\n").join([Text(title, "bold"), *(Text(f"  {row}") for row in [*rows[:_MOST_LISTED], *more])])


def build(result: "BuildResult", url: str) -> Text:
    return Text("\n").join([_row("built", built_line(result)), _row("listens", Text(url))])


def verify(project: "Project", run: "Run") -> Text:
    """Broken and unknown claims in full, then the counts."""
    wanted = (Verdict.BROKEN, Verdict.UNKNOWN)
    blocks = [_claim(e, project) for verdict in wanted for e in run.evidence if e.verdict == verdict]
    lines = [
        _row("proved", verdict_line(run.evidence)),
        _row("", chapter_line(run.evidence)),
        _row("server", Text(run.server)),
        *(_row("note", Text(note, "yellow")) for note in run.notes),
        _row("next", Text(f"asbuilt report {project.path} writes the page")),
    ]
    return Text("\n\n").join([*blocks, Text("\n").join(lines)])


def _claim(evidence: Evidence, project: "Project") -> Text:
    claim = evidence.claim
    lines = [
        Text.assemble(
            (f"{evidence.verdict}", STYLES[evidence.verdict]),
            f" {claim.kind.replace('_', ' ')}: ",
            (claim.subject, "bold"),
        )
    ]
    for span in claim.spans[:2]:
        at = project.source.position(span.start)
        text = project.source[project.source.line_span(at.line)].strip()
        lines.append(Text(f"  {project.path}:{at.line}:{at.column}  {text[:100]}", "dim"))
    details = (
        ("expected", claim.expected),
        ("observed", evidence.observed),
        ("because", evidence.reason),
        ("rows", "\n            ".join(evidence.rows)),
        ("statement", evidence.statement),
        ("reproduce", evidence.reproduce),
    )
    lines += [Text.assemble((f"  {name:>9} ", "bold"), value) for name, value in details if value]
    return Text("\n").join(lines)


def plural(number: int, noun: str) -> str:
    """`1 entity`, `2 entities`, `1,204 rows`."""
    if number == 1:
        return f"1 {noun}"
    many = {"entity": "entities", "index": "indexes"}.get(noun, f"{noun}s")
    return f"{number:,} {many}"


def listed(parts: Iterable[tuple[int, str]]) -> str:
    """`3 tables, 1 index`: what there is none of is left out."""
    return ", ".join(plural(n, noun) for n, noun in parts if n)
