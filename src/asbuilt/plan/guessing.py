"""Renames that nobody states but that may be meant: what went and what came look alike. They are asked for, never done unasked."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from asbuilt.engines.changes import Hazard
from asbuilt.engines.state import ColumnState, DatabaseState, TableState
from asbuilt.model.renames import Rename
from asbuilt.plan.steps import Plan, PossibleRename, Risk, Step
from asbuilt.text import Span

_NOWHERE = Span(0, 0)
_SAME_COLUMNS = 0.6
"""The share of columns with name and type that two tables must have in common to be taken for one."""


@dataclass(frozen=True, slots=True)
class _Pair:
    old: str
    new: str
    likeness: float
    evidence: tuple[str, ...]


def possible(before: DatabaseState, after: DatabaseState, renames: Iterable[Rename] = ()) -> tuple[PossibleRename, ...]:
    """Return the renames that may be meant between two states, less those that are told: each name in one at most.

    A column has to be of the same type, as required as before and in the same table; a table has to have most of its columns.
    """
    told = tuple(renames)
    tables = {r.old: r.table for r in told if not r.column}
    found = list(_tables(before, after, tables))
    named = {**tables, **{pair.old: pair.new for pair in found}}
    for name, table in before.tables.items():
        goal = after.tables.get(named.get(name, name))
        if goal is not None and table.partition_bound is None:
            done = {r.old: r.column for r in told if r.column and r.table == goal.name}
            yielded = _columns(table, goal, done)
            found += [PossibleRename(goal.name, pair.old, pair.new, pair.evidence) for pair in yielded]
    return tuple(found)


def _columns(before: TableState, after: TableState, told: dict[str, str]) -> Iterator[_Pair]:
    gone = [c for c in before.columns if after.column(c.name) is None and c.name not in told]
    come = [c for c in after.columns if before.column(c.name) is None and c.name not in told.values()]
    pairs = [_pair(old, new, before, after) for old in gone for new in come if _is_alike(old, new)]
    yield from _apart(pairs)


def _is_alike(old: ColumnState, new: ColumnState) -> bool:
    return (old.type, old.is_nullable, old.generated is None, old.collation) == (
        new.type, new.is_nullable, new.generated is None, new.collation
    )  # fmt: skip


def _pair(old: ColumnState, new: ColumnState, before: TableState, after: TableState) -> _Pair:
    evidence = [f"the same type, {old.type}"]
    if old.default and old.default == new.default:
        evidence.append("the same default")
    if old.comment and old.comment == new.comment:
        evidence.append("the same comment")
    if _neighbours(old.name, before, after) == _neighbours(new.name, after, before):
        evidence.append("the same place among the columns")
    if shared := _uses(old.name, before) & _uses(new.name, after):
        evidence.append(f"both in {', '.join(sorted(shared))}")
    likeness = SequenceMatcher(None, old.name, new.name).ratio()
    if likeness >= 0.5:
        evidence.append("similar names")
    return _Pair(old.name, new.name, len(evidence) + likeness, tuple(evidence))


def _neighbours(name: str, table: TableState, other: TableState) -> tuple[str, str]:
    """Return the columns before and after one, of those that both tables have."""
    names = [c.name for c in table.columns if c.name == name or other.column(c.name)]
    at = names.index(name)
    return (names[at - 1] if at else "", names[at + 1] if at + 1 < len(names) else "")


def _uses(name: str, table: TableState) -> set[str]:
    """Return in what else of its table a column is, told without its own name."""
    kinds = {f"a {k.kind}" for k in table.constraints if name in k.columns and k.kind != "not null"}
    return kinds | {"an index" for i in table.indexes if i.backs is None and name in i.keys}


def _tables(before: DatabaseState, after: DatabaseState, told: dict[str, str]) -> Iterator[PossibleRename]:
    gone = [
        t for n, t in before.tables.items() if n not in after.tables and n not in told and t.partition_bound is None
    ]
    come = [
        t
        for n, t in after.tables.items()
        if n not in before.tables and n not in told.values() and t.partition_bound is None
    ]
    pairs = []
    for old in gone:
        for new in come:
            share = _shared(old, new)
            if share >= _SAME_COLUMNS and old.kind == new.kind:
                likeness = SequenceMatcher(None, old.name, new.name).ratio()
                evidence = (
                    f"{share:.0%} of the columns with their types",
                    *(("similar names",) if likeness >= 0.5 else ()),
                )
                pairs.append(_Pair(old.name, new.name, share + likeness, evidence))
    yield from (PossibleRename(pair.new, pair.old, "", pair.evidence) for pair in _apart(pairs))


def _shared(old: TableState, new: TableState) -> float:
    one, other = ({(c.name, c.type) for c in table.columns} for table in (old, new))
    return len(one & other) / max(len(one | other), 1)


def _apart(pairs: Sequence[_Pair]) -> Iterator[_Pair]:
    """Yield the likeliest pairs, each name in one at most."""
    taken: set[tuple[str, str]] = set()
    for pair in sorted(pairs, key=lambda p: (-p.likeness, p.old, p.new)):
        if not taken & {("old", pair.old), ("new", pair.new)}:
            taken |= {("old", pair.old), ("new", pair.new)}
            yield pair


def with_questions(plan: Plan, questions: Sequence[PossibleRename]) -> Plan:
    """Return the plan with its open questions, told also where the loss is told that an answer would spare."""
    steps = tuple(
        replace(step, risks=tuple(_asked(step, risk, questions) for risk in step.risks)) for step in plan.steps
    )
    return replace(plan, steps=steps, questions=tuple(questions))


def _asked(step: Step, risk: Risk, questions: Sequence[PossibleRename]) -> Risk:
    gone = {item for operation in step.operations for item in operation.removes}
    for question in questions if risk.danger.hazard == Hazard.DATA_LOST else ():
        names = {(i.kind, i.table, i.name) for i in gone}
        is_it = ("column", question.table, question.old) if question.new else ("table", "", question.old)
        if is_it in names:
            text = f"{risk.danger.text}, unless it is renamed ({question.answer})"
            return replace(risk, danger=replace(risk.danger, text=text))
    return risk


def answered(words: Sequence[str]) -> tuple[Rename, ...]:
    """Return the renames that a user states as `table.old=new`, or `old=new` for a table; raise `ValueError` for other words."""
    return tuple(_answered(word) for word in words)


def _answered(word: str) -> Rename:
    left, sign, new = word.partition("=")
    table, dot, old = left.rpartition(".")
    if not sign or not new.strip() or not old.strip():
        raise ValueError(word)
    if not dot:
        return Rename(new.strip(), "", old.strip(), _NOWHERE)
    return Rename(table.strip(), new.strip().rpartition(".")[2], old.strip(), _NOWHERE)
