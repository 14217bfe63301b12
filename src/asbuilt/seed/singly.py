"""Rows of tables that take a look at one another: made one by one, and written as the server takes them."""

from collections.abc import Callable, Iterable

from asbuilt.engines.base import Session
from asbuilt.errors import ServerRefused
from asbuilt.seed import sql
from asbuilt.seed.judge import judge
from asbuilt.seed.limits import Row
from asbuilt.seed.pieces import INTEGRITY
from asbuilt.seed.plan import TablePlan
from asbuilt.seed.rows import Maker, Pools
from asbuilt.seed.standing import count, existing

BATCH = 500
_CANDIDATES = 60
_GIVE_UP_AFTER = 3
_MOST_TRIED = 30


class Singly:
    """Fills one table; `problems` are told as they come up."""

    def __init__(self, session: Session, table: TablePlan, seed: int, pools: Pools, problems: list[str]) -> None:
        self._session = session
        self._table = table
        self._problems = problems
        late = frozenset(key.name for key in table.late)
        self._own = {
            (key.target, key.target_columns)
            for key in table.recipe.keys
            if key.target == table.recipe.name and key.name not in late
        }
        known = {place: list(pool) if place in self._own else pool for place, pool in pools.items()}
        self._maker = Maker(table.recipe, seed, known, late)
        self._pools = known
        learn(session, self._maker)

    def make(self, numbers: Iterable[int]) -> list[Row]:
        """Return rows for the numbers, fewer where there are no more."""
        rows: list[Row] = []
        for number in numbers:
            row = self._maker.row(number)
            if row is None:
                break
            rows.append(row)
            for target, names in self._own:
                values = tuple(row.get(name) for name in names)
                pool = self._pools[target, names]
                if None not in values and isinstance(pool, list):
                    pool.append(values)
        return rows

    def write(self, rows: list[Row], noted: Callable[[int], None]) -> int:
        """Write all rows at once, or where the server refuses, those that it takes; return how many.

        How many that are so far is `noted` in each transaction.
        """
        if not rows:
            return 0
        for write in (self._copy, self._insert):
            try:
                with self._session.transaction():
                    write(rows)
                    noted(len(rows))
            except ServerRefused as refusal:
                reason = str(refusal)
                if refusal.sqlstate.startswith(INTEGRITY):
                    break
            else:
                return len(rows)
        return self._write_singly(rows, reason, noted)

    def _copy(self, rows: list[Row]) -> None:
        """Copy the rows in where they can be: a column whose values the server fills in has to be left out of all of them."""
        filled = {name for row in rows for name, value in row.items() if value == sql.DEFAULT}
        names = [column.name for column in self._table.recipe.columns if column.name not in filled]
        if any(row.get(name) != sql.DEFAULT for row in rows for name in filled):
            self._insert(rows)
        else:
            statement = sql.copy(self._table.recipe.name, names)
            self._session.copy(statement, ([row.get(name) for name in names] for row in rows))

    def _insert(self, rows: list[Row]) -> None:
        names = [column.name for column in self._table.recipe.columns]
        self._session.execute(sql.insert(self._table.recipe.name, names, rows))

    def _write_singly(self, rows: list[Row], reason: str, noted: Callable[[int], None]) -> int:
        written = failed = 0
        for number, row in enumerate(rows):
            taken = next((c for c in (row, *self._others(number)) if self._try(c, noted, written + 1)), None)
            if taken is not None:
                self._maker.take(taken)
            written += taken is not None
            failed += taken is None
            if failed >= _GIVE_UP_AFTER and not written:
                break
        if written < len(rows):
            self._problems.append(f"{self._table.recipe.name} has {written} rows, not {len(rows)}: {reason}")
        return written

    def _others(self, number: int) -> list[Row]:
        """Return further drafts for a row, those first that the server's own checks let through."""
        table = self._table.recipe.table
        drafts = [self._maker.draft(number, attempt) for attempt in range(1, _CANDIDATES)]
        rows = [row for row in drafts if row is not None and self._maker.is_new(row)]
        conditions = [c.expression for c in table.constraints if c.kind == "check" and c.expression]
        verdicts = judge(self._session, table, rows, conditions)
        return [row for row, verdict in zip(rows, verdicts, strict=True) if False not in verdict][:_MOST_TRIED]

    def _try(self, row: Row, noted: Callable[[int], None], count: int) -> bool:
        try:
            with self._session.transaction():
                self._insert([row])
                noted(count)
            return True
        except ServerRefused:
            return False


def learn(session: Session, maker: Maker) -> int:
    """Tell the maker which values stand in its table already; return the number of rows that are there."""
    one = maker.recipe
    found = count(session, one.name)
    for unique in one.uniques if found else ():
        for values in existing(session, one.name, unique.columns):
            maker.take(dict(zip(unique.columns, values, strict=True)))
    return found
