"""What a statement cannot do without: the objects it names, each with the place.

Names are recorded as written and as PostgreSQL folds them; whether one is built in is for the engine to say, which asks
the server. Any relation is a `table` here, be it a view in the end. The body of a function in `sql` is looked into by the
server when the function is made; what the body in any other language needs it needs only when it runs, and counts for nothing.
"""

import re
from collections.abc import Callable, Iterator

from asbuilt.model.sql import Need, ObjectName
from asbuilt.model.types import KNOWN, Family
from asbuilt.reading.sql.creates import object_kind, qualified
from asbuilt.reading.sql.drafts import Draft
from asbuilt.reading.sql.expressions import called_in, calls_of, tables_of
from asbuilt.reading.sql.lexing import unquoted
from asbuilt.reading.sql.syntax import Node, columns_in, strings, unwrapped, walk, word_of
from asbuilt.text import Span

_FROM_EXTENSIONS = frozenset({"citext", "hstore", "vector", "geometry", "geography"})
_INTERNAL = frozenset(
    name
    for word, (full, family, is_native) in KNOWN.items()
    for name in (word, full)
    if is_native and name not in _FROM_EXTENSIONS and (family != Family.OTHER or name in ("bit", "xml", "regclass"))
) | {"int2", "int4", "int8", "float4", "float8", "bool", "bpchar", "void", "trigger", "record", "event_trigger", "anyelement", "varbit",
     "circle", "box", "line", "lseg", "path", "macaddr8", "pg_lsn", "int4multirange", "datemultirange", "tstzmultirange", "nummultirange"}  # fmt: skip
_SEQUENCE_CALLS = frozenset({"nextval", "currval", "setval"})
_NEW_ROWS = frozenset({"new", "old", "excluded"})


def needs_of(draft: Draft, creates: tuple[ObjectName, ...]) -> tuple[Need, ...]:
    """Return what a statement needs besides what it `creates`, without repetition, in the order of the text."""
    found = [*_named_in_tree(draft), *_columns_needed(draft), *_others(draft)]
    made = {_made_relation(draft.node), *creates}
    unique: dict[ObjectName, Need] = {}
    for need in sorted(found, key=_place_and_name):
        if need.name not in made:
            unique.setdefault(need.name, need)
    return tuple(unique.values())


def _place_and_name(need: Need) -> tuple[int, int, str, str]:
    return need.span.start, need.span.end, need.name.kind, need.name.name


def _made_relation(node: Node) -> ObjectName | None:
    """The relation that the statement itself makes is not one that it needs."""
    name = type(node).__name__
    if name == "CreateStmt":
        return qualified("table", node.relation)
    if name == "CreateForeignTableStmt":
        return qualified("table", node.base_stmt.relation)
    if name == "ViewStmt":
        return qualified("table", node.view)
    if name == "CreateTableAsStmt":
        return qualified("table", node.into.rel)
    if name in ("CreateSeqStmt", "CompositeTypeStmt"):
        return qualified("table", node.sequence if name == "CreateSeqStmt" else node.typevar)
    return None


def _named_in_tree(draft: Draft) -> Iterator[Need]:
    """Relations, functions, types and roles, wherever the tree names them."""
    tree = list(_tree(draft))
    local = {node.ctename for name, node in tree if name == "CommonTableExpr"}
    for name, node in tree:
        if name == "RangeVar":
            if node.relname and (node.schemaname or node.relname not in local):
                yield from _relation(draft, node)
        elif name == "FuncCall":
            yield from _function(draft, node)
        elif name == "TypeName":
            yield from _type(draft, node)
        elif name == "CollateClause":
            yield _need(draft, "collation", strings(node.collname))
        elif name == "TypeCast" and strings(node.type_name.names)[-1:] == ("regconfig",):
            yield _need(draft, "text search configuration", _parts_of(node.arg.a_const.sval.sval))
        elif name == "Constraint" and node.HasField("pktable"):
            yield from _columns(draft, node.pktable, list(strings(node.pk_attrs)), node.pktable.location)


def _tree(draft: Draft) -> Iterator[tuple[str, Node]]:
    """All messages of a statement; of a table's columns, of which there are many, only those that may name an object."""
    if draft.parsed.name != "create_stmt" or draft.node.HasField("partbound"):
        yield from walk(draft.node)
        return
    for relation in draft.node.inh_relations:
        yield from walk(relation)
    for element in draft.node.table_elts:
        kind, inner = unwrapped(element)
        if kind == "column_def":
            yield "TypeName", inner.type_name
            if inner.HasField("coll_clause"):
                yield "CollateClause", inner.coll_clause
            for constraint in inner.constraints:
                yield from _constraint(constraint.constraint)
        elif kind == "constraint":
            yield from _constraint(inner)
        else:
            yield from walk(inner)


def _constraint(node: Node) -> Iterator[tuple[str, Node]]:
    yield "Constraint", node
    if node.HasField("pktable"):
        yield "RangeVar", node.pktable
    if node.HasField("raw_expr"):
        yield from walk(node.raw_expr)
    for exclusion in node.exclusions:
        yield from walk(exclusion)


def _relation(draft: Draft, node: Node) -> Iterator[Need]:
    name = qualified("table", node)
    span = draft.name_span(node.location)
    yield Need(name, span)
    if name.schema:
        yield Need(ObjectName("schema", name.schema), _first_part(draft, node.location))


def _first_part(draft: Draft, location: int) -> Span:
    at = draft.index_of(location)
    return draft.span(at, at + 1)


def _function(draft: Draft, node: Node) -> Iterator[Need]:
    parts = strings(node.funcname)
    if not parts or parts[0] == "pg_catalog":
        return
    yield Need(ObjectName("function", parts[-1], parts[-2] if len(parts) > 1 else None), draft.name_span(node.location))
    if parts[-1] in _SEQUENCE_CALLS and node.args:
        kind, inner = unwrapped(node.args[0])
        inner = inner.arg.a_const if kind == "type_cast" else inner
        text = inner.sval.sval if hasattr(inner, "sval") else ""
        if text:
            schema, _, name = text.replace('"', "").rpartition(".")
            yield Need(ObjectName("sequence", name, schema or None), draft.name_span(node.location))


def _type(draft: Draft, node: Node) -> Iterator[Need]:
    if not node.names or node.names[0].string.sval == "pg_catalog":
        return
    parts = strings(node.names)
    if (len(parts) == 1 and parts[0] in _INTERNAL) or node.pct_type:
        return
    if node.location >= 0:
        yield Need(ObjectName("type", parts[-1], parts[-2] if len(parts) > 1 else None), draft.name_span(node.location))


def _columns_needed(draft: Draft) -> Iterator[Need]:
    node = draft.node
    name = draft.parsed.name
    if name == "index_stmt":
        elements = [e.index_elem for e in (*node.index_params, *node.index_including_params)]
        columns = [e.name for e in elements if e.name]
        yield from _columns(draft, node.relation, [*columns, *columns_in(node)])
    elif name == "alter_table_stmt" and word_of(node, "objtype") == "OBJECT_TABLE":
        yield from _altered(draft, node)
    elif name in ("insert_stmt", "update_stmt"):
        targets = node.cols if name == "insert_stmt" else node.target_list
        yield from _columns(draft, node.relation, [t.res_target.name for t in targets if t.res_target.name])
    elif name == "create_trig_stmt":
        rows = [strings(n.fields) for kind, n in walk(node.when_clause) if kind == "ColumnRef"]
        used = [parts[1] for parts in rows if len(parts) == 2 and parts[0] in _NEW_ROWS]
        yield from _columns(draft, node.relation, [*strings(node.columns), *used])


def _altered(draft: Draft, node: Node) -> Iterator[Need]:
    added: set[str] = set()
    needed: list[str] = []
    for command in node.cmds:
        inner = command.alter_table_cmd
        subtype = word_of(inner, "subtype")
        kind, definition = unwrapped(getattr(inner, "def"))
        if subtype == "AT_AddColumn":
            added.add(definition.colname)
        elif kind == "constraint":
            needed += [*strings(definition.keys), *strings(definition.fk_attrs), *columns_in(definition)]
        elif (
            "Column" in subtype
            or "NotNull" in subtype
            or subtype.endswith(("Identity", "Expression", "Statistics", "Storage"))
        ):
            needed += [] if inner.missing_ok or not inner.name else [inner.name]
    yield from _columns(draft, node.relation, [c for c in needed if c not in added])


def _columns(draft: Draft, relation: Node, names: list[str], location: int = 0) -> Iterator[Need]:
    first = draft.index_of(location) if location else 0
    for name in dict.fromkeys(names):
        column = ObjectName("column", name, relation.schemaname or None, relation.relname)
        yield Need(column, _place(draft, name, first, relation.relname))


def _place(draft: Draft, name: str, first: int, table: str = "") -> Span:
    """Return where a name stands; of a table and a column with one name the column comes later."""
    text = draft.sql.text
    places = [
        i
        for i in range(first, len(draft.tokens))
        if draft.tokens[i].kind in ("word", "quoted") and unquoted(text, draft.tokens[i]) == name
    ]
    if not places:
        return draft.whole()
    at = places[1] if name == table and len(places) > 1 else places[0]
    return draft.span(at, at + 1)


def _others(draft: Draft) -> Iterator[Need]:
    """Functions of triggers, the objects of `DROP`, `COMMENT` and `ALTER TYPE`, the roles of policies, schemas."""
    node = draft.node
    name = draft.parsed.name
    if name in ("create_trig_stmt", "create_event_trig_stmt"):
        yield _need(draft, "function", strings(node.funcname))
    elif name == "drop_stmt" and not node.missing_ok:
        yield from _dropped(draft, node)
    elif name == "alter_enum_stmt":
        yield _need(draft, "type", strings(node.type_name))
    elif name == "comment_stmt":
        yield from _commented(draft, node)
    elif name == "create_policy_stmt":
        roles = [r.role_spec for r in node.roles]
        yield from (_need(draft, "role", (r.rolename,)) for r in roles if r.rolename)
    elif name == "grant_stmt":
        roles = [r.role_spec for r in node.grantees]
        yield from (_need(draft, "role", (r.rolename,)) for r in roles if r.rolename)
    elif name == "create_function_stmt":
        parts = strings(node.funcname)
        yield from (Need(ObjectName("schema", part), _place(draft, part, 0)) for part in parts[:-1])
        yield from _in_body(draft, node)
    elif name in ("create_enum_stmt", "create_range_stmt") and len(node.type_name) > 1:
        parts = strings(node.type_name)
        yield Need(ObjectName("schema", parts[0]), _place(draft, parts[0], 0))
    elif name in _SUPPORTED:
        yield from _SUPPORTED[name](draft, node)
    if name == "create_stmt" and node.relation.schemaname:
        yield Need(ObjectName("schema", node.relation.schemaname), _first_part(draft, node.relation.location))


def _of_definition(draft: Draft, node: Node) -> Iterator[Need]:
    """The functions of an operator or an aggregate."""
    for option in node.definition:
        element = option.def_elem
        if element.defname in _FUNCTION_OPTIONS and element.arg.HasField("type_name"):
            yield _need(draft, "function", strings(element.arg.type_name.names))


def _of_operator_class(draft: Draft, node: Node) -> Iterator[Need]:
    for item in node.items:
        member = item.create_op_class_item
        if member.itemtype in _MEMBERS:
            yield _need(draft, _MEMBERS[member.itemtype], strings(member.name.objname))
    if node.opfamilyname:
        yield _need(draft, "operator family", strings(node.opfamilyname))


def _of_cast(draft: Draft, node: Node) -> Iterator[Need]:
    if node.HasField("func"):
        yield _need(draft, "function", strings(node.func.objname))


def _of_mapping(draft: Draft, node: Node) -> Iterator[Need]:
    yield _need(draft, "text search configuration", strings(node.cfgname))
    yield from (_need(draft, "text search dictionary", strings(d.list.items)) for d in node.dicts)


def _of_index(draft: Draft, node: Node) -> Iterator[Need]:
    for element in (p.index_elem for p in node.index_params):
        if element.opclass:
            yield _need(draft, "operator class", strings(element.opclass))
        if element.collation:
            yield _need(draft, "collation", strings(element.collation))


def _of_server(draft: Draft, node: Node) -> Iterator[Need]:
    yield _need(draft, "foreign data wrapper", (node.fdwname,))


def _of_foreign_table(draft: Draft, node: Node) -> Iterator[Need]:
    yield _need(draft, "server", (node.servername,))


_FUNCTION_OPTIONS = frozenset({"function", "procedure", "restrict", "join", "sfunc", "finalfunc", "combinefunc"})
_MEMBERS = {1: "operator", 2: "function"}
_SUPPORTED: dict[str, Callable[[Draft, Node], Iterator[Need]]] = {
    "define_stmt": _of_definition,
    "create_op_class_stmt": _of_operator_class,
    "create_cast_stmt": _of_cast,
    "alter_tsconfiguration_stmt": _of_mapping,
    "index_stmt": _of_index,
    "create_foreign_server_stmt": _of_server,
    "create_foreign_table_stmt": _of_foreign_table,
}
"""What kinds of statements need that the tree does not name as a relation, a call or a type."""


def _parts_of(name: str) -> tuple[str, ...]:
    return tuple(name.replace('"', "").split("."))


def _in_body(draft: Draft, node: Node) -> Iterator[Need]:
    """The relations and functions that the body of a function in `sql` names."""
    if node.HasField("sql_body"):
        yield from (_called(draft, name) for name in called_in(node.sql_body))
    options = {option.def_elem.defname: option.def_elem.arg for option in node.options}
    language = options.get("language")
    if language is None or language.string.sval.lower() != "sql" or "as" not in options:
        return
    for body in strings(options["as"].list.items):
        for statement in body.split(";"):
            for name in tables_of(statement):
                schema, _, table = name.rpartition(".")
                place = re.search(rf"(?<!\w){re.escape(table)}(?!\w)", draft.sql.text)
                span = draft.sql.span(*place.span()) if place else draft.whole()
                yield Need(ObjectName("table", table, schema or None), span)
            yield from (_called(draft, name) for name in calls_of(statement))


def _called(draft: Draft, name: str) -> Need:
    schema, _, bare = name.rpartition(".")
    return Need(ObjectName("function", bare, schema or None), draft.whole())


def _need(draft: Draft, kind: str, parts: tuple[str, ...], table: str | None = None) -> Need:
    name = ObjectName(kind, parts[-1] if parts else "", parts[-2] if len(parts) > 1 else None, table)
    return Need(name, _place(draft, name.name, 0))


def _dropped(draft: Draft, node: Node) -> Iterator[Need]:
    kind = object_kind(node, "remove_type")
    kind = "table" if kind in ("view", "materialized view", "foreign table") else kind
    for thing in node.objects:
        what, inner = unwrapped(thing)
        parts = strings(inner.items) if what == "list" else strings(inner.objname) if what == "object_with_args" else ()
        parts = strings(inner.names) if what == "type_name" else parts or ((inner.sval,) if what == "string" else ())
        if kind in ("trigger", "policy", "rule") and len(parts) > 1:
            yield _need(draft, kind, parts[-1:], parts[-2])
            yield _need(draft, "table", parts[:-1])
        elif parts:
            yield _need(draft, kind, parts)


def _commented(draft: Draft, node: Node) -> Iterator[Need]:
    kind = object_kind(node, "objtype")
    what, inner = unwrapped(node.object)
    parts = strings(inner.items) if what == "list" else ()
    if kind in ("column", "constraint", "trigger", "policy") and len(parts) > 1:
        yield _need(draft, kind, parts[-1:], parts[-2])
        yield _need(draft, "table", parts[:-1])
    elif parts:
        yield _need(draft, "table" if "view" in kind else kind, parts)
    elif what == "object_with_args":
        yield _need(draft, kind, strings(inner.objname))
