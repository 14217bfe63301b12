"""A question about the rows of a table, as a value: what it asks for, and with which values. Nothing is run here.

Programs put the same questions together again and again, with other values. So each step remembers what shape it has led
to from another, in a `Memo`: then it costs a look-up, and equal questions are one.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from asbuilt.access.conditions import Condition, Expression, Order, Shape
from asbuilt.access.fields import unknown_field, unknown_relation
from asbuilt.access.memo import Memo
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Schema, Table


class Ordering(Struct, frozen=True):
    """What rows are ordered by."""

    shape: Shape
    is_descending: bool = False
    nulls_first: bool = False


class Question(Struct, frozen=True, cache_hash=True):
    """The shape of a question: all of it but the values. One that was asked before is compiled already.

    `where` is the shape of a condition, `picked` those of what is selected, None for whole rows. `included` are the
    questions about related rows, by the relation's name. `has_offset` tells whether there is one. The limit belongs to the
    shape: with a limit that it does not know the server plans anew each time.
    `is_keyed`: each row comes with the values that it is ordered by. `related_by` tells how related rows are read, by `row` or
    by `set`; empty where the compiler chooses.
    """

    table: str
    where: Shape | None = None
    order: tuple[Ordering, ...] = ()
    included: tuple[tuple[str, "Question"], ...] = ()
    picked: tuple[Shape, ...] | None = None
    is_distinct: bool = False
    limit: int | None = None
    has_offset: bool = False
    is_searched: bool = False
    with_deleted: bool = False
    after: tuple[bool, ...] | None = None
    lock: str = ""
    is_keyed: bool = False
    related_by: str = ""


class Values(Struct, frozen=True):
    """The values of a question, in the order in which its parts are compiled."""

    search: str | None = None
    picked: tuple[Any, ...] = ()
    included: tuple["Values", ...] = ()
    where: tuple[Any, ...] = ()
    after: tuple[Any, ...] = ()
    order: tuple[Any, ...] = ()
    offset: int | None = None

    def flat(self) -> tuple[Any, ...]:
        """Return all of them, as the statement takes them."""
        flat: list[Any] = [] if self.search is None else [self.search]
        flat += self.picked
        for values in self.included:
            if values is not _NONE:
                flat += values.flat()
        flat += self.where
        flat += self.after
        flat += self.order
        if self.offset is not None:
            flat.append(self.offset)
        return tuple(flat)


Asked = tuple[Question, Values]
_NONE = Values()


def asking(table: Table) -> Asked:
    return Question(table.name), _NONE


def limited(memo: Memo, asked: Asked, most: int) -> Asked:
    question, values = asked
    return memo.of(("limit", question, most), lambda: replace(question, limit=most)), values


def narrowed(
    memo: Memo, asked: Asked, table: Table, conditions: Sequence[Condition], equal: Mapping[str, Any]
) -> Asked:
    """Return the question about fewer rows: those that fulfil the conditions and have these values, None being NULL."""
    question, values = asked
    shapes: tuple[Shape, ...] = ()
    nulls: tuple[str, ...] = ()
    given: tuple[Any, ...] = ()
    for condition in conditions:
        if not isinstance(condition, Expression):
            raise _no_condition(condition, table)
        shapes += (condition.shape,)
        given += condition.values
    for name, value in equal.items():
        if value is None:
            nulls += (name,)
        else:
            given += (value,)
    names = tuple(equal)
    narrower = memo.of(
        ("where", question, shapes, names, nulls), lambda: _narrowed(question, table, shapes, names, nulls)
    )
    return narrower, replace(values, where=values.where + given) if given else values


def _no_condition(given: object, table: Table) -> QueryRefused:
    name = next(iter(table.by_attribute), "id")
    return QueryRefused(
        f"{table.accessor} are asked for by conditions, not by {given!r}",
        help=f"write `data.{table.accessor}.fields.{name} == …`, or by name `{name}=…`; `data.sql(…)` takes SQL",
    )


def _narrowed(
    question: Question, table: Table, shapes: Sequence[Shape], names: Sequence[str], nulls: Sequence[str]
) -> Question:
    parts = [*shapes, *(_equal(table, name, is_null=name in nulls) for name in names)]
    if question.where is not None:
        parts.insert(0, question.where)
    return replace(question, where=reduce(lambda a, b: ("and", a, b), parts)) if parts else question


def _equal(table: Table, name: str, *, is_null: bool) -> Shape:
    column = table.by_attribute.get(name)
    if column is None:
        raise unknown_field(name, table)
    shape = ("column", (), column.name)
    return ("null", shape) if is_null else ("is", "=", shape)


def ordered(memo: Memo, asked: Asked, table: Table, by: Sequence[str | Order | Expression[Any]]) -> Asked:
    """Return the question with its rows in order; a name with `-` before it goes down."""
    question, values = asked
    shapes: tuple[str | Ordering, ...] = ()
    more: tuple[Any, ...] = ()
    for one in by:
        if not isinstance(one, str):
            order = one if isinstance(one, Order) else one.asc()
            more += order.values
            shapes += (Ordering(order.shape, order.is_descending, order.nulls_first),)
        else:
            shapes += (one,)
    whole = memo.of(("order", question, shapes), lambda: _ordered(question, table, shapes))
    return whole, replace(values, order=values.order + more) if more else values


def _ordered(question: Question, table: Table, by: Sequence[str | Ordering]) -> Question:
    more = [_by_name(table, one) if isinstance(one, str) else one for one in by]
    return replace(question, order=(*question.order, *more))


def _by_name(table: Table, by: str) -> Ordering:
    name = by.removeprefix("-")
    column = table.by_attribute.get(name)
    if column is None:
        raise unknown_field(name, table)
    is_down = by.startswith("-")
    return Ordering(("column", (), column.name), is_down, is_down)


def including(memo: Memo, asked: Asked, schema: Schema, names: tuple[str, ...], related: Mapping[str, Asked]) -> Asked:
    """Return the question with related rows: along each path of relations (`items.product`), and those that questions ask for."""
    question, values = asked
    questions, given = zip(*related.values(), strict=True) if related else ((), ())
    key = ("include", question, names, tuple(related), questions)
    whole, is_plain = memo.of(key, lambda: _including(asked, schema, names, related))
    if is_plain:
        return whole, replace(values, included=values.included + (_NONE,) * len(names) + given)
    return whole, _included(asked, schema, names, related)[1]


def _including(
    asked: Asked, schema: Schema, names: Sequence[str], related: Mapping[str, Asked]
) -> tuple[Question, bool]:
    """Return the question with related rows, and whether it has each of these relations after those that it had, and no more."""
    question, _ = _included(asked, schema, names, related)
    added = tuple(name for name, _ in question.included[len(asked[0].included) :])
    return question, added == (*names, *related)


def _included(asked: Asked, schema: Schema, names: Sequence[str], related: Mapping[str, Asked]) -> Asked:
    for name in names:
        asked = _include(asked, schema, name)
    for name, its in related.items():
        asked = _include(asked, schema, name, its)
    return asked


def _include(asked: Asked, schema: Schema, name: str, related: Asked | None = None) -> Asked:
    question, values = asked
    table = schema.by_name[question.table]
    first, _, rest = name.partition(".")
    relation = table.by_relation.get(first)
    if relation is None:
        raise unknown_relation(first, table)
    target = schema.by_name[relation.target]
    known = {name: (its, given) for (name, its), given in zip(question.included, values.included, strict=True)}
    inner = related or known.get(first) or asking(target)
    if inner[0].table != target.name:
        raise QueryRefused(f"{table.accessor}.{first} leads to {target.accessor}, not to {inner[0].table}")
    if inner[0].picked is not None:
        raise QueryRefused(f"{table.accessor}.{first} is included as whole rows", help="select from the table itself")
    known[first] = _include(inner, schema, rest) if rest else inner
    included = tuple((name, its) for name, (its, _) in known.items())
    return replace(question, included=included), replace(values, included=tuple(v for _, v in known.values()))


def picking(asked: Asked, fields: Sequence[Expression[Any]], *, is_distinct: bool) -> Asked:
    """Return the question about some values instead of whole rows."""
    question, values = asked
    if question.included:
        raise QueryRefused("values are selected from rows without includes", help="select, or include")
    if not fields or not all(isinstance(field, Expression) for field in fields):
        raise QueryRefused(
            f"{question.table} gives values of fields, not {', '.join(map(repr, fields)) or 'nothing'}",
            help="select at least one, as in `select(fields.id, count())`",
        )
    shapes = tuple(field.shape for field in fields)
    more = tuple(value for field in fields for value in field.values)
    return replace(question, picked=shapes, is_distinct=is_distinct), replace(values, picked=more)
