"""What triggers may write into a row before it is checked: of these columns only the server knows the value."""

import re
from collections.abc import Iterator

from asbuilt.engines.state import DatabaseState, TableState, TriggerState

_BEFORE = re.compile(r"\bBEFORE\b.*?\b(?:INSERT|UPDATE)\b.*\bFOR EACH ROW\b", re.DOTALL)
_ASSIGNED = re.compile(r"\bnew\.(\"[^\"]+\"|\w+)(?:\[[^\]]*\])?\s*:?=(?!=)", re.IGNORECASE)
_WHOLE = re.compile(
    r"\bnew\s*:?=|\binto\s+(?:strict\s+)?(?:[\w.]+\s*,\s*)*new\b|\breturn\s+(?!new\s*;|coalesce\s*\(\s*new\s*,\s*old\s*\)\s*;)",
    re.IGNORECASE,
)


def amended(table: TableState, state: DatabaseState) -> frozenset[str]:
    """Return the columns of a table that triggers may write before a row is checked."""
    every = frozenset(column.name for column in table.columns)
    found: frozenset[str] = frozenset()
    for trigger in table.triggers:
        if trigger.enabled != "disabled" and _BEFORE.search(trigger.definition):
            found |= _written(trigger, state, every)
    return found


def _written(trigger: TriggerState, state: DatabaseState, every: frozenset[str]) -> frozenset[str]:
    body = next(_bodies(trigger.function, state), "")
    if "LANGUAGE plpgsql" not in body or _WHOLE.search(body):
        return every
    named = {name.strip('"') if name[:1] == '"' else name.lower() for name in _ASSIGNED.findall(body)}
    return every & named


def _bodies(function: str, state: DatabaseState) -> Iterator[str]:
    bare = function.rpartition(".")[2]
    for (kind, name), thing in state.objects.items():
        if kind == "function" and name in (f"{function}()", f"{bare}()"):
            yield thing.definition
