"""The document's own migrations: which of them a database has still to go through, and what they need before they begin."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2s

from asbuilt.engines.base import Engine, Session
from asbuilt.engines.changes import Needs
from asbuilt.engines.state import ColumnState, DatabaseState, Item, TableState
from asbuilt.model.sql import Migration, ObjectName, Role, SqlStatement
from asbuilt.plan.difference import difference, things
from asbuilt.plan.ordering import Group
from asbuilt.plan.planning import Side, groups_of

MOST_TRIED = 20
"""How many of the last migrations are looked at to tell how far a database is that has no record of them."""
_OWN = ("column", "constraint", "index", "trigger", "policy")


@dataclass(frozen=True, slots=True)
class Way:
    """The way of a database through the migrations that it has not gone through yet.

    `opening` makes what they need and do not make themselves; `unknown` are migrations that only write rows, of which nothing
    tells whether they ran.
    """

    pending: tuple[Migration, ...] = ()
    opening: tuple[Group, ...] = ()
    unknown: tuple[Migration, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """Statements of a migration that change structure, and those after them that write rows."""

    structure: tuple[SqlStatement, ...]
    writes: tuple[SqlStatement, ...]


def digest(migration: Migration) -> str:
    """Return a short text that changes with the migration's statements forward."""
    text = "\x1f".join(" ".join(statement.sql.split()) for statement in migration.forward)
    return blake2s(text.encode(), digest_size=8).hexdigest()


def chunks(statements: Iterable[SqlStatement]) -> tuple[Chunk, ...]:
    """Return the statements in their order, cut where structure comes after rows."""
    found: list[tuple[list[SqlStatement], list[SqlStatement]]] = []
    for statement in statements:
        if statement.dialect != "postgresql":
            continue
        is_write = statement.role == Role.BACKFILL or statement.kind in _WRITING
        if not found or (not is_write and found[-1][1]):
            found.append(([], []))
        found[-1][is_write].append(statement)
    return tuple(Chunk(tuple(structure), tuple(writes)) for structure, writes in found)


_WRITING = ("insert", "update", "delete", "merge", "truncate", "do", "call")


def _changes_structure(migration: Migration) -> bool:
    return any(chunk.structure for chunk in chunks(migration.forward))


def way_of(
    engine: Engine, copy: Session, before: Side, after: Side, migrations: Sequence[Migration], *, is_recorded: bool
) -> Way:
    """Return which migrations a database has to go through; `copy`, a copy of its structure, stays as it is.

    It is as far as going through the rest leads to most of what `after` says. `is_recorded`: earlier ones are in the journal, so
    one that only writes rows and is not there did not run.
    """
    migrations = tuple(m for m in migrations if chunks(m.forward))[-MOST_TRIED:]
    if not migrations or (not is_recorded and not difference(before.state, after.state)):
        return Way()
    opened = opening(engine, before, after, migrations)
    with copy.attempt():
        run(copy, opened)
        first = _first_open(engine, copy, after, migrations)
    bare = first
    while bare and not _changes_structure(migrations[bare - 1]):
        bare -= 1
    for at in range(bare, first):
        if is_recorded or _is_told(migrations[at], before, after):
            first = at
            break
    pending = migrations[first:]
    return Way(pending, opening(engine, before, after, pending), migrations[bare:first])


def _first_open(engine: Engine, copy: Session, after: Side, migrations: Sequence[Migration]) -> int:
    best, fewest = len(migrations), len(difference(copy.inspect(), after.state))
    for at in reversed(range(len(migrations))):
        if not _changes_structure(migrations[at]):
            continue
        with copy.attempt():
            for migration in migrations[at:]:
                for chunk in chunks(migration.forward):
                    take(engine, copy, chunk.structure)
            left = len(difference(copy.inspect(), after.state))
        if left < fewest:
            best, fewest = at, left
    return best


def take(engine: Engine, copy: Session, statements: Iterable[SqlStatement]) -> tuple[tuple[SqlStatement, str], ...]:
    """Run statements that change structure; return those that the copy does not take, and why. What is true already is fine."""
    tried = [(statement, engine.take(copy, statement)) for statement in statements]
    return tuple((statement, why) for statement, why in tried if why)


def run(copy: Session, groups: Iterable[Group]) -> None:
    for group in groups:
        for operation in group:
            for sql in operation.statements:
                copy.execute(sql)


def _is_told(migration: Migration, before: Side, after: Side) -> bool:
    """Tell whether a migration that only writes rows has not run: it names a column or a table that comes, or one that goes."""
    old, new = _names(before.state), _names(after.state)
    return any(key in old ^ new for statement in migration.forward for key in _named(statement))


def lacking(migration: Migration, state: DatabaseState, wanted: DatabaseState) -> tuple[str, ...]:
    """Return in words what a migration names that is wanted and not there."""
    missing = _names(wanted) - _names(state)
    named = sorted({key for statement in migration.forward for key in _named(statement) if key in missing})
    return tuple(f"column {table}.{column}" if column else f"table {table}" for table, column in named)


def _names(state: DatabaseState) -> frozenset[tuple[str, str]]:
    columns = {(name, column.name) for name, table in state.tables.items() for column in table.columns}
    return frozenset(columns | {(name, "") for name in state.tables})


def _named(statement: SqlStatement) -> Iterator[tuple[str, str]]:
    for need in statement.needs:
        if need.name.kind == "column" and need.name.table:
            yield need.name.table, need.name.name
        elif need.name.kind == "table":
            yield _qualified(need.name), ""


def _qualified(name: ObjectName) -> str:
    return name.name if name.schema in (None, "public") else f"{name.schema}.{name.name}"


def opening(engine: Engine, before: Side, after: Side, migrations: Sequence[Migration]) -> tuple[Group, ...]:
    """Return what makes the things of `after` that the migrations need, that are not there and that they do not make themselves.

    A column comes without its constraints, so that the migration can fill it first.
    """
    goal = _goal(before, after, migrations)
    if goal is None:
        return ()
    needs: Needs = {**after.needs, **before.needs}
    return groups_of(before, Side(goal, needs), engine.changer(before.state, goal, before.needs, ""))


def _goal(before: Side, after: Side, migrations: Sequence[Migration]) -> DatabaseState | None:
    made = {(name.kind, name.table or "", name.name) for m in migrations for s in m.forward for name in s.creates}
    wanted = _wanted(before, after, (need.name for m in migrations for s in m.forward for need in s.needs))
    wanted = {item for item in wanted if (item.kind, item.table, item.name.rpartition(".")[2]) not in made}
    if not wanted:
        return None
    tables = dict(before.state.tables)
    for item in sorted(wanted):
        if item.kind == "table":
            tables[item.name] = after.state.tables[item.name]
        elif item.kind == "column":
            column = after.state.tables[item.table].column(item.name)
            assert column
            tables[item.table] = _with_column(tables[item.table], column)
    tables = {
        name: _standing(table, tables) if name not in before.state.tables else table for name, table in tables.items()
    }
    objects = {key: thing for key, thing in after.state.objects.items() if Item(*key) in wanted}
    return replace(before.state, tables=tables, objects={**before.state.objects, **objects})


def _wanted(before: Side, after: Side, names: Iterable[ObjectName]) -> set[Item]:
    """Return what is named and only `after` has, with what that needs in its turn."""
    old, new = things(before.state, after.state)
    waiting = [item for name in names for item in _items(name, before, after)]
    found: set[Item] = set()
    while waiting:
        item = waiting.pop()
        if item in found or item in old or item not in new or (item.kind in _OWN and item.kind != "column"):
            continue
        if item.kind == "column" and item.table not in before.state.tables:
            continue
        found.add(item)
        waiting += [
            other for key, needed in after.needs.items() if key == item or key.table == item.name for other in needed
        ]
    return found


def _items(name: ObjectName, before: Side, after: Side) -> Iterator[Item]:
    if name.kind == "column":
        yield Item("column", name.name, name.table or "")
    elif name.kind == "table":
        yield Item("table", _qualified(name))
    else:
        called = (key for key in after.state.objects if key[1].partition("(")[0] == _qualified(name))
        yield from (Item(*key) for key in called if key[0] not in ("view", "materialized view"))


def _with_column(table: TableState, column: ColumnState) -> TableState:
    """Return a table with a column more, at first without what rows that stand cannot have yet."""
    is_filled = column.default or column.identity or column.generated
    bare = column if is_filled else replace(column, is_nullable=True)
    return replace(table, columns=(*table.columns, bare))


def _standing(table: TableState, tables: dict[str, TableState]) -> TableState:
    """Return a table that comes, without triggers and without keys to what is not there yet."""
    kept = tuple(k for k in table.constraints if not k.target or k.target in tables)
    return replace(table, constraints=kept, triggers=(), policies=())
