"""The journal and what plans keep aside, for people and for programs."""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from rich.text import Text

from asbuilt.engines.journal import Entry
from asbuilt.plan.drifting import Drift
from asbuilt.plan.keeping import History, Keeping, told_of
from asbuilt.report.numbers import plural
from asbuilt.report.plans import period

VERSION = 1
_CHANGES_SHOWN = 20
_DEEDS_SHOWN = 10


def listed(entries: Sequence[Entry], onward: Callable[[Entry], str], told: History | None = None) -> Text:
    """A line for each plan: number, when, who, document and revision, steps, state; with the rest that is `told` of it.

    `onward` gives the command that carries out the contract of one that waits.
    """
    if not entries:
        return Text("no plan was carried out there yet")
    lines = [
        Text.assemble(
            (f"{entry.number:>4}", "bold"), f"  {entry.started_at:%Y-%m-%d %H:%M:%S}  {entry.made_by}  plan {entry.plan_id}  ",
            f"{entry.document}{f' at {entry.revision}' if entry.revision else ''}  {plural(len(entry.steps), 'step')}  ", (entry.state, "bold"),
            f"; `{onward(entry)}` takes the old away" if entry.state == "expanded" else "",
        )
        for entry in entries
    ]  # fmt: skip
    return Text("\n").join(row for e, line in zip(entries, lines, strict=True) for row in (line, *_more(e, told)))


def history(told: History, onward: Callable[[Entry], str]) -> Text:
    """The plans with what they keep aside and their dumps; then what upkeep did last, and what became of what the last plan left."""
    lines = listed(told.entries, onward, told)
    unread = [Text(f"note what is kept aside, and what was purged, this role may not read: {told.unread}")]
    left = _left(told.left) if told.left else ()
    return Text("\n").join([lines, *(unread if told.unread else ()), *_deeds(told), *left])


def _deeds(told: History) -> Iterator[Text]:
    if (more := len(told.deeds) - _DEEDS_SHOWN) > 0:
        yield Text(f"upkeep {more:,} more before; `--format json` lists them all", "dim")
    for deed in told.deeds[-_DEEDS_SHOWN:]:
        yield Text.assemble(("upkeep ", "bold"), f"{deed.at:%Y-%m-%d %H:%M:%S}  {deed.by}  {deed.told}")


def _more(entry: Entry, told: History | None) -> Iterator[Text]:
    yield from _remarks(entry)
    if told and (keeping := told.keepings.get(entry.number)):
        yield Text(f"      {_kept(keeping, told.now)}")
    if told and entry.backup:
        gone = ", which is not there (any more, or on this machine)" if entry.backup in told.missing_backups else ""
        yield Text(f"      backup {entry.backup}{gone}")


def _kept(keeping: Keeping, now: datetime) -> str:
    """Say what a plan keeps aside: how much, since when and until when; or that it was purged."""
    if purge := keeping.purge:
        lost = f": rollback no longer brings back {told_of(purge.lost)}" if purge.lost else ": there were no rows in it"
        return f"purged on {purge.at:%Y-%m-%d %H:%M} by {purge.by}{lost}"
    listed = ", ".join(f"{thing.what}{'' if thing.held.size else ' (empty)'}" for thing in keeping.things)
    what = f"keeps aside {listed}{f', {told_bytes(keeping.size)}' if keeping.size else ''}"
    if not keeping.until:
        return f"{what}, for {period(keeping.seconds)} once the plan is finished"
    due = "; past that time: `asbuilt maintain` purges it" if keeping.is_overdue(now) else ""
    return f"{what}, since {keeping.since:%Y-%m-%d %H:%M}, until {keeping.until:%Y-%m-%d %H:%M}{due}"


def told_bytes(size: int) -> str:
    """Return a size in words: kB and so on, as PostgreSQL counts them."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 10_240:
            return f"{size:,} {unit}"
        size //= 1024
    return f"{size:,} TB"


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


def history_json(told: History) -> str:
    """The journal's entries as JSON with what they keep aside, and how the schema stands to what the last plan left."""
    left = told.left
    schema = {"plan": left.last.number, "is_as_left": not left.is_there, "changes": left.changes} if left else None
    entries = [
        {
            **data,
            "backup_is_there": entry.backup not in told.missing_backups if entry.backup else None,
            "kept": _kept_data(told.keepings.get(entry.number), told.now),
        }
        for entry, data in zip(told.entries, _entries_data(told.entries), strict=True)
    ]
    deeds = [
        {"at": deed.at.isoformat() if deed.at else None, "by": deed.by, "kind": deed.kind, "table": deed.table, "what": deed.told}
        for deed in told.deeds
    ]  # fmt: skip
    return _json({"entries": entries, "schema": schema, "kept_not_read": told.unread or None, "upkeep": deeds})


def _kept_data(keeping: Keeping | None, now: datetime) -> dict[str, Any] | None:
    if keeping is None:
        return None
    purge = keeping.purge
    return {
        "things": [{"what": t.what, "schema": t.held.schema, "name": t.held.name, "bytes": t.held.size} for t in keeping.things],
        "bytes": keeping.size,
        "since": keeping.since.isoformat() if keeping.since else None,
        "until": keeping.until.isoformat() if keeping.until else None,
        "is_overdue": keeping.is_overdue(now),
        "purged_at": purge.at.isoformat() if purge else None,
        "purged_by": purge.by if purge else None,
        "lost": [{"what": what, "rows": rows} for what, rows in purge.lost] if purge else [],
    }  # fmt: skip


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
