"""Designs made by hand from SQL, for tests of the engine that need no reader."""

import postgast
from postgast import pg_query_pb2

from asbuilt.model.design import Design
from asbuilt.model.sql import Need, ObjectName, Role, SqlStatement
from asbuilt.text import Excerpt, Source, Span

_OBJECTS = {
    "create_stmt": ("table", "relation"),
    "view_stmt": ("view", "view"),
    "create_table_as_stmt": ("table", "into.rel"),
}


def design(sql: str, role: Role = Role.SCHEMA) -> Design:
    """Return the design of a document that consists of `sql`."""
    found, at = [], 0
    for text in postgast.split(sql):
        start = sql.index(text.strip(), at)
        at = start + len(text.strip())
        found.append(statement(text.strip(), start, role))
    return Design(Source("design.md", sql), tuple(found))


def statement(text: str, start: int, role: Role) -> SqlStatement:
    tree = postgast.parse(text)
    node = tree.stmts[0].stmt
    kind = node.WhichOneof("node")
    creates = tuple(_created(kind, getattr(node, kind)))
    made = {name.name for name in creates if name.table is None}
    span = Span(start, start + len(text))
    needs = tuple(Need(name, span) for name in _needed(tree) if name.name not in made or name.table)
    words = text.split()
    return SqlStatement(
        span=span,
        text=Excerpt.at(text, start),
        kind=" ".join(words[:2]).lower() if words[0].upper() in ("CREATE", "ALTER", "DROP") else words[0].lower(),
        role=role,
        run=Excerpt.at(text, start),
        creates=creates,
        needs=needs,
    )


def _created(kind, node):
    if kind in _OBJECTS:
        what, path = _OBJECTS[kind]
        for part in path.split("."):
            node = getattr(node, part)
        yield ObjectName(what, node.relname, node.schemaname or None)
    elif kind == "index_stmt":
        yield ObjectName("index", node.idxname)
    elif kind == "create_enum_stmt":
        yield ObjectName("type", node.type_name[-1].string.sval)
    elif kind == "create_function_stmt":
        yield ObjectName("function", node.funcname[-1].string.sval)
    elif kind == "create_extension_stmt":
        yield ObjectName("extension", node.extname)
    elif kind == "create_schema_stmt":
        yield ObjectName("schema", node.schemaname)
    elif kind == "create_trig_stmt":
        yield ObjectName("trigger", node.trigname, None, node.relation.relname)
    elif kind == "alter_table_stmt":
        for command in node.cmds:
            if command.alter_table_cmd.subtype == pg_query_pb2.AT_AddColumn:
                name = getattr(command.alter_table_cmd, "def").column_def.colname
                yield ObjectName("column", name, None, node.relation.relname)


def _needed(tree):
    for _, node in postgast.walk(tree):
        if isinstance(node, pg_query_pb2.RangeVar):
            yield ObjectName("table", node.relname, node.schemaname or None)
        elif isinstance(node, pg_query_pb2.TypeName) and node.names and node.names[0].string.sval != "pg_catalog":
            yield ObjectName("type", node.names[-1].string.sval)
        elif isinstance(node, pg_query_pb2.CreateTrigStmt):
            yield ObjectName("function", node.funcname[-1].string.sval)
