"""Tables and what is on them, as statements."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.postgres.defining import foreign, rights
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import (
    ColumnState,
    ConstraintState,
    IndexState,
    OwnedSequence,
    PolicyState,
    TableState,
    TriggerState,
)
from asbuilt.model.sql import sequence_of

_ENABLING = {
    "origin": "ENABLE",
    "disabled": "DISABLE",
    "replica": "ENABLE REPLICA",
    "always": "ENABLE ALWAYS",
}
_LARGEST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def column(table: str, state: ColumnState) -> str:
    """Return a column of a table as `CREATE TABLE` and `ADD COLUMN` take it."""
    parts = [identifier(state.name), state.type]
    if state.collation:
        parts.append(f"COLLATE {relation(state.collation)}")
    if state.generated is not None:
        parts.append(f"GENERATED ALWAYS AS ({state.generated}) {'VIRTUAL' if state.is_virtual else 'STORED'}")
    elif state.identity:
        parts.append(f"GENERATED {state.identity.upper()} AS IDENTITY{identity_options(table, state)}")
    elif state.default is not None:
        parts.append(f"DEFAULT {state.default}")
    if not state.is_nullable:
        parts.append("NOT NULL")
    return " ".join(parts)


def just_made(state: ColumnState) -> ColumnState:
    """Return a column as it is when the statement that makes it has run, all else still to be said of it."""
    sequence = state.sequence and replace(state.sequence, comment=None, grants=())
    return ColumnState(state.name, 0, state.type, state.is_nullable, sequence=sequence)


def identity_options(table: str, state: ColumnState) -> str:
    """Return the options of an identity column in brackets; nothing where they are the usual ones."""
    if state.sequence is None:
        return ""
    name = state.sequence.name.rpartition(".")[2]
    said = [] if name == sequence_of(table.rpartition(".")[2], state.name) else [f"SEQUENCE NAME {identifier(name)}"]
    if state.sequence.options != usual_options(state.type):
        said += unusual(state.sequence.options)
    return f" ({' '.join(said)})" if said else ""


def sequence_options(state: ColumnState) -> str:
    """Return all that is said of the sequence of an identity column, its type left out: that is the column's."""
    assert state.sequence
    return f" {state.sequence.options.partition(' ')[2].partition(' ')[2]}"


def unusual(options: str) -> Iterator[str]:
    """Yield those options of a sequence that `CREATE SEQUENCE` does not give by itself; its type not among them."""
    words = options.removesuffix(" CYCLE").split(" ")
    said = dict(zip(words[::2], words[1::2], strict=True))
    usual = {"INCREMENT": "1", "MINVALUE": "1", "MAXVALUE": str(_LARGEST[said.pop("AS")]), "CACHE": "1"}
    usual["START"] = said["MINVALUE"]
    is_rising = not said["INCREMENT"].startswith("-")
    yield from (f"{key} {value}" for key, value in said.items() if not is_rising or usual[key] != value)
    yield from ("CYCLE" for _ in range(options.endswith(" CYCLE")))


def usual_options(type_: str) -> str:
    """Return the options of a sequence that nobody changed."""
    return f"AS {type_} START 1 INCREMENT 1 MINVALUE 1 MAXVALUE {_LARGEST.get(type_, 0)} CACHE 1"


def add_column(table: str, state: ColumnState) -> tuple[str, ...]:
    """Return the statements that add a column with all that belongs to it."""
    made = f"ALTER TABLE {relation(table)} ADD COLUMN {column(table, state)}"
    settings = column_settings_change(table, just_made(state), state)
    return (*_own_sequence(state), made, *_owning(table, state), *settings)


def own_sequence(table: str, state: ColumnState) -> Iterator[str]:
    """Yield the statements that make the sequence of a serial column that stands already."""
    yield from _own_sequence(state)
    yield from _owning(table, state)


def _own_sequence(state: ColumnState) -> Iterator[str]:
    if state.sequence and not state.identity:
        yield f"CREATE SEQUENCE {relation(state.sequence.name)} {state.sequence.options}"


def _owning(table: str, state: ColumnState) -> Iterator[str]:
    if state.sequence and not state.identity:
        owner = f"{relation(table)}.{identifier(state.name)}"
        yield f"ALTER SEQUENCE {relation(state.sequence.name)} OWNED BY {owner}"


def column_settings_change(table: str, before: ColumnState, after: ColumnState) -> Iterator[str]:
    """Yield the statements for what beside type, default and NOT NULL differs between two states of a column."""
    name = f"{relation(table)}.{identifier(after.name)}"
    if before.comment != after.comment:
        yield f"COMMENT ON COLUMN {name} IS {literal(after.comment) if after.comment else 'NULL'}"
    yield from rights.changes(before.grants, after.grants, f"TABLE {relation(table)}", f" ({identifier(after.name)})")
    yield from kept_as(table, before, after)
    if before.sequence and after.sequence and before.sequence.name != after.sequence.name:
        new = after.sequence.name.rpartition(".")[2]
        yield f"ALTER SEQUENCE {relation(before.sequence.name)} RENAME TO {identifier(new)}"
    if before.sequence and after.sequence and before.sequence.options != after.sequence.options:
        yield from _sequence_change(table, before, after, after.sequence)
    if after.sequence:
        yield from sequence_settings_change(before.sequence, after.sequence)


def sequence_settings_change(before: OwnedSequence | None, after: OwnedSequence) -> Iterator[str]:
    """Yield the statements for the comment and the grants of a sequence that goes with a column."""
    name = f"SEQUENCE {relation(after.name)}"
    if (before.comment if before else None) != after.comment:
        yield f"COMMENT ON {name} IS {literal(after.comment) if after.comment else 'NULL'}"
    yield from rights.changes(before.grants if before else (), after.grants, name)


def kept_as(table: str, before: ColumnState, after: ColumnState) -> Iterator[str]:
    """Yield the statements for how values are kept and planned for; another type begins with its own storage and compression."""
    words = f"ALTER TABLE {relation(table)} ALTER COLUMN {identifier(after.name)}"
    old, new = dict(before.settings), dict(after.settings)
    if before.type != after.type or before.collation != after.collation:
        old = {key: value for key, value in old.items() if key not in ("storage", "compression")}
    usual = {"storage": old.get("storage", "").rpartition(" ")[2], "compression": "DEFAULT", "statistics": "-1"}
    for key, otherwise in usual.items():
        if old.get(key) != new.get(key):
            yield f"{words} SET {key.upper()} {new.get(key, otherwise).partition(' ')[0]}"
    plain = [key for key in {**old, **new} if key not in usual and not foreign.is_option(key)]
    if gone := [key for key in plain if key not in new]:
        yield f"{words} RESET ({', '.join(gone)})"
    if come := [f"{key} = {new[key]}" for key in plain if key in new and new[key] != old.get(key)]:
        yield f"{words} SET ({', '.join(come)})"
    yield from foreign.column_change(table, after.name, old, new)


def _sequence_change(table: str, before: ColumnState, after: ColumnState, sequence: OwnedSequence) -> Iterator[str]:
    options = _options(sequence)
    if before.identity and after.identity:
        yield _into_range(sequence.name, options)
        told = " ".join(f"SET {key} {value}" for key, value in options.items())
        yield f"ALTER TABLE {relation(table)} ALTER COLUMN {identifier(after.name)} {told}"
    elif not before.identity and not after.identity:
        yield _into_range(sequence.name, options)
        yield f"ALTER SEQUENCE {relation(sequence.name)} {sequence.options}"


def _options(sequence: OwnedSequence) -> dict[str, str]:
    words = sequence.options.replace(" CYCLE", "").split()
    return dict(zip(words[2::2], words[3::2], strict=True))


def _into_range(name: str, options: dict[str, str]) -> str:
    """Return the statement that moves a sequence into the range that it is about to get, where it stands outside."""
    value = f"least(greatest(last_value, {options['MINVALUE']}), {options['MAXVALUE']})"
    return f"SELECT setval({literal(relation(name))}, {value}, is_called) FROM {relation(name)}"


def create_table(state: TableState) -> tuple[str, ...]:
    """Return the statements that make a table with its columns and settings; no constraints, indexes, triggers, policies."""
    own = [] if state.partition_bound is not None else list(state.columns)
    sequences = [s for c in own for s in _own_sequence(c)]
    owning = [s for c in own for s in _owning(state.name, c)]
    made = create_table_only(state, tuple(column(state.name, c) for c in own))
    bare = TableState(state.name, state.kind, ())
    is_whole = state.partition_bound is None
    columns = [c if is_whole else replace(c, sequence=None) for c in state.columns]
    settings = [s for c in columns for s in column_settings_change(state.name, just_made(c), c)]
    return (*sequences, made, *owning, *table_settings_change(bare, state), *settings)


def own_columns(table: TableState, parent: TableState | None) -> tuple[str, ...]:
    """Return the statements for what a partition says of its columns otherwise than its parent: defaults and NOT NULL."""
    pairs = ((c, parent.column(c.name) if parent else None) for c in table.columns)
    return tuple(s for c, above in pairs if above and not c.identity for s in _own_column(table.name, c, above))


def _own_column(table: str, column: ColumnState, above: ColumnState) -> Iterator[str]:
    words = f"ALTER TABLE {relation(table)} ALTER COLUMN {identifier(column.name)}"
    if column.default != above.default and column.generated is None:
        yield f"{words} SET DEFAULT {column.default}" if column.default is not None else f"{words} DROP DEFAULT"
    if above.is_nullable and not column.is_nullable:
        yield f"{words} SET NOT NULL"


def create_table_only(state: TableState, lines: tuple[str, ...] = ()) -> str:
    """Return the statement that makes a table of these columns and constraints, one a line; a partition has its parent's."""
    words = "UNLOGGED TABLE" if state.persistence == "unlogged" else foreign.kind_words(state)
    tail = f" PARTITION BY {state.partition_key}" if state.partition_key else ""
    if state.server:
        tail += foreign.place(state)
    elif state.options:
        tail += f" WITH ({', '.join(state.options)})"
    head = f"CREATE {words} {relation(state.name)}"
    if state.partition_bound is not None:
        inside = f" ({', '.join(lines)})" if lines else ""
        return f"{head} PARTITION OF {relation(state.parents[0])}{inside} {state.partition_bound}{tail}"
    listed = "".join(f"\n    {line}," for line in lines).rstrip(",")
    inherits = f" INHERITS ({', '.join(map(relation, state.parents))})" if state.parents else ""
    return f"{head} ({listed}\n){inherits}{tail}" if lines else f"{head} (){inherits}{tail}"


def table_settings_change(before: TableState, after: TableState) -> Iterator[str]:
    """Yield the statements for row level security, owner, comment and grants that differ between two states of a table."""
    words = f"ALTER TABLE {relation(after.name)}"
    yield from row_security_change(before, after)
    if before.owner != after.owner:
        yield f"{words} OWNER TO {identifier(after.owner) if after.owner else 'CURRENT_USER'}"
    if before.comment != after.comment:
        said = literal(after.comment) if after.comment else "NULL"
        yield f"COMMENT ON {foreign.kind_words(after)} {relation(after.name)} IS {said}"
    yield from rights.changes(before.grants, after.grants, f"TABLE {relation(after.name)}")


def row_security_change(before: TableState, after: TableState) -> Iterator[str]:
    """Yield the statements that switch row level security on or off, and whether it holds for the owner."""
    words = f"ALTER TABLE {relation(after.name)}"
    if before.has_row_security != after.has_row_security:
        yield f"{words} {'ENABLE' if after.has_row_security else 'DISABLE'} ROW LEVEL SECURITY"
    if before.forces_row_security != after.forces_row_security:
        yield f"{words} {'FORCE' if after.forces_row_security else 'NO FORCE'} ROW LEVEL SECURITY"


def add_constraint(table: str, state: ConstraintState) -> str:
    return f"ALTER TABLE {relation(table)} ADD CONSTRAINT {identifier(state.name)} {state.definition}"


def create_index(state: IndexState, *, concurrently: bool = False) -> str:
    """Return the server's own definition, `IF NOT EXISTS` left out: a name that is taken is a mistake.

    The server writes `ON ONLY` for every index of a partitioned table; one that is usable is on its partitions, too.
    """
    head, _, rest = state.definition.partition(" INDEX ")
    if state.is_valid:
        rest = rest.replace(f"{identifier(state.name)} ON ONLY ", f"{identifier(state.name)} ON ", 1)
    return f"{head} INDEX {'CONCURRENTLY ' if concurrently else ''}{rest}"


def index_name(state: IndexState) -> str:
    """Return an index's quoted name; it lives in its table's schema."""
    schema, dot, _ = state.table.partition(".")
    return f"{identifier(schema)}.{identifier(state.name)}" if dot else identifier(state.name)


def index_comment(state: IndexState) -> tuple[str, ...]:
    if not state.comment:
        return ()
    return (f"COMMENT ON INDEX {index_name(state)} IS {literal(state.comment)}",)


def create_trigger(table: str, state: TriggerState) -> tuple[str, ...]:
    enabling = () if state.enabled == "origin" else enable_trigger(table, state)
    return (state.definition, *enabling, *(comment_on(table, state) if state.comment else ()))


def enable_trigger(table: str, state: TriggerState) -> tuple[str, ...]:
    """Return the statement that puts a trigger in force as its state says, or out of it."""
    return (f"ALTER TABLE {relation(table)} {_ENABLING[state.enabled]} TRIGGER {identifier(state.name)}",)


def comment_on(table: str, state: TriggerState | PolicyState) -> tuple[str, ...]:
    """Return the statement that gives a trigger or a policy its comment, or takes it away."""
    kind = "TRIGGER" if isinstance(state, TriggerState) else "POLICY"
    said = literal(state.comment) if state.comment else "NULL"
    return (f"COMMENT ON {kind} {identifier(state.name)} ON {relation(table)} IS {said}",)


def create_policy(table: str, state: PolicyState) -> tuple[str, ...]:
    roles = ", ".join(r if r == "public" else identifier(r) for r in state.roles)
    parts = [f"CREATE POLICY {identifier(state.name)} ON {relation(table)}"]
    parts += [] if state.is_permissive else ["AS RESTRICTIVE"]
    parts += [] if state.command == "all" else [f"FOR {state.command.upper()}"]
    parts += [] if roles == "public" else [f"TO {roles}"]
    parts += [f"USING ({state.using})"] if state.using else []
    parts += [f"WITH CHECK ({state.check})"] if state.check else []
    return (" ".join(parts), *(comment_on(table, state) if state.comment else ()))
