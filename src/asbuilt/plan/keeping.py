"""What plans keep aside, and until when: at least as long as the plan says, and as the document says now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asbuilt.engines.journal import Deed, Entry, Held, Journal, Purge
from asbuilt.errors import ServerRefused
from asbuilt.plan.drifting import Drift
from asbuilt.plan.steps import Plan
from asbuilt.plan.storing import from_text


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that lies aside, and in words what is in it."""

    held: Held
    what: str


@dataclass(frozen=True, slots=True)
class Keeping:
    """What the plan of an entry keeps aside for `seconds`: `since` and `until` when; None while the plan is not finished.

    With a `purge` there is nothing of it left.
    """

    number: int
    things: tuple[Thing, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    purge: Purge | None = None
    seconds: int = 0

    @property
    def size(self) -> int:
        return sum(thing.held.size for thing in self.things)

    def is_overdue(self, now: datetime) -> bool:
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class History:
    """The entries of a journal at a moment; how the schema stands to what the last plan left, what is kept aside, which dumps are gone,
    what upkeep did.

    `unread` says why it is not known what is kept aside, where the role may not read that.
    """

    entries: list[Entry]
    left: Drift | None
    now: datetime
    keepings: dict[int, Keeping]
    missing_backups: frozenset[str] = frozenset()
    unread: str = ""
    deeds: tuple[Deed, ...] = ()


def keepings(journal: Journal, entries: Sequence[Entry], stated: int = 0) -> list[Keeping]:
    """Return what each entry that keeps something aside does, or did until it was purged.

    `stated` are the seconds that the document says now: the longer time counts, so that no edit takes away what was promised.
    """
    plans = {entry.number: from_text(entry.plan) for entry in entries}
    owners = {plan.kept: number for number, plan in plans.items()}  # of one plan carried out twice, the later one
    held, purges = journal.held(), journal.purges()
    found = []
    for entry in entries:
        plan = plans[entry.number]
        if purge := purges.get(entry.number):
            found.append(Keeping(entry.number, purge=purge))
        elif owners[plan.kept] == entry.number and (things := _things(plan, held)):
            found.append(_kept(entry, plan, things, stated))
    return found


def _kept(entry: Entry, plan: Plan, things: tuple[Thing, ...], stated: int) -> Keeping:
    since = entry.finished_at if entry.state in ("applied", "rolled back") else None
    seconds = max(plan.kept_seconds, stated)
    until = since + timedelta(seconds=seconds) if since else None
    return Keeping(entry.number, things, since, until, seconds=seconds)


def _things(plan: Plan, held: Sequence[Held]) -> tuple[Thing, ...]:
    """Return what lies in the schemas of a plan; it has one for each leg."""
    words = {aside.name: aside.what for step in plan.steps for aside in step.asides}
    return tuple(Thing(h, words.get(h.name, f"the rows of {h.name}")) for h in held if is_of(plan, h.schema))


def overdue(journal: Journal, entries: Sequence[Entry], stated: int = 0) -> list[Keeping]:
    """Return what is kept aside past its time; nothing where the role may not read what was purged."""
    try:
        kept = keepings(journal, entries, stated) if entries else []
    except ServerRefused:
        return []
    now = journal.now()
    return [keeping for keeping in kept if keeping.is_overdue(now)]


def is_of(plan: Plan, schema: str) -> bool:
    """Tell whether a schema is one of those in which a plan keeps things aside."""
    rest = schema.removeprefix(plan.kept)
    return schema.startswith(plan.kept) and (not rest or rest.removeprefix("_").isdigit())


def told_of(lost: Sequence[tuple[str, int]]) -> str:
    """Return in words what a purge took, with how many rows each."""
    return ", ".join(f"{what} ({rows:,} row{'' if rows == 1 else 's'})" for what, rows in lost) or "no rows"
