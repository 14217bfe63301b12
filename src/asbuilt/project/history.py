"""What the journal of a database tells of the plans that were carried out there."""

from dataclasses import replace
from pathlib import Path

from asbuilt.engines.journal import Deed, Entry, Journal
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.errors import ServerRefused
from asbuilt.model.design import Design
from asbuilt.plan.drifting import drift
from asbuilt.plan.keeping import History, keepings
from asbuilt.project.telling import kept_seconds


def journal_of(url: str) -> list[Entry]:
    """Return the entries of the journal at `url`, the oldest first."""
    with POSTGRES.connect(url, read_only=True) as session:
        return POSTGRES.journal(session).entries()


def told_history(url: str, design: Design | None = None) -> History:
    """Return what the journal at `url` tells; a `design` may ask to keep things longer than a plan says."""
    with POSTGRES.connect(url, read_only=True) as session:
        journal = POSTGRES.journal(session)
        entries, now = journal.entries(), journal.now()
        if not entries:
            return History([], None, now, {}, deeds=_deeds(journal))
        missing = frozenset(e.backup for e in entries if e.backup and not Path(e.backup).exists())
        told = History(entries, drift(journal, entries, session.inspect()), now, {}, missing, deeds=_deeds(journal))
        try:
            kept = keepings(journal, entries, kept_seconds(design) if design else 0)
        except ServerRefused as refusal:
            return replace(told, unread=str(refusal))
        return replace(told, keepings={k.number: k for k in kept})


def _deeds(journal: Journal) -> tuple[Deed, ...]:
    """Return what upkeep did; nothing where the role may not read it."""
    try:
        return tuple(journal.deeds())
    except ServerRefused:
        return ()


def open_entry(url: str) -> Entry | None:
    """Return the plan that was begun at `url` and is not finished."""
    return next((entry for entry in journal_of(url) if entry.is_open), None)
