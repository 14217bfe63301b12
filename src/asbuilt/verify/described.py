"""What an inspected state says, thing by thing, in canonical words: the two sides of every structural claim.

Each kind of claim is one function from a state to its items. The desired and the actual state go through the same
function; a claim holds where both give the same words under the same key.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, IndexState, TableState
from asbuilt.evidence import Chapter
from asbuilt.verify import grants


@dataclass(frozen=True, slots=True)
class Item:
    """`key` is the thing's identity, its table first where it has one; `words` what there is to say of it.

    `columns` are those that a constraint is over.
    """

    key: tuple[str, ...]
    subject: str
    words: str
    columns: tuple[str, ...] = ()


Items = Callable[[DatabaseState], Iterator[Item]]


@dataclass(frozen=True, slots=True)
class Kind:
    """`show` is a catalogue query for a key; `{0}`, `{1}` are its parts as literals. `owner`: what the key lives in.

    `wrong` tells in words what is wrong with what is observed, given what is expected; without it both have to be the same.
    """

    name: str
    chapter: Chapter
    items: Items
    show: str
    owner: str = "table"
    wrong: Callable[[str, str], str] | None = None


def _tables(state: DatabaseState) -> Iterator[Item]:
    for table in state.tables.values():
        persistence = "" if table.persistence == "permanent" else f"{table.persistence} "
        yield Item((table.name,), table.name, f"{persistence}{table.kind}")


def _columns(state: DatabaseState) -> Iterator[Item]:
    for table in state.tables.values():
        yield Item((table.name,), table.name, ", ".join(sorted(c.name for c in table.columns)))


def _each_column(words: Callable[[ColumnState], str | None]) -> Items:
    def items(state: DatabaseState) -> Iterator[Item]:
        for table in state.tables.values():
            for column in table.columns:
                said = words(column)
                if said is not None:
                    yield Item((table.name, column.name), f"{table.name}.{column.name}", said)

    return items


def _type(column: ColumnState) -> str:
    return column.type + (f" collate {column.collation}" if column.collation else "")


def _nullability(column: ColumnState) -> str:
    return "may be NULL" if column.is_nullable else "never NULL"


def _default(column: ColumnState) -> str | None:
    return column.default


def _generated(column: ColumnState) -> str | None:
    if column.generated is None:
        return None
    return f"{column.generated} ({'virtual' if column.is_virtual else 'stored'})"


def _identity(column: ColumnState) -> str | None:
    return f"identity, generated {column.identity}" if column.identity else None


def _column_comment(column: ColumnState) -> str | None:
    return column.comment


def _column_grants(column: ColumnState) -> str | None:
    return "; ".join(column.grants) or None


def _each_constraint(kind: str, words: Callable[[ConstraintState], str]) -> Items:
    def items(state: DatabaseState) -> Iterator[Item]:
        for table in state.tables.values():
            for constraint in table.constraints:
                if constraint.kind == kind:
                    key, subject = (table.name, constraint.name), f"{table.name}.{constraint.name}"
                    yield Item(key, subject, words(constraint), constraint.columns)

    return items


def _definition(constraint: ConstraintState) -> str:
    notes = [
        "" if constraint.is_validated or "NOT VALID" in constraint.definition else "not validated",
        "" if constraint.is_enforced or "NOT ENFORCED" in constraint.definition else "not enforced",
    ]
    return ", ".join(filter(None, [constraint.definition, *notes]))


def _indexes(state: DatabaseState) -> Iterator[Item]:
    for table in state.tables.values():
        for index in table.indexes:
            if not index.backs:
                yield Item((table.name, index.name), index.name, _index_words(index))


def _index_words(index: IndexState) -> str:
    return index.definition + ("" if index.is_valid else " (not valid)")


def _triggers(state: DatabaseState) -> Iterator[Item]:
    for table in state.tables.values():
        for trigger in table.triggers:
            enabled = "" if trigger.enabled == "origin" else f" ({trigger.enabled})"
            yield Item((table.name, trigger.name), f"{table.name}.{trigger.name}", trigger.definition + enabled)


def _row_security(state: DatabaseState) -> Iterator[Item]:
    for table in state.tables.values():
        if table.has_row_security:
            words = "enabled and forced" if table.forces_row_security else "enabled"
            yield Item((table.name,), table.name, words)


def _policies(state: DatabaseState) -> Iterator[Item]:
    for table in state.tables.values():
        for policy in table.policies:
            parts = [
                "permissive" if policy.is_permissive else "restrictive",
                f"for {policy.command} to {', '.join(policy.roles) or 'public'}",
                f"using {policy.using}" if policy.using else "",
                f"with check {policy.check}" if policy.check else "",
            ]
            yield Item((table.name, policy.name), f"{table.name}.{policy.name}", " ".join(filter(None, parts)))


def _each_table(words: Callable[[TableState], str | None]) -> Items:
    def items(state: DatabaseState) -> Iterator[Item]:
        for table in state.tables.values():
            said = words(table)
            if said:
                yield Item((table.name,), table.name, said)

    return items


def _partition(table: TableState) -> str | None:
    if table.partition_bound is None:
        return f"inherits {', '.join(table.parents)}" if table.parents else None
    return f"of {', '.join(table.parents)} {table.partition_bound}"


def _each_object(kind: str, words: Callable[[str], str] = str) -> Items:
    def items(state: DatabaseState) -> Iterator[Item]:
        for (found, name), thing in state.objects.items():
            if found == kind:
                yield Item((kind, name), name, words(thing.definition))

    return items


def _other_objects(state: DatabaseState) -> Iterator[Item]:
    known = set(OBJECT_KINDS)
    for (kind, name), thing in state.objects.items():
        if kind not in known:
            yield Item((kind, name), f"{kind} {name}", thing.definition)


def _object_properties(state: DatabaseState) -> Iterator[Item]:
    for (kind, name), thing in state.objects.items():
        for prop, value in thing.properties:
            if prop not in ("owner", "columns"):
                yield Item((kind, name, prop), f"{kind} {name}", f"{prop}: {value}")


def _view_words(definition: str) -> str:
    return " ".join(definition.split()).rstrip(";")


OBJECT_KINDS = (
    "enum",
    "domain",
    "view",
    "materialized view",
    "function",
    "procedure",
    "sequence",
    "extension",
    "schema",
)
_CLASS = "to_regclass({0})"
_COLUMN = f"FROM pg_attribute a WHERE a.attrelid = {_CLASS} AND a.attname = {{1}}"
_CONSTRAINT = (
    f"SELECT pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE conrelid = {_CLASS} AND conname = {{1}}"
)
_OBJECT_COMMENT = "SELECT obj_description(oid, 'pg_class'), relacl FROM pg_class WHERE relname = {1}"
_TYPE = "SELECT typname, typtype, oid::regtype FROM pg_type WHERE oid = to_regtype({1})"

KINDS: tuple[Kind, ...] = (
    Kind("table_exists", Chapter.ENTITIES, _tables, f"SELECT relkind, relpersistence FROM pg_class WHERE oid = {_CLASS}", ""),
    Kind(
        "table_columns", Chapter.ENTITIES, _columns,
        f"SELECT attname FROM pg_attribute WHERE attrelid = {_CLASS} AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
    ),
    Kind("column_type", Chapter.ENTITIES, _each_column(_type), f"SELECT format_type(a.atttypid, a.atttypmod) {_COLUMN}"),
    Kind("column_nullability", Chapter.ENTITIES, _each_column(_nullability), f"SELECT a.attnotnull {_COLUMN}", "column"),
    Kind(
        "column_default", Chapter.ENTITIES, _each_column(_default),
        "SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid "
        f"AND a.attnum = d.adnum WHERE a.attrelid = {_CLASS} AND a.attname = {{1}}", "column",
    ),
    Kind(
        "column_generated", Chapter.ENTITIES, _each_column(_generated),
        "SELECT a.attgenerated, pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d JOIN pg_attribute a "
        f"ON a.attrelid = d.adrelid AND a.attnum = d.adnum WHERE a.attrelid = {_CLASS} AND a.attname = {{1}}", "column",
    ),
    Kind("column_identity", Chapter.ENTITIES, _each_column(_identity), f"SELECT a.attidentity {_COLUMN}", "column"),
    Kind(
        "column_comment", Chapter.ENTITIES, _each_column(_column_comment),
        f"SELECT col_description(a.attrelid, a.attnum) {_COLUMN}", "column",
    ),
    Kind(
        "column_grants", Chapter.SECURITY, _each_column(_column_grants), f"SELECT a.attacl {_COLUMN}", "column", grants.lacking
    ),
    Kind("primary_key", Chapter.INTEGRITY, _each_constraint("primary key", _definition), _CONSTRAINT),
    Kind("unique", Chapter.INTEGRITY, _each_constraint("unique", _definition), _CONSTRAINT),
    Kind("check", Chapter.INTEGRITY, _each_constraint("check", _definition), _CONSTRAINT),
    Kind("foreign_key", Chapter.INTEGRITY, _each_constraint("foreign key", _definition), _CONSTRAINT),
    Kind("exclusion", Chapter.INTEGRITY, _each_constraint("exclusion", _definition), _CONSTRAINT),
    Kind(
        "index", Chapter.VOLUME, _indexes,
        "SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index WHERE indexrelid = to_regclass({1})",
    ),
    Kind(
        "trigger", Chapter.INTEGRITY, _triggers,
        f"SELECT pg_get_triggerdef(oid), tgenabled FROM pg_trigger WHERE tgrelid = {_CLASS} AND tgname = {{1}}",
    ),
    Kind(
        "row_security", Chapter.SECURITY, _row_security,
        f"SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = {_CLASS}",
    ),
    Kind(
        "policy", Chapter.SECURITY, _policies,
        "SELECT permissive, roles, cmd, qual, with_check FROM pg_policies WHERE policyname = {1}",
    ),
    Kind(
        "partitioning", Chapter.VOLUME, _each_table(lambda t: t.partition_key and f"by {t.partition_key}"),
        f"SELECT pg_get_partkeydef({_CLASS})",
    ),
    Kind(
        "partition", Chapter.VOLUME, _each_table(_partition),
        f"SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = {_CLASS}",
    ),
    Kind(
        "table_comment", Chapter.ENTITIES, _each_table(lambda t: t.comment), f"SELECT obj_description({_CLASS}, 'pg_class')"
    ),
    Kind(
        "table_options", Chapter.VOLUME, _each_table(lambda t: ", ".join(t.options)),
        f"SELECT reloptions FROM pg_class WHERE oid = {_CLASS}",
    ),
    Kind(
        "table_grants", Chapter.SECURITY, _each_table(lambda t: "; ".join(t.grants)),
        f"SELECT relacl FROM pg_class WHERE oid = {_CLASS}", wrong=grants.lacking,
    ),
    Kind(
        grants.NO_OTHERS, Chapter.SECURITY, _each_table(grants.exclusive),
        f"SELECT attname, attacl, relacl FROM pg_class c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 WHERE c.oid = {_CLASS}",
        wrong=grants.excess,
    ),
    Kind(
        "enum_values", Chapter.ENTITIES, _each_object("enum"),
        "SELECT enumlabel FROM pg_enum WHERE enumtypid = to_regtype({1}) ORDER BY enumsortorder", "",
    ),
    Kind("domain", Chapter.ENTITIES, _each_object("domain"), _TYPE, ""),
    Kind("view", Chapter.ACCESS, _each_object("view", _view_words), "SELECT pg_get_viewdef(to_regclass({1}))", ""),
    Kind(
        "materialized_view", Chapter.VOLUME, _each_object("materialized view", _view_words),
        "SELECT pg_get_viewdef(to_regclass({1}))", "",
    ),
    Kind("function", Chapter.ENTITIES, _each_object("function"), "SELECT pg_get_functiondef(to_regprocedure({1}))", ""),
    Kind("procedure", Chapter.ENTITIES, _each_object("procedure"), "SELECT pg_get_functiondef(to_regprocedure({1}))", ""),
    Kind("sequence", Chapter.ENTITIES, _each_object("sequence"), "SELECT * FROM pg_sequences WHERE sequencename = {1}", ""),
    Kind(
        "extension", Chapter.ENTITIES, _each_object("extension", lambda words: words.split(" version")[0]),
        "SELECT extname, extversion FROM pg_extension WHERE extname = {1}", "",
    ),
    Kind("schema", Chapter.ENTITIES, _each_object("schema"), "SELECT nspname FROM pg_namespace WHERE nspname = {1}", ""),
    Kind("object", Chapter.ENTITIES, _other_objects, "SELECT * FROM pg_describe_object('pg_class'::regclass, to_regclass({1}), 0)", ""),
    Kind("object_property", Chapter.ENTITIES, _object_properties, _OBJECT_COMMENT, "object"),
)  # fmt: skip
