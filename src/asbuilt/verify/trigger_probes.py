"""Behaviour of triggers, as far as their functions say what they keep: a time of the last change."""

import re
from collections.abc import Iterator

from asbuilt.engines.state import DatabaseState, TableState, TriggerState
from asbuilt.evidence import Claim
from asbuilt.seed import sql
from asbuilt.seed.expressions import columns, parse
from asbuilt.verify.bench import Bench
from asbuilt.verify.places import Places
from asbuilt.verify.probes import Finding, Probe, answer, claim, unknown

_LONG_AGO = "2001-01-01"
_KEEPS = re.compile(
    r"NEW\.\"?(\w+)\"?\s*:?=\s*(?:now\(\)|current_timestamp|clock_timestamp\(\)|localtimestamp)", re.IGNORECASE
)
_ONLY_OF = re.compile(r"UPDATE OF ([\w\", ]+?) ON ")


def probes(table: TableState, places: Places) -> Iterator[Probe]:
    """Yield for every trigger before an update that its column is kept; which one the function's body tells."""
    for trigger in table.triggers:
        if "BEFORE" in trigger.definition and "UPDATE" in trigger.definition and trigger.enabled != "disabled":
            yield _keeps(table, trigger, places)


def kept_column(desired: DatabaseState, trigger: TriggerState) -> str | None:
    """Return the column that the trigger's function, as the document has it, sets to the present time."""
    name = trigger.function.split("(")[0]
    bodies = [
        o.definition for (kind, key), o in desired.objects.items() if kind == "function" and key.split("(")[0] == name
    ]
    found = _KEEPS.search(bodies[0]) if bodies else None
    return found[1] if found else None


def _keeps(table: TableState, trigger: TriggerState, places: Places) -> Probe:
    stated: Claim = claim(
        "trigger_keeps", table, trigger.name, places, "trigger", "an update sets the time of the change"
    )

    def attempt(bench: Bench) -> Finding:
        kept = kept_column(bench.desired, trigger)
        row = bench.spare(table.name)
        if kept is None or row is None or kept not in row:
            return unknown("what the trigger keeps cannot be told from its function")
        changed = free_change(bench, table, trigger, row, kept)
        if changed is None:
            return unknown("no column was found that may change freely")
        first = bench.insertion(table.name, {**row, kept: _LONG_AGO})
        quoted = sql.name(kept)
        second = (
            f"UPDATE {sql.table_name(table.name)} SET {sql.name(changed[0])} = {sql.literal(changed[1])} "
            f"WHERE {quoted} = {sql.literal(_LONG_AGO)} RETURNING {quoted}::text, {quoted} > '2002-01-01'"
        )
        outcome = bench.attempt(first, second)
        if outcome.is_refused or outcome.answer is None:
            return unknown(f"refused for another reason: {outcome.message}", outcome.statement)
        value, is_recent = outcome.answer
        return answer(outcome, bool(is_recent), f"{kept} is {value} after an update")

    return Probe(stated, table.name, attempt)


def free_change(
    bench: Bench, table: TableState, trigger: TriggerState, row: dict[str, str | None], kept: str = ""
) -> tuple[str, str | None] | None:
    """Return a column and a new value for it that nothing but the trigger minds."""
    recipe = bench.recipes[table.name]
    bound = (
        {name for key in recipe.keys for name in key.columns} | {n for u in recipe.uniques for n in u.columns} | {kept}
    )
    checked = {n for c in table.constraints if c.kind == "check" for n in columns(parse(c.expression or ""))}
    only = _ONLY_OF.search(trigger.definition)
    free = [name for name in row if name not in bound and (not only or name in only[1])]
    others = [bench.spare(table.name, number) or {} for number in range(1, 6)]
    changes = [(name, other[name]) for other in others for name in free if other.get(name, row[name]) != row[name]]
    ranked = sorted(changes, key=lambda change: change[0] in checked)
    return next((c for c in ranked if c[0] not in checked or bench.keeps_checks(table.name, {**row, c[0]: c[1]})), None)
