"""The report: one page that needs nothing else, the document as written with its evidence in the margin."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING

from asbuilt.diagnostics import Diagnostic
from asbuilt.document.blocks import Document, Fence, FrontMatter, Table, Title
from asbuilt.evidence import Chapter, Evidence, Verdict
from asbuilt.model.design import Design
from asbuilt.report import diagram
from asbuilt.report.grouping import grouped
from asbuilt.report.numbers import SIGNS, plural
from asbuilt.text import Source

if TYPE_CHECKING:
    from asbuilt.verify import Run

# The worst first: what a line or an entity is coloured by.
ORDER = (Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HOLDS, Verdict.STATED)
_MOST_SHOWN = 400
_MOST_NOTES = 4


def render(document: Document, design: Design, diagnostics: Sequence[Diagnostic], run: "Run") -> str:
    """Return the page. Everything from the document or the database is escaped; nothing is loaded from elsewhere."""
    source, told = document.source, grouped(diagnostics)
    assets = files("asbuilt.report") / "assets"
    title = escape(source.path)
    return "\n".join(
        (
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title} – as built</title>",
            f"<style>{(assets / 'page.css').read_text(encoding='utf-8')}</style></head><body>",
            *_header(title, run, len(diagnostics)),
            "<main>",
            _bar(run.evidence),
            *_drawing(design, run.evidence),
            *_findings(told, source),
            "<h2>The document as written</h2>",
            '<div class="doc">',
            *_lines(document, told, run.evidence),
            "</div></main>",
            f"<footer>{escape(run.server)}</footer>",
            f"<script>{(assets / 'page.js').read_text(encoding='utf-8')}</script>",
            "</body></html>",
            "",
        )
    )


def _header(title: str, run: "Run", findings: int) -> Iterator[str]:
    counts = Counter(e.verdict for e in run.evidence)
    taken = run.started.strftime("%Y-%m-%d %H:%M:%S UTC")
    yield f"<header><h1>{title}</h1>"
    found = (
        f'<a href="#findings">{plural(findings, "finding")}</a> in the document'
        if findings
        else "no findings in the document"
    )
    yield f'<p class="meta">{plural(len(run.evidence), "claim")}, checked on {taken} against {escape(run.server)}; {found}</p>'
    yield from _notes(run.notes)
    yield '<div class="totals" role="group" aria-label="Verdicts">'
    for verdict in (Verdict.HOLDS, Verdict.BROKEN, Verdict.UNKNOWN, Verdict.STATED):
        yield (
            f'<button class="total {verdict}" data-verdict="{verdict}" aria-pressed="true">'
            f"<b>{counts[verdict]:,}</b>{SIGNS[verdict]} {verdict}</button>"
        )
    yield "</div></header>"


def _notes(notes: Sequence[str]) -> Iterator[str]:
    """Yield the notes of a run; where there are many, folded behind their number and the first of them."""
    lines = [f'<p class="meta note">{escape(note)}</p>' for note in notes]
    if len(lines) <= _MOST_NOTES:
        yield from lines
        return
    yield f'<details class="notes"><summary class="meta note">{plural(len(notes), "note")}: {escape(notes[0])}, …</summary>'
    yield from lines
    yield "</details>"


def _bar(evidence: Iterable[Evidence]) -> str:
    items = list(evidence)
    used = Counter(e.claim.chapter for e in items)
    options = "".join(f'<option value="{c}">{c} ({used[c]})</option>' for c in Chapter if c in used)
    is_open = any(e.verdict in (Verdict.BROKEN, Verdict.UNKNOWN) for e in items)
    jump = '<button id="next" type="button">next broken or unknown</button>' if is_open else ""
    return (
        '<div class="bar"><label for="chapter">Chapter</label>'
        f'<select id="chapter"><option value="">all</option>{options}</select>'
        f'{jump}<span id="shown" class="none" role="status"></span></div>'
    )


def _drawing(design: Design, evidence: Iterable[Evidence]) -> Iterator[str]:
    verdicts: dict[str, set[Verdict]] = defaultdict(set)
    names = {f"{e.schema}.{e.name}": e.name for e in design.tables() if e.schema}
    for item in evidence:
        verdicts[_entity(item, names)].add(item.verdict)
    lines = {e.name: design.source.line_at(e.span.start) for e in design.tables()}
    drawn = diagram.render(design, {name: worst(found) for name, found in verdicts.items()}, lines)
    if drawn:
        yield f'<h2>Entities</h2><div class="frame">{drawn}</div>'


def _entity(evidence: Evidence, names: Mapping[str, str]) -> str:
    """Return the entity that a claim is about: the table that its subject begins with, its schema left out."""
    first, *rest = evidence.claim.subject.split(".")
    return names.get(".".join([first, *rest[:1]]), first)


def _findings(diagnostics: Sequence[Diagnostic], source: Source) -> Iterator[str]:
    yield '<h2 id="findings">Findings</h2>'
    if not diagnostics:
        yield '<p class="none">Nothing in the document contradicts itself or cannot work.</p>'
        return
    yield '<ol class="findings">'
    yield from (_finding(n, d, source) for n, d in enumerate(diagnostics[:_MOST_SHOWN], 1))
    yield "</ol>"
    if len(diagnostics) > _MOST_SHOWN:
        yield f'<p class="none">… and {len(diagnostics) - _MOST_SHOWN} more; `asbuilt check` lists them all.</p>'


def _finding(number: int, diagnostic: Diagnostic, source: Source) -> str:
    places = ", ".join(
        f'<a href="#L{line}">line {line}</a>' + (f" ({_with_codes(label.text)})" if label.text else "")
        for label in diagnostic.labels
        for line in [source.line_at(label.span.start)]
    )
    help = f" · help: {_with_codes(diagnostic.help)}" if diagnostic.help else ""
    return (
        f'<li class="finding {diagnostic.severity}" id="F{number}"><b>{diagnostic.severity}</b> <code>{escape(diagnostic.code)}</code> '
        f"{_with_codes(diagnostic.message)}<small>{places}{help}</small></li>"
    )


def _with_codes(text: str) -> str:
    """Show what stands in backticks as code."""
    pieces = escape(text).split("`")
    if len(pieces) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{piece}</code>" if n % 2 else piece for n, piece in enumerate(pieces))


def _lines(document: Document, diagnostics: Sequence[Diagnostic], evidence: Iterable[Evidence]) -> Iterator[str]:
    source = document.source
    kinds = _kinds(document)
    flags: dict[int, str] = {}
    for number, diagnostic in list(enumerate(diagnostics, 1))[_MOST_SHOWN - 1 :: -1]:
        flags |= {source.line_at(label.span.start): _flag(number, diagnostic) for label in diagnostic.labels}
    by_line: dict[int, list[Evidence]] = defaultdict(list)
    for item in evidence:
        for line in {source.line_at(span.start) for span in item.claim.spans}:
            by_line[line].append(item)
    for line in range(1, source.line_count + 1):
        text = source[source.line_span(line)]
        yield _line(line, text, f"row {kinds.get(line, '')}".rstrip(), flags.get(line, ""), by_line.get(line, []))


def _flag(number: int, diagnostic: Diagnostic) -> str:
    """The sign beside a line that a finding speaks of; it leads to the finding."""
    title = escape(f"{diagnostic.severity}: {diagnostic.message}")
    return f'<a class="flag {diagnostic.severity}" href="#F{number}" title="{title}" aria-label="{title}">!</a>'


def _line(number: int, text: str, classes: str, flag: str, evidence: list[Evidence]) -> str:
    shown = escape(text.replace("\x00", "\N{REPLACEMENT CHARACTER}")) or "&#8203;"
    link = f'<a class="no" href="#L{number}">{number}</a>'
    if not evidence:
        return f'<div class="{classes}" id="L{number}">{link}<span class="mark">{flag}</span><span class="text">{shown}</span></div>'
    verdict = worst({e.verdict for e in evidence})
    counts = Counter(e.verdict for e in evidence)
    title = f"line {number}: " + ", ".join(f"{counts[v]} {v}" for v in ORDER if counts[v])
    chip = (
        f'<button class="chip {verdict}" aria-expanded="false" aria-controls="E{number}" title="{title}" '
        f'aria-label="{title}">{SIGNS[verdict]} {counts[verdict]}</button>'
    )
    proofs = "".join(_evidence(e) for e in sorted(evidence, key=lambda e: ORDER.index(e.verdict)))
    return (
        f'<div class="{classes}" id="L{number}" data-claims="{len(evidence)}">{link}<span class="mark">{flag}{chip}</span>'
        f'<span class="text">{shown}</span><div class="more" id="E{number}" hidden>{proofs}</div></div>'
    )


def _evidence(evidence: Evidence) -> str:
    claim = evidence.claim
    parts = [
        ("expected", escape(claim.expected)),
        ("observed", escape(evidence.observed)),
        ("because", escape(evidence.reason)),
        ("rows", escape("\n".join(evidence.rows))),
        ("statement", f"<pre>{escape(evidence.statement)}</pre>" if evidence.statement else ""),
        ("reproduce", f"<code>{escape(evidence.reproduce)}</code>" if evidence.reproduce else ""),
    ]
    shown = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in parts if value)
    kind = claim.kind.replace("_", " ")
    return (
        f'<div class="evidence {evidence.verdict}" data-chapter="{claim.chapter}" data-verdict="{evidence.verdict}">'
        f"<b>{evidence.verdict}</b> · {escape(kind)} · <code>{escape(claim.subject)}</code><dl>{shown}</dl></div>"
    )


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that counts where several meet."""
    return min(verdicts, key=ORDER.index)


def _kinds(document: Document) -> dict[int, str]:
    """Return how each line is set: as code, as a table's row, as a heading; others are prose."""
    source = document.source
    kinds: dict[int, str] = {}
    for block in document.walk():
        kind = "code" if isinstance(block, Fence | FrontMatter) else "table" if isinstance(block, Table) else ""
        kind = "heading" if isinstance(block, Title) else kind
        if kind:
            kinds |= dict.fromkeys(source.lines_of(block.span), kind)
    return kinds
