"""A question about the rows of a table, as a value: what it asks for, and with which values. Nothing is run here."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from asbuilt.access.conditions import Condition, Expression, Order, Shape, together
from asbuilt.access.fields import unknown
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Schema, Table


class Ordering(Struct, frozen=True):
    """What rows are ordered by."""

    shape: Shape
    is_descending: bool = False
    nulls_first: bool = False


class Question(Struct, frozen=True):
    """The shape of a question: all of it but the values. One that was asked before is compiled already.

    `where` is the shape of a condition, `picked` those of what is selected, None for whole rows. `included` are the
    questions about related rows, by the relation's name. `has_offset` tells whether there is one. The limit belongs to the
    shape: with a limit that it does not know the server plans anew each time.
    `is_keyed`: each row comes with the values that it is ordered by.
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
            flat += values.flat()
        flat += self.where
        flat += self.after
        flat += self.order
        if self.offset is not None:
            flat.append(self.offset)
        return tuple(flat)


Asked = tuple[Question, Values]


def asking(table: Table) -> Asked:
    return Question(table.name), Values()


def narrowed(asked: Asked, table: Table, conditions: Sequence[Condition], equal: Mapping[str, Any]) -> Asked:
    """Return the question about fewer rows: those that fulfil the conditions and have these values."""
    question, values = asked
    parts = [*conditions, *(_equal(table, name, value) for name, value in equal.items())]
    shape, more = together(parts)
    if shape is None:
        return asked
    whole = shape if question.where is None else ("and", question.where, shape)
    return replace(question, where=whole), replace(values, where=values.where + more)


def _equal(table: Table, name: str, value: Any) -> Condition:
    column = table.by_attribute.get(name)
    if column is None:
        raise unknown(name, table)
    shape = ("column", (), column.name)
    return Condition(("null", shape)) if value is None else Condition(("is", "=", shape), (value,))


def ordered(asked: Asked, table: Table, by: Sequence[str | Order | Expression[Any]]) -> Asked:
    """Return the question with its rows in order; a name with `-` before it goes down."""
    question, values = asked
    orders = [_order(table, one) for one in by]
    more = tuple(value for order in orders for value in order.values)
    shapes = tuple(Ordering(o.shape, o.is_descending, o.nulls_first) for o in orders)
    return replace(question, order=question.order + shapes), replace(values, order=values.order + more)


def _order(table: Table, by: str | Order | Expression[Any]) -> Order:
    if isinstance(by, Order):
        return by
    if isinstance(by, Expression):
        return by.asc()
    name = by.removeprefix("-")
    column = table.by_attribute.get(name)
    if column is None:
        raise unknown(name, table)
    is_down = by.startswith("-")
    return Order(("column", (), column.name), (), is_descending=is_down, nulls_first=is_down)


def including(asked: Asked, schema: Schema, table: Table, name: str, related: Asked | None = None) -> Asked:
    """Return the question with the related rows of a relation, or of the relations along a path (`items.product`)."""
    question, values = asked
    first, _, rest = name.partition(".")
    relation = table.by_relation.get(first)
    if relation is None:
        raise unknown(first, table)
    target = schema.by_name[relation.target]
    known = {name: (its, given) for (name, its), given in zip(question.included, values.included, strict=True)}
    inner = related or known.get(first) or asking(target)
    if inner[0].table != target.name:
        raise QueryRefused(f"{table.accessor}.{first} leads to {target.accessor}, not to {inner[0].table}")
    if inner[0].picked is not None:
        raise QueryRefused(f"{table.accessor}.{first} is included as whole rows", help="select from the table itself")
    known[first] = including(inner, schema, target, rest) if rest else inner
    included = tuple((name, its) for name, (its, _) in known.items())
    return replace(question, included=included), replace(values, included=tuple(v for _, v in known.values()))


def picking(asked: Asked, fields: Sequence[Expression[Any]], *, is_distinct: bool) -> Asked:
    """Return the question about some values instead of whole rows."""
    question, values = asked
    if question.included:
        raise QueryRefused("values are selected from rows without includes", help="select, or include")
    shapes = tuple(field.shape for field in fields)
    more = tuple(value for field in fields for value in field.values)
    return replace(question, picked=shapes, is_distinct=is_distinct), replace(values, picked=more)
