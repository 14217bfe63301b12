"""How many rows each table is to have: as a scenario of the document, a list, or a year of its volume table has it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from asbuilt.engines.state import DatabaseState
from asbuilt.errors import NothingToDo
from asbuilt.model.chapters import Scenario
from asbuilt.model.design import Design
from asbuilt.model.entities import Cardinality, RelationshipMention
from asbuilt.model.names import did_you_mean, normal
from asbuilt.reading.phrases.quantities import count
from asbuilt.volume.projection import project

SCENARIOS = {"empty": 0, "one": 1, "small": 100, "medium": 10_000, "large": 1_000_000}
"""Rows of the largest table, where the document does not say it."""
EDGE = "edge"
_FEWEST = 10
"""Rows of a table that is small beside the others, so that there is something to choose from."""
_NAMES = {
    "empty": r"\bempty|no data",
    "one": r"\bone\b|single",
    "small": r"small|minimal|basic",
    "medium": r"medium|typical|normal|moderate",
    "large": r"large|stress|load|huge|big",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """What was asked for: rows by table as they were named, or a scenario, or a year."""

    rows: Mapping[str, int] = field(default_factory=dict)
    scenario: str = ""
    year: float | None = None


def amounts(design: Design, state: DatabaseState, asked: Amount) -> dict[str, int]:
    """Return the rows that each table is to have in the end."""
    tables = [name for name, t in state.tables.items() if t.partition_bound is None and t.kind != "foreign table"]
    if asked.year is not None:
        projected = project(design, state)
        return {name: projected[name].rows(asked.year) for name in tables}
    if asked.scenario == EDGE:
        return dict.fromkeys(tables, 1)
    if asked.scenario:
        return _in_proportion(design, state, tables, rows_of(design, asked.scenario))
    return dict(_named(design, tables, name, rows) for name, rows in asked.rows.items())


def rows_of(design: Design, scenario: str) -> int:
    """Return the rows of a scenario: as the document states them under that name or a like one, else the usual."""
    pattern = re.compile(_NAMES[scenario], re.IGNORECASE)
    stated = [fact.rows for fact in design.of(Scenario) if fact.rows is not None and pattern.search(fact.name)]
    return stated[0] if stated else SCENARIOS[scenario]


def _in_proportion(design: Design, state: DatabaseState, tables: list[str], most: int) -> dict[str, int]:
    """Return `most` rows for the largest table and fewer for the others, as the volumes of the document relate them."""
    projected = project(design, state)
    if most <= 1 or not any(table.spans for table in projected.values()):
        return dict.fromkeys(tables, most)
    sizes = {name: projected[name].rows(1) for name in tables}
    largest = max(sizes.values(), default=1) or 1
    return {name: max(min(most, _FEWEST), round(most * size / largest)) for name, size in sizes.items()}


def _named(design: Design, tables: list[str], name: str, rows: int) -> tuple[str, int]:
    """Return the table of a name as a person writes it: of the table, or of the document's entity."""
    known = {normal(table): table for table in tables} | {normal(t.rpartition(".")[2]): t for t in tables}
    entity = design.entity(name)
    found = known.get(normal(name)) or (known.get(normal(entity.name)) if entity else None)
    if found is None:
        close = did_you_mean(name, tables)
        help = f"did you mean {close}?" if close else f"there are {', '.join(sorted(tables)) or 'no tables'}"
        raise NothingToDo(f"there is no table {name}", help=help)
    return found, rows


def never_without(design: Design, state: DatabaseState) -> frozenset[tuple[str, str]]:
    """Return the pairs of tables of which the document says that the second is never without one of the first (`||--|{`)."""
    known = {normal(name.rpartition(".")[2]): name for name in state.tables}
    found = set()
    for fact in design.of(RelationshipMention):
        for many, one, most in ((fact.left, fact.right, fact.left_count), (fact.right, fact.left, fact.right_count)):
            sides = [
                known.get(normal(entity.name if (entity := design.entity(name)) else name)) for name in (many, one)
            ]
            if most == Cardinality.ONE_OR_MORE and sides[0] and sides[1]:
                found.add((sides[0], sides[1]))
    return frozenset(found)


def listed(text: str) -> dict[str, int]:
    """Read `users=1M,orders=5k`; raise ValueError with the part that is none."""
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, sign, number = (piece.strip() for piece in part.partition("="))
        rows = int(number) if number.isascii() and number.isdigit() else count(number)
        if not name or not sign or rows is None:
            raise ValueError(part)
        found[name] = rows
    return found
