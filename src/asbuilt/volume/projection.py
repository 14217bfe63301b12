"""How many rows each table has at a time: as the document states it, from what there is now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp, log

from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.model.chapters import Volume
from asbuilt.model.design import Design
from asbuilt.model.names import normal
from asbuilt.text import Span

_FEW = 100
"""Rows of a table that the document does not count, where nothing that it points at is counted either."""

Points = tuple[tuple[float, int], ...]
"""Years from now with the rows there are then, in their order, the first of them now."""


@dataclass(frozen=True, slots=True)
class TableProjection:
    """The rows of a table in time. `growth` is the factor of a year after the last point, `like` the table it is assumed to grow with.

    `spans` are the places in the document that state it; none where it is assumed.
    """

    table: str
    points: Points
    growth: float = 1.0
    spans: tuple[Span, ...] = ()
    like: str = ""

    @property
    def now(self) -> int:
        return self.points[0][1]

    def rows(self, years: float) -> int:
        """Return the rows in so many years: between two points they grow by the same factor every day."""
        for (begin, fewer), (end, more) in pairwise(self.points):
            if years <= end:
                return _between(fewer, more, (years - begin) / (end - begin))
        last, count = self.points[-1]
        return round(count * float(self.growth ** max(years - last, 0)))


def _between(fewer: int, more: int, share: float) -> int:
    if min(fewer, more) <= 0:
        return round(fewer + (more - fewer) * share)
    return round(exp(log(fewer) + (log(more) - log(fewer)) * share))


def project(design: Design, state: DatabaseState, today: Mapping[str, int] | None = None) -> dict[str, TableProjection]:
    """Return the projection of every table that is nobody's partition; `today` are the rows of a live database.

    A table that the document does not count grows with the fastest of those that its keys point at.
    """
    tables = {name: table for name, table in state.tables.items() if table.partition_bound is None}
    stated = _stated(design, tables)
    found = {name: _projected(name, facts, today) for name, facts in stated.items()}
    left = [name for name in tables if name not in found]
    while ready := _ready(left, tables, found):
        found |= {name: _like(name, tables[name], found, today) for name in ready}
        left = [name for name in left if name not in found]
    return found | {name: TableProjection(name, ((0.0, (today or {}).get(name, _FEW)),)) for name in left}


def root_of(state: DatabaseState, name: str) -> str:
    """Return the table that a partition is a part of, at whatever depth; a table that is none is its own."""
    table = state.tables[name]
    while table.partition_bound is not None and table.parents and table.parents[0] in state.tables:
        table = state.tables[table.parents[0]]
    return table.name


def _ready(left: Sequence[str], tables: Mapping[str, TableState], found: Mapping[str, TableProjection]) -> list[str]:
    """Return the tables of which all that they point at is projected; where there is none, those of which something is."""
    open_ = {name: [t for t in _targets(tables[name]) if t in left] for name in left}
    some = [name for name in left if any(target in found for target in _targets(tables[name]))]
    return [name for name in some if not open_[name]] or some


def _stated(design: Design, tables: Mapping[str, TableState]) -> dict[str, list[Volume]]:
    """Return what the document states of each table, by the table's name."""
    known = {normal(name.rpartition(".")[2]): name for name in tables}
    found: dict[str, list[Volume]] = {}
    for fact in design.of(Volume):
        entity = design.entity(fact.entity)
        name = known.get(normal(entity.name if entity else fact.entity))
        if name is not None and (fact.rows is not None or fact.growth_per_year is not None):
            found.setdefault(name, []).append(fact)
    return found


def _projected(name: str, facts: Sequence[Volume], today: Mapping[str, int] | None) -> TableProjection:
    points = {fact.after_years: fact.rows for fact in facts if fact.rows is not None}
    growth = next((fact.growth_per_year for fact in facts if fact.growth_per_year), 1.0)
    first = min(points.items(), default=(0.0, _FEW))
    points.setdefault(0.0, round(first[1] / growth ** first[0]))
    if today is not None:
        points[0.0] = today.get(name, 0)
    ordered = tuple(sorted(points.items()))
    return TableProjection(name, _rising(ordered), _last_growth(ordered, growth), tuple(fact.span for fact in facts))


def _rising(points: Points) -> Points:
    """Return the points with never fewer rows than there are now already."""
    return tuple((years, max(rows, points[0][1])) for years, rows in points)


def _last_growth(points: Points, stated: float) -> float:
    """Return the factor of a year after the last point: as between the last two, or as stated where there is one."""
    if len(points) < 2:
        return stated
    (begin, fewer), (end, more) = points[-2:]
    return (more / fewer) ** (1 / (end - begin)) if min(fewer, more) > 0 else 1.0


def _targets(table: TableState) -> list[str]:
    keys = (c for c in table.constraints if c.kind == "foreign key" and c.target and c.target != table.name)
    return [key.target or "" for key in keys]


def _like(
    name: str, table: TableState, found: Mapping[str, TableProjection], today: Mapping[str, int] | None
) -> TableProjection:
    parents = [found[target] for target in _targets(table) if target in found]
    model = max(parents, key=lambda parent: (parent.rows(1) / max(parent.now, 1), parent.now))
    now = model.now if today is None else today.get(name, 0)
    share = now / max(model.now, 1)
    points = tuple((years, round(rows * share)) for years, rows in model.points)
    return TableProjection(name, points, model.growth, like=model.table)
