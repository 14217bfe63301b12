"""What was done of what time asks for, for people and for programs."""

import json
from collections.abc import Iterator

from rich.text import Text

from asbuilt.plan.upkeep import Chore, Upkeep

VERSION = 1


def text(done: Upkeep) -> Text:
    """A line for each thing that was done, or would be, what could not be, and when there is something to do next."""
    return Text("\n").join(_lines(done))


def _lines(done: Upkeep) -> Iterator[Text]:
    if done.is_dry:
        yield from (Text.assemble(("due ", "bold"), f"since {_time(c)}: {c.title}") for c in done.chores.due)
    for outcome in done.outcomes:
        if outcome.trouble:
            yield Text.assemble(("not done ", "bold red"), f"{outcome.chore.title}: {outcome.trouble}")
        else:
            yield Text.assemble(("done ", "bold"), outcome.chore.title)
    yield from (Text.assemble(("note ", "bold yellow"), note) for note in done.chores.notes)
    if not done.chores.due and not done.chores.notes:
        yield Text("nothing is due")
    if done.chores.later:
        next_ = done.chores.later[0]
        yield Text.assemble(("next ", "bold"), f"on {_time(next_)}: {next_.title}")


def _time(chore: Chore) -> str:
    return f"{chore.due:%Y-%m-%d %H:%M}"


def data(done: Upkeep) -> str:
    """The same as JSON: `due` (with `done` and `trouble`), `later`, `notes`."""
    troubles = {outcome.chore: outcome.trouble for outcome in done.outcomes}
    due = [{**_chore(c), "done": troubles.get(c) == "", "trouble": troubles.get(c) or None} for c in done.chores.due]
    later = [_chore(chore) for chore in done.chores.later]
    told = {"version": VERSION, "dry_run": done.is_dry, "due": due, "later": later, "notes": list(done.chores.notes)}
    return json.dumps(told, indent=2, ensure_ascii=False)


def _chore(chore: Chore) -> dict[str, object]:
    return {
        "kind": chore.kind,
        "title": chore.title,
        "due": chore.due.isoformat(),
        "plan": chore.entry or None,
        "statements": list(chore.statements),
    }
