"""The columns that a query takes from tables, by the rules of SQL for what a name means where.

A name is looked for in the `FROM` of its own query, then in those around it; `ORDER BY` and `GROUP BY` know the names of
the output too. What comes from a function, or from anything else whose columns nobody can tell here, is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from asbuilt.model.sql import ColumnUse
from asbuilt.reading.sql.drafts import Draft
from asbuilt.reading.sql.outputs import output_name
from asbuilt.reading.sql.syntax import Node, children, strings, unwrapped

_QUERIES = frozenset({"select_stmt", "insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"})
_SET_OPERATION = 2


@dataclass(frozen=True, slots=True)
class _Source:
    """What stands in `FROM`: all columns of `tables`, and those called `others`; open where there may be more."""

    alias: str
    tables: tuple[str, ...] = ()
    others: frozenset[str] = frozenset()
    is_open: bool = False

    def called(self, alias: str) -> "_Source":
        return _Source(alias, self.tables, self.others, self.is_open)


_OPEN = _Source("", is_open=True)
_Known = dict[str, _Source]
"""The queries of `WITH` by name."""


@dataclass(slots=True)
class _Scope:
    """The sources that names are looked for in; `outer` is the scope of the query around."""

    known: _Known
    outer: "_Scope | None" = None
    sources: list[_Source] = field(default_factory=list)

    def around(self) -> Iterator["_Scope"]:
        scope: _Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.outer


def columns_used(draft: Draft) -> tuple[ColumnUse, ...]:
    """Return the columns that a query, a view, a changing statement or a policy takes from tables, each once."""
    reader = _Reader(draft)
    name, node = draft.parsed.name, draft.node
    if name in ("view_stmt", "create_table_as_stmt", "explain_stmt"):
        name, node = unwrapped(node.query)
    if name in _QUERIES:
        reader.query(name, node, None, {})
    elif name == "create_policy_stmt":
        scope = _Scope({}, None, [_table(node.table)])
        reader.visit((node.qual, node.with_check), scope)
    return tuple(reader.found.values())


def _table(relation: Node) -> _Source:
    name = ".".join(filter(None, (relation.schemaname, relation.relname)))
    return _Source(relation.alias.aliasname or relation.relname, (name,), is_open=bool(relation.alias.colnames))


class _Reader:
    """Walks through one statement and keeps what is found by column and what it may come from."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.found: dict[tuple[object, ...], ColumnUse] = {}

    def query(self, kind: str, node: Node, outer: _Scope | None, known: _Known) -> _Source:
        """Read a query of any kind; return what it gives."""
        known = self._with(node, outer, known)
        if kind == "select_stmt":
            return self._select(node, outer, known)
        if kind == "insert_stmt":
            return self._insert(node, outer, known)
        if kind == "merge_stmt":
            return self._merge(node, outer, known)
        scope = _Scope(known, outer, [_table(node.relation)])
        for item in node.from_clause if kind == "update_stmt" else node.using_clause:
            self._add(item, scope)
        self.visit((*(getattr(node, "target_list", ())), node.where_clause), scope)
        return self._returning(node, scope)

    def _with(self, node: Node, outer: _Scope | None, known: _Known) -> _Known:
        """Return the named queries, those of a `WITH` added; what calls itself may have any column meanwhile."""
        if not node.HasField("with_clause"):
            return known
        known = dict(known)
        for item in node.with_clause.ctes:
            cte = item.common_table_expr
            if node.with_clause.recursive:
                known[cte.ctename] = _OPEN
            kind, inner = unwrapped(cte.ctequery)
            given = self.query(kind, inner, outer, known) if kind in _QUERIES else _OPEN
            if cte.HasField("search_clause") or cte.HasField("cycle_clause"):
                given = _OPEN
            elif cte.aliascolnames:
                given = _Source("", (), frozenset(strings(cte.aliascolnames)))
            known[cte.ctename] = given
        return known

    def _select(self, node: Node, outer: _Scope | None, known: _Known) -> _Source:
        scope = _Scope(known, outer)
        if node.values_lists:
            self.visit(node.values_lists, scope)
            return _OPEN
        if node.op >= _SET_OPERATION:
            given = self.query("select_stmt", node.larg, outer, known)
            self.query("select_stmt", node.rarg, outer, known)
            return given
        for item in node.from_clause:
            self._add(item, scope)
        given = _given(node.target_list, scope)
        self.visit((*node.target_list, node.where_clause, node.having_clause, *node.window_clause), scope)
        self.visit((node.limit_count, node.limit_offset), scope)
        sorted_by = [item.sort_by.node for item in node.sort_clause]
        for item in (*sorted_by, *node.group_clause, *node.distinct_clause):
            self._by_output(item, scope, given)
        return given

    def _by_output(self, item: Node, scope: _Scope, given: _Source) -> None:
        """A name that stands alone in `ORDER BY`, `GROUP BY` or `DISTINCT ON` may be one of the output."""
        kind, inner = unwrapped(item)
        if kind == "column_ref" and len(inner.fields) == 1:
            self._column(inner, scope, given.others)
        else:
            self.visit((item,), scope)

    def _insert(self, node: Node, outer: _Scope | None, known: _Known) -> _Source:
        kind, inner = unwrapped(node.select_stmt)
        if kind:
            self.query(kind, inner, outer, known)
        table = _table(node.relation)
        if node.HasField("on_conflict_clause"):
            clause = node.on_conflict_clause
            scope = _Scope(known, outer, [table, table.called("excluded")])
            self.visit((clause.infer, *clause.target_list, clause.where_clause), scope)
        return self._returning(node, _Scope(known, outer, [table]))

    def _merge(self, node: Node, outer: _Scope | None, known: _Known) -> _Source:
        scope = _Scope(known, outer, [_table(node.relation)])
        self._add(node.source_relation, scope)
        self.visit((node.join_condition, *node.merge_when_clauses), scope)
        return self._returning(node, scope)

    def _returning(self, node: Node, scope: _Scope) -> _Source:
        targets = node.returning_clause.exprs
        self.visit(targets, scope)
        return _given(targets, scope)

    def _add(self, item: Node, scope: _Scope) -> None:
        """Add what stands in `FROM` to the scope, and read what is in it."""
        kind, node = unwrapped(item)
        if kind == "join_expr":
            self._add(node.larg, scope)
            self._add(node.rarg, scope)
            self.visit((node.quals,), scope)
            if node.HasField("alias"):
                scope.sources.append(_OPEN.called(node.alias.aliasname))
        elif kind == "range_table_sample":
            self._add(node.relation, scope)
        elif kind == "range_var":
            named = scope.known.get(node.relname) if not node.schemaname else None
            table = _table(node)
            scope.sources.append(named.called(table.alias) if named and not table.is_open else table)
        elif kind == "range_subselect":
            scope.sources.append(self._inner(node, scope))
        else:
            self.visit((item,), scope)
            scope.sources.append(_OPEN.called(node.alias.aliasname if hasattr(node, "alias") else ""))

    def _inner(self, node: Node, scope: _Scope) -> _Source:
        """A query in `FROM`; one that is `LATERAL` knows what stands before it."""
        kind, query = unwrapped(node.subquery)
        given = self.query(kind, query, scope if node.lateral else scope.outer, scope.known)
        return (_OPEN if node.alias.colnames else given).called(node.alias.aliasname)

    def visit(self, nodes: Sequence[Node], scope: _Scope) -> None:
        """Find the columns that expressions name, those of the queries in them included."""
        stack = list(nodes)
        while stack:
            current = stack.pop()
            name = type(current).__name__
            if name == "ColumnRef":
                self._column(current, scope)
            elif name == "SelectStmt":
                self.query("select_stmt", current, scope, scope.known)
            else:
                stack += children(current)

    def _column(self, node: Node, scope: _Scope, others: frozenset[str] = frozenset()) -> None:
        parts = strings(node.fields)
        if not parts or node.fields[-1].WhichOneof("node") == "a_star":
            return
        sources = _meant(parts, scope)
        if not sources or any(source.is_open for source in sources):
            return
        tables = tuple(dict.fromkeys(table for source in sources for table in source.tables))
        others = others.union(*(source.others for source in sources))
        if tables and parts[-1] not in others:
            at = self.draft.index_of(node.location) + 2 * (len(parts) - 1)
            use = ColumnUse(parts[-1], self.draft.span(at, at + 1), tables)
            self.found.setdefault((use.column, use.tables), use)


def _meant(parts: tuple[str, ...], scope: _Scope) -> list[_Source]:
    """Return the sources that a name may come from: the one that it is qualified by, else all around it.

    A name that stands for a whole row of a source comes from none.
    """
    if len(parts) == 1:
        sources = [source for around in scope.around() for source in around.sources]
        return [] if any(source.alias == parts[0] for source in sources) else sources
    for around in scope.around():
        named = [source for source in around.sources if source.alias == parts[-2]]
        if named:
            return named[:1] if len(parts) == 2 else []
    return []


def _given(targets: Sequence[Node], scope: _Scope) -> _Source:
    """Return what a list of outputs gives: names, all columns of tables, or what nobody can tell."""
    tables: list[str] = []
    others: set[str] = set()
    is_open = False
    for target in targets:
        starred = _starred(target.res_target.val, scope) if not target.res_target.name else None
        if starred is not None:
            tables += [table for source in starred for table in source.tables]
            others.update(*(source.others for source in starred))
            is_open = is_open or not starred or any(source.is_open for source in starred)
        else:
            name = target.res_target.name or output_name(target.res_target.val)
            is_open = is_open or not name
            others.add(name)
    return _Source("", tuple(dict.fromkeys(tables)), frozenset(others), is_open)


def _starred(value: Node, scope: _Scope) -> list[_Source] | None:
    """Return the sources that `*` or `a.*` stands for; None for anything else."""
    kind, inner = unwrapped(value)
    if kind != "column_ref" or inner.fields[-1].WhichOneof("node") != "a_star":
        return None
    parts = strings(inner.fields)
    return _meant((*parts, "*"), scope) if parts else list(scope.sources)
