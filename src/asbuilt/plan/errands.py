"""Plans of upkeep: what stays of them in the journal once they are done."""

from dataclasses import replace

from asbuilt.engines.base import Session
from asbuilt.engines.journal import Entry, Journal
from asbuilt.plan.steps import Errand, fingerprint
from asbuilt.plan.storing import state_to_bytes


def end_errand(journal: Journal, session: Session, entry: Entry, errand: Errand) -> Entry:
    """Let the journal keep what upkeep did in the place of the plan that did it; return the entry as it would stand."""
    stood = session.inspect()
    with session.transaction():
        journal.forget(entry.number)
        for deed in errand.deeds:
            journal.note(deed)
        if errand.left:
            journal.move_on(errand.left, fingerprint(stood), state_to_bytes(stood))
    return replace(entry, state="applied")
