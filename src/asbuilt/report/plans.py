"""Plans, and what came of them, for people and for programs."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from rich.text import Text

from asbuilt.engines.changes import Lock
from asbuilt.engines.journal import Entry
from asbuilt.plan.steps import PlacedMigration, Plan, Risk, Step, hazards_of
from asbuilt.plan.storing import from_text
from asbuilt.report.numbers import plural
from asbuilt.text import Source

VERSION = 1
_BACK_SHOWN = 4
WEAK = ("ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE")
"""The locks that reading and writing take as well: nobody waits for them."""


def plan(made: Plan, source: Source, call: str) -> Text:
    """Every step with its cause, its statements, what is at stake and the way back; then how to carry it out.

    `source` is the document, or an empty one named after the database that is followed; `call` the command that carries the plan
    out but for the hazards that have to be allowed, empty where none is to be told.
    """
    if not made.steps:
        notes = "".join(f"\nnote {note}" for note in made.notes)
        return Text.assemble(("nothing to do", "bold"), f": {made.server} is what {source.path} says{notes}")
    blocks = [_step(step, source, made.kept_seconds) for step in made.now]
    if made.later:
        blocks.append(Text("later, once nobody uses the old names any more: the contract", "bold"))
        blocks += [_step(step, source, made.kept_seconds) for step in made.later]
    return Text("\n\n").join([*blocks, Text("\n").join(_ending(made, call))])


def _step(step: Step, source: Source, kept_seconds: int) -> Text:
    lines = [Text.assemble((f"{step.number:>3}  {step.title}", "bold"), (_cause(step, source), "dim"))]
    lines += [_indented(sql) for sql in step.statements]
    lines += _filling(step)
    lines += [_lock(lock) for lock in step.locks if lock.mode not in WEAK]
    lines += [Text(f"     writes {table} anew", "dim") for table in step.rewrites]
    lines += [Text(f"     reads {table} through", "dim") for table in step.scans]
    lines += [_risk(risk) for risk in step.risks if risk.is_real]
    lines += [Text.assemble(("     at once", "yellow"), f", not beside the writers: {why}") for why in step.at_once]
    lines += [Text.assemble(("     note ", "yellow"), note) for note in step.notes]
    lines += [
        Text(f"     keeps {a.what} aside for {period(kept_seconds)} once the plan is finished", "dim")
        for a in step.asides
    ]
    lines += [Text(f"     back: {_shortened(sql)}", "dim") for sql in step.reverse[:_BACK_SHOWN]]
    if len(step.reverse) > _BACK_SHOWN:
        lines.append(Text(f"           and {len(step.reverse) - _BACK_SHOWN} more", "dim"))
    return Text("\n").join(lines)


def _cause(step: Step, source: Source) -> str:
    """Return the place that asks for a step; of what goes, that it is nowhere. A database that is followed has no lines."""
    if step.causes:
        return f"  {source.path}:{source.line_at(step.causes[0].start)}"
    if not any(operation.removes and not operation.makes for operation in step.operations):
        return ""
    return f"  not in {source.path}{' any more' if source.text else ''}"


def _filling(step: Step) -> list[Text]:
    """How a backfill is done, and about how much of it there is on this server."""
    if not (backfill := step.filling()):
        return []
    how = f"by ranges of ({', '.join(backfill.key)})" if backfill.key else "page by page"
    size = f"; about {step.rows:,} rows, {_told_seconds(step.seconds)}" if step.rows is not None else ""
    return [Text(f"     {how}, beside the writers{size}", "dim")]


def _told_seconds(seconds: float) -> str:
    return "less than a second" if seconds < 1 else f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def period(seconds: int) -> str:
    """Return a length of time in the largest unit that divides it."""
    for length, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % length == 0:
            count = seconds // length
            return f"{count:,} {name}{'' if count == 1 else 's'}"
    return f"{seconds:,} seconds"


def _indented(sql: str) -> Text:
    return Text("\n".join(f"     {line}" for line in f"{sql};".splitlines()))


def _shortened(sql: str) -> str:
    words = " ".join(sql.split())
    return words if len(words) <= 140 else f"{words[:139]}…"


def _lock(lock: Lock) -> Text:
    return Text(f"     lock {lock.mode} on {lock.relation}, {lock.seconds:.3f} s", "dim")


def _risk(risk: Risk) -> Text:
    told = f": {', '.join(risk.samples)}" if risk.samples else ""
    how = f", {risk.reason}" if risk.reason else ""
    count = f" ({risk.rows:,} rows{how}{told})" if risk.rows is not None else f" ({risk.reason})" if risk.reason else ""
    return Text.assemble(
        ("     hazard ", "yellow"), (str(risk.danger.hazard), "bold yellow"), f": {risk.danger.text}{count}"
    )


def _ending(made: Plan, call: str) -> Iterator[Text]:
    yield Text.assemble(("plan ", "bold"), made.id, f"  {_counted(made)} for {made.server}")
    if made.proof.is_proved:
        yield Text.assemble(("proved ", "bold"), "tried up and back in a scratch database: it leads there, and back")
    else:
        yield Text.assemble(("not tried ", "bold yellow"), made.proof.reason)
    for migration in made.migrations:
        yield Text.assemble(("migration ", "bold"), f"{migration.name}{_told_rollback(migration)}")
    for asked in made.questions:
        yield Text.assemble(("question ", "bold yellow"), f"{asked.question} ({', '.join(asked.evidence)})")
        yield Text(f"         yes: {asked.answer}; for good, in the document: {asked.wording}; no: --no-renames")
    for note in made.notes:
        yield Text.assemble(("note ", "bold yellow"), note)
    hazards = made.hazards if made.now else hazards_of(made.later)
    if hazards:
        yield Text.assemble(("hazards ", "bold"), ", ".join(hazards))
    if call:
        options = "".join(f" --allow {hazard}" for hazard in hazards)
        yield Text.assemble(("next  ", "bold"), f"{call}{options}")


def _counted(made: Plan) -> str:
    """Return in words how many steps there are, now and later."""
    later = len(made.later)
    if not made.now:
        return f"carried out up to its contract: {later} step{'s' if later > 1 else ''} left"
    steps = f"{len(made.now)} step{'s' if len(made.now) > 1 else ''}"
    return f"{steps}, and {later} later," if later else steps


def _told_rollback(migration: PlacedMigration) -> str:
    if migration.is_back is None:
        return ": it states no rollback that could be tried; asbuilt's own way back is used"
    if migration.is_back:
        rows = ", rows included" if migration.has_rows else ""
        return f": its rollback, tried in a scratch database, leads back{rows}"
    return f": its rollback does not lead back ({migration.lacking}); asbuilt's own way back sees to it"


def plan_json(made: Plan, source: Source) -> str:
    """The plan as JSON: `id`, `server`, `hazards`, `steps`."""
    return json.dumps(
        {
            "version": VERSION,
            "id": made.id,
            "document": made.document,
            "revision": made.revision,
            "server": made.server,
            "hazards": list(made.hazards),
            "contract_from": made.contract or None,
            "contract_hazards": list(hazards_of(made.later)),
            "proved": made.proof.is_proved,
            "not_proved_reason": made.proof.reason,
            "migrations": [
                {"name": m.name, "rollback_leads_back": m.is_back, "lacking": m.lacking} for m in made.migrations
            ],
            "notes": list(made.notes),
            "kept_seconds": made.kept_seconds,
            "possible_renames": [
                {"table": q.table, "old": q.old, "new": q.new or None, "evidence": list(q.evidence), "answer": q.answer}
                for q in made.questions
            ],
            "steps": [_step_data(step, source) for step in made.steps],
        },
        indent=2,
        ensure_ascii=False,
    )


def _step_data(step: Step, source: Source) -> dict[str, Any]:
    return {
        "number": step.number,
        "title": step.title,
        "phase": str(step.phase),
        "cause": [{"line": source.line_at(span.start), "start": span.start, "end": span.end} for span in step.causes],
        "statement": "".join(f"{sql};\n" for sql in step.statements),
        "statements": list(step.statements),
        "in_transaction": not step.is_alone,
        "hazards": [
            {"hazard": str(r.danger.hazard), "text": r.danger.text, "rows": r.rows, "samples": list(r.samples), "reason": r.reason}
            for r in step.risks if r.is_real
        ],
        "notes": list(step.notes),
        "locks": [{"relation": k.relation, "mode": k.mode, "seconds": k.seconds} for k in step.locks],
        "rewrites": list(step.rewrites),
        "scans": list(step.scans),
        "reverse": list(step.reverse),
        "keeps_aside": [aside.what for aside in step.asides],
        "at_once": list(step.at_once),
        "backfill": _backfill_data(step),
        "migration": step.migration or None,
    }  # fmt: skip


def _backfill_data(step: Step) -> dict[str, Any] | None:
    if not (backfill := step.filling()):
        return None
    return {"table": backfill.table, "key": list(backfill.key), "rows": step.rows, "seconds": step.seconds}


def done(entry: Entry, onward: str, back: str) -> Text:
    """What came of applying a plan; `onward` and `back` are the commands that carry its contract out and take it back."""
    backup = f"\nbackup {entry.backup}" if entry.backup else ""
    done = sum(state == "done" for state in entry.steps.values())
    if errand := from_text(entry.plan).errand:
        return Text.assemble(
            ("finished ", "bold"), f"what upkeep was cut off in: {'; '.join(deed.told for deed in errand.deeds)}",
            "\nnext     plan again: nothing of the document was changed yet",
        )  # fmt: skip
    if entry.state == "expanded":
        return Text.assemble(
            ("expanded ", "bold"), f"plan {entry.plan_id} as number {entry.number}: {done} of {len(entry.steps)} steps; old and new both work",
            "\nlater    ", (onward, "bold"), "  # takes the old away", "\n         ", (back, "bold"), "  # takes it all back", backup,
        )  # fmt: skip
    return Text.assemble(
        ("applied ", "bold"), f"plan {entry.plan_id} as number {entry.number}: {plural(done, 'step')}",
        "\nback    ", (back, "bold"), "  # takes it back", _aside(entry), backup,
    )  # fmt: skip


def _aside(entry: Entry) -> str:
    """Say what a plan that is finished keeps aside, where and until when."""
    plan = from_text(entry.plan)
    what = ", ".join(aside.what for step in plan.steps for aside in step.asides)
    if not what or not entry.finished_at:
        return ""
    until = entry.finished_at + timedelta(seconds=plan.kept_seconds)
    return f"\nkept    until {until:%Y-%m-%d %H:%M}, in schema {plan.kept}: {what}"


def going_on(entry: Entry) -> str:
    """What is said before a plan that was begun earlier is finished."""
    done = sum(state == "done" for state in entry.steps.values())
    return (
        f"plan {entry.plan_id}, number {entry.number}, was begun by {entry.made_by} on "
        f"{entry.started_at:%Y-%m-%d %H:%M} and not finished: going on with it ({done} of {len(entry.steps)} steps done)"
    )
