"""Rows put into the shop, made and written; writing them by COPY, beside INSERT; and users, beside numpy by hand, mimesis and Faker."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.project import load
from asbuilt.seed import plan, sql
from asbuilt.seed import run as seed
from benchmarks.documents import SHOP
from benchmarks.measuring import Figure, compare, measure
from benchmarks.seed_peers import TABLE, Maker, by_faker, by_mimesis, by_numpy, copied

ROWS = 2000
_AT_A_TIME = 500
_MANY = 200_000
_MOST = 1.3
Written = list[tuple[str, list[str], list[tuple[str | None, ...]]]]
"""Tables with their columns and rows."""


def run() -> list[Figure]:
    return [*_shop(), *_users()]


def _users() -> list[Figure]:
    """Make many rows of one table as we do, and as others do; each is told in rows a second."""
    with POSTGRES.scratch() as session:
        session.execute(TABLE)
        state = session.inspect()

        def ours() -> None:
            session.execute("TRUNCATE users")
            seed(session, plan(state, {"users": _MANY}))

        def theirs(make: Maker, rows: int) -> None:
            session.execute("TRUNCATE users")
            copied(session, make, rows)

        beside = compare(
            f"make and write {_MANY:,} users of eight columns",
            ours,
            "numpy by hand and COPY",
            lambda: theirs(by_numpy, _MANY),
        )
        found = [replace(beside, ratio_bound=_MOST), _rate("asbuilt", _MANY, beside)]
        for name, make, rows in (
            ("numpy by hand", by_numpy, _MANY),
            ("mimesis", by_mimesis, 40_000),
            ("Faker", by_faker, 5_000),
        ):
            found.append(_rate(name, rows, measure("", partial(theirs, make, rows), runs=3)))
    return found


def _rate(name: str, rows: int, figure: Figure) -> Figure:
    return Figure(f"  users a second, {name}", tuple(rows / value * 1000 for value in figure.values), unit="")


def _shop() -> list[Figure]:
    with POSTGRES.scratch() as session:
        POSTGRES.build(session, load(SHOP).design)
        planned = plan(session.inspect(), ROWS)
        with session.attempt():
            count = seed(session, planned).total
            written = _written(session, [table.recipe.name for table in planned.tables])
        made = measure(f"make and write {count:,} rows", _taken_back(session, lambda: seed(session, planned)), runs=3)
        alone = compare(
            "  of it writing them by COPY",
            _taken_back(session, lambda: _copy(session, written)),
            f"INSERT, {_AT_A_TIME} rows a statement",
            _taken_back(session, lambda: _insert(session, written)),
        )
    rate = tuple(count / value * 1000 for value in made.values)
    return [made, Figure("  rows a second", rate, unit=""), alone]


def _taken_back(session: PostgresSession, work: Callable[[], object]) -> Callable[[], None]:
    def attempt() -> None:
        with session.attempt():
            work()

    return attempt


def _written(session: PostgresSession, tables: Sequence[str]) -> Written:
    state = session.inspect()
    found: Written = []
    for name in tables:
        columns = [c.name for c in state.tables[name].columns if c.generated is None and c.identity != "always"]
        listed = ", ".join(f"{sql.name(column)}::text" for column in columns)
        found.append((name, columns, session.rows(f"SELECT {listed} FROM {sql.table_name(name)}")))
    return found


def _copy(session: PostgresSession, written: Written) -> None:
    session.execute("SET LOCAL session_replication_role = replica")
    for name, columns, rows in written:
        session.copy(sql.copy(name, columns), rows)


def _insert(session: PostgresSession, written: Written) -> None:
    session.execute("SET LOCAL session_replication_role = replica")
    for name, columns, rows in written:
        for first in range(0, len(rows), _AT_A_TIME):
            some = [dict(zip(columns, row, strict=True)) for row in rows[first : first + _AT_A_TIME]]
            session.execute(sql.insert(name, columns, some))
