"""A plan carried out for real on a copy: up, writes as both applications write, the contract, down, up again, and the data compared."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from asbuilt.engines.base import Contents, Copy, Engine, Progress, Row, silent
from asbuilt.engines.state import DatabaseState, without
from asbuilt.errors import AsbuiltError, ServerRefused
from asbuilt.evidence import Verdict
from asbuilt.plan.comparing import Difference, common, compared, extra
from asbuilt.plan.converting import carried, has_place, is_converted, not_converted
from asbuilt.plan.rehearsal import Begun, Check, Rehearsal, Timed
from asbuilt.plan.running import apply, contract, roll_back
from asbuilt.plan.steps import Plan, Step, fingerprint, tables_of
from asbuilt.plan.using import Deed, Work, Write, at_work

_SHOWN = 5
_EXPECTED = {
    "up": "the plan can be carried out on this data",
    "contract": "what is left behind can be taken away",
    "down": "going back leads to the schema that stood",
    "again": "the plan can be carried out once more",
}


def begun_with(engine: Engine, copy: Copy, plan: Plan, write: Write, number: int = 0) -> Begun:
    """Return what a plan begins with in the copy, which stays as it is but for plan `number`: that is taken back there first."""
    if number:
        roll_back(engine, copy.url, number - 1)
    state = copy.inspect()
    rows = engine.contents(copy, state)
    touched = sorted(_touched(plan, state))
    untried = {}
    for table in touched:
        with copy.attempt():
            if why := write(copy, state, [table]):
                untried[table] = why
    every = {table: frozenset(Deed) - ({Deed.INSERT} if table in untried else set()) for table in touched}
    with copy.attempt():
        work = at_work(engine, copy, state, write, every, {}, rows)
    refused = {(refusal.table, refusal.deed) for refusal in work.refusals}
    deeds = {table: frozenset(d for d in chosen if (table, d) not in refused) for table, chosen in every.items()}
    own = frozenset((difference.table, difference.column) for difference in work.misread())
    return Begun(number, state, rows, deeds, own, untried)


def rehearse(
    engine: Engine, copy: Copy, plan: Plan, write: Write, begun: Begun, progress: Progress = silent
) -> Rehearsal:
    """Carry the plan out in the copy, there, back and there again, and return what was seen.

    Where it has a number in the journal, it waits there for its contract. A step that fails is a broken check, and the
    rehearsal ends there. The copy is changed by it.
    """
    act = _Act(engine, copy, plan, write, progress, begun)
    act.checks += [_not_copied(table, reason) for table, reason in copy.missing.items()]
    act.checks += begun.unknowns()
    for part in (_up, _contract, _down, _again):
        act.part = part.__name__.strip("_")
        try:
            part(act)
            act.end()
        except AsbuiltError as error:
            act.checks += _failed(act, error)
            break
    act.tell_of_own()
    return Rehearsal(plan, copy.counts, tuple(act.steps), tuple(act.checks), tuple(act.notes))


def _not_copied(table: str, reason: str) -> Check:
    expected = f"the plan is tried on the rows of {table}"
    return Check("copied", expected, Verdict.UNKNOWN, f"they were not copied: {reason}")


def _failed(act: "_Act", error: AsbuiltError) -> Iterator[Check]:
    """Yield what is known where a step failed; a copy that lacks an extension says nothing about the plan."""
    is_lacking = isinstance(error, ServerRefused) and error.lacks_extension
    verdict = Verdict.UNKNOWN if is_lacking else Verdict.BROKEN
    yield Check(act.part, _EXPECTED[act.part], verdict, str(error))
    if act.step and act.step.migration and act.part in ("up", "down"):
        yield _migrated(act.step.migration, verdict, f"it stops at: {act.step.title}")


def _migrated(name: str, verdict: Verdict, observed: str) -> Check:
    return Check("migration", f"the migration `{name}` runs on this data, and back", verdict, observed)


@dataclass
class _Act:
    """What is known in the course of a rehearsal.

    `step` is the one that is on; `works` is what applications did; `old` and `new` what yesterday's and today's read last, `shape` how today's knows the tables.
    """

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
    step: Step | None = None
    began: float = 0.0
    works: list[Work] = field(default_factory=list)
    old: Contents = field(default_factory=dict)
    new: Contents = field(default_factory=dict)
    shape: DatabaseState | None = None
    by_itself: list[Difference] = field(default_factory=list)

    def contents(self, state: DatabaseState) -> Contents:
        known = self.begun.rows if state is self.begun.state else self.new
        return self.engine.contents(self.copy, state, known)

    def timed(self, what: str, done: int, total: int) -> None:
        """Note how long each step takes, as the machinery tells of it."""
        title = what.partition(": ")[2]
        if step := next((step for step in self.plan.steps if step.title == title), None):
            self.end()
            self.step = step
            self.steps.append(Timed(self.part, title, 0.0, _rows(step, self.begun.state, self.copy.counts)))
            self.began = time.monotonic()
        self.progress(f"rehearse: {title}", done, total)

    def end(self) -> None:
        """Note that the step that was on is done."""
        if self.began:
            self.steps[-1] = replace(self.steps[-1], seconds=time.monotonic() - self.began)
            self.began = 0.0

    def say(self, name: str, expected: str, observed: str, verdict: Verdict = Verdict.HOLDS) -> None:
        self.checks.append(Check(name, expected, verdict, observed))

    def check(self, name: str, expected: str, found: Sequence[Difference], seen: str) -> None:
        """Write down whether what was compared is equal, but for what the database changes by itself."""
        self.by_itself += [difference for difference in found if self._is_own(difference)]
        found = [difference for difference in found if not self._is_own(difference)]
        if found:
            rows = tuple(difference.told for difference in found[:_SHOWN])
            self.checks.append(Check(name, expected, Verdict.BROKEN, f"{len(found):,} differ", rows))
        else:
            self.say(name, expected, seen)

    def _is_own(self, difference: Difference) -> bool:
        """Tell whether the database changes the column by itself; a table that is new may be one that stood under another name."""
        stood, now = self.begun.state.tables, self.shape.tables if self.shape else {}
        gone = {column for table, column in self.begun.own if table not in now}
        is_renamed = difference.table not in stood and difference.column in gone
        return (difference.table, difference.column) in self.begun.own or is_renamed

    def tell_of_own(self) -> None:
        if self.by_itself:
            named = ", ".join(sorted({f"{d.table}.{d.column}" for d in self.by_itself}))
            self.notes.append(f"not compared, as the database changes it by itself when rows are written: {named}")

    def touched(self, table: str, state: DatabaseState, works: Sequence[Work] | None = None) -> set[Row]:
        """Return the keys of the rows of a table of `state` that applications wrote, those of tables that it does not have included."""
        works = self.works if works is None else works
        names = {table}
        if self.shape and not (table in self.shape.tables and table in self.begun.state.tables):
            names |= {name for work in works for name in work.new if name not in state.tables}
        return {key for work in works for name in names for key in work.touched(name)}

    def untouched(
        self, found: Sequence[Difference], state: DatabaseState, works: Sequence[Work] | None = None
    ) -> list[Difference]:
        """Return the differences in rows that no application wrote."""
        keys = {table: self.touched(table, state, works) for table in {difference.table for difference in found}}
        return [difference for difference in found if difference.key not in keys[difference.table]]


def _rows(step: Step, state: DatabaseState, counts: Mapping[str, int]) -> int | None:
    filling = step.filling()
    tables = {*step.rewrites, *step.scans, *([filling.table] if filling else [])}
    return sum(counts.get(name, 0) for name in _homes(tables, state)) if tables else None


def _touched(plan: Plan, state: DatabaseState) -> set[str]:
    """Return the tables of a state that the steps make, change or take away, the parent for a partition."""
    return _homes(tables_of(plan.steps), state)


def _homes(names: Iterable[str], state: DatabaseState) -> set[str]:
    """Return those of the tables that a state has, the parent for a partition."""
    found = [state.tables[name] for name in names if name in state.tables]
    return {t.parents[0] if t.partition_bound is not None and t.parents else t.name for t in found}


def _up(act: _Act) -> None:
    begun = act.begun
    if not begun.number:
        apply(act.engine, act.copy.url, replace(act.plan, before=fingerprint(begun.state)), act.timed)
        act.end()
        act.say("up", _EXPECTED["up"], _carried_out(act.plan.now))
    act.shape = without(act.copy.inspect(), act.plan.leftovers)
    act.new = act.contents(act.shape)
    _kept(act, act.shape)
    if act.plan.later:
        _yesterday(act, act.shape)
    _today(act, "today")


def _kept(act: _Act, shape: DatabaseState) -> None:
    stood = act.begun.rows
    unmoved = common(act.begun.state, shape)
    act.check("kept", "what stood in columns that stay is as it was", compared(stood, act.new, unmoved), _counted(stood, unmoved))  # fmt: skip
    columns, found = not_converted(act.engine, act.copy, act.plan, act.begun.state, shape, stood, act.new)
    if columns:
        expected = f"what stood is there as the new type has it: {', '.join(columns)}"
        act.check("converted", expected, found, "every value is")


def _yesterday(act: _Act, shape: DatabaseState) -> None:
    """Let yesterday's application read and write."""
    state, stood = act.begun.state, act.begun.rows
    reads = act.contents(state)
    found = compared(stood, reads)
    converted = is_converted(act.engine, act.copy, state, shape, found)
    if converted:
        named = ", ".join(sorted({f"{d.table}.{d.column}" for d in converted}))
        act.notes.append(
            f"yesterday's application reads {named} as the new type has it: {len(converted):,} values read another way"
        )
    left = [d for d in found if d not in converted]
    act.check("yesterday_reads", "yesterday's application reads what it read", left, _counted(stood))
    write = _written_as(act.write, carried(state, shape))
    work = at_work(act.engine, act.copy, state, write, act.begun.deeds, {}, reads)
    _judged(act, "yesterday", "yesterday's application", work, state)
    act.old = work.after


def _today(act: _Act, name: str) -> None:
    """Let today's application write; where the old shape still works, look at what yesterday's makes of that."""
    assert act.shape is not None
    before = act.contents(act.shape) if act.works else act.new
    deeds = {table: act.begun.deeds.get(table, frozenset(Deed)) for table in sorted(_touched(act.plan, act.shape))}
    spared = {table: act.touched(table, act.shape) for table in deeds}
    work = at_work(act.engine, act.copy, act.shape, act.write, deeds, spared, before)
    who = "today's application" + (", after the contract," if act.part == "contract" else "")
    _judged(act, name, who, work, act.shape)
    act.new = work.after
    if act.old and act.part == "up":
        reads = act.contents(act.begun.state)
        others = act.untouched(compared(act.old, reads), act.begun.state, [work])
        act.check("today_keeps", "what today's application writes changes nothing else for yesterday's", others, _counted(act.old))  # fmt: skip
        act.old = reads


def _written_as(write: Write, other: DatabaseState) -> Write:
    return lambda session, state, tables: write(session, other, tables)


def _judged(act: _Act, name: str, who: str, work: Work, state: DatabaseState) -> None:
    """Write down whether what an application wrote was taken, and whether it reads that."""
    act.works.append(work)
    known = [refusal for refusal in work.refusals if refusal.table in act.begun.deeds]
    done = sorted({table for table in work.new if work.touched(table) or work.again.get(table)})
    seen = f"{', '.join(dict.fromkeys(_deeds(work)))} in {_listed(done)}" if done else "there is nothing to write to"
    verdict = Verdict.BROKEN if known else Verdict.UNKNOWN if work.refusals else Verdict.HOLDS
    told = tuple(refusal.told for refusal in known or work.refusals)[:_SHOWN]
    observed = f"{len(known or work.refusals)} refused" if work.refusals else seen
    act.checks.append(Check(f"{name}_writes", f"{who} can write", verdict, observed, told))
    act.check(f"{name}_reads_it", f"{who} reads what it wrote", work.misread(), _counted(work.after))


def _deeds(work: Work) -> Iterator[str]:
    for keys, deed in ((work.new, Deed.INSERT), (work.changed, Deed.UPDATE), (work.again, Deed.UPDATE), (work.gone, Deed.DELETE)):  # fmt: skip
        if any(keys.values()):
            yield deed


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= _SHOWN else f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more"


def _contract(act: _Act) -> None:
    if not act.plan.later:
        return
    assert act.shape is not None
    contract(act.engine, act.copy.url, act.timed)
    act.end()
    act.say("contract", _EXPECTED["contract"], _carried_out(act.plan.later))
    reads = act.contents(act.shape)
    found = [*compared(act.new, reads), *extra(act.new, reads, act.new)]
    act.check("contract_keeps", "the contract changes nothing that today's application reads", found, _counted(act.new))
    act.shape, act.new = act.copy.inspect(), reads
    _today(act, "later")


def _down(act: _Act) -> None:
    state, late = act.begun.state, act.works[-1:] if act.plan.later else []
    roll_back(act.engine, act.copy.url, max(act.begun.number - 1, 0), act.timed)
    act.end()
    is_same = fingerprint(act.copy.inspect()) == fingerprint(state)
    verdict = Verdict.HOLDS if is_same else Verdict.BROKEN
    act.say("down", _EXPECTED["down"], "it is the same" if is_same else "it differs", verdict)
    found = act.contents(state)
    lost = act.untouched(compared(act.begun.rows, found), state)
    act.check("back", "every row that nobody wrote is back as it was", lost, _counted(act.begun.rows))
    act.check("since", "what was written since is back, too", [*_written_since(act, found, late), *_read_last(act, found)], _counted(found))  # fmt: skip
    for migration in act.plan.migrations:
        act.checks.append(_migrated(migration.name, Verdict.HOLDS, "it does"))


def _written_since(act: _Act, found: Contents, late: Sequence[Work]) -> list[Difference]:
    """Return where rows that were written while both applications worked are not as yesterday's read them then."""
    assert act.shape is not None
    state = act.begun.state
    more = (d for d in extra(act.old, found, act.old) if d.key not in act.new.get(d.table, {}))
    differing = act.untouched([*compared(act.old, found), *more], state, late)
    others = set(act.untouched(differing, state))
    there = [d for d in differing if d not in others or d.is_extra]
    now = {d.turned: d for d in there}
    converted = is_converted(act.engine, act.copy, state, act.shape, list(now))
    return [d for turned, d in now.items() if turned not in converted]


def _read_last(act: _Act, found: Contents) -> Iterator[Difference]:
    """Yield what today's application read last and is another now, and what was deleted and is there again."""
    assert act.shape is not None
    yield from compared(act.new, found, common(act.shape, act.begun.state))
    for work in act.works:
        for table, keys in work.gone.items():
            again = keys & found.get(table, {}).keys() - act.new.get(table, {}).keys()
            yield from (Difference(table, key, is_extra=True) for key in again)


def _again(act: _Act) -> None:
    """Go up once more: what today's application wrote has to be there again, but for what the old shape has no place for."""
    assert act.shape is not None
    apply(act.engine, act.copy.url, replace(act.plan, before=fingerprint(act.copy.inspect())), act.timed)
    if act.plan.later:
        contract(act.engine, act.copy.url, act.timed)
    act.end()
    differing = compared(act.new, act.contents(act.shape))
    kept = has_place(act.engine, act.copy, act.plan, act.begun.state, act.shape, differing)
    if placeless := [d for d in differing if d not in kept]:
        named = sorted({f"{d.table}.{d.column}" if d.column else d.table for d in placeless})
        act.notes.append(
            f"what today's application writes into {', '.join(named)} has no place in the old shape: going back loses it "
            f"({len(placeless):,} values here)"
        )
    act.check("again", "going up once more brings back what today's application wrote", kept, _counted(act.new))


def _carried_out(steps: Sequence[Step]) -> str:
    return f"{len(steps)} step{'' if len(steps) == 1 else 's'} carried out"


def _counted(contents: Contents, tables: Collection[str] | None = None) -> str:
    chosen = [name for name in contents if tables is None or name in tables]
    rows, count = sum(len(contents[name]) for name in chosen), len(chosen)
    return f"{rows:,} row{'' if rows == 1 else 's'} of {count} table{'' if count == 1 else 's'} compared"
