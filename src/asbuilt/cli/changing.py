"""The commands that lead from what stands in a database to what is written, and back."""

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from asbuilt.cli import asking, console
from asbuilt.cli.calling import call_of, shown
from asbuilt.cli.failing import FAILED, Command
from asbuilt.cli.options import (
    at_once,
    document,
    document_or_database,
    form_of_plan,
    given,
    lag_limit,
    no_renames,
    quiet,
    renames,
    scratch,
    target,
)

if TYPE_CHECKING:
    from asbuilt.engines.journal import Entry
    from asbuilt.plan.steps import Plan
    from asbuilt.project import Project

_CONTRACT = " --contract"
_STOPPED = "stopped: the steps that are done stay, and what was left half done is cleared away by what comes next"


@click.command(cls=Command)
@document
@target
@at_once
@renames
@no_renames
@form_of_plan
@scratch
@quiet
def plan(
    document: str,
    url: str | None,
    is_at_once: bool,
    renames: tuple[str, ...],
    no_renames: bool,
    form: str,
    quiet: bool,
) -> int:
    """Show what would make a database what the document says: steps, causes, hazards, the way back."""
    from asbuilt.project import load
    from asbuilt.report import plans

    project = load(document)
    goal = project.target(url)
    asked = asking.Asked(project, goal, form, is_quiet=quiet, is_at_once=is_at_once)
    made, options = asked.plan(renames, are_others_none=no_renames)
    call = _next(made, (" --at-once" if is_at_once else "") + options)
    if form == "text":
        console.show(plans.plan(made, project.source, call))
    else:
        console.show(plans.plan_json(made, project.source))
    return 0


@click.command(cls=Command, when_stopped=f"{_STOPPED}; `asbuilt apply` goes on, `asbuilt rollback` goes back")
@document
@target
@click.option("--plan", "plan_id", metavar="ID", help="Carry out this plan, and no other.")
@click.option("--yes", is_flag=True, help="Plan and carry it out in one go.")
@renames
@no_renames
@click.option(
    "--allow", "allowed", multiple=True, metavar="HAZARD", help="Allow a hazard by name, or `all`; repeatable."
)
@click.option(
    "--contract", "is_contract", is_flag=True, help="Take away the old names and columns that nobody uses now."
)
@at_once
@click.option("--no-backup", is_flag=True, help="Do not dump the tables at stake before a plan with hazards.")
@lag_limit
@form_of_plan
@scratch
@quiet
def apply(
    document: str,
    url: str | None,
    plan_id: str | None,
    yes: bool,
    allowed: tuple[str, ...],
    is_contract: bool,
    is_at_once: bool,
    renames: tuple[str, ...],
    no_renames: bool,
    no_backup: bool,
    lag_limit: float,
    form: str,
    quiet: bool,
) -> int:
    """Make a database what the document says, step by step; what was begun and not finished is finished first.

    Columns and tables in use change side by side, so that yesterday's and today's application both work; once nobody
    uses the old ones, --contract takes them away.
    """
    from asbuilt.project import changes, load
    from asbuilt.project.history import open_entry
    from asbuilt.report import histories, plans

    changes.hazards_named(allowed)
    project = load(document)
    goal = project.target(url)
    with console.progress(quiet or form != "text") as progress:
        if begun := open_entry(goal):
            changes.may_go_on(begun, plan_id)
            console.note(plans.going_on(begun), is_quiet=quiet or form != "text")
            entry = changes.go_on(goal, begun, plan_id, progress, lag_limit)
            _tell(entry, form)
            return 0
        if is_contract:
            entry = changes.contract_plan(project, goal, allowed, progress, lag_limit)
            _tell(entry, form)
            return 0
    asked = asking.Asked(project, goal, form, is_quiet=quiet, is_at_once=is_at_once)
    made, _ = asked.plan(renames, are_others_none=no_renames)
    if plan_id and plan_id != made.id:
        raise changes.moved(plan_id, made)
    if made.now and not (yes or plan_id):
        console.show(plans.plan(made, project.source, ""))
        console.confirm("carry this plan out?", "add --yes, or --plan ID with the id that `asbuilt plan` shows")
    if not made.now:
        call = _next(made)
        console.show(plans.plan(made, project.source, call) if form == "text" else histories.entries_json([]))
        return 0
    with console.progress(quiet or form != "text") as progress:
        entry = changes.apply_plan(
            goal, made, allowed, progress, project=project, is_backed_up=not no_backup, lag_limit=lag_limit
        )
    _tell(entry, form)
    return 0


@click.command(cls=Command)
@document_or_database
@target
@form_of_plan
def history(document: str | None, url: str | None, form: str) -> int:
    """List the plans that were carried out in a database."""
    from asbuilt.project.history import told_history
    from asbuilt.report import histories

    project, goal = meant(document, url)
    told = told_history(goal, project.design if project else None)
    if form == "text":
        console.show(histories.history(told, _onward))
    else:
        console.show(histories.history_json(told))
    return 0


@click.command(cls=Command, when_stopped=f"{_STOPPED}; `asbuilt rollback` goes on")
@document_or_database
@click.option(
    "--on", "url", metavar="URL", callback=given, help="The database; the document's own, where none is named."
)
@click.option("--to", "number", type=click.IntRange(0), metavar="N", help="Take back everything after plan N.")
@click.option(
    "--allow", "allowed", multiple=True, metavar="HAZARD",
    help="Allow a hazard by name: data_lost, where rows that were kept aside are purged by now; or `all`.",
)  # fmt: skip
@lag_limit
@form_of_plan
@quiet
def rollback(
    document: str | None,
    url: str | None,
    number: int | None,
    allowed: tuple[str, ...],
    lag_limit: float,
    form: str,
    quiet: bool,
) -> int:
    """Take the last plan back, the data that it put aside included."""
    from asbuilt.project import changes
    from asbuilt.project.history import told_history
    from asbuilt.report import histories

    changes.hazards_named(allowed)
    _, goal = meant(document, url)
    with console.progress(quiet or form != "text") as progress:
        entries = changes.take_back(goal, number, progress, allowed, lag_limit)
    if form == "text":
        console.show(histories.listed(entries, _onward, told_history(goal)))
    else:
        console.show(histories.entries_json(entries))
    return 0


@click.command(cls=Command)
@click.option("--from", "origin", metavar="URL", required=True, callback=given, help="The database to follow.")
@click.option("--to", "url", metavar="URL", required=True, callback=given, help="The database to change.")
@click.option("--yes", is_flag=True, help="Carry the plan out.")
@click.option(
    "--allow", "allowed", multiple=True, metavar="HAZARD", help="Allow a hazard by name, or `all`; repeatable."
)
@form_of_plan
@scratch
@quiet
def sync(origin: str, url: str, yes: bool, allowed: tuple[str, ...], form: str, quiet: bool) -> int:
    """Show what differs between two databases, as the plan that makes the second like the first."""
    from asbuilt.project import changes
    from asbuilt.report import plans
    from asbuilt.text import Source

    changes.hazards_named(allowed)
    with console.progress(quiet or form != "text") as progress:
        made = changes.sync_plan(origin, url, progress)
    source = Source(made.document, "")
    if not (yes and made.steps):
        call = f"{console.program()} sync --from {shown(origin)} --to {shown(url)} --yes"
        text = plans.plan(made, source, call) if form == "text" else plans.plan_json(made, source)
        console.show(text)
        return FAILED if made.steps else 0
    with console.progress(quiet or form != "text") as progress:
        entry = changes.apply_plan(url, made, allowed, progress)
    _tell(entry, form)
    return 0


@click.command(cls=Command)
@click.argument("old")
@click.argument("new")
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "json")),
    default="text",
    show_default=True,
    help="How to show it.",
)
@scratch
@quiet
def diff(old: str, new: str, form: str, quiet: bool) -> int:
    """Say what differs between two documents, or two revisions of one: OLD and NEW are paths, or REVISION:path in git."""
    from asbuilt.project import revisions
    from asbuilt.report import plans
    from asbuilt.report import revisions as report

    before, after = revisions.load_revision(old), revisions.load_revision(new)
    with console.progress(quiet or form != "text") as progress:
        found = revisions.difference_of(before, after, progress)
    if form == "json":
        console.show(plans.plan_json(found.plan, after.source))
    else:
        show = report.markdown if form == "markdown" else report.text
        console.show(show(found.contrasts, found.plan))
    return 0


def meant(document: str | None, url: str | None) -> "tuple[Project | None, str]":
    """Return the document, and the database that is meant: the one that is named, or else the document's own."""
    from asbuilt.project import load

    if document:
        project = load(document)
        return project, project.target(url)
    if url:
        return None, url
    raise click.UsageError("name a document, or a database", click.get_current_context())


def _line(verb: str, options: str = "") -> str:
    return call_of(click.get_current_context()).line(verb, options)


def _next(made: "Plan", options: str = "") -> str:
    """Return the command that carries a plan out, or what waits of it."""
    return _line("apply", f"{options} --plan {made.id}" if made.now else f"{options}{_CONTRACT}")


def _onward(entry: "Entry") -> str:
    """Return the command that carries out the contract of an entry, with the document that it was made from."""
    call = call_of(click.get_current_context())
    return replace(call, document=entry.document or call.document).line("apply", _CONTRACT)


def _tell(entry: "Entry", form: str) -> None:
    """Say what came of a plan, and the commands that lead on from there."""
    from asbuilt.report import histories, plans

    back = _line("rollback")
    console.show(plans.done(entry, _onward(entry), back) if form == "text" else histories.entries_json([entry]))


COMMANDS = (plan, apply, history, rollback, sync, diff)
