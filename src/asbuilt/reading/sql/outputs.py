"""What PostgreSQL calls a column of a query's output that has no name of its own (`FigureColname` in its parser)."""

from asbuilt.reading.sql.syntax import Node, strings, unwrapped

_FIXED = {
    "coalesce_expr": "coalesce",
    "a_array_expr": "array",
    "row_expr": "row",
    "grouping_func": "grouping",
    "json_object_constructor": "json_object",
    "json_array_constructor": "json_array",
    "json_array_query_constructor": "json_array",
    "json_object_agg": "json_objectagg",
    "json_array_agg": "json_arrayagg",
}
_GREATEST = 1


def output_name(value: Node) -> str:
    """Return the name of an output; empty where it cannot be told."""
    kind, node = unwrapped(value)
    if kind in ("column_ref", "func_call"):
        names = strings(node.fields if kind == "column_ref" else node.funcname)
        return names[-1] if names else ""
    if kind == "a_indirection":
        names = strings(node.indirection)
        return names[-1] if names else output_name(node.arg)
    if kind in ("type_cast", "collate_clause"):
        return output_name(node.arg) or (strings(node.type_name.names)[-1] if kind == "type_cast" else "")
    if kind == "case_expr":
        return output_name(node.defresult) or "case"
    if kind == "min_max_expr":
        return "greatest" if node.op == _GREATEST else "least"
    return _of_query(node) if kind == "sub_link" else _FIXED.get(kind, "")


def _of_query(node: Node) -> str:
    """The name of a query's first output, where the query stands for a value."""
    kind, query = unwrapped(node.subselect)
    targets = query.target_list if kind == "select_stmt" else ()
    if not targets or node.sub_link_type not in (1, 5, 7):
        return ""
    if node.sub_link_type != _VALUE:
        return "exists" if node.sub_link_type == 1 else "array"
    return targets[0].res_target.name or output_name(targets[0].res_target.val)


_VALUE = 5
