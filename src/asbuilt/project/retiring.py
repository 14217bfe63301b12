"""Partitions whose time is over, by the document: detached, kept aside or dropped, each in a transaction of its own."""

from collections.abc import Collection, Iterator
from datetime import date

from asbuilt.engines.base import Session
from asbuilt.engines.changes import Hazard
from asbuilt.engines.journal import DETACH, Deed, Journal
from asbuilt.engines.postgres import retiring
from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.postgres.retiring import PLACE, Aging, aging, detaching_of, has_default, is_empty, put_aside
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.model.design import Design
from asbuilt.model.partition_rules import Kept, kept_of
from asbuilt.plan.upkeep import Chore, Chores, Finding
from asbuilt.project.ahead import at_midnight, today_of, unfinished

KEEP, DROP = "keep partition aside", "drop partition"


def retired(wanted: DatabaseState, design: Design, allowed: Collection[str] = ()) -> tuple[Finding, ...]:
    """Return what finds partitions to detach, then those to put out of sight, then those to drop; none where nothing is kept for a time."""
    kept = dict(rules_of(wanted, design))
    if not kept:
        return ()
    return (_to_detach(kept, design, allowed), to_put_aside(), _to_drop(kept, allowed))


def rules_of(wanted: DatabaseState, design: Design) -> Iterator[tuple[str, Kept]]:
    """Yield the tables that are divided by time and whose rows the document keeps for a time, with what it says."""
    for name, table in wanted.tables.items():
        rule = kept_of(design, name) if table.partition_key and any(aging(wanted, name)) else None
        if rule:
            yield name, rule


def retired_since(wanted: DatabaseState, actual: DatabaseState, design: Design, today: date) -> Iterator[TableState]:
    """Yield the partitions that the document writes, whose time is over, and that stand no more in `actual`, where their parent is divided."""
    yield from (one.table for one, _ in _over(wanted, actual, design, today))


def _over(wanted: DatabaseState, actual: DatabaseState, design: Design, today: date) -> Iterator[tuple[Aging, Kept]]:
    for name, rule in rules_of(wanted, design):
        stands = actual.tables.get(name)
        for one in aging(wanted, name) if stands and stands.partition_key else ():
            if one.is_past(today, rule.seconds) and one.table.name not in actual.tables:
                yield one, rule


def never_made(wanted: DatabaseState, actual: DatabaseState, design: Design, journal: Journal) -> dict[str, str]:
    """Return the partitions that the document writes and that never stood, as their time was over by then: in words, why, and what to do."""
    over = list(_over(wanted, actual, design, today_of(journal)))
    known = {deed.table for deed in journal.deeds() if deed.kind == DETACH} if over else set()
    return {one.table.name: _why_not(one, rule, design) for one, rule in over if one.table.name not in known}


def _why_not(one: Aging, rule: Kept, design: Design) -> str:
    name, parent = one.table.name, one.table.parents[0]
    line = design.source.line_at(rule.span.start)
    return (
        f"{name} of {parent} is not made: its time is over since {one.due(rule.seconds)} (line {line}: {rule.text}), and it would be "
        f"retired again; take it out of the document, or let the document keep {parent} for longer"
    )


def _to_detach(kept: dict[str, Kept], design: Design, allowed: Collection[str]) -> Finding:
    def found(session: Session, journal: Journal) -> Chores:
        actual, today = session.inspect(), today_of(journal)
        each = [(one, rule) for name, rule in kept.items() for one in aging(actual, name)]
        now = [(one, rule) for one, rule in each if one.is_past(today, rule.seconds)]
        later = tuple(_next(one, rule) for one, rule in each if not one.is_past(today, rule.seconds))
        if now and (note := unfinished(journal)):
            return Chores(later=later, notes=(note,))
        return Chores(tuple(_detached(session, one, rule, design, actual, allowed) for one, rule in now), later)

    return found


def _next(one: Aging, rule: Kept) -> Chore:
    title = f"{DETACH} {one.table.name} of {one.table.parents[0]} ({rule.text})"
    return Chore(DETACH, title, at_midnight(one.due(rule.seconds)))


def _detached(
    session: Session, one: Aging, rule: Kept, design: Design, actual: DatabaseState, allowed: Collection[str]
) -> Chore:
    table = one.table
    way = detaching_of(table, actual)
    line = design.source.line_at(rule.span.start)
    how = ", with a short lock as there is a default partition" if has_default(actual, table.parents[0]) else ""
    goes = _is_dropped(session, relation(table.name), rule, allowed)
    end = "then drop it" if goes else f"then keep it aside in {PLACE}{_how_dropped(rule)}"
    title = f"{DETACH} {table.name} of {table.parents[0]}, past its time since {one.due(rule.seconds)} (line {line}: {rule.text}){how}; {end}"
    return Chore(
        DETACH,
        title,
        at_midnight(one.due(rule.seconds)),
        way.statements,
        is_alone=bool(way.is_done),
        changes_schema=True,
        is_done=way.is_done,
        clean=way.clean,
        deed=Deed(DETACH, table.name, table.parents[0], f"{DETACH} {table.name} of {table.parents[0]}: {rule.text}"),
        needs_journal=True,
    )


def _is_dropped(session: Session, place: str, rule: Kept, allowed: Collection[str]) -> bool:
    """Tell whether a partition is dropped in the end: the document says so plainly, the user allows it, or nothing is in it."""
    if rule.is_archived:
        return False
    return rule.is_dropped or Hazard.DATA_LOST in allowed or is_empty(session, place)


def _how_dropped(rule: Kept) -> str:
    if rule.is_archived:
        return ", as it is to be archived"
    return f": the document does not say that it is dropped; `--allow {Hazard.DATA_LOST}` drops it"


def waiting(actual: DatabaseState, journal: Journal) -> Iterator[tuple[Deed, TableState]]:
    """Yield the partitions that upkeep has detached and that stand in sight still, each with what the journal says of it."""
    for deed in {deed.table: deed for deed in journal.deeds()}.values():
        table = actual.tables.get(deed.table) if deed.kind == DETACH else None
        if table and not table.parents:
            yield deed, table


def to_put_aside() -> Finding:
    """Return what finds the same."""

    def found(session: Session, journal: Journal) -> Chores:
        actual = session.inspect()
        return Chores(tuple(_put_aside(deed, table, actual) for deed, table in waiting(actual, journal)))

    return found


def _put_aside(deed: Deed, table: TableState, actual: DatabaseState) -> Chore:
    title = f"{KEEP}: {table.name} of {deed.parent}, in {PLACE}"
    statements = retiring.putting_aside(table, actual)
    told = Deed(KEEP, table.name, deed.parent, title)
    assert deed.at
    return Chore(KEEP, title, deed.at, statements, changes_schema=True, deed=told, needs_journal=True)


def _to_drop(kept: dict[str, Kept], allowed: Collection[str]) -> Finding:
    """Return what finds partitions that lie aside and are to be dropped: what is archived stays."""

    def found(session: Session, journal: Journal) -> Chores:
        there = put_aside(session)
        last = {deed.table: deed for deed in journal.deeds() if deed.kind in (KEEP, DROP)}
        aside = [
            d for d in last.values() if d.kind == KEEP and d.table.rpartition(".")[2] in there and d.parent in kept
        ]
        return Chores(
            tuple(
                _dropped(deed, there[deed.table.rpartition(".")[2]])
                for deed in aside
                if _is_dropped(session, retiring.aside(deed.table), kept[deed.parent], allowed)
            )
        )

    return found


def _dropped(deed: Deed, rows: int) -> Chore:
    about = f", about {rows:,} rows" if rows > 0 else ""
    title = f"{DROP} {deed.table} of {deed.parent}{about}"
    told = Deed(DROP, deed.table, deed.parent, title)
    assert deed.at
    return Chore(DROP, title, deed.at, (retiring.dropping(deed.table),), deed=told, needs_journal=True)
