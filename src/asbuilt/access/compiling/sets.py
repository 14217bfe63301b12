"""Related rows by set: those of all rows together are read once and put together by what they belong to, in one statement still.

By row, the server reads the related rows of each row by itself: best for a few rows, and where each has its own limit.
"""

from collections.abc import Sequence
from typing import NamedTuple

from asbuilt.access.compiling.filtering import standing
from asbuilt.access.compiling.ordering import ordered_by, ordering
from asbuilt.access.compiling.scopes import Holes, Scope, joined, quoted
from asbuilt.access.compiling.selecting import columns_of, included, limited, look, object_of, where_of
from asbuilt.access.conditions import Shape
from asbuilt.access.queries import Question
from asbuilt.access.schema import Relation, Schema, Table

_FEW = 4
"""So many rows are read by row."""


def goes_by_set(schema: Schema, question: Question) -> bool:
    """Tell whether related rows are read by set: where the question says so, or may be about many rows."""
    if question.picked is not None or question.is_distinct or not _has_sets(schema, question):
        return False
    is_few = question.limit is not None and question.limit <= _FEW
    return question.related_by == "set" or not (is_few or _is_one(schema.by_name[question.table], question.where))


def _is_one(table: Table, where: Shape | None) -> bool:
    """Tell whether a condition names one row, by a unique key."""
    equal = _equal(where)
    return any(equal.issuperset(key) for key in (table.primary_key, *table.uniques) if key)


def _equal(where: Shape | None) -> set[str]:
    """Return the columns that have one value in all rows that fulfil a condition."""
    if where is None:
        return set()
    if where[0] == "and":
        return _equal(where[1]) | _equal(where[2])
    return {where[2][2]} if where[:2] == ("is", "=") and where[2][:2] == ("column", ()) else set()


def _has_sets(schema: Schema, question: Question) -> bool:
    relations = schema.by_name[question.table].by_relation
    return any(_is_set(schema, question, relations[name], inner) for name, inner in question.included)


def _is_set(schema: Schema, question: Question, relation: Relation, inner: Question) -> bool:
    """Tell whether a relation's rows can be read by set and are better so: a limit is one for each row that they belong to."""
    if question.related_by == "row" or inner.limit is not None or inner.has_offset or inner.is_distinct:
        return False
    return relation.is_many or _has_sets(schema, inner)


def selected_by_set(schema: Schema, question: Question) -> str:
    """Return the statement that answers a question: JSON of each row with what is included."""
    steps: list[str] = []
    scope = Scope(schema, schema.by_name[question.table], Holes())
    level = _level(steps, scope, question, (), ())
    keys = [key for key, _ in level.order if question.is_keyed]
    picked = ", ".join([f"{level.row}::text", *keys])
    return f"WITH {', '.join(steps)} SELECT {picked} FROM {level.source}{ordered_by(level.order)}"


class _Level(NamedTuple):
    """Rows: where they are read from, the document of each, what tells to which row it belongs, and the order."""

    source: str
    row: str
    links: Sequence[str]
    order: Sequence[tuple[str, str]]


def _level(
    steps: list[str], scope: Scope, question: Question, links: Sequence[str], belonging: Sequence[str]
) -> _Level:
    """Return rows, read in a step of their own where the next ones need them; `links` and `belonging` tie them to others.

    The parts are made in the order in which `queries.Values` gives their values.
    """
    look(scope, question)
    at, name = len(steps), f"s{len(steps)}"
    has_sets = _has_sets(scope.schema, question)
    if has_sets:
        steps.append("")
    related, joins = _related(steps, name, scope, question)
    where = where_of(scope, question, belonging)
    order = ordering(scope, question)
    limits = limited(scope, question)
    row = object_of("SELECT " + ", ".join([*columns_of(scope, is_inner=True), *related]))
    if not has_sets:
        return _Level(f"{scope.source()}{where}", row, links, order)
    columns = [f"{scope.alias}.{quoted(column.name)}" for column in scope.table.columns]
    columns += [f'{link} AS "of {n}"' for n, link in enumerate(links)]
    columns += [f'{key} AS "by {n}"' for n, (key, _) in enumerate(order)]
    ordered = ordered_by(order) if limits else ""
    steps[at] = f"{name} AS MATERIALIZED (SELECT {', '.join(columns)} FROM {scope.source()}{where}{ordered}{limits})"
    return _Level(
        f"{name} AS {scope.alias}{''.join(joins)}", row,
        [f'{scope.alias}."of {n}"' for n in range(len(links))],
        [(f'{scope.alias}."by {n}"', direction) for n, (_, direction) in enumerate(order)],
    )  # fmt: skip


def _related(steps: list[str], name: str, scope: Scope, question: Question) -> tuple[list[str], list[str]]:
    """Return each relation's rows as one value, and the joins that those by set need."""
    related, joins = [], []
    for label, inner in question.included:
        relation = scope.table.by_relation[label]
        if not _is_set(scope.schema, question, relation, inner):
            related.append(included(scope, label, inner))
            continue
        here, its = _set(steps, name, scope.inner(relation), relation, inner)
        alias = scope.holes.alias()
        on = " AND ".join(f'{alias}."of {n}" = {scope.alias}.{quoted(column)}' for n, column in enumerate(here))
        joins.append(f" LEFT JOIN ({its}) AS {alias} ON {on}")
        rows = f"coalesce({alias}.r, '[]')" if relation.is_many else f"{alias}.r"
        related.append(f'{rows} AS "{label}"')
    return related, joins


def _set(
    steps: list[str], name: str, inner: Scope, relation: Relation, question: Question
) -> tuple[Sequence[str], str]:
    """Return the columns of the rows of a step that related rows belong to, and a select that gives what belongs to each."""
    here, links = _links(inner, relation)
    hides = relation.is_many and not question.with_deleted
    belonging = [_within(links, here, name), *(standing(inner) if hides else ())]
    level = _level(steps, inner, question, links, belonging)
    told = ", ".join(f'{link} AS "of {n}"' for n, link in enumerate(level.links))
    if not relation.is_many:
        return here, f"SELECT {told}, {level.row} AS r FROM {level.source}"
    rows = f"json_agg({level.row}{ordered_by(level.order)})"
    grouped = ", ".join(str(n) for n in range(1, len(links) + 1))
    return here, f"SELECT {told}, {rows} AS r FROM {level.source} GROUP BY {grouped}"


def _links(inner: Scope, relation: Relation) -> tuple[list[str], list[str]]:
    """Return the columns that a relation begins with, and what is equal to them where it ends, or in the table between."""
    pairs, alias = relation.pairs, inner.alias
    if relation.through is not None:
        pairs, alias = relation.into, inner.holes.alias()
        inner.join(relation.through, alias, joined(alias, inner.alias, relation.pairs))
    return [here for here, _ in pairs], [f"{alias}.{quoted(there)}" for _, there in pairs]


def _within(links: Sequence[str], here: Sequence[str], name: str) -> str:
    """Return the condition for what belongs to any row of a step; of one column as an array, which an index is looked up with."""
    columns = ", ".join(quoted(column) for column in here)
    if len(links) == 1:
        return f"{links[0]} = ANY (ARRAY(SELECT {columns} FROM {name}))"
    return f"({', '.join(links)}) IN (SELECT {columns} FROM {name})"
