"""The entities and their foreign keys, drawn as SVG: parents left of their children, in columns.

Columns come from the longest path of foreign keys (cycles cut where they close); the order within a column from the
barycentre of the neighbours, swept back and forth (Sugiyama, Tagawa, Toda 1981, section 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from asbuilt.model.design import Design, Entity
from asbuilt.model.names import normal

_ROW, _HEAD, _GAP_X, _GAP_Y, _CHAR, _PAD = 18, 26, 84, 22, 7.2, 12
_MOST_FIELDS = 9
_MOST_BOXES_WITH_FIELDS = 60
_SWEEPS = 6


@dataclass(frozen=True, slots=True)
class _Box:
    entity: Entity
    x: float
    y: float
    width: float
    height: float
    lines: tuple[tuple[str, str], ...]


def render(design: Design, worst: Mapping[str, str], lines: Mapping[str, int]) -> str:
    """Return an `<svg>`, or "" where there is no table.

    `worst` gives the verdict to colour an entity by, `lines` the line of the document that its box leads to.
    """
    entities = tuple(design.tables())
    if not entities:
        return ""
    edges = _edges(design, entities)
    columns = _ordered(_columns(entities, edges), edges)
    boxes = _placed(columns, with_fields=len(entities) <= _MOST_BOXES_WITH_FIELDS)
    width = max(b.x + b.width for b in boxes.values()) + _GAP_X / 2
    height = max(b.y + b.height for b in boxes.values()) + _PAD
    paths = "".join(_path(boxes[parent], boxes[child]) for parent, child in edges)
    drawn = "".join(_drawn(box, worst.get(name, ""), lines[name]) for name, box in boxes.items())
    return (
        f'<svg class="diagram" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
        f'aria-label="Entity relationship diagram">{_MARKERS}{paths}{drawn}</svg>'
    )


_MARKERS = (
    '<defs><marker id="many" viewBox="0 0 12 12" refX="11" refY="6" markerWidth="11" markerHeight="11" orient="auto">'
    '<path d="M1 6L11 1M1 6L11 11M1 6L11 6" class="mark"/></marker>'
    '<marker id="one" viewBox="0 0 12 12" refX="3" refY="6" markerWidth="11" markerHeight="11" orient="auto">'
    '<path d="M7 1L7 11" class="mark"/></marker></defs>'
)


def _edges(design: Design, entities: tuple[Entity, ...]) -> list[tuple[str, str]]:
    """Return (parent, child) for every foreign key between drawn entities, each pair once."""
    drawn = {e.name for e in entities}
    found: dict[tuple[str, str], None] = {}
    for child in entities:
        targets = [k.target for k in child.foreign_keys]
        targets += [f.references.value.entity for f in child.fields if f.references]
        for target in targets:
            parent = design.entity(target)
            if parent and parent.name in drawn:
                found[parent.name, child.name] = None
    return list(found)


def _columns(entities: tuple[Entity, ...], edges: list[tuple[str, str]]) -> list[list[Entity]]:
    parents: dict[str, list[str]] = {}
    for parent, child in edges:
        if parent != child:
            parents.setdefault(child, []).append(parent)
    ranks: dict[str, int] = {}
    for entity in entities:
        _rank(entity.name, parents, ranks)
    columns: list[list[Entity]] = [[] for _ in range(max(ranks.values()) + 1)]
    for entity in entities:
        columns[ranks[entity.name]].append(entity)
    return columns


def _rank(name: str, parents: Mapping[str, list[str]], ranks: dict[str, int]) -> None:
    """Set the rank of `name` and of all above it: one more than its parents' highest; an open cycle counts as none."""
    open_names: set[str] = set()
    stack = [name]
    while stack:
        top = stack[-1]
        if top in ranks:
            stack.pop()
            continue
        open_names.add(top)
        waiting = [p for p in parents.get(top, ()) if p not in ranks and p not in open_names]
        if waiting:
            stack += waiting
            continue
        ranks[top] = 1 + max((ranks.get(p, -1) for p in parents.get(top, ())), default=-1)
        stack.pop()


def _ordered(columns: list[list[Entity]], edges: list[tuple[str, str]]) -> list[list[Entity]]:
    near: dict[str, list[str]] = {}
    for parent, child in edges:
        near.setdefault(parent, []).append(child)
        near.setdefault(child, []).append(parent)
    at = {e.name: n / max(1, len(c)) for c in columns for n, e in enumerate(c)}
    for sweep in range(_SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            column.sort(key=lambda e: _mean([at[n] for n in near.get(e.name, ())], at[e.name]))
            at |= {e.name: n / max(1, len(column)) for n, e in enumerate(column)}
    return columns


def _mean(values: list[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _placed(columns: list[list[Entity]], *, with_fields: bool) -> dict[str, _Box]:
    lines = {e.name: _lines(e) if with_fields else () for c in columns for e in c}
    heights = [sum(_HEAD + _ROW * len(lines[e.name]) + _GAP_Y for e in c) for c in columns]
    tallest = max(heights)
    boxes: dict[str, _Box] = {}
    x = float(_PAD)
    for column, height in zip(columns, heights, strict=True):
        width = max(_width(e, lines[e.name]) for e in column)
        y = _PAD + (tallest - height) / 2
        for entity in column:
            tall = _HEAD + _ROW * len(lines[entity.name])
            boxes[entity.name] = _Box(entity, x, y, width, tall, lines[entity.name])
            y += tall + _GAP_Y
        x += width + _GAP_X
    return boxes


def _lines(entity: Entity) -> tuple[tuple[str, str], ...]:
    """The fields worth showing: keys first, as they stand, then the rest until the box is full."""
    keys = [f for f in entity.fields if f.is_primary or f.references or f.is_unique]
    rest = [f for f in entity.fields if f not in keys]
    chosen = [*keys, *rest][:_MOST_FIELDS]
    shown = [
        (f.name, _key(entity, f.name) or (f.type.value.raw.lower() if f.type else ""))
        for f in entity.fields
        if f in chosen
    ]
    more = len(entity.fields) - len(chosen)
    return (*shown, *([(f"… {more} more", "")] if more > 0 else []))


def _key(entity: Entity, name: str) -> str:
    field = entity.field(name)
    foreign = {normal(c) for k in entity.foreign_keys for c in k.columns}
    is_foreign = bool(field and field.references) or normal(name) in foreign
    marks = [m for m, is_so in (("PK", bool(field and field.is_primary)), ("FK", is_foreign)) if is_so]
    if not marks and field and field.is_unique:
        marks = ["UK"]
    return " ".join(marks)


def _width(entity: Entity, lines: tuple[tuple[str, str], ...]) -> float:
    longest = max([len(entity.name) + 3, *(len(name) + len(kind[:16]) + 3 for name, kind in lines)])
    return longest * _CHAR + 2 * _PAD


def _path(parent: _Box, child: _Box) -> str:
    y1, y2 = parent.y + _HEAD / 2, child.y + _HEAD / 2
    if child is parent:
        right = parent.x + parent.width
        y1, y2 = parent.y + _HEAD / 2 + 6, parent.y + parent.height - 8
        shape = f"M{right:.0f} {y1:.0f}C{right + 40:.0f} {y1:.0f} {right + 40:.0f} {y2:.0f} {right:.0f} {y2:.0f}"
    elif child.x > parent.x:
        x1, x2 = parent.x + parent.width, child.x
        bend = max(30.0, (x2 - x1) / 2)
        shape = f"M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    else:
        x1, x2 = parent.x + parent.width, child.x + child.width
        out = max(x1, x2) + 40
        shape = f"M{x1:.0f} {y1:.0f}C{out:.0f} {y1:.0f} {out:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"
    title = f"<title>{escape(child.entity.name)} → {escape(parent.entity.name)}</title>"
    return f'<path class="edge" d="{shape}" marker-start="url(#one)" marker-end="url(#many)">{title}</path>'


def _drawn(box: _Box, verdict: str, line: int) -> str:
    text_x, right = box.x + _PAD, box.x + box.width - _PAD
    rows = "".join(
        f'<text x="{text_x:.0f}" y="{box.y + _HEAD + _ROW * n + 13:.0f}">{escape(name)}</text>'
        f'<text class="kind" x="{right:.0f}" y="{box.y + _HEAD + _ROW * n + 13:.0f}">{escape(kind[:16])}</text>'
        for n, (name, kind) in enumerate(box.lines)
    )
    return (
        f'<a class="box {verdict}" href="#L{line}" aria-label="{escape(box.entity.name)}, line {line}">'
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{box.height:.0f}" rx="5"/>'
        f'<path class="rule" d="M{box.x:.0f} {box.y + _HEAD - 3:.0f}h{box.width:.0f}"/>'
        f'<text class="name" x="{text_x:.0f}" y="{box.y + 16:.0f}">{escape(box.entity.name)}</text>'
        f'<circle cx="{right:.0f}" cy="{box.y + 12:.0f}" r="4"/>{rows}</a>'
    )
