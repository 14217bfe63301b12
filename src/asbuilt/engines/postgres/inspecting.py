"""What stands in a database, as values: pg_catalog in a dozen statements, whatever the number of tables.

Every definition is deparsed by the server under one search path, so that equal databases give equal states.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from asbuilt.engines.base import Row, Session
from asbuilt.engines.postgres import catalog, public
from asbuilt.engines.postgres.catalog_others import OTHERS
from asbuilt.engines.postgres.levelling import levelled, levelled_if_any
from asbuilt.engines.postgres.objects import routine_object, sequence_object, type_object, view_object
from asbuilt.engines.postgres.parts import Names, Parts, qualified
from asbuilt.engines.postgres.quoting import identifier
from asbuilt.engines.state import (
    ColumnState,
    ConstraintState,
    DatabaseState,
    IndexState,
    ObjectState,
    OwnedSequence,
    PolicyState,
    TableState,
    TriggerState,
)

SEARCH_PATH = "public, asbuilt, extensions"
_TABLE_KINDS = {"r": "table", "p": "partitioned table", "f": "foreign table"}
_PERSISTENCE = {"p": "permanent", "u": "unlogged", "t": "temporary"}
_IDENTITY = {"a": "always", "d": "by default"}
_CONSTRAINT_KINDS = {
    "p": "primary key", "u": "unique", "c": "check", "f": "foreign key", "x": "exclusion", "n": "not null",
}  # fmt: skip
_ACTIONS = {"a": "no action", "r": "restrict", "c": "cascade", "n": "set null", "d": "set default"}
_ENABLED = {"O": "origin", "D": "disabled", "R": "replica", "A": "always"}
_COMMANDS = {"r": "select", "a": "insert", "w": "update", "d": "delete", "*": "all"}


SPELLING = "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres'"
"""How the server spells what depends on settings of the database: a partition's bounds, a default that is a time."""


def inspect(session: Session) -> DatabaseState:
    """Return the state of the session's database. System schemas, `asbuilt` and members of extensions are left out."""
    with session.attempt():
        session.execute(f"SET LOCAL search_path = {SEARCH_PATH}; {SPELLING}")
        major, minor = _version(session)
        schemas = session.rows(catalog.SCHEMAS)
        names = Names(frozenset(schemas[0][5:7]) if schemas else frozenset())
        reader = _Reader(session, major, [row[0] for row in schemas])
        relations = _by_name(reader.rows(catalog.RELATIONS))
        parts = _parts(reader, {row[0]: qualified(row[1], row[2]) for row in relations})
        objects = [
            *_schema_objects(schemas, names, major),
            *(view_object(row, parts, names) for row in relations if row[3] in "vmc"),
            *(type_object(row, parts, names) for row in reader.rows(catalog.TYPES)),
            *(routine_object(row, names) for row in reader.rows(catalog.ROUTINES)),
            *(sequence_object(row, names) for row in reader.rows(catalog.SEQUENCES)),
            *_other_objects(reader, names),
        ]
    tables = [_table(row, parts, names) for row in relations if row[3] in _TABLE_KINDS]
    return DatabaseState(
        (major, minor),
        {table.name: table for table in sorted(tables, key=lambda t: t.name)},
        {(o.kind, o.name): o for o in sorted(objects, key=lambda o: (o.kind, o.name))},
    )


@dataclass(frozen=True, slots=True)
class _Reader:
    """Runs a catalog's statement for the schemas that count."""

    session: Session
    major: int
    schemas: list[int]

    def rows(self, sql: str) -> list[Row]:
        chosen = catalog.for_version(sql, self.major)
        ids = f"'{{{','.join(map(str, self.schemas))}}}'::oid[]"
        return self.session.rows(chosen.replace("%(schemas)s", ids).replace("%%", "%"))


def _version(session: Session) -> tuple[int, int]:
    number = int(session.rows("SHOW server_version_num")[0][0])
    return number // 10000, number % 10000


def _by_name(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row[1], row[2]))


def _schema_objects(schemas: list[Row], names: Names, major: int) -> Iterable[ObjectState]:
    for _, name, owner, comment, rights, *_ in schemas:
        said = {"owner": names.owner(owner), "comment": comment, "grants": "; ".join(rights or ())}
        if name == "public":
            said = public.said(comment, rights, major)
        if name != "public" or any(said.values()):
            yield ObjectState("schema", name, f"schema {name}", properties(said))


def _other_objects(reader: _Reader, names: Names) -> Iterable[ObjectState]:
    rows = reader.rows(OTHERS)
    if reader.session.rows(catalog.SHIMMED)[0][0]:
        rows += reader.session.rows(catalog.SHIMS)
    for kind, name, definition, comment, more in rows:
        said = {"comment": comment, **(more or {})}
        yield ObjectState(kind, name, definition, properties({**said, "owner": names.owner(said.get("owner") or "")}))


def properties(said: dict[str, str | None]) -> tuple[tuple[str, str], ...]:
    """Return what is said of an object as sorted pairs, empty values left out."""
    return tuple(sorted((key, value) for key, value in said.items() if value))


def _parts(reader: _Reader, names: dict[int, str]) -> Parts:
    constraints = reader.rows(catalog.CONSTRAINTS)
    on_tables = (row for row in constraints if row[0])
    on_domains = [row for row in constraints if row[1] and row[3] == "c"]
    return Parts(
        _columns(reader.rows(catalog.COLUMNS)),
        _grouped((row[0], _constraint(row)) for row in on_tables),
        {
            oid: tuple(sorted(t))
            for oid, t in _collected(
                (r[1], f"CONSTRAINT {identifier(r[2])} {levelled(r[4])}") for r in on_domains
            ).items()
        },
        {
            oid: tuple(sorted(said))
            for oid, said in _collected((r[1], (r[2], r[-1])) for r in on_domains if r[-1]).items()
        },
        _grouped((row[0], _index(row, names.get(row[0], ""))) for row in reader.rows(catalog.INDEXES)),
        _grouped((row[0], _trigger(row)) for row in reader.rows(catalog.TRIGGERS)),
        _grouped((row[0], _policy(row)) for row in reader.rows(catalog.POLICIES)),
    )


def _collected(pairs: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = defaultdict(list)
    for oid, value in pairs:
        found[oid].append(value)
    return found


def _grouped(pairs: Iterable[tuple[int, Any]]) -> dict[int, tuple[Any, ...]]:
    """Return the values by oid, sorted by name."""
    return {oid: tuple(sorted(values, key=lambda v: v.name)) for oid, values in _collected(pairs).items()}


def _columns(rows: list[Row]) -> dict[int, tuple[ColumnState, ...]]:
    found: dict[int, list[ColumnState]] = defaultdict(list)
    for oid, *row in rows:
        found[oid].append(_column(len(found[oid]), row))
    return {oid: tuple(columns) for oid, columns in found.items()}


def _column(position: int, row: Sequence[Any]) -> ColumnState:
    name, type_, is_required, expression, identity, generated, collation, comment, rights, *rest = row
    *sequence, settings = rest
    return ColumnState(
        name,
        position,
        type_,
        not is_required,
        default=None if generated else levelled_if_any(expression),
        identity=_IDENTITY.get(identity, ""),
        generated=levelled_if_any(expression) if generated else None,
        is_virtual=generated == "v",
        collation=collation,
        comment=comment,
        grants=tuple(rights or ()),
        sequence=_owned_sequence(*sequence),
        settings=tuple(_pair(setting) for setting in settings or ()),
    )


def _owned_sequence(
    name: str | None, options: str, comment: str | None, rights: list[str] | None
) -> OwnedSequence | None:
    return OwnedSequence(name, options, comment, tuple(rights or ())) if name else None


def _pair(setting: str) -> tuple[str, str]:
    key, _, value = setting.partition("=")
    return key, value


def _constraint(row: Row) -> ConstraintState:
    _, _, name, kind, definition, columns, expression, target, target_columns, deleting, updating, *rest = row
    is_validated, is_deferrable, _, is_enforced, comment = rest
    is_foreign = kind == "f"
    return ConstraintState(
        name,
        _CONSTRAINT_KINDS[kind],
        tuple(columns),
        levelled(definition),
        expression=levelled_if_any(expression),
        target=target,
        target_columns=tuple(target_columns),
        on_delete=_ACTIONS[deleting] if is_foreign else None,
        on_update=_ACTIONS[updating] if is_foreign else None,
        is_validated=is_validated,
        is_deferrable=is_deferrable,
        is_enforced=is_enforced,
        comment=comment,
    )


def _index(row: Row, table: str) -> IndexState:
    _, name, definition, method, is_unique, is_valid, predicate, parts, key_count, backs, options, comment = row
    return IndexState(
        name,
        table,
        levelled(definition),
        tuple(map(levelled, parts[:key_count])),
        include=tuple(parts[key_count:]),
        method=method,
        is_unique=is_unique,
        predicate=levelled_if_any(predicate),
        is_valid=is_valid,
        backs=backs,
        options=tuple(sorted(options or ())),
        comment=comment,
    )


def _trigger(row: Row) -> TriggerState:
    _, name, definition, enabled, function, comment = row
    return TriggerState(name, levelled(definition), function, _ENABLED[enabled], comment)


def _policy(row: Row) -> PolicyState:
    _, name, command, is_permissive, roles, using, check, comment = row
    expressions = levelled_if_any(using), levelled_if_any(check)
    return PolicyState(name, _COMMANDS[command], is_permissive, tuple(roles), *expressions, comment)


def _table(row: Row, parts: Parts, names: Names) -> TableState:
    (
        oid,
        schema,
        name,
        kind,
        persistence,
        owner,
        has_rls,
        forces_rls,
        options,
        comment,
        rights,
        key,
        bound,
        parents,
        *rest,
    ) = row
    return TableState(
        qualified(schema, name),
        _TABLE_KINDS[kind],
        parts.columns.get(oid, ()),
        constraints=parts.constraints.get(oid, ()),
        indexes=parts.indexes.get(oid, ()),
        triggers=parts.triggers.get(oid, ()),
        policies=parts.policies.get(oid, ()),
        has_row_security=has_rls,
        forces_row_security=forces_rls,
        parents=tuple(parents),
        partition_key=key,
        partition_bound=bound,
        comment=comment,
        options=tuple(sorted(options or ())),
        persistence=_PERSISTENCE[persistence],
        grants=tuple(rights or ()),
        owner=names.owner(owner),
        server=rest[1] or "",
    )
