"""What was read, found, built, seeded and proved, in numbers: a line each."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.evidence import Chapter, Evidence, Verdict
from asbuilt.model.design import Entity
from asbuilt.model.entities import RelationshipMention, Store
from asbuilt.model.fact import Placeholder
from asbuilt.model.sql import QueryPattern
from asbuilt.reading.coverage import LineKind
from asbuilt.report import snippet

if TYPE_CHECKING:
    from asbuilt.engines.postgres.engine import BuildResult
    from asbuilt.project import CheckResult, Seeding

STYLES = {
    Verdict.HOLDS: "green",
    Verdict.BROKEN: "bold red",
    Verdict.UNKNOWN: "yellow",
    Verdict.STATED: "dim",
}
SIGNS = {Verdict.HOLDS: "✓", Verdict.BROKEN: "✗", Verdict.UNKNOWN: "?", Verdict.STATED: "·"}


def read(check: "CheckResult") -> Text:
    design, coverage = check.design, check.coverage
    entities = [e for e in design.entities if not e.is_external and not e.is_planned]
    counts = [
        (len(entities), "entity"),
        (sum(len(e.fields) for e in entities), "field"),
        (len(design.of(RelationshipMention)), "relationship"),
        (len(design.of(QueryPattern)), "query pattern"),
        (len(design.of(Placeholder)), "placeholder"),
    ]
    missed = coverage.count(LineKind.NOT_UNDERSTOOD)
    understood = f"{missed:,} not understood" if missed else "all understood"
    told = f"{listed(counts) or 'no entity, no field'}{_elsewhere(entities)}"
    return Text(f"{plural(len(coverage.lines), 'line')}, {understood}: {told}")


def _elsewhere(entities: Sequence[Entity]) -> str:
    """Say how many of the entities are in another store than the relational one."""
    counts = Counter(entity.store for entity in entities if entity.store != Store.RELATIONAL)
    parts = [f"{plural(n, 'entity')} in {_STORES.get(store, store.value)}" for store, n in counts.items()]
    return f" ({', '.join(parts)})" if parts else ""


_STORES = {
    Store.MONGODB: "MongoDB",
    Store.DYNAMODB: "DynamoDB",
    Store.REDIS: "Redis",
    Store.FIRESTORE: "Firestore",
    Store.APPLICATION: "the application",
}


def built(build: "BuildResult") -> Text:
    """What stands now; what stands in for something else is named, and what could not be made."""
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
    text = Text(listed(counts) or "nothing: the document defines no table")
    if build.stubs:
        text.append(f" (stand-ins: {', '.join(build.stubs)})", "dim")
    if build.skipped:
        subjects = ", ".join(failure.step.subject for failure in build.skipped)
        text.append(f"; left out for want of an extension: {subjects}", "yellow")
    return text


def seeded(seeding: "Seeding") -> Text:
    """How many rows stand in how many tables, the document's own seed statements first."""
    own = f"{plural(seeding.own, 'statement')} of the document's own, " if seeding.own else ""
    filled = [n for n in seeding.rows.values() if n]
    text = Text(f"{own}{plural(sum(filled), 'generated row')} in {plural(len(filled), 'table')}")
    if seeding.problems:
        more = f" and {len(seeding.problems) - 1} more" if len(seeding.problems) > 1 else ""
        text.append(f"; not seeded: {seeding.problems[0]}{more}", "yellow")
    return text


def found(diagnostics: Sequence[Diagnostic]) -> Text:
    counts = Counter(d.severity for d in diagnostics)
    if not diagnostics:
        return Text("nothing that contradicts itself or cannot work", "green")
    words = ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note"))
    parts = [(plural(counts[s], word), snippet.STYLES[s]) for s, word in words if counts[s]]
    return Text(", ").join(Text(text, style) for text, style in parts)


def proved(evidence: Sequence[Evidence]) -> Text:
    counts = Counter(e.verdict for e in evidence)
    wanted = [v for v in Verdict if counts[v] or v in (Verdict.HOLDS, Verdict.BROKEN)]
    parts = [Text(f"{SIGNS[v]} {counts[v]:,} {v}", STYLES[v] if counts[v] else "dim") for v in wanted]
    return Text.assemble(f"{plural(len(evidence), 'claim')}: ", Text(", ").join(parts))


def by_chapter(evidence: Sequence[Evidence]) -> list[Text]:
    """The verdicts of each chapter, a cell each."""
    counts: dict[Chapter, Counter[Verdict]] = {}
    for item in evidence:
        counts.setdefault(item.claim.chapter, Counter())[item.verdict] += 1
    widest = max((len(c) for c in counts), default=0)
    return [_chapter(c, counts[c], widest) for c in Chapter if c in counts]


def _chapter(chapter: Chapter, counts: Counter[Verdict], width: int) -> Text:
    shown = [Text(f"{SIGNS[v]} {counts[v]}", STYLES[v]) for v in Verdict if counts[v]]
    return Text.assemble(f"{chapter:<{width}} ", Text("  ").join(shown))


def plural(number: int, noun: str) -> str:
    """`1 entity`, `2 entities`, `1,204 rows`."""
    if number == 1:
        return f"1 {noun}"
    many = {"entity": "entities", "index": "indexes", "policy": "policies"}.get(noun, f"{noun}s")
    return f"{number:,} {many}"


def listed(parts: Iterable[tuple[int, str]]) -> str:
    """`3 tables, 1 index`: what there is none of is left out."""
    return ", ".join(plural(n, noun) for n, noun in parts if n)
