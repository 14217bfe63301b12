"""Drift: what has become of a schema since the last plan, by no plan."""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.engines.inherited import apart_from
from asbuilt.engines.journal import DETACH, Deed, Entry, Journal
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused
from asbuilt.plan.steps import fingerprint
from asbuilt.plan.storing import state_from_bytes
from asbuilt.plan.wording import differences, shortened

_STANDING = ("applied", "expanded")
_NOT_KEPT = "the journal does not keep: that plan was carried out by an earlier asbuilt"


@dataclass(frozen=True, slots=True)
class Drift:
    """Whether a schema is as the plan of `last` left it; `changes` say in words what is not.

    They are None where it is not and what stood then is not known: `unknown` says why.
    """

    last: Entry
    changes: tuple[str, ...] | None = ()
    unknown: str = ""

    @property
    def is_there(self) -> bool:
        return self.changes != ()

    @property
    def told(self) -> str:
        """What has changed, the first of it, as the end of a sentence."""
        if self.changes is None:
            return f"what exactly, {self.unknown}"
        return shortened(self.changes)


def drift(journal: Journal, entries: Sequence[Entry], state: DatabaseState) -> Drift | None:
    """Return how `state` stands to what the last plan left; None where no plan stands, or one is under way."""
    last = next((entry for entry in reversed(entries) if entry.state in _STANDING), None)
    return None if last is None or entries[-1].is_open else drift_since(journal, last, state)


def drift_since(journal: Journal, entry: Entry, state: DatabaseState) -> Drift:
    """Return how `state` stands to what the plan of `entry` left, but for what upkeep did since.

    An asbuilt that inspects more than the one that carried it out has other fingerprints: then what stood is compared.
    """
    if fingerprint(state) == entry.after:
        return Drift(entry)
    try:
        stood = state_from_bytes(journal.stood(entry.number))
        deeds = journal.deeds()
    except ServerRefused as refusal:
        return Drift(entry, None, f"this role may not read: {refusal}")
    if stood is None:
        return Drift(entry, None, _NOT_KEPT)
    apart = _apart(deeds, entry, stood, state)
    return Drift(entry, differences(apart_from(stood, apart), apart_from(state, apart)))


def _apart(deeds: Sequence[Deed], entry: Entry, stood: DatabaseState, state: DatabaseState) -> set[str]:
    """Return the tables that upkeep made or took away since the entry was finished, and those that it is at work on."""
    last = {deed.table: deed for deed in deeds}
    under_way = {name for name, deed in last.items() if deed.kind == DETACH}
    since = {deed.table for deed in deeds if deed.at and entry.finished_at and deed.at > entry.finished_at}
    return under_way | {name for name in since if (name in stood.tables) != (name in state.tables)}
