"""Everything in a state as the statements that a document shows: what belongs together in one, names given only where needed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from asbuilt.engines.inherited import own
from asbuilt.engines.postgres.defining import objects, tables, tidying
from asbuilt.engines.postgres.quoting import columns as listed
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import (
    ColumnState,
    ConstraintState,
    DatabaseState,
    IndexState,
    Item,
    ObjectState,
    PolicyState,
    TableState,
    TriggerState,
)
from asbuilt.model.sql import sequence_of

_SERIAL = {"smallint": "smallserial", "integer": "serial", "bigint": "bigserial"}
_INLINE = {
    "primary key": ("{table}_pkey", "PRIMARY KEY ({columns})"),
    "unique": ("{table}_{column}_key", "UNIQUE ({columns})"),
    "check": ("{table}_{column}_check", ""),
    "foreign key": ("{table}_{column}_fkey", "FOREIGN KEY ({columns}) "),
}
_LONGEST_NAME, _WIDEST_NAME = 63, 30


def statements(state: DatabaseState) -> dict[Item, tuple[str, ...]]:
    """Return for each table and each other object the statements that make it with all that is on it."""
    found = {Item(o.kind, o.name): _object(o) for o in state.objects.values()}
    return found | {Item("table", name): whole_table(state, name) for name in state.tables}


def whole_table(state: DatabaseState, name: str) -> tuple[str, ...]:
    """Return the statements that make a table with all that is on it."""
    return tuple(_table(_Parts.of(state, name)))


def _object(state: ObjectState) -> tuple[str, ...]:
    made = objects.create_object(state)
    if state.kind in ("function", "procedure", "window function"):
        return (tidying.routine(made[0]), *made[1:])
    if state.kind == "sequence":
        return (objects.plain_sequence(state), *made[1:])
    return tuple(map(tidying.index, made)) if state.kind == "materialized view" else made


@dataclass(frozen=True, slots=True)
class _Parts:
    """A table as a whole, and what it has by itself."""

    whole: TableState
    parent: TableState | None
    columns: tuple[ColumnState, ...]
    constraints: tuple[ConstraintState, ...]
    indexes: tuple[IndexState, ...]
    triggers: tuple[TriggerState, ...]
    policies: tuple[PolicyState, ...]

    @classmethod
    def of(cls, state: DatabaseState, name: str) -> "_Parts":
        whole = state.tables[name]
        parent = state.tables.get(whole.parents[0]) if whole.parents else None
        mine = own(whole, state)
        indexes = tuple(index for index in mine.indexes if index.backs is None)
        return cls(whole, parent, mine.columns, mine.constraints, indexes, mine.triggers, mine.policies)

    @property
    def name(self) -> str:
        return self.whole.name

    @property
    def late(self) -> tuple[ConstraintState, ...]:
        """The constraints that `CREATE TABLE` cannot make as they are."""
        if self.whole.partition_bound is not None:
            return self.constraints
        return tuple(c for c in self.constraints if not c.is_validated)


def _table(parts: _Parts) -> Iterator[str]:
    whole = parts.whole
    yield from (s for c in parts.columns for s in _sequence_before(whole, c))
    yield _created(parts)
    yield from (s for c in parts.columns for s in _sequence_after(whole, c))
    for late in parts.late:
        yield tables.add_constraint(whole.name, replace(late, definition=tidying.constraint(late.definition)))
    yield from (_index(whole, index) for index in parts.indexes)
    for trigger in parts.triggers:
        first, *rest = tables.create_trigger(whole.name, trigger)
        yield from (tidying.trigger(first), *rest)
    bare = TableState(whole.name, whole.kind, ())
    settings = list(tables.table_settings_change(bare, whole))
    yield from (s for s in settings if not s.startswith("COMMENT "))
    yield from (s for policy in parts.policies for s in tables.create_policy(whole.name, _tidy(policy)))
    mine = whole.columns if whole.partition_bound is None else [replace(c, sequence=None) for c in whole.columns]
    said = [s for c in mine for s in _settings(whole.name, c)]
    yield from (s for s in said if not s.startswith("COMMENT "))
    yield from (s for s in (*settings, *said) if s.startswith("COMMENT "))
    yield from (s for index in parts.indexes for s in tables.index_comment(index))
    yield from (s for key in parts.constraints for s in _constraint_comment(whole.name, key))


def _index(table: TableState, index: IndexState) -> str:
    """Return an index; that of a partitioned table is made on its partitions, too."""
    sql = tidying.index(tables.create_index(index))
    return sql.replace(" ON ONLY ", " ON ", 1) if table.kind == "partitioned table" else sql


def _settings(table: str, column: ColumnState) -> Iterator[str]:
    return tables.column_settings_change(table, tables.just_made(column), column)


def _tidy(policy: PolicyState) -> PolicyState:
    using, check = (tidying.expression_text(e) if e else e for e in (policy.using, policy.check))
    return replace(policy, using=using, check=check)


def _constraint_comment(table: str, state: ConstraintState) -> Iterator[str]:
    if state.comment:
        yield f"COMMENT ON CONSTRAINT {identifier(state.name)} ON {relation(table)} IS {literal(state.comment)}"


def _created(parts: _Parts) -> str:
    whole = parts.whole
    if whole.partition_bound is not None:
        return tables.create_table_only(whole, tuple(_partition_lines(parts)))
    taken: list[ConstraintState] = []
    width = min(max((len(identifier(c.name)) for c in parts.columns), default=0), _WIDEST_NAME)
    lines = [_column_line(parts, column, width, taken) for column in parts.columns]
    rest = [c for c in parts.constraints if c not in taken and c not in parts.late]
    order = ("primary key", "unique", "exclusion", "foreign key", "check", "not null")
    for constraint in sorted(rest, key=lambda c: (order.index(c.kind), c.name)):
        lines.append(_constraint_line(whole, constraint))
    return tables.create_table_only(whole, tuple(lines))


def _partition_lines(parts: _Parts) -> Iterator[str]:
    """Yield what a partition says of its columns beside what it has from its parent."""
    for column in parts.columns:
        above = parts.parent.column(column.name) if parts.parent else None
        if above and column.default != above.default and column.generated is None:
            yield f"{identifier(column.name)} DEFAULT {tidying.default(column.default or 'NULL', column.type)}"
        if above and above.is_nullable and not column.is_nullable:
            yield f"{identifier(column.name)} NOT NULL"


def _constraint_line(table: TableState, state: ConstraintState) -> str:
    definition = tidying.constraint(state.definition)
    if state.name in _given_names(table, state):
        return definition
    return f"CONSTRAINT {identifier(state.name)} {definition}"


def _given_names(table: TableState, state: ConstraintState) -> Iterator[str]:
    """Yield the name that the server gives a key of the table that is stated without one."""
    bare = _bare(table.name)
    name = {"primary key": f"{bare}_pkey", "unique": f"{bare}_{'_'.join(state.columns)}_key"}.get(state.kind, "")
    if name and len(name.encode()) <= _LONGEST_NAME and "INCLUDE" not in state.definition:
        yield name


def _column_line(parts: _Parts, column: ColumnState, width: int, taken: list[ConstraintState]) -> str:
    """Return a column as people write it, with the constraints that need no name; adds those to `taken`."""
    beside = {c.kind: c for c in _nameless(parts, column)}
    taken += beside.values()
    key = beside.get("primary key")
    words = [identifier(column.name).ljust(width), _type(parts.whole, column)]
    words += [f"COLLATE {relation(column.collation)}"] if column.collation else []
    value = "" if _is_serial(parts.whole, column) else _value(parts.name, column)
    words += [value] if column.identity else []
    words += ["PRIMARY KEY"] if key else ["NOT NULL"] if _has_to_say_not_null(parts.whole, column) else []
    words += ["UNIQUE"] if "unique" in beside else []
    words += [value] if value and not column.identity else []
    words += [tidying.constraint(beside[kind].definition) for kind in ("check",) if kind in beside]
    if reference := beside.get("foreign key"):
        words.append(tidying.constraint(reference.definition).partition(") ")[2])
    return " ".join(words)


def _nameless(parts: _Parts, column: ColumnState) -> Iterator[ConstraintState]:
    """Yield the constraints over a column alone whose name the server would give, the first of each kind."""
    for kind, (pattern, shape) in _INLINE.items():
        name = pattern.format(table=_bare(parts.name), column=column.name)
        found = next((c for c in parts.constraints if c.name == name and c.kind == kind), None)
        if (
            found is None
            or found in parts.late
            or found.columns != (column.name,)
            or len(name.encode()) > _LONGEST_NAME
        ):
            continue
        expected = shape.format(columns=listed(found.columns))
        is_whole = kind in ("primary key", "unique")
        if found.definition == expected if is_whole else found.definition.startswith(expected):
            yield found


def _bare(name: str) -> str:
    return name.rpartition(".")[2]


def _type(table: TableState, column: ColumnState) -> str:
    return _SERIAL[column.type] if _is_serial(table, column) else tidying.type_words(column.type)


def _is_serial(table: TableState, column: ColumnState) -> bool:
    """Tell whether a column is what `serial` makes."""
    sequence = column.sequence
    if sequence is None or column.identity or column.is_nullable or column.type not in _SERIAL:
        return False
    return (
        sequence.name == _usual_sequence(table, column)
        and sequence.options == tables.usual_options(column.type)
        and column.default == f"nextval('{relation(sequence.name)}'::regclass)"
    )


def _usual_sequence(table: TableState, column: ColumnState) -> str:
    schema, dot, bare = table.name.rpartition(".")
    return f"{schema}{dot}{sequence_of(bare, column.name)}"


def _has_to_say_not_null(table: TableState, column: ColumnState) -> bool:
    return not column.is_nullable and not column.identity and not _is_serial(table, column)


def _value(table: str, column: ColumnState) -> str:
    if column.generated is not None:
        how = "VIRTUAL" if column.is_virtual else "STORED"
        return f"GENERATED ALWAYS AS ({tidying.expression_text(column.generated)}) {how}"
    if column.identity:
        return f"GENERATED {column.identity.upper()} AS IDENTITY{tables.identity_options(table, column)}"
    return f"DEFAULT {tidying.default(column.default, column.type)}" if column.default is not None else ""


def _sequence_before(table: TableState, column: ColumnState) -> Iterator[str]:
    if column.sequence and not column.identity and not _is_serial(table, column):
        yield next(tables.own_sequence(table.name, column))


def _sequence_after(table: TableState, column: ColumnState) -> Iterator[str]:
    if column.sequence and not column.identity and not _is_serial(table, column):
        yield list(tables.own_sequence(table.name, column))[-1]
