"""A plan carried out for real on a copy: up, writes as both applications write, the contract, down, up again, and the data compared."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.engines.base import Contents, Copy, Engine, Progress, silent
from asbuilt.engines.state import ColumnState, DatabaseState, TableState, without
from asbuilt.errors import AsbuiltError, ServerRefused
from asbuilt.evidence import Verdict
from asbuilt.plan.comparing import Difference, common, compared
from asbuilt.plan.running import apply, contract, roll_back
from asbuilt.plan.steps import Plan, fingerprint, tables_of

Write = Callable[[Copy, DatabaseState, Sequence[str]], tuple[str, ...]]
"""Writes a few new rows into tables as they are in a state; returns what was refused."""
_FEW = 20
"""Rows of a table that are written again as they are."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that a rehearsal looked at: what was expected, whether it was so, what was seen; `rows` show where it was not."""

    name: str
    expected: str
    verdict: Verdict
    observed: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Timed:
    """A step of the plan and how long it took on the copy, in seconds; `part` is up, contract, down or again."""

    part: str
    title: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of rehearsing a plan: rows copied by table, the steps with their times, the checks, and what else there is to know."""

    plan: Plan
    counts: dict[str, int]
    steps: tuple[Timed, ...]
    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_fine(self) -> bool:
        return not any(check.verdict == Verdict.BROKEN for check in self.checks)


@dataclass(frozen=True, slots=True)
class Begun:
    """What a plan begins with: its number in the journal (0: it is in none yet), the state and the rows that stand.

    `tables` are those that it touches and rows can be made for; `own` the columns (table, column) that the database itself
    changes in a row that is written again as it is: the time of the last change.
    """

    number: int
    state: DatabaseState
    rows: Contents
    tables: tuple[str, ...]
    own: frozenset[tuple[str, str]]


def began_with(engine: Engine, copy: Copy, plan: Plan, write: Write, number: int = 0) -> tuple[Begun, tuple[str, ...]]:
    """Return what a plan begins with in the copy, and in words what cannot be tried; plan `number` is taken back there first."""
    if number:
        roll_back(engine, copy.url, number - 1)
    state = copy.inspect()
    rows = engine.contents(copy, state)
    tables, notes = _writable(copy, state, sorted(set(_touched(plan, state))), write)
    with copy.attempt():
        list(_touch(engine, copy, state, tables, rows))
        changed = compared(rows, engine.contents(copy, state))
    own = frozenset((difference.table, difference.column) for difference in changed)
    return Begun(number, state, rows, tables, own), notes


@dataclass
class _Act:
    """What is known in the course of a rehearsal."""

    engine: Engine
    copy: Copy
    plan: Plan
    write: Write
    progress: Progress
    begun: Begun
    steps: list[Timed] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    part: str = ""
    began: float = 0.0
    late: Contents = field(default_factory=dict)
    new: DatabaseState | None = None

    @property
    def titles(self) -> frozenset[str]:
        return frozenset(step.title for step in self.plan.steps)

    def contents(self, state: DatabaseState) -> Contents:
        return self.engine.contents(self.copy, state)

    def timed(self, what: str, done: int, total: int) -> None:
        """Note how long each step takes, as the machinery tells of it."""
        title = what.partition(": ")[2]
        if title in self.titles:
            self.end()
            self.steps.append(Timed(self.part, title, 0.0))
            self.began = time.monotonic()
        self.progress(f"rehearse: {title}", done, total)

    def end(self) -> None:
        """Note that the step that was on is done."""
        if self.began:
            self.steps[-1] = replace(self.steps[-1], seconds=time.monotonic() - self.began)
            self.began = 0.0

    def check(self, name: str, expected: str, found: Sequence[Difference], seen: str) -> None:
        """Write down whether what was compared is equal, but for what the database changes by itself."""
        found = [difference for difference in found if (difference.table, difference.column) not in self.begun.own]
        if found:
            rows = tuple(difference.told for difference in found[:5])
            self.checks.append(Check(name, expected, Verdict.BROKEN, f"{len(found):,} differ", rows))
        else:
            self.checks.append(Check(name, expected, Verdict.HOLDS, seen))


def rehearse(
    engine: Engine, copy: Copy, plan: Plan, write: Write, begun: Begun, progress: Progress = silent
) -> Rehearsal:
    """Carry the plan out in the copy, there, back and there again, and return what was seen.

    Where it has a number in the journal, it waits there for its contract. A step that fails is a broken check, and the
    rehearsal ends there. The copy is changed by it.
    """
    act = _Act(engine, copy, plan, write, progress, begun)
    act.notes += [f"rows of {table} were not copied: {reason}" for table, reason in copy.missing.items()]
    for part in (_up, _contract, _down, _again):
        act.part = part.__name__.strip("_")
        try:
            part(act)
            act.end()
        except AsbuiltError as error:
            act.checks.append(Check(act.part, _EXPECTED[act.part], Verdict.BROKEN, str(error)))
            break
    return Rehearsal(plan, copy.counts, tuple(act.steps), tuple(act.checks), tuple(act.notes))


_EXPECTED = {
    "up": "the plan can be carried out on this data",
    "contract": "what is left behind can be taken away",
    "down": "the plan can be taken back",
    "again": "the plan can be carried out once more",
}


def _touched(plan: Plan, state: DatabaseState) -> Iterator[str]:
    """Yield the tables that the steps make, change or take away and that stand, the parent for a partition."""
    for name in tables_of(plan.steps):
        if table := state.tables.get(name):
            yield table.parents[0] if table.partition_bound is not None and table.parents else name


def _writable(
    copy: Copy, state: DatabaseState, tables: Sequence[str], write: Write
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tables that new rows can be made for, as they stand before anything changes, and why not for the others."""
    refused: dict[str, tuple[str, ...]] = {}
    for table in tables:
        with copy.attempt():
            refused[table] = write(copy, state, [table])
    notes = [
        f"no rows could be made for {table}, so nothing is written there: {'; '.join(why)}"
        for table, why in refused.items()
        if why
    ]
    return tuple(table for table, why in refused.items() if not why), tuple(notes)


def _up(act: _Act) -> None:
    if not act.begun.number:
        apply(act.engine, act.copy.url, replace(act.plan, before=fingerprint(act.begun.state)), act.timed)
        act.checks.append(Check("up", _EXPECTED["up"], Verdict.HOLDS, f"{len(act.plan.now)} steps carried out"))
    state = act.copy.inspect()
    now = without(state, act.plan.leftovers)
    unmoved = common(act.begun.state, now)
    act.check(
        "kept", "what stood in columns that stay is as it was",
        compared(act.begun.rows, act.contents(now), unmoved), _counted(act.begun.rows, unmoved),
    )  # fmt: skip
    if act.plan.later:
        _read_by_yesterdays(act, now, "yesterday_reads", "yesterday's application reads what it read")
        _written(act, "yesterday_writes", "yesterday's application", _carried(act.begun.state, now))
    _written(act, "today_writes", "today's application", now)
    if act.plan.later:
        _read_by_yesterdays(
            act, now, "today_keeps", "what today's application writes again, yesterday's reads as it was"
        )


def _read_by_yesterdays(act: _Act, now: DatabaseState, name: str, expected: str) -> None:
    """Compare what yesterday's application reads with what stood; a value of another type now may read as that type has it."""
    found = compared(act.begun.rows, act.contents(act.begun.state))
    converted = [d for d in found if _is_converted(act, now, d)]
    if converted and name == "yesterday_reads":
        named = ", ".join(sorted({f"{d.table}.{d.column}" for d in converted}))
        act.notes.append(
            f"yesterday's application reads {named} as the new type has it: {len(converted):,} values read another way"
        )
    act.check(name, expected, [d for d in found if d not in converted], _counted(act.begun.rows))


def _is_converted(act: _Act, now: DatabaseState, difference: Difference) -> bool:
    """Tell whether a value reads as it has to after it went through the type that its column has now."""
    table, other = act.begun.state.tables[difference.table], now.tables.get(difference.table)
    old, new = table.column(difference.column), other.column(difference.column) if other else None
    if old is None or new is None or old.type == new.type or None in (difference.value, difference.found):
        return False
    return act.engine.through(act.copy, str(difference.value), new.type, old.type) == difference.found


def _carried(old: DatabaseState, now: DatabaseState) -> DatabaseState:
    """Return the old shape for new rows: where text has become another type, an application has written such values before."""
    tables = {name: _carried_table(table, now.tables.get(name)) for name, table in old.tables.items()}
    return replace(old, tables=tables)


def _carried_table(table: TableState, now: TableState | None) -> TableState:
    def typed(column: ColumnState) -> ColumnState:
        other = now.column(column.name) if now else None
        is_text = column.type == "text" or column.type.startswith("character")
        return replace(column, type=other.type) if other and is_text else column

    return replace(table, columns=tuple(typed(column) for column in table.columns))


def _written(act: _Act, name: str, who: str, state: DatabaseState) -> None:
    """Write as an application does that knows the tables as they are in `state`: new rows, and some that stood again."""
    tables = [table for table in act.begun.tables if table in state.tables]
    refused = [*act.write(act.copy, state, tables), *_touch(act.engine, act.copy, state, tables, act.begun.rows)]
    words = f"{who} can write"
    if refused:
        act.checks.append(Check(name, words, Verdict.BROKEN, f"{len(refused)} refused", tuple(refused[:5])))
    else:
        seen = f"inserts and updates in {', '.join(tables)}" if tables else "nothing there to write to"
        act.checks.append(Check(name, words, Verdict.HOLDS, seen))


def _touch(engine: Engine, copy: Copy, state: DatabaseState, tables: Sequence[str], rows: Contents) -> Iterator[str]:
    """Write rows that stood again as they are; yield why that was refused."""
    for table in tables:
        try:
            with copy.transaction():
                engine.touch(copy, state.tables[table], list(rows.get(table, ()))[:_FEW])
        except ServerRefused as refusal:
            yield f"{table}: {refusal}"


def _contract(act: _Act) -> None:
    if not act.plan.later:
        return
    contract(act.engine, act.copy.url, act.timed)
    act.checks.append(
        Check("contract", _EXPECTED["contract"], Verdict.HOLDS, f"{len(act.plan.later)} steps carried out")
    )
    _written(act, "today_writes_later", "today's application, after the contract,", act.copy.inspect())


def _down(act: _Act) -> None:
    new = act.copy.inspect()
    late = act.contents(new)
    roll_back(act.engine, act.copy.url, max(act.begun.number - 1, 0), act.timed)
    state = act.copy.inspect()
    is_same = fingerprint(state) == fingerprint(act.begun.state)
    act.checks.append(
        Check(
            "down", "going back leads to the schema that stood",
            Verdict.HOLDS if is_same else Verdict.BROKEN, "it is the same" if is_same else "it differs",
        )
    )  # fmt: skip
    found = act.contents(act.begun.state)
    act.check("back", "every row is back as it was", compared(act.begun.rows, found), _counted(act.begun.rows))
    _still_there(act, late, new, found)
    act.late, act.new = late, new


def _still_there(act: _Act, late: Contents, new: DatabaseState, found: Contents) -> None:
    """Look for the rows written since, by their keys, and at what both shapes say of them."""
    shared = common(new, act.begun.state)
    lost = [d for d in compared(late, found, shared) if d.table in act.begun.state.tables]
    act.check("since", "what was written since is back, too", lost, _counted(late, shared))


def _again(act: _Act) -> None:
    """Go up once more: what today's application wrote has to be there again, but for what the old shape has no place for."""
    assert act.new is not None
    apply(act.engine, act.copy.url, replace(act.plan, before=fingerprint(act.copy.inspect())), act.timed)
    if act.plan.later:
        contract(act.engine, act.copy.url, act.timed)
    differing = compared(act.late, act.contents(act.new))
    placeless = [d for d in differing if not _has_place(act, act.new, d)]
    if placeless:
        named = sorted({f"{d.table}.{d.column}" for d in placeless})
        act.notes.append(
            f"what today's application writes into {', '.join(named)} has no place in the old shape: going back loses it "
            f"({len(placeless):,} values here)"
        )
    kept = [d for d in differing if _has_place(act, act.new, d)]
    act.check("again", "going up once more brings back what today's application wrote", kept, _counted(act.late))


def _has_place(act: _Act, new: DatabaseState, difference: Difference) -> bool:
    """Tell whether the old shape could have kept a value: its column stood there, of a type that it fits, or came of another."""
    table = act.begun.state.tables.get(difference.table)
    if table is None or not difference.column:
        return table is not None
    old, now = table.column(difference.column), new.tables[difference.table].column(difference.column)
    if old and now and old.type != now.type and difference.value is not None:
        return act.engine.through(act.copy, difference.value, old.type, now.type) == difference.value
    filled = {item for step in act.plan.steps for o in step.operations if o.backfill for item in o.makes}
    is_made = any(
        item.kind == "column" and (item.table, item.name) == (difference.table, difference.column) for item in filled
    )
    return table.column(difference.column) is not None or is_made


def _counted(contents: Contents, tables: Iterable[str] | None = None) -> str:
    chosen = contents.keys() if tables is None else [name for name in tables if name in contents]
    rows = sum(len(contents[name]) for name in chosen)
    return f"{rows:,} row{'' if rows == 1 else 's'} of {len(list(chosen))} tables compared"
