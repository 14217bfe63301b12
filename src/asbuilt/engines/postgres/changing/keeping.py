"""What a plan would destroy, kept aside first in a schema of the plan's own, and put back from there."""

from dataclasses import dataclass

from asbuilt.engines.changes import Aside
from asbuilt.engines.postgres.changing.converting import there_and_back
from asbuilt.engines.postgres.quoting import columns, identifier, relation
from asbuilt.engines.state import ColumnState, ConstraintState, TableState


@dataclass(frozen=True, slots=True)
class Kept:
    """The statements that keep something aside, and those that put it back; `asides` say what lies where meanwhile."""

    keep: tuple[str, ...]
    restore: tuple[str, ...]
    asides: tuple[Aside, ...] = ()


def make_schema(kept: str) -> str:
    return f"CREATE SCHEMA IF NOT EXISTS {identifier(kept)}"


def kept_name(table: str, what: str = "") -> str:
    """Return the name that something of a table has in the schema that keeps it."""
    words = table.replace(".", "_") + (f"__{what}" if what else "")
    return words[:63]


def key(table: TableState) -> tuple[str, ...]:
    """Return the columns that tell the rows of a table apart; empty where nothing does."""
    keys = [c for c in table.constraints if c.kind == "primary key"]
    uniques = [c for c in table.constraints if c.kind == "unique" and _is_sure(c, table)]
    return (keys or uniques)[0].columns if keys or uniques else ()


def _is_sure(constraint: ConstraintState, table: TableState) -> bool:
    found = [table.column(name) for name in constraint.columns]
    return not constraint.is_deferrable and all(column and not column.is_nullable for column in found)


def column(table: TableState, column: ColumnState, kept: str, steady: tuple[str, ...]) -> Kept:
    """Return how a column's values are kept: beside the row's key; without one, beside all else that stays in the row."""
    place = f"{identifier(kept)}.{identifier(kept_name(table.name, column.name))}"
    name = identifier(column.name)
    by = key(table)
    if by and set(by) <= set(steady):
        keep = f"CREATE TABLE {place} AS SELECT {columns(by)}, {name} FROM {relation(table.name)}"
        match = " AND ".join(f"kept.{identifier(c)} = live.{identifier(c)}" for c in by)
        restore = f"UPDATE {relation(table.name)} AS live SET {name} = kept.{name} FROM {place} AS kept WHERE {match}"
    else:
        keep = f"CREATE TABLE {place} AS SELECT * FROM {relation(table.name)}"
        restore = _by_all_else(table, column, place, steady)
    aside = Aside(kept_name(table.name, column.name), f"the values of {table.name}.{column.name}")
    return Kept((make_schema(kept), f"DROP TABLE IF EXISTS {place}", keep), (restore, f"DROP TABLE {place}"), (aside,))


def _by_all_else(table: TableState, column: ColumnState, place: str, steady: tuple[str, ...], more: str = "") -> str:
    """Return the statement that gives the values back by all other columns; equal rows take theirs in any order."""
    others = [f"{{row}}.{identifier(name)}::text" for name in steady]
    name = identifier(column.name)

    def numbered(row: str) -> str:
        whole = f"ROW({', '.join(others).format(row=row)})" if others else "1"
        return f"{whole} AS whole, row_number() OVER (PARTITION BY {whole}) AS number"

    live = f"SELECT live.ctid AS place, live.tableoid AS home, {numbered('live')} FROM {relation(table.name)} AS live"
    kept = f"SELECT kept.{name} AS value{more}, {numbered('kept')} FROM {place} AS kept"
    return (
        f"UPDATE {relation(table.name)} AS target SET {name} = old.value FROM ({live}) AS now, ({kept}) AS old "
        "WHERE target.ctid = now.place AND target.tableoid = now.home AND now.whole = old.whole AND now.number = old.number"
    )


def old_values(table: TableState, before: ColumnState, after: ColumnState, kept: str, steady: tuple[str, ...]) -> Kept:
    """Return how the values that a conversion changes are kept, and given back to rows not written since."""
    place = f"{identifier(kept)}.{identifier(kept_name(table.name, before.name))}"
    name, by = identifier(before.name), key(table)
    turned = there_and_back(before.name, before.type, after.type)
    if by and set(by) <= set(steady):
        keep = (
            f"CREATE TABLE {place} AS SELECT {columns(by)}, {name}, {turned} AS asbuilt_turned "
            f"FROM {relation(table.name)} WHERE ({turned})::text IS DISTINCT FROM {name}::text"
        )
        match = " AND ".join(f"kept.{identifier(c)} = live.{identifier(c)}" for c in by)
        restore = (
            f"UPDATE {relation(table.name)} AS live SET {name} = kept.{name} FROM {place} AS kept "
            f"WHERE {match} AND live.{name}::text IS NOT DISTINCT FROM kept.asbuilt_turned::text"
        )
    else:
        keep = f"CREATE TABLE {place} AS SELECT *, {turned} AS asbuilt_turned FROM {relation(table.name)}"
        unchanged = f"target.{name}::text IS NOT DISTINCT FROM old.turned::text"
        restore = f"{_by_all_else(table, before, place, steady, ', kept.asbuilt_turned AS turned')} AND {unchanged}"
    aside = Aside(kept_name(table.name, before.name), f"the values of {table.name}.{before.name} as {before.type}")
    return Kept((make_schema(kept), f"DROP TABLE IF EXISTS {place}", keep), (restore, f"DROP TABLE {place}"), (aside,))


def rows_written_down(table: str, name: str, kept: str, condition: str = "") -> tuple[str, ...]:
    """Return what writes down whole rows that a way back takes away; what an earlier one wrote down stays."""
    return _written_down(table, kept, name, "*", condition)


def written_since(table: str, by: tuple[str, ...], column: str, lost: str, kept: str) -> tuple[str, ...]:
    """Return what writes down, on a way back, the values of a column for which `lost` holds: `12.34` that becomes `12` there.

    Each goes beside its row's key; without one, beside all that is in the row.
    """
    row = f"{columns(by) if by else '*'}, {identifier(column)} AS written"
    return _written_down(table, kept, kept_name(table, f"{column}__written_since"), row, f" WHERE {lost}")


def _written_down(table: str, kept: str, name: str, row: str, condition: str) -> tuple[str, ...]:
    place = f"{identifier(kept)}.{identifier(name)}"
    rows = f"SELECT {row}, now() AS taken_back_at FROM {relation(table)}"
    return (
        make_schema(kept),
        f"CREATE TABLE IF NOT EXISTS {place} AS {rows} WITH NO DATA",
        f"INSERT INTO {place} {rows}{condition}",
        f"DO $asbuilt$ BEGIN IF NOT EXISTS (SELECT FROM {place}) THEN DROP TABLE {place}; END IF; END $asbuilt$",
    )


def move(kind: str, name: str, kept: str) -> Kept:
    """Return how a thing with data is put aside whole, with all that is on it, and put back."""
    schema, dot, bare = name.partition(".")
    home = identifier(schema) if dot else "public"
    written = identifier(bare if dot else name)
    words = kind.upper()
    return Kept(
        (make_schema(kept), f"ALTER {words} {home}.{written} SET SCHEMA {identifier(kept)}"),
        (f"ALTER {words} {identifier(kept)}.{written} SET SCHEMA {home}",),
        (Aside(bare if dot else name, f"the rows of {name}"),) if kind in ("table", "materialized view") else (),
    )
