"""The state of a database as inspected: plain values, equal if and only if the databases are.

Definitions are the server's own deparsed text, so that two states inspected by the same code compare by value.
Collections are keyed by identity and sorted. Nothing here knows a document.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """The identity of one thing in a database: its kind in words and its name as in the states.

    `table` names what a column, constraint, index, trigger or policy lives in; empty for what stands for itself.
    """

    kind: str
    name: str
    table: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.table}.{self.name}" if self.table else f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True)
class OwnedSequence:
    """The sequence that goes with a serial or identity column: its name, and its options in the order of `CREATE SEQUENCE`."""

    name: str
    options: str
    comment: str | None = None
    grants: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnState:
    """A column. `type` is the server's canonical name (`character varying(255)`); `default` its deparsed expression.

    `identity` is "", `always` or `by default`; `generated` the expression of a generated column, or None, stored
    unless `is_virtual`. `collation` is None where it is the type's own. `settings` are sorted pairs of how the server keeps and
    plans for its values (`storage`: MAIN instead of EXTENDED, `compression`, `statistics`, options such as `n_distinct`), what is
    usual left out.
    """

    name: str
    position: int
    type: str
    is_nullable: bool
    default: str | None = None
    identity: str = ""
    generated: str | None = None
    collation: str | None = None
    comment: str | None = None
    grants: tuple[str, ...] = ()
    is_virtual: bool = False
    sequence: OwnedSequence | None = None
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ConstraintState:
    """A constraint. `kind`: primary key, unique, check, foreign key, exclusion, not null.

    `definition` is deparsed whole; the rest is its parts. Actions are words (`cascade`, `no action`).
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    definition: str
    expression: str | None = None
    target: str | None = None
    target_columns: tuple[str, ...] = ()
    on_delete: str | None = None
    on_update: str | None = None
    is_validated: bool = True
    is_deferrable: bool = False
    is_enforced: bool = True
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class IndexState:
    """An index. `definition` is deparsed; `keys` are columns or expressions; `backs` names the constraint it serves."""

    name: str
    table: str
    definition: str
    keys: tuple[str, ...]
    include: tuple[str, ...] = ()
    method: str = "btree"
    is_unique: bool = False
    predicate: str | None = None
    is_valid: bool = True
    backs: str | None = None
    options: tuple[str, ...] = ()
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class TriggerState:
    """A trigger; `enabled` is origin, disabled, replica or always."""

    name: str
    definition: str
    function: str
    enabled: str = "origin"
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyState:
    """A row level security policy; expressions deparsed, roles sorted."""

    name: str
    command: str
    is_permissive: bool
    roles: tuple[str, ...]
    using: str | None
    check: str | None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class TableState:
    """A table with everything on it. `kind`: table, partitioned table, foreign table.

    `name` is qualified by the schema unless that is `public`; `partition_key` and `partition_bound` are deparsed.
    `grants` are `role: RIGHTS`, the owner's left out; `owner` is empty where it is the session's user or the database's owner.
    `server` is where the rows of a foreign table are; its options are those that the wrapper takes.
    """

    name: str
    kind: str
    columns: tuple[ColumnState, ...]
    constraints: tuple[ConstraintState, ...] = ()
    indexes: tuple[IndexState, ...] = ()
    triggers: tuple[TriggerState, ...] = ()
    policies: tuple[PolicyState, ...] = ()
    has_row_security: bool = False
    forces_row_security: bool = False
    parents: tuple[str, ...] = ()
    partition_key: str | None = None
    partition_bound: str | None = None
    comment: str | None = None
    options: tuple[str, ...] = ()
    persistence: str = "permanent"
    grants: tuple[str, ...] = ()
    owner: str = ""
    server: str = ""

    def column(self, name: str) -> ColumnState | None:
        return next((c for c in self.columns if c.name == name), None)

    @property
    def primary_key(self) -> tuple[str, ...]:
        """The columns of the primary key, none where there is none."""
        return next((c.columns for c in self.constraints if c.kind == "primary key"), ())

    @property
    def has_own_rows(self) -> bool:
        """Tell whether its rows are its own: those of a partition are read and written through its parent."""
        return self.partition_bound is None and self.kind != "foreign table"


@dataclass(frozen=True, slots=True)
class ObjectState:
    """Any other object: `kind` (enum, domain, composite, range, view, materialized view, function, procedure,
    aggregate, sequence, extension, schema, statistics, event trigger, …), identity, whole deparsed definition.

    `properties` are (name, value) pairs for what the definition leaves out (owner, grants, comment, enum labels).
    """

    kind: str
    name: str
    definition: str
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DatabaseState:
    """Everything in a database that a document could have made. `version` is (major, minor)."""

    version: tuple[int, int]
    tables: dict[str, TableState] = field(default_factory=dict)
    objects: dict[tuple[str, str], ObjectState] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not self.tables and not any(kind not in ("schema", "extension") for kind, _ in self.objects)


def without(state: DatabaseState, items: Collection[Item]) -> DatabaseState:
    """Return the state without some columns, indexes, triggers and objects."""
    inside: dict[str, set[tuple[str, str]]] = {}
    for item in items:
        inside.setdefault(item.table, set()).add((item.kind, item.name))
    tables = {name: _without(table, inside[name]) if name in inside else table for name, table in state.tables.items()}
    objects = {key: thing for key, thing in state.objects.items() if key not in inside.get("", ())}
    return replace(state, tables=tables, objects=objects)


def _without(table: TableState, gone: Collection[tuple[str, str]]) -> TableState:
    return replace(
        table,
        columns=tuple(c for c in table.columns if ("column", c.name) not in gone),
        indexes=tuple(i for i in table.indexes if ("index", i.name) not in gone),
        triggers=tuple(g for g in table.triggers if ("trigger", g.name) not in gone),
    )


def unqualified(definition: str) -> str:
    """Return a view's text without the table names before columns, which servers before 16 write more often."""
    return re.sub(r"\b[a-z_][a-z0-9_]*\.(?=[a-z_\"*])", "", definition)


def spelled_like(state: DatabaseState, other: DatabaseState) -> DatabaseState:
    """Return a state whose views read as in `other` where only the servers' versions spell them differently."""
    if state.version[0] == other.version[0]:
        return state
    alike = {
        key: replace(thing, definition=other.objects[key].definition)
        for key, thing in state.objects.items()
        if key in other.objects and thing.kind in _VIEWS and _is_alike(thing, other.objects[key])
    }
    return replace(state, objects={**state.objects, **alike})


_VIEWS = ("view", "materialized view")


def _is_alike(one: ObjectState, other: ObjectState) -> bool:
    return unqualified(one.definition).split() == unqualified(other.definition).split()
