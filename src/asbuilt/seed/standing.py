"""What stands in a database already: how many rows, which keys."""

from collections.abc import Iterable, Sequence

from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.errors import ServerRefused
from asbuilt.seed import sql
from asbuilt.seed.kinds import fills_itself
from asbuilt.seed.parents import KeyRange, KeyValues
from asbuilt.seed.recipe import Recipe, Unique

MOST_KNOWN = 5000
_MOST_POOLED = 200_000


def count(session: Session, table: str) -> int:
    """Return how many rows a table has; none where they cannot be seen."""
    try:
        with session.attempt():
            return int(session.rows(f"SELECT count(*) FROM {sql.table_name(table)}")[0][0])
    except ServerRefused:
        return 0


def lacking(session: Session, state: DatabaseState, rows: int) -> dict[str, int]:
    """Return how many rows each table lacks to have `rows`: those that stand, the document's own for one, count."""
    return {name: max(0, rows - count(session, name)) for name in state.tables if rows}


def existing(session: Session, table: str, names: Sequence[str], most: int | None = MOST_KNOWN) -> list[KeyValues]:
    """Return the values of some columns that stand in a table, each combination once, without NULL."""
    listed = ", ".join(f"{sql.name(n)}::text" for n in names)
    order = ", ".join(str(i + 1) for i in range(len(names)))
    statement = f"SELECT DISTINCT {listed} FROM {sql.table_name(table)} ORDER BY {order} LIMIT {most or 'ALL'}"
    try:
        with session.attempt():
            return [row for row in session.rows(statement) if None not in row]
    except ServerRefused:
        return []


def keys(session: Session, table: str, names: Sequence[str], types: Sequence[str]) -> Sequence[KeyValues]:
    """Return the keys that stand in a table: as a range where they are one, of very many the first ones only."""
    if len(names) == 1 and types[0] in ("smallint", "integer", "bigint"):
        found = _range(session, table, names[0])
        if found is not None:
            return found
    return existing(session, table, names, _MOST_POOLED)


def _range(session: Session, table: str, name: str) -> KeyRange | None:
    column = sql.name(name)
    statement = f"SELECT min({column}), max({column}), count({column}) FROM {sql.table_name(table)}"
    try:
        with session.attempt():
            least, most, size = session.rows(statement)[0]
    except ServerRefused:
        return None
    return KeyRange(least, size) if size and most - least + 1 == size else None


def set_back(session: Session, table: TableState) -> None:
    """Let the sequences of a table go on after its last row: numbers that were given to rows since lost are given again."""
    for column in table.columns:
        if fills_itself(column) and column.generated is None:
            known, name = sql.literal(sql.table_name(table.name)), sql.literal(column.name)
            sequence = f"pg_get_serial_sequence({known}, {name})::regclass"
            most, start = f"max({sql.name(column.name)})", "min(seqstart)"
            session.execute(
                f"SELECT setval({sequence}, coalesce({most}, {start}), {most} IS NOT NULL) "
                f"FROM pg_sequence LEFT JOIN {sql.table_name(table.name)} ON true WHERE seqrelid = {sequence}"
            )


def taken(session: Session, recipe: Recipe, unique: Unique, values: Iterable[Sequence[str | None]]) -> set[int]:
    """Return the places of those values of a unique key that a row has already."""
    types = {column.name: column.type for column in recipe.columns}
    listed = ", ".join(f"({place}, {', '.join(map(sql.literal, row))})" for place, row in enumerate(values))
    names = ", ".join(f"v{number}" for number in range(len(unique.columns)))
    same = " AND ".join(
        _same(f"t.{sql.name(name)}", f"v{number}", types[name], is_folded=unique.counts_null)
        for number, name in enumerate(unique.columns)
    )
    inner = f"SELECT FROM {sql.table_name(recipe.name)} AS t WHERE {same}"
    statement = f"SELECT place FROM (VALUES {listed}) AS v (place, {names}) WHERE EXISTS ({inner})"
    with session.attempt():
        return {place for (place,) in session.rows(statement)}


def _same(column: str, value: str, type: str, *, is_folded: bool) -> str:
    if is_folded:
        return f"lower({column}::text) IS NOT DISTINCT FROM lower({value}::text)"
    return f"{column} = {value}::text::{type}"
