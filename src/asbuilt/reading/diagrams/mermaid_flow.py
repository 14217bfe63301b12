"""Mermaid's `graph` and `flowchart`: components, what groups them, and what feeds what."""

import re
from dataclasses import dataclass, field

from msgspec import Struct

from asbuilt.document.blocks import Block
from asbuilt.model.chapters import Component, Feed
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.diagrams.component_kinds import kind_named
from asbuilt.reading.diagrams.mermaid_text import Diagram, diagram_of
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_ID = re.compile(r"\s*(?P<id>\w[\w.]*(?:-(?![-.>])[\w.]+)*)")
_SHAPES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(rf'{opening}(?P<text>\s*"[^"\n]*"\s*|[^\n]*?){closing}'), kind)
    for opening, closing, kind in (
        (r"\[\(", r"\)\]", "database"),
        (r"\(\(\(", r"\)\)\)", ""),
        (r"\(\(", r"\)\)", ""),
        (r"\(\[", r"\]\)", ""),
        (r"\[\[", r"\]\]", ""),
        (r"\[[/\\]", r"[/\\]\]", ""),
        (r"\{\{", r"\}\}", ""),
        (r"\[", r"\]", ""),
        (r"\(", r"\)", ""),
        (r"\{", r"\}", ""),
        (r">", r"\]", ""),
    )
)
_TYPED = re.compile(r"@\{(?P<attributes>[^}\n]*)\}")
_ATTRIBUTE = re.compile(r"\b(?P<key>shape|label)\s*:\s*(?P<value>\"[^\"]*\"|[\w-]+)")
_STYLE = re.compile(r":::[\w-]+")
_LINK = re.compile(
    r"\s*(?:(?P<back><)|(?<=\s)[xo](?=[-=]))?(?:\w+@)?(?:-{2,}[>xo](?!\w)|-{2,}>|-{3,}|-\.+-[>xo]?|={2,}[>xo]|={3,}|(?P<hidden>~{3,})"
    r"|--(?P<solid>[^\n>-][^\n]*?)-{2,}[>xo]?|-\.(?P<dotted>[^\n.-][^\n]*?)\.+-[>xo]?|==(?P<thick>[^\n>=][^\n]*?)={2,}[>xo]?)"
)
_LINK_TEXT = re.compile(r"\s*\|(?P<text>[^|\n]*)\|")
_GROUP = re.compile(r"\s*subgraph(?:\s+(?P<id>[^\[\n]+))?(?:\[(?P<title>[^\]\n]*)\])?")


@dataclass(slots=True)
class _Chart:
    """What has been read of a chart; `groups` are the open subgraphs, `shaped` the nodes whose label is known."""

    components: dict[str, Component] = field(default_factory=dict)
    shaped: set[str] = field(default_factory=set)
    feeds: list[Feed] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    group_ids: set[str] = field(default_factory=set)
    unread: list[Span] = field(default_factory=list)


class _Link(Struct, frozen=True):
    label: str
    is_back: bool
    is_hidden: bool


def read_mermaid_flow(block: Block, context: Context) -> Reading | None:
    """Read the boxes and arrows of a `graph` or `flowchart`; a line that is neither is left unread.

    Example: `API --> DB[(PostgreSQL)]` is a component, a database and what feeds it.
    """
    diagram = diagram_of(block)
    if diagram is None or not diagram.kind.startswith(("graph", "flowchart")):
        return None
    chart = _Chart()
    for line in _statements(diagram):
        _read_line(chart, line)
    nodes = [c for name, c in chart.components.items() if name in chart.shaped or name not in chart.group_ids]
    facts: list[Fact] = sorted([*nodes, *chart.feeds], key=lambda fact: fact.span)
    return Reading(tuple(facts), diagram.prose, tuple(chart.unread))


def read_mermaid_prose(block: Block, context: Context) -> Reading | None:
    """Take diagrams that state nothing of data for prose: sequences, states, time charts.

    Example: a `sequenceDiagram` is neither read nor reported.
    """
    diagram = diagram_of(block)
    if diagram is None or diagram.kind.startswith(("erDiagram", "graph", "flowchart", "classDiagram")):
        return None
    return Reading(prose=(block.span,))


def _statements(diagram: Diagram) -> list[Excerpt]:
    """Return the statements of a chart: its lines, cut at `;` outside quotes, without the direction behind `graph`."""
    found: list[Excerpt] = []
    for line in diagram.lines:
        cuts = [m.start() for m in re.finditer(r'"[^"]*"|;', line.text) if m.group() == ";"]
        starts = [0, *(cut + 1 for cut in cuts)]
        pieces = (line.cut(a, b).strip() for a, b in zip(starts, [*cuts, len(line.text)], strict=True))
        found += [p for p in pieces if p.text and p.text not in ("TB", "TD", "BT", "RL", "LR", ">", "<", "^", "v")]
    return found


def _read_line(chart: _Chart, line: Excerpt) -> None:
    if line.text == "end":
        if chart.groups:
            chart.groups.pop()
    elif group := re.match(r"subgraph\b", line.text) and _GROUP.match(line.text):
        name = (group["id"] or "").strip().strip('"')
        chart.group_ids.add(name)
        chart.groups.append(_clean(group["title"] or name))
    elif not _read_chain(chart, line):
        chart.unread.append(line.span())


def _read_chain(chart: _Chart, line: Excerpt) -> bool:
    """Read `A --> B & C --> D`; False where the line is none. What stands before a fault counts."""
    found = _nodes_at(chart, line, 0)
    while found is not None:
        origins, at = found
        if not line.text[at:].strip():
            return True
        link = _link_at(line, at)
        found = _nodes_at(chart, line, link[1]) if link else None
        if link and found and not link[0].is_hidden:
            _feed(chart, line, origins, found[0], link[0])
    return False


def _feed(chart: _Chart, line: Excerpt, origins: list["_Node"], targets: list["_Node"], link: _Link) -> None:
    for origin in origins:
        for target in targets:
            span = Span(origin.span.start, target.span.end)
            chart.feeds.append(Feed(span=span, form=Form.DIAGRAM, origin=origin.id, target=target.id, label=link.label))
            if link.is_back:
                chart.feeds.append(
                    Feed(span=span, form=Form.DIAGRAM, origin=target.id, target=origin.id, label=link.label)
                )


class _Node(Struct, frozen=True):
    id: str
    span: Span


def _nodes_at(chart: _Chart, line: Excerpt, at: int) -> tuple[list[_Node], int] | None:
    """Read `A & B` at an offset; return the nodes and where they end."""
    nodes: list[_Node] = []
    while (found := _node_at(chart, line, at)) is not None:
        node, at = found
        nodes.append(node)
        joined = re.compile(r"\s*&").match(line.text, at)
        if joined is None:
            return nodes, at
        at = joined.end()
    return None


def _node_at(chart: _Chart, line: Excerpt, at: int) -> tuple[_Node, int] | None:
    match = _ID.match(line.text, at)
    if match is None:
        return None
    name, label, kind = match["id"], None, ""
    end = match.end()
    if typed := _TYPED.match(line.text, end):
        attributes = {m["key"]: m["value"].strip('"') for m in _ATTRIBUTE.finditer(typed["attributes"])}
        label, end = attributes.get("label", name), typed.end()
        kind = "database" if attributes.get("shape") in ("cyl", "db", "database", "cylinder", "lin-cyl") else ""
    elif shape := next((s for p, k in _SHAPES if (s := _shaped(p, k, line.text, end))), None):
        label, kind, end = shape
    span = line.span(match.start("id"), end)
    _add(chart, name, label, kind, span)
    style = _STYLE.match(line.text, end)
    return _Node(name, span), style.end() if style else end


def _shaped(pattern: re.Pattern[str], kind: str, text: str, at: int) -> tuple[str, str, int] | None:
    match = pattern.match(text, at)
    return (match["text"], kind, match.end()) if match else None


def _add(chart: _Chart, name: str, label: str | None, kind: str, span: Span) -> None:
    """Keep a component where it is first drawn; a later mention with a label says more than one without."""
    if name in chart.shaped or (name in chart.components and label is None):
        return
    shown = name if label is None else _clean(label)
    group = chart.groups[-1] if chart.groups else ""
    if name in chart.components:
        group = group or chart.components[name].group
    chart.components[name] = Component(
        span=span, form=Form.DIAGRAM, id=name, label=shown, kind=kind_named(shown) or kind, group=group
    )
    if label is not None:
        chart.shaped.add(name)


def _link_at(line: Excerpt, at: int) -> tuple[_Link, int] | None:
    match = _LINK.match(line.text, at)
    if match is None:
        return None
    label = match["solid"] or match["dotted"] or match["thick"] or ""
    end = match.end()
    if text := _LINK_TEXT.match(line.text, end):
        label, end = text["text"], text.end()
    return _Link(_clean(label), bool(match["back"]), bool(match["hidden"])), end


def _clean(label: str) -> str:
    """Return a label's text without quotes, tags and line breaks."""
    return " ".join(re.sub(r"<[^<>]*>|\\n", " ", label.strip().strip('"`')).split())
