"""Plans and the journal, for people and for programs."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from rich.text import Text

from asbuilt.engines.base import Entry
from asbuilt.engines.changes import Lock
from asbuilt.plan.drifting import Drift
from asbuilt.plan.steps import PlacedMigration, Plan, Risk, Step, hazards_of
from asbuilt.text import Source

VERSION = 1
_BACK_SHOWN = 4
_CHANGES_SHOWN = 20
WEAK = ("ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE")
"""The locks that reading and writing take as well: nobody waits for them."""


def plan(made: Plan, source: Source, call: str) -> Text:
    """Every step with its cause, its statements, what is at stake and the way back; then how to carry it out.

    `source` is the document, or an empty one named after the database that is followed.
    """
    if not made.steps:
        notes = "".join(f"\nnote {note}" for note in made.notes)
        return Text.assemble(("nothing to do", "bold"), f": {made.server} is what {source.path} says{notes}")
    blocks = [_step(step, source) for step in made.now]
    if made.later:
        blocks.append(Text("later, once nobody uses the old names any more: the contract", "bold"))
        blocks += [_step(step, source) for step in made.later]
    return Text("\n\n").join([*blocks, Text("\n").join(_ending(made, call))])


def difference(made: Plan, source: Source) -> str:
    """What differs between two revisions of a document, in words: a line each, with the new document's line."""
    if not made.steps:
        return f"no difference: {made.server} and {source.path} describe the same database"
    listed = [f"{title}{f'  {source.path}:{line}' if line else ''}" for title, line, _ in _told_apart(made, source)]
    asked = [f"question: {q.question} ({', '.join(q.evidence)}); say so: {q.wording}" for q in made.questions]
    return "\n".join([*listed, *asked])


def difference_markdown(made: Plan, source: Source) -> str:
    """The same as Markdown for a pull request: a list, the statements folded away below it."""
    if not made.steps:
        return "The described database stays as it is."
    listed = [f"- {title}{f' (line {line})' if line else ''}" for title, line, _ in _told_apart(made, source)]
    statements = [f"{sql};" for _, _, found in _told_apart(made, source) for sql in found]
    listed += [f"- *Is it renamed?* {q.question} ({', '.join(q.evidence)})" for q in made.questions]
    head = f"**{len(listed) - len(made.questions)} change{'s' if len(listed) > 1 else ''} of the database**"
    folded = ["<details><summary>SQL</summary>", "", "```sql", *statements, "```", "", "</details>"]
    return "\n".join([head, "", *listed, "", *folded])


def _told_apart(made: Plan, source: Source) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Yield each operation's title, the line that asks for it (0: none) and its statements."""
    for step in made.steps:
        line = source.line_at(step.causes[0].start) if step.causes else 0
        for operation in step.operations:
            yield operation.title, line, operation.statements


def _step(step: Step, source: Source) -> Text:
    where = f"{source.path}:{source.line_at(step.causes[0].start)}" if step.causes else f"not in {source.path} any more"
    lines = [Text.assemble((f"{step.number:>3}  {step.title}", "bold"), (f"  {where}", "dim"))]
    lines += [_indented(sql) for sql in step.statements]
    lines += _filling(step)
    lines += [_lock(lock) for lock in step.locks if lock.mode not in WEAK]
    lines += [Text(f"     writes {table} anew", "dim") for table in step.rewrites]
    lines += [Text(f"     reads {table} through", "dim") for table in step.scans]
    lines += [_risk(risk) for risk in step.risks if risk.is_real]
    lines += [Text(f"     back: {_shortened(sql)}", "dim") for sql in step.reverse[:_BACK_SHOWN]]
    if len(step.reverse) > _BACK_SHOWN:
        lines.append(Text(f"           and {len(step.reverse) - _BACK_SHOWN} more", "dim"))
    return Text("\n").join(lines)


def _filling(step: Step) -> list[Text]:
    """How a backfill is done, and about how much of it there is on this server."""
    if not (backfill := step.filling()):
        return []
    how = f"by ranges of ({', '.join(backfill.key)})" if backfill.key else "page by page"
    size = f"; about {step.rows:,} rows, {_told_seconds(step.seconds)}" if step.rows is not None else ""
    return [Text(f"     {how}, beside the writers{size}", "dim")]


def _told_seconds(seconds: float) -> str:
    return "less than a second" if seconds < 1 else f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


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
        which = f"--plan {made.id}" if made.now else "--contract"
        yield Text.assemble(("next  ", "bold"), f"{call} {which}{options}")


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
        "locks": [{"relation": k.relation, "mode": k.mode, "seconds": k.seconds} for k in step.locks],
        "rewrites": list(step.rewrites),
        "scans": list(step.scans),
        "reverse": list(step.reverse),
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
    if entry.state == "expanded":
        return Text.assemble(
            ("expanded ", "bold"), f"plan {entry.plan_id} as number {entry.number}: {done} of {len(entry.steps)} steps; old and new both work",
            "\nlater    ", (onward, "bold"), "  # takes the old away", "\n         ", (back, "bold"), "  # takes it all back", backup,
        )  # fmt: skip
    return Text.assemble(
        ("applied ", "bold"), f"plan {entry.plan_id} as number {entry.number}: {done} steps",
        "\nback    ", (back, "bold"), "  # takes it back", backup,
    )  # fmt: skip


def going_on(entry: Entry) -> str:
    """What is said before a plan that was begun earlier is finished."""
    done = sum(state == "done" for state in entry.steps.values())
    return (
        f"plan {entry.plan_id}, number {entry.number}, was begun by {entry.made_by} on "
        f"{entry.started_at:%Y-%m-%d %H:%M} and not finished: going on with it ({done} of {len(entry.steps)} steps done)"
    )


def history(entries: Sequence[Entry], onward: Callable[[Entry], str], left: Drift | None = None) -> Text:
    """A line for each plan: number, when, who, document and revision, steps, state; then what became of what the last one left.

    `onward` gives the command that carries out the contract of one that waits.
    """
    if not entries:
        return Text("no plan was carried out there yet")
    lines = [
        Text.assemble(
            (f"{entry.number:>4}", "bold"), f"  {entry.started_at:%Y-%m-%d %H:%M:%S}  {entry.made_by}  plan {entry.plan_id}  ",
            f"{entry.document}{f' at {entry.revision}' if entry.revision else ''}  {len(entry.steps)} steps  ", (entry.state, "bold"),
            f"; `{onward(entry)}` takes the old away" if entry.state == "expanded" else "",
        )
        for entry in entries
    ]  # fmt: skip
    lines = [row for entry, line in zip(entries, lines, strict=True) for row in (line, *_remarks(entry))]
    return Text("\n").join([*lines, *(_left(left) if left else ())])


def _remarks(entry: Entry) -> Iterator[Text]:
    """Yield what a rollback could not bring back, or why a step failed."""
    yield from (Text(f"      step {step}: {remark}", "yellow") for step, remark in entry.remarks.items())


def _left(left: Drift) -> Iterator[Text]:
    """Yield whether the schema is as the last plan left it, and if not, all that differs, as far as there is room."""
    number, since = left.last.number, left.last.finished_at or left.last.started_at
    if not left.is_there:
        yield Text.assemble(("schema ", "bold"), f"as plan {number} left it")
        return
    when = f"changed since plan {number} ({since:%Y-%m-%d %H:%M}), by no plan; the server keeps no record of who changed it"
    yield Text.assemble(("schema ", "bold"), (when, "yellow"))
    if left.changes is None:
        yield Text(f"       {left.told}")
    shown = (left.changes or ())[:_CHANGES_SHOWN]
    yield from (Text(f"       {change}") for change in shown)
    if more := len(left.changes or ()) - len(shown):
        yield Text(f"       and {more:,} more; `--format json` lists them all", "dim")


def history_json(entries: Sequence[Entry], left: Drift | None) -> str:
    """The journal's entries as JSON, and how the schema stands to what the last plan left."""
    schema = {"plan": left.last.number, "is_as_left": not left.is_there, "changes": left.changes} if left else None
    return _json({"entries": _entries_data(entries), "schema": schema})


def entries_json(entries: Sequence[Entry]) -> str:
    """The journal's entries as JSON."""
    return _json({"entries": _entries_data(entries)})


def _json(data: dict[str, Any]) -> str:
    return json.dumps({"version": VERSION, **data}, indent=2, ensure_ascii=False)


def _entries_data(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    return [
        {
            "number": entry.number,
            "plan": entry.plan_id,
            "state": entry.state,
            "document": entry.document,
            "revision": entry.revision,
            "digest": entry.digest,
            "backup": entry.backup,
            "made_by": entry.made_by,
            "started_at": entry.started_at.isoformat(),
            "finished_at": entry.finished_at.isoformat() if entry.finished_at else None,
            "steps": {str(number): state for number, state in entry.steps.items()},
            "remarks": {str(number): remark for number, remark in entry.remarks.items()},
        }
        for entry in entries
    ]
