"""What a statement makes, as names of objects."""

from collections.abc import Callable, Iterator

from asbuilt.model.sql import ObjectName, sequence_of
from asbuilt.reading.sql.syntax import Node, strings, unwrapped, word_of

_TABLE_TYPES = ("AT_AddColumn", "AT_AddConstraint")


def object_kind(node: Node, field: str) -> str:
    """Return the word for an `OBJECT_…` value (`materialized view`)."""
    word = word_of(node, field).removeprefix("OBJECT_").lower().replace("_", " ")
    known = {
        "matview": "materialized view",
        "tabconstraint": "constraint",
        "statistic ext": "statistics",
        "foreign server": "server",
        "tsconfiguration": "text search configuration",
        "tsdictionary": "text search dictionary",
        "opclass": "operator class",
        "opfamily": "operator family",
    }
    return known.get(word, word)


def creates_of(name: str, node: Node) -> tuple[ObjectName, ...]:
    """Return the objects that a statement of this kind makes, columns and named constraints included."""
    make = _MAKERS.get(name)
    if make is not None:
        return tuple(make(node))
    part = _PLAIN.get(name)
    if part is None:
        return ()
    kind, field = part
    value = getattr(node, field)
    return (_named(kind, (value,) if isinstance(value, str) else strings(value)),)


def qualified(kind: str, relation: Node) -> ObjectName:
    return ObjectName(kind, relation.relname, relation.schemaname or None)


def _named(kind: str, parts: tuple[str, ...]) -> ObjectName:
    return ObjectName(kind, parts[-1] if parts else "", parts[-2] if len(parts) > 1 else None)


def _table(node: Node) -> Iterator[ObjectName]:
    relation = node.relation
    yield qualified("table", relation)
    for element in node.table_elts:
        kind, inner = unwrapped(element)
        if kind == "column_def":
            yield from _column(relation, inner)
        elif kind == "constraint" and inner.conname:
            yield ObjectName("constraint", inner.conname, relation.schemaname or None, relation.relname)


def _foreign_table(node: Node) -> Iterator[ObjectName]:
    yield from _table(node.base_stmt)


def _column(relation: Node, column: Node) -> Iterator[ObjectName]:
    schema = relation.schemaname or None
    yield ObjectName("column", column.colname, schema, relation.relname)
    for constraint in column.constraints:
        if constraint.constraint.conname:
            yield ObjectName("constraint", constraint.constraint.conname, schema, relation.relname)
    kind = strings(column.type_name.names)[-1:]
    if kind and kind[0] in ("serial", "bigserial", "smallserial", "serial4", "serial8", "serial2"):
        yield ObjectName("sequence", sequence_of(relation.relname, column.colname), schema)
    for constraint in column.constraints:
        yield from _identity(relation, column.colname, constraint.constraint)


def _identity(relation: Node, column: str, constraint: Node) -> Iterator[ObjectName]:
    """Yield the sequence that an identity column gets, by the name that is given or the usual one."""
    if word_of(constraint, "contype") == "CONSTR_IDENTITY":
        given = [
            strings(o.def_elem.arg.list.items) for o in constraint.options if o.def_elem.defname == "sequence_name"
        ]
        parts = given[0] if given else (sequence_of(relation.relname, column),)
        yield ObjectName("sequence", parts[-1], parts[-2] if len(parts) > 1 else relation.schemaname or None)


def _alter_table(node: Node) -> Iterator[ObjectName]:
    for command in node.cmds:
        inner = command.alter_table_cmd
        kind, definition = unwrapped(getattr(inner, "def"))
        if kind == "column_def" and word_of(inner, "subtype") == _TABLE_TYPES[0]:
            yield from _column(node.relation, definition)
        elif kind == "constraint" and definition.conname:
            yield ObjectName("constraint", definition.conname, node.relation.schemaname or None, node.relation.relname)
        elif kind == "constraint":
            yield from _identity(node.relation, inner.name, definition)


def _index(node: Node) -> Iterator[ObjectName]:
    name = node.idxname or "_".join(
        [node.relation.relname, *(p.index_elem.name or "expr" for p in node.index_params), "idx"]
    )
    yield ObjectName("index", name, node.relation.schemaname or None)


def _view(node: Node) -> Iterator[ObjectName]:
    yield qualified("view", node.view)


def _table_as(node: Node) -> Iterator[ObjectName]:
    yield qualified(object_kind(node, "objtype"), node.into.rel)


def _trigger(node: Node) -> Iterator[ObjectName]:
    yield ObjectName("trigger", node.trigname, node.relation.schemaname or None, node.relation.relname)


def _policy(node: Node) -> Iterator[ObjectName]:
    yield ObjectName("policy", node.policy_name, node.table.schemaname or None, node.table.relname)


def _rule(node: Node) -> Iterator[ObjectName]:
    yield ObjectName("rule", node.rulename, node.relation.schemaname or None, node.relation.relname)


def _routine(node: Node) -> Iterator[ObjectName]:
    yield _named("procedure" if node.is_procedure else "function", strings(node.funcname))


def _sequence(node: Node) -> Iterator[ObjectName]:
    yield qualified("sequence", node.sequence)


def _schema(node: Node) -> Iterator[ObjectName]:
    yield ObjectName("schema", node.schemaname or node.authrole.rolename)
    for element in node.schema_elts:
        yield from creates_of(*unwrapped(element))


def _composite(node: Node) -> Iterator[ObjectName]:
    yield qualified("type", node.typevar)


def _defined(node: Node) -> Iterator[ObjectName]:
    yield _named(object_kind(node, "kind"), strings(node.defnames))


def _renamed(node: Node) -> Iterator[ObjectName]:
    kind = object_kind(node, "rename_type")
    relation = node.relation
    table = relation.relname if kind in ("column", "constraint", "trigger", "policy", "rule") else None
    yield ObjectName(
        kind.replace("tabconstraint", "constraint"), node.newname, relation.schemaname or None, table or None
    )


_MAKERS: dict[str, Callable[[Node], Iterator[ObjectName]]] = {
    "create_stmt": _table,
    "create_foreign_table_stmt": _foreign_table,
    "alter_table_stmt": _alter_table,
    "index_stmt": _index,
    "view_stmt": _view,
    "create_table_as_stmt": _table_as,
    "create_trig_stmt": _trigger,
    "create_policy_stmt": _policy,
    "rule_stmt": _rule,
    "create_function_stmt": _routine,
    "create_seq_stmt": _sequence,
    "create_schema_stmt": _schema,
    "composite_type_stmt": _composite,
    "define_stmt": _defined,
    "rename_stmt": _renamed,
}
_PLAIN = {
    "create_enum_stmt": ("type", "type_name"),
    "create_range_stmt": ("type", "type_name"),
    "create_domain_stmt": ("domain", "domainname"),
    "create_extension_stmt": ("extension", "extname"),
    "create_role_stmt": ("role", "role"),
    "createdb_stmt": ("database", "dbname"),
    "create_event_trig_stmt": ("event trigger", "trigname"),
    "create_fdw_stmt": ("foreign data wrapper", "fdwname"),
    "create_foreign_server_stmt": ("server", "servername"),
    "create_publication_stmt": ("publication", "pubname"),
    "create_subscription_stmt": ("subscription", "subname"),
    "create_stats_stmt": ("statistics", "defnames"),
    "create_plang_stmt": ("language", "plname"),
    "create_am_stmt": ("access method", "amname"),
    "create_table_space_stmt": ("tablespace", "tablespacename"),
    "create_op_class_stmt": ("operator class", "opclassname"),
    "create_op_family_stmt": ("operator family", "opfamilyname"),
    "create_conversion_stmt": ("conversion", "conversion_name"),
}
