"""The legs of a plan: from state to state, with the document's own statements at the end of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.changes import Operation
from asbuilt.engines.state import DatabaseState, Item
from asbuilt.model.renames import Rename
from asbuilt.model.sql import Migration, SqlStatement
from asbuilt.plan.choosing import IsUsed, chosen, nothing_used
from asbuilt.plan.expanding import carry_out, expanded, with_leftovers
from asbuilt.plan.migrating import Chunk, Way, chunks, run, take
from asbuilt.plan.planning import Side
from asbuilt.plan.renaming import fitting, renamed


@dataclass(frozen=True, slots=True)
class Leg:
    """From one side to the next: what is renamed at first, and the statements of `migration` that write rows at the end.

    `before` is what stands once things have their new names. `refused` are statements of the migration that the database
    does not take, and why. `contract` takes away, later, what `after` has beside what is wanted; `words` say what is in use. The tables `remade` are made anew beside their writers;
    `reasons` say why other things in use change at once.
    """

    before: Side
    after: Side
    renames: tuple[Rename, ...] = ()
    named: tuple[Operation, ...] = ()
    writes: tuple[SqlStatement, ...] = ()
    migration: Migration | None = None
    refused: tuple[tuple[SqlStatement, str], ...] = ()
    contract: tuple[Operation, ...] = ()
    words: tuple[str, ...] = ()
    leftovers: tuple[Item, ...] = ()
    remade: frozenset[str] = frozenset()
    crowded: frozenset[str] = frozenset()
    reasons: tuple[tuple[Item, str], ...] = ()


def straight(
    engine: Engine,
    copy: Session | None,
    before: Side,
    after: Side,
    renames: Sequence[Rename],
    is_used: IsUsed = nothing_used,
    writes: Sequence[str] = (),
) -> Leg:
    """Return the leg that leads all the way; how definitions read once things are renamed is seen in `copy`, which stays as it is.

    What is used changes side by side with its old shape. `writes` are statements that write rows before.
    """
    choice = chosen(engine, fitting(renames, before.state, after.state), before, after, is_used, writes)
    if copy and not choice.is_empty:
        side_by_side = expanded(engine, copy, choice, after, before)
        return Leg(
            side_by_side.reached,
            side_by_side.middle,
            choice.renames,
            side_by_side.operations,
            contract=side_by_side.contract,
            words=tuple(choice.words),
            leftovers=side_by_side.leftovers,
            remade=frozenset(choice.remade),
            crowded=frozenset(choice.crowded),
            reasons=tuple(choice.reasons.items()),
        )
    fits = fitting(renames, before.state, after.state) if copy else ()
    named = engine.rename_operations(fits)
    begin = before
    if named and copy:
        with copy.attempt():
            begin = renamed(engine, copy, named)
    words = tuple(f"crowded {name}" for name in choice.crowded)
    reasons = tuple(choice.reasons.items())
    return Leg(begin, after, fits, named, words=words, crowded=frozenset(choice.crowded), reasons=reasons)


def through(
    engine: Engine,
    copy: Session,
    before: Side,
    after: Side,
    renames: Sequence[Rename],
    way: Way,
    is_used: IsUsed = nothing_used,
) -> Iterator[Leg]:
    """Yield the legs that lead through the pending migrations, and on to `after`; `copy` goes along."""
    begin, at = copy.inspect(), before
    left: tuple[Item, ...] = ()
    written: tuple[str, ...] = ()
    if way.opening:
        run(copy, way.opening)
        here = _here(engine, copy, begin, before)
        yield Leg(at, here)
        at = here
    for migration in way.pending:
        for chunk in chunks(migration.forward):
            leg = _through(engine, copy, at, (begin, before, after), chunk, renames, is_used, written)
            yield replace(leg, migration=migration)
            at, left = leg.after, (*left, *leg.leftovers)
            written += tuple(statement.sql for statement in chunk.writes)
    yield straight(engine, copy, at, with_leftovers(after, at, left), renames, is_used, written)


def _passing(leg: Leg, lasting: set[str], is_used: IsUsed) -> Iterator[tuple[Item, str]]:
    """Yield why renames are made at once in tables that change again on the way."""
    for rename in leg.renames:
        if rename.column and rename.table not in lasting and is_used(rename.table):
            item = Item("column", rename.column, rename.table)
            yield item, f"{rename.table} changes again later in the plan, and what is kept in step has to stay as it is"


def _lasts(table: str, goal: DatabaseState, after: DatabaseState) -> bool:
    """Tell whether all columns that a table has on the way are wanted so in the end, too: else old and new cannot be kept in step."""
    last = after.tables.get(table)
    columns = goal.tables[table].columns
    return last is not None and all((end := last.column(c.name)) and end.type == c.type for c in columns)


def _through(
    engine: Engine,
    copy: Session,
    at: Side,
    ends: tuple[DatabaseState, Side, Side],
    chunk: Chunk,
    renames: Sequence[Rename],
    is_used: IsUsed,
    written: Sequence[str],
) -> Leg:
    """Return the leg through a chunk; `ends` are what stood in the copy and on the target at the beginning, and what is wanted.

    `written` are the statements that have written rows by then.
    """
    begin, before, after = ends
    with copy.attempt():
        take(engine, copy, chunk.structure)
        goal = Side(copy.inspect(), engine.needs(copy))
    lasting = {table for table in goal.state.tables if _lasts(table, goal.state, after.state)}
    names = {rename.old for rename in renames if not rename.column and rename.table in lasting}
    leg = straight(engine, copy, at, goal, renames, lambda table: table in lasting | names and is_used(table), written)
    leg = replace(leg, reasons=(*leg.reasons, *_passing(leg, lasting, is_used)))
    if leg.contract:
        carry_out(engine.expander(""), copy, leg.named)
    refused = take(engine, copy, chunk.structure)
    return replace(leg, after=_here(engine, copy, begin, before), writes=chunk.writes, refused=refused)


def _here(engine: Engine, copy: Session, begin: DatabaseState, before: Side) -> Side:
    """Return what stands in the copy now, as the target has it: what has not changed there since `begin` is as it is in `before`."""
    now, needs = copy.inspect(), engine.needs(copy)
    lacking = {n: t for n, t in before.state.tables.items() if n not in begin.tables}
    tables = {n: before.state.tables.get(n, t) if t == begin.tables.get(n) else t for n, t in now.tables.items()}
    missing = {k: o for k, o in before.state.objects.items() if k not in begin.objects}
    objects = {k: before.state.objects.get(k, o) if o == begin.objects.get(k) else o for k, o in now.objects.items()}
    state = replace(before.state, tables={**lacking, **tables}, objects={**missing, **objects})
    return Side(state, {**before.needs, **needs})
