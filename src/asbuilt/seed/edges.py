"""What breaks applications: values at the edge of what a column takes, one field at a time and all at once."""

from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.engines.base import Session
from asbuilt.errors import ServerRefused
from asbuilt.model.types import Family
from asbuilt.seed import sql
from asbuilt.seed.limits import Limits, Row, alone
from asbuilt.seed.measures import measure_of, span_of
from asbuilt.seed.plan import SeedPlan, TablePlan
from asbuilt.seed.recipe import ColumnPlan, Recipe
from asbuilt.seed.rows import Maker, Pools
from asbuilt.seed.singly import learn
from asbuilt.seed.standing import existing
from asbuilt.seed.values import Wanted, width

_LONGEST = 10_000
_TEXTS = (
    "", " ", "👩‍👩‍👧‍👦🎉", "مرحبا بالعالم ‏abc", "Z̸̡͎͕a̷̛̳l̶̰͝g̵̱͘o", "cafe\u0301", "O'Neill \"quoted\" \\ `x`", "\\0 \\u0000 %00 NULL", "line\none\ttab\r\nend",
    "'; DROP TABLE users; --", "<b>&amp;</b>", "zero\u200bwidth\ufeff", "ﬀ İ ß", "𝒳𐍈", "null", "undefined", "-1", "0",
)  # fmt: skip
_VALUES: dict[Family, tuple[str, ...]] = {
    Family.INTEGER: ("0", "-1", "1"),
    Family.DECIMAL: ("0", "-0.01", "NaN", "Infinity", "-Infinity"),
    Family.FLOAT: ("0", "-0", "1e308", "1e-307", "NaN", "Infinity", "-Infinity"),
    Family.BOOLEAN: ("true", "false"),
    Family.DATE: ("2024-02-29", "1900-02-28", "2000-01-01", "0001-01-01", "9999-12-31", "4713-01-01 BC", "infinity", "-infinity"),
    Family.TIMESTAMP: (
        "2024-02-29 23:59:59.999999+00", "2024-03-31 02:30:00+01", "2024-03-31 01:00:00+00", "2024-10-27 02:30:00+02", "2024-10-27 02:30:00+01",
        "2024-12-31 23:59:59.999999+14", "1970-01-01 00:00:00+00", "2038-01-19 03:14:08+00", "0001-01-01 00:00:00+00", "infinity", "-infinity",
    ),
    Family.TIME: ("00:00:00", "23:59:59.999999", "24:00:00"),
    Family.UUID: ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    Family.JSON: ("{}", "[]", '""', "0", "true", '{"a": {"b": [1, null, "👩‍👧"]}}', '{"": "\\u202e"}'),
    Family.INTERVAL: ("0", "-1 day", "1 mon -1 day +00:00:01", "178000000 years"),
    Family.BYTES: ("\\x", "\\x00", "\\xff00fe"),
    Family.NETWORK: ("0.0.0.0", "255.255.255.255", "::", "::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
    Family.RANGE: ("empty", "(,)"),
}  # fmt: skip
_BEGIN = 900_000


@dataclass(frozen=True, slots=True)
class EdgeRows:
    """Rows written of a table, and how many values at the edge its constraints keep out."""

    table: str
    written: int
    kept_out: int


def write_edges(session: Session, plan: SeedPlan) -> tuple[EdgeRows, ...]:
    """Write for every table a row for each value at the edge that it takes, and one with all of them; all in one transaction."""
    with session.transaction():
        session.execute("SET CONSTRAINTS ALL DEFERRED")
        return tuple(_Edges(session, plan.seed, table).write() for table in plan.tables)


class _Edges:
    """Writes the rows of one table."""

    def __init__(self, session: Session, seed: int, table: TablePlan) -> None:
        self._session = session
        self._recipe: Recipe = table.recipe
        targets = {(key.target, key.target_columns) for key in table.recipe.keys}
        pools: Pools = {(name, columns): existing(session, name, columns) for name, columns in sorted(targets)}
        self._maker = Maker(table.recipe, seed, pools, frozenset(key.name for key in table.late))
        learn(session, self._maker)
        self._number = _BEGIN
        self._written = self._kept_out = 0

    def write(self) -> EdgeRows:
        found: Row = {}
        for column in self._recipe.columns:
            for value in edges(self._recipe, column):
                if self._try({column.name: value}):
                    found.setdefault(column.name, value)
                else:
                    self._kept_out += 1
        self._all_at_once(found)
        return EdgeRows(self._recipe.name, self._written, self._kept_out)

    def _all_at_once(self, found: Row) -> None:
        """Write one row with an edge in every field, or in as many as go together."""
        for count in range(len(found), 1, -1):
            if self._try(dict(list(found.items())[:count])):
                return

    def _try(self, edge: Row) -> bool:
        row = self._maker.row(self._number)
        self._number += 1
        if row is None:
            return False
        names = [column.name for column in self._recipe.columns]
        try:
            with self._session.transaction():
                self._session.execute(sql.insert(self._recipe.name, names, [row | edge]))
        except ServerRefused:
            return False
        self._written += 1
        return True


def edges(recipe: Recipe, column: ColumnPlan) -> Iterator[str | None]:
    """Yield the values at the edge of what a column may hold, NULL among them; a key's column has only NULL."""
    if column.is_nullable:
        yield None
    if any(column.name in key.columns for key in recipe.keys):
        return
    limits = alone(tuple(atom for check in recipe.checks if len(check) == 1 for atom in check[0])).get(column.name)
    yield from dict.fromkeys(_edges(recipe, column, limits or Limits()))


def _edges(recipe: Recipe, column: ColumnPlan, limits: Limits) -> Iterator[str]:
    kind = column.kind
    if kind.is_array:
        yield from ("{}", "{NULL}")
        return
    if kind.labels or limits.allowed:
        yield from kind.labels or limits.allowed or ()
        return
    if kind.family == Family.STRING:
        yield from _texts(min(filter(None, (limits.most, width(kind))), default=_LONGEST))
    yield from _VALUES.get(kind.family, ())
    measure = measure_of(kind)
    if measure is not None:
        span = span_of(measure, Wanted(recipe.name, column.name, kind, limits, 0, 0))
        bounds = [bound for bound in (span.low, span.high, span.floor, span.ceiling) if bound is not None]
        yield from measure.texts(bounds)
        if kind.family == Family.INTEGER and span.ceiling is not None:
            yield str(-span.ceiling - 1)


def _texts(most: int) -> Iterator[str]:
    yield from (text for text in _TEXTS if len(text) <= most)
    yield "x" * most
    yield "é👩" * (most // 2)
