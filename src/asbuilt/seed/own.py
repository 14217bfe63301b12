"""The document's own rows, given as objects: what they give is kept, what they must have besides is made."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.engines.base import Session
from asbuilt.engines.state import ColumnState, DatabaseState, TableState
from asbuilt.errors import ServerRefused
from asbuilt.model.chapters import SeedRow
from asbuilt.model.design import Design
from asbuilt.model.names import normal
from asbuilt.seed import sql
from asbuilt.seed.limits import Row
from asbuilt.seed.plan import order
from asbuilt.seed.recipe import Recipe, recipe
from asbuilt.seed.rows import Maker, Pools
from asbuilt.seed.singly import learn
from asbuilt.seed.standing import existing

_TRIES = 5


@dataclass(frozen=True, slots=True)
class OwnRow:
    """A row that the document gives. `values` are by column, as text; `line` is where it stands, `problems` what it lacks."""

    table: str
    values: tuple[tuple[str, str | None], ...]
    line: int
    problems: tuple[str, ...] = ()


def own_rows(design: Design, state: DatabaseState) -> tuple[OwnRow, ...]:
    """Return the rows that the document gives as objects, in an order in which they find what they point at."""
    found = [row for fact in design.of(SeedRow) for row in _row(design, state, fact)]
    recipes = {name: recipe(state, state.tables[name]) for name in {row.table for row in found if row.table}}
    places = {name: place for place, name in enumerate(order(recipes))}
    return tuple(sorted(found, key=lambda row: places.get(row.table, -1)))


def _row(design: Design, state: DatabaseState, fact: SeedRow) -> Iterator[OwnRow]:
    line = design.source.line_at(fact.span.start)
    entity = design.entity(fact.entity)
    qualified = f"{entity.schema}.{entity.name}" if entity and entity.schema else entity.name if entity else ""
    table = state.tables.get(qualified) or state.tables.get(entity.name if entity else "")
    if table is None:
        yield OwnRow("", (), line, (f"line {line}: there is no table for the rows of {fact.entity}",))
        return
    by_name = {normal(column.name): column for column in table.columns}
    known = [(by_name.get(normal(field)), field, value) for field, value in fact.values]
    values = tuple((column.name, _text(column, value)) for column, _, value in known if column is not None)
    problems = tuple(f"line {line}: {table.name} has no column {field}" for column, field, _ in known if column is None)
    yield OwnRow(table.name, values, line, problems)


def _text(column: ColumnState, value: str) -> str | None:
    """Return a value as PostgreSQL reads it: a list of JSON becomes an array where the column is one."""
    if value == "null" and column.is_nullable:
        return None
    if column.type.endswith("[]") and value.lstrip().startswith("["):
        try:
            return "{" + ",".join(json.dumps(str(v), ensure_ascii=False) for v in json.loads(value)) + "}"
        except ValueError:
            return value
    return value


def write_own(session: Session, state: DatabaseState, rows: tuple[OwnRow, ...], seed: int = 1) -> tuple[int, list[str]]:
    """Write the document's own rows; return how many stand, and what is wrong with the others."""
    written, problems = 0, [problem for row in rows for problem in row.problems]
    makers: dict[str, Maker] = {}
    for row in rows:
        if not row.table:
            continue
        if row.table not in makers:
            makers[row.table] = _maker(session, recipe(state, state.tables[row.table]), seed)
        refusal = _write(session, state.tables[row.table], makers[row.table], row)
        written += not refusal
        problems += [f"line {row.line}: {refusal}"] if refusal else []
    return written, problems


def _maker(session: Session, one: Recipe, seed: int) -> Maker:
    pools: Pools = {
        (key.target, key.target_columns): existing(session, key.target, key.target_columns) for key in one.keys
    }
    maker = Maker(one, seed, pools)
    learn(session, maker)
    return maker


def _write(session: Session, table: TableState, maker: Maker, own: OwnRow) -> str:
    """Write a row with no more than it must have, else with all that can be made; return why it is refused, if it is."""
    given = dict(own.values)
    refusal = ""
    for attempt in range(_TRIES):
        made = maker.draft(own.line, attempt) or {}
        needed = {name: value for name, value in made.items() if attempt or _must_be_written(table, name)}
        row = needed | given
        try:
            with session.transaction():
                session.execute(_insert(table, row))
        except ServerRefused as error:
            refusal = refusal or str(error)
        else:
            maker.take(row)
            return ""
    return refusal


def _must_be_written(table: TableState, name: str) -> bool:
    column = table.column(name)
    return column is not None and not column.is_nullable and column.default is None


def _insert(table: TableState, row: Row) -> str:
    statement = sql.insert(table.name, row, [row])
    is_overriding = any(column.identity == "always" and column.name in row for column in table.columns)
    return statement.replace(") VALUES (", ") OVERRIDING SYSTEM VALUE VALUES (", 1) if is_overriding else statement
