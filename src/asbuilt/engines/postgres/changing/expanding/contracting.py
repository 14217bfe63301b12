"""The contract: the old column goes, what the new one cannot give back kept aside; on the way back it is filled again."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Aside, Backfill, Danger, Expansion, Hazard, Operation
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.changing import indexes, keeping
from asbuilt.engines.postgres.changing.building import renamed_index
from asbuilt.engines.postgres.changing.converting import converted
from asbuilt.engines.postgres.changing.expanding.exchanging import Exchange, after_switch, going, old_name
from asbuilt.engines.postgres.changing.expanding.passing import going_type, may_not_fit
from asbuilt.engines.postgres.changing.expanding.syncing import began_taking, drop, ended_taking, fire, follow, items
from asbuilt.engines.postgres.filling import whole
from asbuilt.engines.postgres.quoting import columns, identifier, relation
from asbuilt.engines.state import Item


def operations(exchange: Exchange) -> Iterator[Operation]:
    """Yield the steps that take the old columns away, in order."""
    for index in exchange.going_indexes:
        yield indexes.dropped(
            _index_item(index.table, index.name), renamed_index(index, going(index.name)), is_quiet=False
        )
    for expansion in exchange.expansions:
        yield _kept(expansion, exchange)
        yield _dropped(expansion)


def leftovers(exchange: Exchange) -> Iterator[Item]:
    """Yield what stands on the old columns until then, beside the triggers."""
    yield from (_index_item(index.table, going(index.name)) for index in exchange.old_indexes)
    yield from (Item("column", old_name(e), e.table) for e in exchange.expansions)


def _index_item(table: str, name: str) -> Item:
    return Item("index", name, table)


def _kept(e: Expansion, exchange: Exchange) -> Operation:
    """Return the keeping of the values that the new column does not give back exactly; a table without a key keeps none."""
    by = exchange.last_key(e.table)
    old, new = identifier(old_name(e)), identifier(e.after.name)
    back = converted(new, e.after.type, going_type(e))
    place = f"{identifier(exchange.kept)}.{identifier(keeping.kept_name(e.table, e.after.name))}"
    home, alike = (", tableoid AS asbuilt_home", " AND kept.asbuilt_home = live.tableoid") if e.heirs else ("", "")
    filled = Backfill(e.table, f"{old} = {back}", f"{new} IS NOT NULL", by, is_quiet=True)
    # a type that goes is not to be held by what is kept
    held, given = (f"{old}::text", f"::{going_type(e)}") if e.passing else (old, "")
    title = f"leave the way back open: {e.table}.{e.after.name} gives every old value back"
    what = f"the values of {e.table}.{e.before.name} that its new form does not give back"
    aside = Aside(keeping.kept_name(e.table, e.after.name), what)
    statements: tuple[str, ...] = ()
    if by and may_not_fit(e):
        differs = f"CASE WHEN {old} IS NULL THEN false ELSE ({back})::text IS DISTINCT FROM {old}::text END"
        title = f"keep aside what {e.table}.{e.after.name} cannot give back"
        statements = (
            keeping.make_schema(exchange.kept),
            f"DROP TABLE IF EXISTS {place}",
            f"CREATE TABLE {place} AS SELECT {columns(by)}, {held} AS asbuilt_old, {new}::text AS asbuilt_turned{home} "
            f"FROM {relation(e.table)} WHERE {differs}",
            f"CREATE INDEX ON {place} ({columns(by)})",
        )
        match = " AND ".join(f"kept.{identifier(c)} = live.{identifier(c)}" for c in by) + alike
        exact = f"SELECT kept.asbuilt_old{given} FROM {place} AS kept WHERE {match} AND kept.asbuilt_turned = live.{new}::text"
        value = converted(f"live.{new}", e.after.type, going_type(e))
        filled = replace(filled, assignments=f"{old} = coalesce(({exact}), {value})", alias="live", condition=f"live.{new} IS NOT NULL")  # fmt: skip
    return Operation(
        title,
        statements,
        (whole(filled),),
        touches=frozenset({Item("column", e.after.name, e.table)}),
        refill=filled,
        asides=(aside,) if statements else (),
    )


def _dropped(e: Expansion) -> Operation:
    pair = after_switch(e)
    bare = replace(
        e.before, name=old_name(e), type=going_type(e), is_nullable=True, default=None, identity="", sequence=None
    )
    breaks = f"an application that still asks for column {e.table}.{e.before.name} does not find it"
    return Operation(
        f"drop the old values of {e.table}.{e.after.name}",
        (
            *ended_taking(pair),
            *drop(pair, "last"),
            f"ALTER TABLE {relation(e.table)} DROP COLUMN {identifier(old_name(e))}",
            *(f"ALTER TABLE {relation(heir)} DROP COLUMN IF EXISTS {identifier(old_name(e))}" for heir in e.heirs),
        ),
        (*defining.add_column(e.table, bare), follow(pair), *began_taking(pair), *fire(pair, "last")),
        touches=frozenset({Item("column", e.after.name, e.table)}),
        removes=frozenset({Item("column", old_name(e), e.table), *items(pair)}),
        dangers=(Danger(Hazard.APPLICATION_BREAKS, breaks),) if e.is_seen else (),
    )
