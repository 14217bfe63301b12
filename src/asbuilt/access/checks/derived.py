"""The checks of a table: what the server holds every row to, and what the document alone says of values."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import msgspec

from asbuilt.access.checks.amending import amended
from asbuilt.access.checks.literals import KIND_OF_TYPE
from asbuilt.access.checks.parsing import Scope, constant_of, tree_of
from asbuilt.access.checks.stated import stated
from asbuilt.access.checks.trees import Call, Check, Named, Tree, Value, columns_of
from asbuilt.access.domains import Domain, resolved
from asbuilt.access.widths import width_of
from asbuilt.engines.state import ColumnState, DatabaseState, TableState
from asbuilt.model.design import Design, Entity

_AS_GIVEN = (None, "C", "POSIX", "default", "C.UTF-8")
"""Collations under which texts are equal only where they are the same."""


class Written(NamedTuple):
    """A condition as the server has it: its name, its text, and what it says; None where only the server can tell."""

    name: str
    text: str
    tree: Tree | None


def checks_of(table: TableState, state: DatabaseState, design: Design) -> tuple[Check, ...]:
    """Return the checks of a table that a program can run itself."""
    entity = design.entity(table.name)
    line = partial(_line, entity, design)
    own = [
        Check(tree, columns_of(tree), text, name, line(name, columns_of(tree)))
        for name, text, tree in written(table, state)
        if tree is not None
    ]
    scope = _scope(table, state)
    widths = {column.name: width_of(resolved(column.type, state).type) for column in table.columns}
    return (*own, *(stated(entity, design, scope, widths) if entity else ()))


def written(table: TableState, state: DatabaseState) -> Iterator[Written]:
    """Yield every condition that the server holds the rows of a table to, its domains' included."""
    scope = _scope(table, state)
    for constraint in table.constraints:
        if constraint.kind == "check" and constraint.is_enforced and constraint.expression:
            yield Written(constraint.name, _bare(constraint.expression), tree_of(constraint.expression, scope))
    for column in table.columns:
        for name, condition in resolved(column.type, state).checks:
            yield Written(name, condition, _of_domain(condition, column.name, scope))


def _bare(expression: str) -> str:
    """Return an expression without the brackets around it."""
    depth = 0
    for at, char in enumerate(expression):
        depth += (char == "(") - (char == ")")
        if depth == 0 and at < len(expression) - 1:
            return expression
    return expression[1:-1]


def _of_domain(condition: str, column: str, scope: Scope) -> Tree | None:
    kind = scope.kinds.get(column)
    widths = {"value": scope.widths.get(column, 1)}
    tree = tree_of(condition, msgspec.structs.replace(scope, kinds={"value": kind}, widths=widths)) if kind else None
    return _renamed(tree, column) if tree is not None else None


def _renamed(tree: Tree, column: str) -> Tree:
    if isinstance(tree, Named):
        return Named(column, tree.kind)
    return (
        Call(tree.name, tuple(_renamed(arg, column) for arg in tree.args), tree.kind)
        if isinstance(tree, Call)
        else tree
    )


def _scope(table: TableState, state: DatabaseState) -> Scope:
    """Return the columns whose value is, when the server looks at it, what a program gave."""
    hidden = amended(table, state)
    enums = frozenset(name.rpartition(".")[2] for kind, name in state.objects if kind == "enum")
    domains = {column.name: resolved(column.type, state) for column in table.columns}
    kinds = {
        column.name: kind
        for column in table.columns
        if column.name not in hidden and column.generated is None
        if (kind := _kind(column, domains[column.name], state))
    }
    widths = {name: width_of(domain.type) or 1 for name, domain in domains.items() if kinds.get(name) == "bpchar"}
    return Scope(kinds, widths, enums)


def _kind(column: ColumnState, domain: Domain, state: DatabaseState) -> str | None:
    """Return the kind of a column's values, None where they are compared by rules that only the server knows."""
    name, length, rest = domain.type.partition("(")
    kind = KIND_OF_TYPE.get(name + rest.partition(")")[2] if length else name)
    if domain.type.endswith("[]"):
        return "list"
    if ("enum", domain.type) in state.objects:
        return "enum"
    if kind in ("timestamp", "timestamptz", "time", "interval") and length:
        return None
    is_plain = column.collation in _AS_GIVEN and domain.collation in _AS_GIVEN
    return kind if is_plain or kind not in ("text", "bpchar") else None


def default_of(column: ColumnState, state: DatabaseState) -> Value | None:
    """Return the constant that the server fills in where nothing is given; NULL is one."""
    domain = resolved(column.type, state)
    if column.identity or column.sequence or column.generated is not None:
        return None
    text = column.default or domain.default
    enums = frozenset(name.rpartition(".")[2] for kind, name in state.objects if kind == "enum")
    return constant_of(text, Scope({}, enums=enums)) if text else Value(None, "null")


def _line(entity: Entity | None, design: Design, name: str, columns: tuple[str, ...]) -> int:
    """Return the line that states a check: by its name, by its columns, by what is said of its only column."""
    if entity is None:
        return 0
    named = [check for check in entity.checks if check.name == name]
    alike = [check for check in entity.checks if not check.name and set(check.columns) == set(columns)]
    spans = [check.span for check in named or alike]
    field = entity.field(columns[0]) if len(columns) == 1 else None
    said = (field.check or field.values, field) if field else (None, None)
    spans += [fact.span for fact in said if fact is not None]
    return design.source.line_at(spans[0].start) if spans else design.source.line_at(entity.span.start)
