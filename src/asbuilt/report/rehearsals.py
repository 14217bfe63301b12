"""What came of a rehearsal, for people and for programs."""

import json
from collections.abc import Iterator

from rich.text import Text

from asbuilt.evidence import Verdict
from asbuilt.plan.rehearsal import Check, Rehearsal, Timed
from asbuilt.report.numbers import plural

VERSION = 1
_STYLES = {Verdict.HOLDS: "green", Verdict.BROKEN: "bold red", Verdict.UNKNOWN: "yellow"}


def rehearsal(done: Rehearsal, call: str) -> Text:
    """The steps with their times, what was looked at, and what to do next: `call` carries the plan out."""
    if not done.plan.steps:
        return Text.assemble(("nothing to rehearse", "bold"), f": {done.plan.server} is what the document says")
    return Text("\n").join(_lines(done, call))


def _lines(done: Rehearsal, call: str) -> Iterator[Text]:
    rows = sum(done.counts.values())
    tables = sum(1 for count in done.counts.values() if count)
    yield Text.assemble(
        ("rehearsed ", "bold"),
        f"plan {done.plan.id} for {done.plan.server}, on a copy with {plural(rows, 'row')} of {plural(tables, 'table')}",
    )
    for step in done.steps:
        if step.part in ("up", "contract"):
            yield _step(step)
    for part, words in (("down", "all of it back"), ("again", "all of it once more")):
        if seconds := sum(step.seconds for step in done.steps if step.part == part):
            yield Text(f"  {seconds:7.3f} s  {words}", "dim")
    for check in done.checks:
        yield from _check(check)
    for note in done.notes:
        yield Text.assemble(("note ", "bold yellow"), note)
    broken = sum(check.verdict == Verdict.BROKEN for check in done.checks)
    if broken:
        yield Text.assemble(
            (f"{broken} of {len(done.checks)} broken", "bold red"),
            ": the database was only read; do not carry this plan out",
        )
    else:
        yield Text.assemble(("next  ", "bold"), call)


def _step(step: Timed) -> Text:
    rows = f"  ({step.rows:,} row{'' if step.rows == 1 else 's'})" if step.rows is not None else ""
    return Text(f"  {step.seconds:7.3f} s  {step.title}{rows}", "dim")


def _check(check: Check) -> Iterator[Text]:
    yield Text.assemble((f"{check.verdict:<7} ", _STYLES.get(check.verdict, "")), f"{check.expected}: {check.observed}")
    for row in check.rows:
        yield Text(f"          {row}")


def rehearsal_json(done: Rehearsal) -> str:
    """The same as JSON."""
    data = {
        "version": VERSION,
        "plan": done.plan.id,
        "document": done.plan.document,
        "server": done.plan.server,
        "is_fine": done.is_fine,
        "rows": done.counts,
        "steps": [
            {"part": step.part, "title": step.title, "seconds": round(step.seconds, 3), "rows": step.rows}
            for step in done.steps
        ],
        "checks": [
            {
                "name": c.name,
                "expected": c.expected,
                "verdict": str(c.verdict),
                "observed": c.observed,
                "rows": list(c.rows),
            }
            for c in done.checks
        ],
        "notes": list(done.notes),
    }
    return json.dumps(data, indent=2, ensure_ascii=False)
