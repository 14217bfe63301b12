"""Seeding: a plan's rows written into a database."""

from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from asbuilt.engines.base import Progress, Session, silent
from asbuilt.errors import ServerRefused
from asbuilt.seed.blocks import Blocks
from asbuilt.seed.compiling import compiled
from asbuilt.seed.completing import complete
from asbuilt.seed.journal import Journal, Mark, Untold
from asbuilt.seed.lots import BLOCK
from asbuilt.seed.pieces import HOPELESS, INTEGRITY, write_piece
from asbuilt.seed.plan import SeedPlan, TablePlan
from asbuilt.seed.recipe import Key
from asbuilt.seed.rows import Pools
from asbuilt.seed.singly import BATCH, Singly
from asbuilt.seed.standing import count, keys, set_back

_PIECE = 10 * BLOCK


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
    journal: Journal
    progress: Progress
    is_whole: bool
    pools: Pools = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    done: int = 0

    def tell(self, table: TablePlan, written: int) -> None:
        self.progress(f"seeding {table.recipe.name}", self.done + written, self.plan.total)


def run(session: Session, plan: SeedPlan, progress: Progress = silent, journal: Journal | None = None) -> SeedResult:
    """Write the plan's rows. A table that refuses its rows is reported, and the others go on.

    All is one transaction; with a `journal` each piece is one of its own, and what the journal knows of is not written again.
    """
    started = perf_counter()
    is_whole = journal is None or any(not key.is_nullable for table in plan.tables for key in table.late)
    work = _Seeding(session, plan, journal or Untold(), progress, is_whole, problems=list(plan.problems))
    counts: dict[str, int] = {}
    with session.transaction() if work.is_whole else nullcontext():
        if work.is_whole:
            session.execute("SET CONSTRAINTS ALL DEFERRED")
        _know_what_stands(work)
        for table in plan.tables:
            work.tell(table, 0)
            counts[table.recipe.name] = _fill(work, table)
            work.done += table.rows
        for table in plan.tables:
            for key in table.late:
                _complete(work, table, key)
        if work.is_whole:
            with suppress(ServerRefused):
                session.execute("SET CONSTRAINTS ALL IMMEDIATE")
    progress("seeded", plan.total, plan.total)
    return SeedResult(counts, perf_counter() - started, tuple(work.problems))


def _know_what_stands(work: _Seeding) -> None:
    """Collect the keys of rows that are there already, for every key that something points at."""
    wanted = {(key.target, key.target_columns): key.types for table in work.plan.tables for key in table.recipe.keys}
    for (target, names), types in sorted(wanted.items()):
        work.pools[target, names] = keys(work.session, target, names, types)


def _fill(work: _Seeding, table: TablePlan) -> int:
    """Write the rows of one table and return how many there are."""
    mark = _begun(work, table)
    late = frozenset(key.name for key in table.late)
    shape = compiled(table.recipe, _sizes(work, table), late, table.covering)
    blocks = Blocks(shape, work.plan.seed, work.pools, mark.begin) if shape is not None else None
    is_refused = blocks is None
    if blocks is not None:
        mark, is_refused = _fill_by_blocks(work, table, blocks, mark)
    if is_refused:
        mark = _fill_singly(work, table, mark)
    for target, names in work.pools:
        if target == table.recipe.name:
            is_known = blocks is not None and mark.begin == 0 and mark.number == mark.written and not is_refused
            made = blocks.keys_made(names, mark.written) if blocks is not None and is_known else None
            types = [column.type for name in names if (column := table.recipe.table.column(name)) is not None]
            work.pools[target, names] = made or keys(work.session, target, names, types)
    return mark.written


def _begun(work: _Seeding, table: TablePlan) -> Mark:
    """Return where to begin, or to go on."""
    mark = work.journal.mark(table.recipe.name)
    if mark is not None:
        if mark.written < table.rows:
            set_back(work.session, table.recipe.table)
        return mark
    stood = count(work.session, table.recipe.name)
    work.journal.note(table.recipe.name, Mark(stood, stood, 0))
    return Mark(stood, stood, 0)


def _sizes(work: _Seeding, table: TablePlan) -> dict[str, int]:
    return {key.name: len(work.pools.get((key.target, key.target_columns), ())) for key in table.recipe.keys}


def _fill_by_blocks(work: _Seeding, table: TablePlan, blocks: Blocks, mark: Mark) -> tuple[Mark, bool]:
    """Write the rows in pieces; return how far that went, and whether the server refused one of them."""
    capacity = blocks.shape.counts.capacity
    end = None if capacity is None else mark.begin + capacity
    lacks = _lacking_parent(work, table)
    is_copied = True
    while mark.written < table.rows and not lacks:
        size = min(_PIECE - mark.number % _PIECE, table.rows - mark.written)
        size = size if end is None else min(size, end - mark.number)
        if size <= 0:
            break
        try:
            with work.session.transaction():
                written = write_piece(work.session, blocks, mark.number, size, is_copied=is_copied)
                following = Mark(mark.begin, mark.number + size, mark.written + written)
                work.journal.note(table.recipe.name, following)
        except ServerRefused as refusal:
            if refusal.sqlstate.startswith(HOPELESS):
                raise
            if refusal.sqlstate.startswith(INTEGRITY) or not is_copied:
                return mark, True
            is_copied = False
            continue
        mark = following
        work.tell(table, mark.written)
    if mark.written < table.rows:
        bounds = ", ".join(blocks.shape.counts.bounds)
        why = lacks or f"{bounds} must be unique and has no further values"
        work.problems.append(f"{table.recipe.name} has {mark.written} rows, not {table.rows}: {why}")
    return mark, False


def _lacking_parent(work: _Seeding, table: TablePlan) -> str:
    """Return what a row would have to point at and cannot; empty where there is something."""
    late = {key.name for key in table.late}
    for key in table.recipe.keys:
        is_own = key.target == table.recipe.name
        if key.is_nullable or is_own or key.name in late or work.pools.get((key.target, key.target_columns)):
            continue
        names = [t.recipe.name for t in work.plan.tables]
        is_later = key.target in names[names.index(table.recipe.name) + 1 :]
        why = ", which needs this one first: neither key may be empty or wait" if is_later else ""
        return f"{', '.join(key.columns)} finds no row of {key.target}{why}"
    return ""


def _fill_singly(work: _Seeding, table: TablePlan, mark: Mark) -> Mark:
    """Write rows that are made one by one."""
    singly = Singly(work.session, table, work.plan.seed, work.pools, work.problems)
    while mark.written < table.rows:
        numbers = range(mark.number, mark.number + min(BATCH, table.rows - mark.written))
        rows = singly.make(numbers)
        written = singly.write(rows, partial(_note_some, work, table, mark, numbers.stop))
        mark = Mark(mark.begin, numbers.stop, mark.written + written)
        work.tell(table, mark.written)
        if len(rows) < len(numbers):
            why = _lacking_parent(work, table) or "what must be unique has no further values"
            work.problems.append(f"{table.recipe.name} has {mark.written} rows, not {table.rows}: {why}")
        if written < len(numbers):
            break
    return mark


def _note_some(work: _Seeding, table: TablePlan, mark: Mark, number: int, written: int) -> None:
    work.journal.note(table.recipe.name, Mark(mark.begin, number, mark.written + written))


def _note_again(work: _Seeding, table: TablePlan) -> None:
    mark = work.journal.mark(table.recipe.name)
    if mark is not None:
        work.journal.note(table.recipe.name, mark)


def _complete(work: _Seeding, table: TablePlan, key: Key) -> None:
    """Fill in a key that had to wait."""
    pool = work.pools.get((key.target, key.target_columns), ())
    try:
        with work.session.transaction() if work.is_whole else nullcontext():
            complete(work.session, table, key, pool, lambda: _note_again(work, table))
    except ServerRefused as refusal:
        work.problems.append(f"{table.recipe.name}.{', '.join(key.columns)} stays empty: {refusal}")
