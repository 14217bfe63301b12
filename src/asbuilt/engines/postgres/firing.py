"""Triggers of a table's own that a backfill fires, row by row, where nobody may keep them from it."""

import re
from collections.abc import Iterator

from asbuilt.engines.base import Session
from asbuilt.engines.changes import Backfill, Danger, Hazard
from asbuilt.engines.inherited import heirs, leaves
from asbuilt.engines.postgres.filling import may_silence
from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.state import DatabaseState, TriggerState

_EVENTS = re.compile(r"\b(?:BEFORE|AFTER) ([^()]*?) ON ")


def dangers(session: Session, backfill: Backfill, before: DatabaseState) -> Iterator[Danger]:
    """Yield a danger for each trigger that stands and fires for the rows that a quiet backfill changes."""
    if not backfill.is_quiet or backfill.table not in before.tables:
        return
    is_silent = may_silence(session)
    [who] = session.rows("SELECT current_user")[0]
    why = "in force for replicas, too" if is_silent else f"{who} may not set session_replication_role"
    for table in (backfill.table, *_below(backfill.table, before)):
        for trigger in before.tables[table].triggers:
            if trigger.enabled in _in_force(is_silent) and _is_of_updates(trigger):
                yield Danger(
                    Hazard.TRIGGERS_FIRE,
                    f"the trigger {trigger.name} ({trigger.function}) of {table} fires for each row that is filled: {why}",
                    count=f"SELECT count(*) FROM {relation(table)}",
                )


def _below(table: str, state: DatabaseState) -> list[str]:
    return [found.name for found in (*leaves(state, table), *heirs(state, table))]


def _in_force(is_silent: bool) -> tuple[str, str]:
    return ("replica", "always") if is_silent else ("origin", "always")


def _is_of_updates(trigger: TriggerState) -> bool:
    """Tell whether any UPDATE fires a trigger; one of certain columns looks away, as a backfill writes only ours."""
    found = _EVENTS.search(trigger.definition)
    return found is not None and "UPDATE" in found[1].split(" OR ")
