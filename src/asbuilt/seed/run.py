"""Seeding: a plan's rows written into a database, in one transaction."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import perf_counter

from asbuilt.engines.base import Progress, Session, silent
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused
from asbuilt.seed import sql
from asbuilt.seed.judge import judge
from asbuilt.seed.limits import Row
from asbuilt.seed.plan import SeedPlan, TablePlan
from asbuilt.seed.recipe import Key
from asbuilt.seed.rows import Maker, Pools

_BATCH = 500
_MOST_KNOWN = 5000
_CANDIDATES = 60
_GIVE_UP_AFTER = 3
_MOST_TRIED = 30
_INTEGRITY = "23"


@dataclass(frozen=True)
class SeedResult:
    """Rows written by table, and what could not be written."""

    rows: dict[str, int]
    seconds: float
    problems: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(self.rows.values())


@dataclass
class _Seeding:
    session: Session
    plan: SeedPlan
    pools: Pools = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def run(session: Session, plan: SeedPlan, progress: Progress = silent) -> SeedResult:
    """Write the plan's rows. A table that refuses its rows is reported, and the others go on."""
    started = perf_counter()
    work = _Seeding(session, plan, problems=list(plan.problems))
    counts: dict[str, int] = {}
    with session.transaction():
        session.execute("SET CONSTRAINTS ALL DEFERRED")
        _know_what_stands(work)
        for done, table in enumerate(plan.tables):
            progress(f"seeding {table.recipe.name}", done, len(plan.tables))
            counts[table.recipe.name] = _fill(work, table)
        for table in plan.tables:
            for key in table.late:
                _complete(work, table, key)
        with suppress(ServerRefused):
            session.execute("SET CONSTRAINTS ALL IMMEDIATE")
    progress("seeded", len(plan.tables), len(plan.tables))
    return SeedResult(counts, perf_counter() - started, tuple(work.problems))


def _know_what_stands(work: _Seeding) -> None:
    """Collect the keys of rows that are there already, for every key that something points at."""
    wanted = {(key.target, key.target_columns) for table in work.plan.tables for key in table.recipe.keys}
    for target, names in sorted(wanted):
        work.pools[target, names] = existing(work.session, target, names)


def lacking(session: Session, state: DatabaseState, rows: int) -> dict[str, int]:
    """Return how many rows each table lacks to have `rows`: those that stand, the document's own for one, count."""
    return {name: max(0, rows - _count(session, name)) for name in state.tables if rows}


def _count(session: Session, table: str) -> int:
    try:
        with session.attempt():
            return int(session.rows(f"SELECT count(*) FROM {sql.table_name(table)}")[0][0])
    except ServerRefused:
        return 0


def existing(
    session: Session, table: str, names: Sequence[str], most: int | None = _MOST_KNOWN
) -> list[tuple[str | None, ...]]:
    """Return the values of some columns that stand in a table, each combination once, without NULL."""
    listed = ", ".join(f"{sql.name(n)}::text" for n in names)
    order = ", ".join(str(i + 1) for i in range(len(names)))
    statement = f"SELECT DISTINCT {listed} FROM {sql.table_name(table)} ORDER BY {order} LIMIT {most or 'ALL'}"
    try:
        with session.attempt():
            return [row for row in session.rows(statement) if None not in row]
    except ServerRefused:
        return []


def _fill(work: _Seeding, table: TablePlan) -> int:
    """Write the rows of one table and return how many there are."""
    maker = Maker(table.recipe, work.plan.seed, work.pools, frozenset(key.name for key in table.late))
    start = learn(work.session, maker)
    written = 0
    for first in range(0, table.rows, _BATCH):
        numbers = range(start + first, start + min(first + _BATCH, table.rows))
        rows = _make(work, table, maker, numbers)
        written += _write(work, table, maker, rows)
        if len(rows) < len(numbers):
            work.problems.append(f"{table.recipe.name} has {written} rows, not {table.rows}: {_why_fewer(work, table)}")
            break
    for target, names in work.pools:
        if target == table.recipe.name:
            work.pools[target, names] = existing(work.session, target, names, None)
    return written


def _why_fewer(work: _Seeding, table: TablePlan) -> str:
    for key in table.recipe.keys:
        if not key.is_nullable and not work.pools.get((key.target, key.target_columns)):
            names = [t.recipe.name for t in work.plan.tables]
            is_later = key.target in names[names.index(table.recipe.name) + 1 :]
            why = ", which needs this one first: neither key may be empty or wait" if is_later else ""
            return f"{', '.join(key.columns)} finds no row of {key.target}{why}"
    return "what must be unique has no further values"


def learn(session: Session, maker: Maker) -> int:
    """Tell the maker which values stand in its table already; return the number of rows that are there."""
    one = maker.recipe
    count = _count(session, one.name)
    for unique in one.uniques if count else ():
        for values in existing(session, one.name, unique.columns):
            maker.take(dict(zip(unique.columns, values, strict=True)))
    return count


def _make(work: _Seeding, table: TablePlan, maker: Maker, numbers: Iterable[int]) -> list[Row]:
    own = [key for key in table.recipe.keys if key.target == table.recipe.name and key not in table.late]
    rows: list[Row] = []
    for number in numbers:
        row = maker.row(number)
        if row is None:
            break
        rows.append(row)
        for key in own:
            values = tuple(row.get(name) for name in key.target_columns)
            if None not in values:
                work.pools[key.target, key.target_columns].append(values)
    return rows


def _write(work: _Seeding, table: TablePlan, maker: Maker, rows: list[Row]) -> int:
    """Write all rows at once, or where the server refuses, those that it takes."""
    if not rows:
        return 0
    for write in (_copy, _insert):
        try:
            with work.session.transaction():
                write(work.session, table, rows)
        except ServerRefused as refusal:
            reason = str(refusal)
            if refusal.sqlstate.startswith(_INTEGRITY):
                break
        else:
            return len(rows)
    return _write_singly(work, table, maker, rows, reason)


def _copy(session: Session, table: TablePlan, rows: list[Row]) -> None:
    """Copy the rows in where they can be: a column whose values the server fills in has to be left out of all of them."""
    filled = {name for row in rows for name, value in row.items() if value == sql.DEFAULT}
    names = [column.name for column in table.recipe.columns if column.name not in filled]
    if not names or any(row.get(name) != sql.DEFAULT for row in rows for name in filled):
        _insert(session, table, rows)
    else:
        session.copy(sql.copy(table.recipe.name, names), ([row.get(name) for name in names] for row in rows))


def _insert(session: Session, table: TablePlan, rows: list[Row]) -> None:
    names = [column.name for column in table.recipe.columns]
    for some in [rows] if names else [[row] for row in rows]:
        session.execute(sql.insert(table.recipe.name, names, some))


def _write_singly(work: _Seeding, table: TablePlan, maker: Maker, rows: list[Row], reason: str) -> int:
    written = failed = 0
    for number, row in enumerate(rows):
        candidates = [row, *_others(work, table, maker, number)]
        taken = next((c for c in candidates if _try(work, table, c)), None)
        if taken is not None:
            maker.take(taken)
        written += taken is not None
        failed += taken is None
        if failed >= _GIVE_UP_AFTER and not written:
            break
    if written < len(rows):
        work.problems.append(f"{table.recipe.name} has {written} rows, not {len(rows)}: {reason}")
    return written


def _others(work: _Seeding, table: TablePlan, maker: Maker, number: int) -> list[Row]:
    """Return further drafts for a row, those first that the server's own checks let through."""
    drafts = [maker.draft(number, attempt) for attempt in range(1, _CANDIDATES)]
    rows = [row for row in drafts if row is not None and maker.is_new(row)]
    conditions = [c.expression for c in table.recipe.table.constraints if c.kind == "check" and c.expression]
    verdicts = judge(work.session, table.recipe.table, rows, conditions)
    return [row for row, verdict in zip(rows, verdicts, strict=True) if False not in verdict][:_MOST_TRIED]


def _try(work: _Seeding, table: TablePlan, row: Row) -> bool:
    try:
        with work.session.transaction():
            _insert(work.session, table, [row])
        return True
    except ServerRefused:
        return False


def _complete(work: _Seeding, table: TablePlan, key: Key) -> None:
    """Fill in a key that had to wait: every row but some points at what stands now."""
    primary = table.recipe.table.primary_key
    fixed = _fixed(table, key)
    pools = _by_values(work.pools.get((key.target, key.target_columns), []), [key.columns.index(n) for n in fixed])
    if not pools or not primary:
        return
    statements = []
    for number, row in enumerate(existing(work.session, table.recipe.name, (*primary, *fixed), None)):
        pool = pools.get(row[len(primary) :])
        if pool and (number % 5 != 0 or not key.is_nullable):
            chosen = _chosen(table, key, pool, number)
            statements.append(_update(table.recipe.name, key, chosen, primary, row[: len(primary)]))
    try:
        with work.session.transaction():
            for statement in statements:
                work.session.execute(statement)
    except ServerRefused as refusal:
        work.problems.append(f"{table.recipe.name}.{', '.join(key.columns)} stays empty: {refusal}")


def _fixed(table: TablePlan, key: Key) -> tuple[str, ...]:
    """Return the columns of a waiting key that have their value already: those that may not be empty, beside others that may."""
    required = {c.name for c in table.recipe.columns if not c.is_nullable}
    return tuple(name for name in key.columns if name in required) if key.is_nullable else ()


def _by_values(
    pool: Sequence[tuple[str | None, ...]], places: Sequence[int]
) -> dict[tuple[str | None, ...], list[tuple[str | None, ...]]]:
    """Return the keys of a pool by what they hold in some places."""
    found: dict[tuple[str | None, ...], list[tuple[str | None, ...]]] = {}
    for values in pool:
        found.setdefault(tuple(values[place] for place in places), []).append(values)
    return found


def _chosen(table: TablePlan, key: Key, pool: Sequence[tuple[str | None, ...]], number: int) -> tuple[str | None, ...]:
    if key.target == table.recipe.name:
        return pool[max(number - 1, 0) // 2 % len(pool)]
    return pool[number % len(pool)] if not key.is_nullable else pool[(number * 7 + 3) % len(pool)]


def _update(
    table: str, key: Key, chosen: Sequence[str | None], primary: Sequence[str], identity: Sequence[str | None]
) -> str:
    settings = ", ".join(f"{sql.name(c)} = {sql.literal(v)}" for c, v in zip(key.columns, chosen, strict=True))
    where = " AND ".join(f"{sql.name(c)} = {sql.literal(v)}" for c, v in zip(primary, identity, strict=True))
    return f"UPDATE {sql.table_name(table)} SET {settings} WHERE {where}"
