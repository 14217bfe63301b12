"""A plan that keeps yesterday's and today's application working: what is in use changes side by side, the old goes later."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.changers import Expander
from asbuilt.engines.changes import Change, Expanded, Expansion, Operation, Verb
from asbuilt.engines.state import DatabaseState, Item, TableState, spelled_like
from asbuilt.plan.choosing import Choice, needed
from asbuilt.plan.planning import Side, build, groups_of
from asbuilt.plan.scope import around, part
from asbuilt.plan.steps import fingerprint, identity, schema_of


@dataclass(frozen=True, slots=True)
class SideBySide:
    """What is done first, what stands once it is (`reached`), where the rest leads to (`middle`: what is wanted, and what is
    left of the old), and what takes that away later (`contract`).
    """

    operations: tuple[Operation, ...]
    reached: Side
    middle: Side
    contract: tuple[Operation, ...]
    leftovers: tuple[Item, ...]


def expanded(engine: Engine, copy: Session, choice: Choice, after: Side, before: Side) -> SideBySide:
    """Return how what was chosen changes while both its shapes are used; how that reads is seen in `copy`, which stays as it is."""
    kept = schema_of(identity(fingerprint(before.state), fingerprint(after.state), *choice.words))
    with copy.attempt():
        done, reached = _gone_through(engine, copy, choice, before, after, kept)
    reached = Side(spelled_like(reached.state, after.state), reached.needs)
    middle = with_leftovers(after, reached, done.leftovers)
    views = (engine.expander(kept).unview(rename, middle.state) for rename in choice.tables)
    return SideBySide(done.operations, reached, middle, (*views, *done.contract), tuple(sorted(done.leftovers)))


def _gone_through(
    engine: Engine, copy: Session, choice: Choice, before: Side, after: Side, kept: str
) -> tuple[Expanded, Side]:
    """Return what is done before and after everything else, and what stands in `copy` once the first of it is done."""
    expander = engine.expander(kept)
    done = _done(expander, copy, Expanded(tuple(_foundations(engine, choice, before, after, kept))))
    named = engine.rename_operations([r for r in choice.at_once if not r.column])
    done = done.with_(_done(expander, copy, Expanded(named)))
    for rename in choice.tables:
        done = done.with_(_done(expander, copy, expander.view(rename, copy.inspect())))
    done = done.with_(_done(expander, copy, Expanded(tuple(_column_renames(engine, choice)))))
    for expansion in sorted(
        choice.copies, key=lambda e: e.before.generated is not None
    ):  # once what they are made of has its names
        found = expander.copy(copy, expansion, copy.inspect(), engine.needs(copy))
        done = done.with_(_done(expander, copy, found))
    if choice.exchanges:
        wanted = _as_named(engine, expander, after, choice.exchanges)
        found = expander.exchange(copy, choice.exchanges, copy.inspect(), engine.needs(copy), wanted, after.needs)
        done = done.with_(_done(expander, copy, found))
    done = done.with_(_types_that_go(engine, choice, before, after, kept))
    done = done.with_(_types_passed(engine, choice, before, kept))
    return done, Side(copy.inspect(), engine.needs(copy))


def _types_that_go(engine: Engine, choice: Choice, before: Side, after: Side, kept: str) -> Expanded:
    """Return the types that only the old columns rest on: they stay as long as those do."""
    old_tables = {rename.table: rename.old for rename in choice.renames if not rename.column}
    columns = [Item("column", e.before.name, old_tables.get(e.table, e.table)) for e in choice.exchanges]
    going = [item for column in columns for item in needed(column, before)]
    going = [item for item in going if (item.kind, item.name) not in after.state.objects]
    changer = engine.changer(before.state, after.state, before.needs, kept)
    drops = [Change(Verb.DROP, item, before.state.objects[item.kind, item.name], None) for item in _each_last(going)]
    contract = [o for drop in drops for o in changer.operations(drop, {d.item: d for d in drops}, is_direct=False)]
    return Expanded((), tuple(contract), frozenset(going))


def _types_passed(engine: Engine, choice: Choice, before: Side, kept: str) -> Expanded:
    """Return the types whose names others have taken over: they stay as long as the old columns."""
    expander = engine.expander(kept)
    changer = engine.changer(before.state, before.state, before.needs, kept)
    drops, contract = [], []
    for item in _passed(choice):
        going = expander.going(before.state.objects[item.kind, item.name])
        drops.append(Change(Verb.DROP, Item(going.kind, going.name), going, None))
        made = changer.operations(drops[-1], {}, is_direct=False)
        contract += [replace(operation, touches=operation.touches | {item}) for operation in made]
    return Expanded((), tuple(contract), frozenset(drop.item for drop in drops))


def _passed(choice: Choice) -> list[Item]:
    return list(dict.fromkeys(e.passing for e in choice.exchanges if e.passing))


def _each_last(items: Sequence[Item]) -> list[Item]:
    """Return the items, each once, where it comes last."""
    return list(dict.fromkeys(reversed(items)))[::-1]


def _foundations(engine: Engine, choice: Choice, before: Side, after: Side, kept: str) -> Iterator[Operation]:
    """Yield what makes the types that columns are to have and that are not there yet, or under whose names others are."""
    waiting = [Item("column", e.after.name, e.table) for e in choice.exchanges]
    objects = dict(before.state.objects)
    while waiting:
        for item in after.needs.get(waiting.pop(), ()):
            key = (item.kind, item.name)
            if not item.table and key in after.state.objects and key not in objects:
                objects[key] = after.state.objects[key]
                waiting.append(item)
    passed = {}
    for type_ in _passed(choice):
        made = engine.expander(kept).coming(after.state.objects[type_.kind, type_.name])
        objects[made.kind, made.name] = made
        passed[Item(made.kind, made.name)] = type_
    grown = Side(replace(before.state, objects=objects), {**before.needs, **after.needs})
    changer = engine.changer(before.state, grown.state, before.needs, kept)
    for operation in (operation for group in groups_of(before, grown, changer) for operation in group):
        asked = frozenset(type_ for made, type_ in passed.items() if made in operation.makes)
        title = f"{operation.title}, which takes over as {', '.join(t.name for t in sorted(asked))}"
        yield replace(operation, title=title, touches=operation.touches | asked) if asked else operation


def _column_renames(engine: Engine, choice: Choice) -> Iterator[Operation]:
    """Yield the renames that are made at once; they break nothing where a view goes on showing the old names."""
    viewed = {rename.table for rename in choice.tables}
    for rename in choice.at_once:
        if rename.column:
            for operation in engine.rename_operations([rename]):
                yield replace(operation, dangers=()) if rename.table in viewed else operation


def _done(expander: Expander, copy: Session, found: Expanded) -> Expanded:
    carry_out(expander, copy, found.operations)
    return found


def carry_out(expander: Expander, copy: Session, operations: Sequence[Operation]) -> None:
    """Do operations in a copy, where nobody else is."""
    for operation in operations:
        for sql in expander.undisturbed(operation):
            copy.execute(sql)


def _as_named(engine: Engine, expander: Expander, after: Side, expansions: Sequence[Expansion]) -> DatabaseState:
    """Return what is wanted around some columns, as it reads while they bear the names that they have until they take over."""
    scope = around({Item("table", e.table) for e in expansions}, after)
    with engine.scratch() as session:
        engine.prepare(session)
        build(engine, session, part(after, scope))
        for sql in expander.naming(expansions):
            session.execute(sql)
        return session.inspect()


def with_leftovers(after: Side, reached: Side, leftovers: Collection[Item]) -> Side:
    """Return what is wanted, and beside it what is left of the old until the contract."""
    tables = dict(after.state.tables)
    objects = dict(after.state.objects)
    for item in sorted(leftovers):
        if item.table:
            tables[item.table] = _with_part(tables[item.table], reached.state.tables[item.table], item)
        else:
            objects[item.kind, item.name] = reached.state.objects[item.kind, item.name]
    needs = {**after.needs, **{item: reached.needs[item] for item in leftovers if item in reached.needs}}
    return Side(replace(after.state, tables=tables, objects=objects), needs)


def _with_part(table: TableState, other: TableState, item: Item) -> TableState:
    """Return a table with one column, index or trigger of the other one."""
    match item.kind:
        case "column":
            return replace(table, columns=(*table.columns, *(c for c in other.columns if c.name == item.name)))
        case "index":
            return replace(table, indexes=(*table.indexes, *(i for i in other.indexes if i.name == item.name)))
        case _:
            return replace(table, triggers=(*table.triggers, *(g for g in other.triggers if g.name == item.name)))
