"""What may be asked of a column, a relation or a value, as values: `orders.total > 10`, `orders.user.email == "a@b"`.

An expression is a shape and the values in it. The shape has no values: one that was asked before is compiled already.
Shapes are tuples whose first word says what they are; `compiling` gives each its SQL.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

import msgspec

from asbuilt.access.refusals import QueryRefused

T = TypeVar("T")
R = TypeVar("R")
Shape = tuple[Any, ...]


class Expression(Generic[T]):
    """Something that has a value in each row."""

    __slots__ = ("shape", "values")

    def __init__(self, shape: Shape, values: tuple[Any, ...] = ()) -> None:
        self.shape = shape
        self.values = values

    def __eq__(self, other: T | None) -> "Condition":  # type: ignore[override]
        return self.is_null() if other is None else self._compared("=", other)

    def __ne__(self, other: T | None) -> "Condition":  # type: ignore[override]
        return ~self.is_null() if other is None else self._compared("IS DISTINCT FROM", other)

    __hash__ = None  # type: ignore[assignment]

    def __bool__(self) -> NoReturn:
        raise QueryRefused(
            "whether that is so, only the server knows, for each row: `and`, `or`, `not`, `in` and `1 < x < 5` cannot ask it",
            help="combine conditions with `&`, `|` and `~`, each in brackets; `x.is_in(…)`, `x.between(…)`",
        )

    def __lt__(self, other: T) -> "Condition":
        return self._compared("<", other)

    def __le__(self, other: T) -> "Condition":
        return self._compared("<=", other)

    def __gt__(self, other: T) -> "Condition":
        return self._compared(">", other)

    def __ge__(self, other: T) -> "Condition":
        return self._compared(">=", other)

    def __add__(self, other: Any) -> "Expression[T]":
        return self._reckoned("+", other)

    def __sub__(self, other: Any) -> "Expression[T]":
        return self._reckoned("-", other)

    def __mul__(self, other: Any) -> "Expression[T]":
        return self._reckoned("*", other)

    def __truediv__(self, other: Any) -> "Expression[T]":
        return self._reckoned("/", other)

    def _reckoned(self, sign: str, other: Any) -> "Expression[T]":
        if isinstance(other, Expression):
            return Expression(("reckoned", sign, self.shape, other.shape), self.values + other.values)
        return Expression(("reckoned", sign, self.shape, ("value",)), (*self.values, other))

    def between(self, low: T, high: T) -> "Condition":
        """Both ends count."""
        return (self >= low) & (self <= high)

    def is_in(self, values: Sequence[T]) -> "Condition":
        return Condition(("in", self.shape), (*self.values, list(values)))

    def is_null(self) -> "Condition":
        return Condition(("null", self.shape), self.values)

    def asc(self, *, nulls_first: bool = False) -> "Order":
        return Order(self.shape, self.values, is_descending=False, nulls_first=nulls_first)

    def desc(self, *, nulls_first: bool = True) -> "Order":
        return Order(self.shape, self.values, is_descending=True, nulls_first=nulls_first)

    def _compared(self, sign: str, other: Any) -> "Condition":
        if isinstance(other, Expression):
            return Condition(("same", sign, self.shape, other.shape), self.values + other.values)
        return Condition(("is", sign, self.shape), (*self.values, other))

    def _asked(self, kind: str, *values: Any) -> "Condition":
        return Condition((kind, self.shape), self.values + values)


class Condition(Expression[bool]):
    """Something that a row fulfils or does not; combined with `&`, `|` and `~`."""

    __slots__ = ()

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(("and", self.shape, other.shape), self.values + other.values)

    def __or__(self, other: "Condition") -> "Condition":
        return Condition(("or", self.shape, other.shape), self.values + other.values)

    def __invert__(self) -> "Condition":
        return Condition(("not", self.shape), self.values)


class Order:
    """A direction of a page: by what, and where what is unknown comes."""

    __slots__ = ("is_descending", "nulls_first", "shape", "values")

    def __init__(self, shape: Shape, values: tuple[Any, ...], *, is_descending: bool, nulls_first: bool) -> None:
        self.shape = shape
        self.values = values
        self.is_descending = is_descending
        self.nulls_first = nulls_first


class Field(Expression[T]):
    """A column, of the table that is asked or of a row that it points at."""

    __slots__ = ()


class NumberField(Field[T]):
    """A column of exact numbers, to which whole ones may be held as `int`."""

    __slots__ = ()

    if TYPE_CHECKING:

        def __eq__(self, other: T | int | None) -> Condition: ...  # type: ignore[override]
        def __ne__(self, other: T | int | None) -> Condition: ...  # type: ignore[override]
        def __lt__(self, other: T | int) -> Condition: ...
        def __le__(self, other: T | int) -> Condition: ...
        def __gt__(self, other: T | int) -> Condition: ...
        def __ge__(self, other: T | int) -> Condition: ...
        def between(self, low: T | int, high: T | int) -> Condition: ...
        def is_in(self, values: Sequence[T] | Sequence[int]) -> Condition: ...


class TextField(Field[T]):
    """A column of text. What is looked for is taken literally, except by `like` and `matches`."""

    __slots__ = ()

    def like(self, pattern: str) -> Condition:
        """SQL's pattern, `%` and `_`."""
        return self._asked("like", pattern)

    def ilike(self, pattern: str) -> Condition:
        """SQL's pattern, in upper or lower case."""
        return self._asked("ilike", pattern)

    def starts_with(self, text: str) -> Condition:
        return self._asked("like", f"{literal(text)}%")

    def ends_with(self, text: str) -> Condition:
        return self._asked("like", f"%{literal(text)}")

    def contains(self, text: str, *, any_case: bool = False) -> Condition:
        return self._asked("ilike" if any_case else "like", f"%{literal(text)}%")

    def matches(self, pattern: str) -> Condition:
        """PostgreSQL's regular expression."""
        return self._asked("matches", pattern)

    def lower(self) -> "TextField[T]":
        return TextField(("lower", self.shape), self.values)


class JsonField(Field[T]):
    """A column of JSON; `field["address", "city"]` is what lies at that path, as text."""

    __slots__ = ()

    def __getitem__(self, path: str | int | tuple[str | int, ...]) -> "JsonText":
        steps = path if isinstance(path, tuple) else (path,)
        return JsonText(("path", self.shape), (*self.values, [str(step) for step in steps]))

    def has(self, key: str) -> Condition:
        return self._asked("has key", key)

    def contains(self, part: Any) -> Condition:
        return self._asked("contains json", msgspec.Raw(msgspec.json.encode(part)))

    def _compared(self, sign: str, other: Any) -> Condition:
        is_value = not isinstance(other, Expression)
        return super()._compared(sign, msgspec.Raw(msgspec.json.encode(other)) if is_value else other)


class JsonText(TextField[str]):
    """What lies in a JSON value at a path, as text; `number()` as a number."""

    __slots__ = ()

    def number(self) -> Field[float]:
        return Field(("number", self.shape), self.values)


class ListField(Field[T], Generic[T, R]):
    """A column of an array type."""

    __slots__ = ()

    def has(self, value: R) -> Condition:
        return self._asked("has", value)

    def contains(self, values: Sequence[R]) -> Condition:
        return self._asked("contains", list(values))

    def overlaps(self, values: Sequence[R]) -> Condition:
        return self._asked("overlaps", list(values))


class Many(Generic[T]):
    """The rows that a row has of another table; `fields` are that table's, for conditions and sums."""

    __slots__ = ("_fields", "path")

    def __init__(self, path: tuple[str, ...], fields: T) -> None:
        self.path = path
        self._fields = fields

    @property
    def fields(self) -> T:
        return self._fields

    def any(self, *conditions: Condition) -> Condition:
        """At least one of them is so."""
        shape, values = together(conditions)
        return Condition(("any", self.path, shape), values)

    def none(self, *conditions: Condition) -> Condition:
        return ~self.any(*conditions)

    def count(self, *conditions: Condition) -> Expression[int]:
        shape, values = together(conditions)
        return Expression(("many", "count", self.path, None, shape), values)

    def sum(self, field: Expression[R], *conditions: Condition) -> Expression[R]:
        return self._gathered("sum", field, conditions)

    def min(self, field: Expression[R], *conditions: Condition) -> Expression[R | None]:
        return self._gathered("min", field, conditions)

    def max(self, field: Expression[R], *conditions: Condition) -> Expression[R | None]:
        return self._gathered("max", field, conditions)

    def _gathered(self, word: str, field: Expression[Any], conditions: Sequence[Condition]) -> Expression[Any]:
        shape, values = together(conditions)
        return Expression(("many", word, self.path, field.shape, shape), field.values + values)


class Gathered(Expression[T]):
    """A value of many rows together: what else is selected says which rows belong together."""

    __slots__ = ()


def count() -> Gathered[int]:
    """Return how many rows there are."""
    return Gathered(("gathered", "count", None))


def sum_of(field: Expression[T]) -> Gathered[T]:
    return Gathered(("gathered", "sum", field.shape), field.values)


def mean_of(field: Expression[Any]) -> Gathered[Any]:
    return Gathered(("gathered", "avg", field.shape), field.values)


def least(field: Expression[T]) -> Gathered[T | None]:
    return Gathered(("gathered", "min", field.shape), field.values)


def greatest(field: Expression[T]) -> Gathered[T | None]:
    return Gathered(("gathered", "max", field.shape), field.values)


def distinct_count(field: Expression[Any]) -> Gathered[int]:
    return Gathered(("gathered", "count distinct", field.shape), field.values)


def rank() -> Expression[float]:
    """How well a row suits the words that are searched for."""
    return Expression(("rank",))


def highlight(field: Expression[str] | Expression[str | None]) -> Expression[str]:
    """The part of a text that suits the words that are searched for, `<b>` around each."""
    return Expression(("highlight", field.shape), field.values)


def together(conditions: Sequence[Condition]) -> tuple[Shape | None, tuple[Any, ...]]:
    """Return the shape and the values of conditions that all have to be fulfilled; no shape where there are none."""
    if not conditions:
        return None, ()
    whole = conditions[0]
    for condition in conditions[1:]:
        whole = whole & condition
    return whole.shape, whole.values


def literal(text: str) -> str:
    """Return a text as a pattern that suits just that."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
