"""The commands: each reads its arguments, calls the project, prints what a report made of the answer."""

from pathlib import Path
from typing import Any

import click

from asbuilt import __version__
from asbuilt.cli import console
from asbuilt.cli.failing import FAILED, Command, Group
from asbuilt.cli.options import FORMATS, document, form_of_plan, given, output, quiet, scratch, target, to


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="asbuilt")
def main() -> None:
    """Check a data design document, build it, and prove every promise in it.

    \b
      asbuilt up design.md        check, build, seed, verify, report
      asbuilt check design.md     what contradicts itself or cannot work
      asbuilt explain CODE        what a finding means
    """


@main.command(cls=Command)
@document
@to
@click.option("--rows", type=click.IntRange(0), default=20, show_default=True, help="Rows to seed into each table.")
@output
@scratch
@quiet
def up(document: str, url: str | None, rows: int, form: str, quiet: bool) -> int:
    """Check, build, seed, verify and report, in one go.

    Without --to it starts a PostgreSQL of its own beside the document; `asbuilt down` stops it.
    """
    from asbuilt.project import BuildRefused, load
    from asbuilt.report import summary

    project = load(document)
    try:
        with console.progress(quiet or form != "text") as progress:
            result = project.up(url, rows=rows, progress=progress)
    except BuildRefused as refused:
        if form == "text":
            console.show(summary.refused(project, refused, _screen()))
        else:
            _show(project, form, refused.check, refused.check.claims)
        return FAILED
    if form == "text":
        console.show(summary.up(project, result, _screen()))
    else:
        _show(project, form, result.check, result.run.evidence)
    return 0 if result.is_fine else FAILED


@main.command(cls=Command)
@document
@click.option("--fix", is_flag=True, help="Make the safe fixes in the document, as minimal edits.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix: make those too that want a person's eyes.")
@click.option("--coverage", is_flag=True, help="Account for every line: fact, placeholder, prose, not understood.")
@click.option("--no-trial", is_flag=True, help="Do not run the statements in a scratch database.")
@output
@scratch
@quiet
def check(document: str, fix: bool, unsafe_fixes: bool, coverage: bool, no_trial: bool, form: str, quiet: bool) -> int:
    """Find what contradicts itself or cannot work."""
    from asbuilt.project import load
    from asbuilt.report import summary

    project = load(document)
    with console.progress(quiet or form != "text") as progress:
        if fix or unsafe_fixes:
            project = project.fixed(is_unsafe=unsafe_fixes, is_tried=not no_trial, progress=progress)
            if project.fixes:
                project.save()
        result = project.check(is_tried=not no_trial, progress=progress)
    for told in project.fixes:
        click.echo(f"fixed {told}", err=form != "text")
    if form == "text":
        console.show(summary.check(project, result, _screen(), with_coverage=coverage))
    else:
        _show(project, form, result, result.claims)
    return 0 if result.is_clean else FAILED


@main.command(cls=Command)
@document
@to
@output
@scratch
@quiet
def build(document: str, url: str | None, form: str, quiet: bool) -> int:
    """Build the design in an empty database."""
    from asbuilt.project import load
    from asbuilt.report import summary

    project = load(document)
    with console.progress(quiet or form != "text") as progress:
        result = project.build(url, progress=progress)
    if form == "text":
        console.show(summary.build(project, result, url, _screen()))
    else:
        _show(project, form, project.check(is_tried=False), ())
    return 0


@main.command(cls=Command)
@document
@to
@output
@scratch
@quiet
def verify(document: str, url: str | None, form: str, quiet: bool) -> int:
    """Check every claim against a live database, which is only read."""
    from asbuilt.project import load
    from asbuilt.report import summary

    project = load(document)
    target = project.target(url)
    with console.progress(quiet or form != "text") as progress:
        result = project.check(progress=progress, beside=target)
        run = project.verify(target, desired=result.trial, progress=progress)
    if form == "text":
        console.show(summary.verify(project, run, _screen()))
    else:
        _show(project, form, result, run.evidence)
    return 0 if run.is_fine else FAILED


@main.command(cls=Command)
@document
@click.option("--output", "-o", "path", type=click.Path(path_type=Path), help="Where to write the page.")
@click.option(
    "--format", "form", type=click.Choice(("html", *FORMATS)), default="html", show_default=True, help="How to show it."
)
def report(document: str, path: Path | None, form: str) -> int:
    """Write the last run of `verify` or `up` as an HTML page that opens offline."""
    from asbuilt.project import load
    from asbuilt.report import summary

    project = load(document)
    run = project.last_run()
    result = project.check(is_tried=False)
    if form == "html":
        console.show(str(project.write_report(run, result, path)))
    elif form == "text":
        console.show(summary.verify(project, run, _screen()))
    else:
        _show(project, form, result, run.evidence)
    return 0 if run.is_fine else FAILED


_STOPPED = "stopped: the step that was being done is undone, those before it stay"
at_once = click.option(
    "--at-once", "is_at_once", is_flag=True, help="Change what is in use in place, not side by side: it has hazards."
)


@main.command(cls=Command)
@document
@target
@at_once
@form_of_plan
@scratch
@quiet
def plan(document: str, url: str | None, is_at_once: bool, form: str, quiet: bool) -> int:
    """Show what would make a database what the document says: steps, causes, hazards, the way back."""
    from asbuilt.project import changes, load
    from asbuilt.report import plans

    project = load(document)
    goal = project.target(url)
    with console.progress(quiet or form != "text") as progress:
        result = changes.plan_for(project, goal, progress, is_at_once=is_at_once)
    call = (
        f"{console.program()} apply {project.shown_path}"
        + (" --to URL" if url else "")
        + (" --at-once" if is_at_once else "")
    )
    if form == "text":
        console.show(plans.plan(result.plan, project.source, call))
    else:
        console.show(plans.plan_json(result.plan, project.source))
    return 0


@main.command(cls=Command, when_stopped=f"{_STOPPED}; `asbuilt apply` goes on, `asbuilt rollback` goes back")
@document
@target
@click.option("--plan", "plan_id", metavar="ID", help="Carry out this plan, and no other.")
@click.option("--yes", is_flag=True, help="Plan and carry it out in one go.")
@click.option(
    "--allow", "allowed", multiple=True, metavar="HAZARD", help="Allow a hazard by name, or `all`; repeatable."
)
@click.option(
    "--contract", "is_contract", is_flag=True, help="Take away the old names and columns that nobody uses now."
)
@at_once
@click.option("--no-backup", is_flag=True, help="Do not dump the tables at stake before a plan with hazards.")
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
    no_backup: bool,
    form: str,
    quiet: bool,
) -> int:
    """Make a database what the document says, step by step; what was begun and not finished is finished first.

    Columns and tables in use change side by side, so that yesterday's and today's application both work; once nobody
    uses the old ones, --contract takes them away.
    """
    from asbuilt.project import changes, load
    from asbuilt.report import plans

    changes.hazards_named(allowed)
    project = load(document)
    goal = project.target(url)
    with console.progress(quiet or form != "text") as progress:
        if begun := changes.open_entry(goal):
            console.note(plans.going_on(begun), is_quiet=quiet or form != "text")
            entry = changes.go_on(goal, begun, plan_id, progress)
            console.show(plans.done(entry) if form == "text" else plans.entries_json([entry]))
            return 0
        if is_contract:
            entry = changes.contract_plan(project, goal, allowed, progress)
            console.show(plans.done(entry) if form == "text" else plans.entries_json([entry]))
            return 0
        made = changes.plan_for(project, goal, progress, is_at_once=is_at_once).plan
    if plan_id and plan_id != made.id:
        raise changes.moved(plan_id, made)
    if made.now and not (yes or plan_id):
        console.show(plans.plan(made, project.source, ""))
        console.confirm("carry this plan out?", "add --yes, or --plan ID with the id that `asbuilt plan` shows")
    if not made.now:
        call = f"{console.program()} apply {project.shown_path}" + (" --to URL" if url else "")
        console.show(plans.plan(made, project.source, call) if form == "text" else plans.entries_json([]))
        return 0
    with console.progress(quiet or form != "text") as progress:
        entry = changes.apply_plan(goal, made, allowed, progress, project=project, is_backed_up=not no_backup)
    console.show(plans.done(entry) if form == "text" else plans.entries_json([entry]))
    return 0


@main.command(cls=Command)
@document
@target
@form_of_plan
def history(document: str, url: str | None, form: str) -> int:
    """List the plans that were carried out in a database."""
    from asbuilt.project import changes, load
    from asbuilt.report import plans

    entries = changes.journal_of(load(document).target(url))
    console.show(plans.history(entries) if form == "text" else plans.entries_json(entries))
    return 0


@main.command(cls=Command, when_stopped=f"{_STOPPED}; `asbuilt rollback` goes on")
@document
@click.option(
    "--on", "url", metavar="URL", callback=given, help="The database; the document's own, where none is named."
)
@click.option("--to", "number", type=click.IntRange(0), metavar="N", help="Take back everything after plan N.")
@form_of_plan
@quiet
def rollback(document: str, url: str | None, number: int | None, form: str, quiet: bool) -> int:
    """Take the last plan back, the data that it put aside included."""
    from asbuilt.project import changes, load
    from asbuilt.report import plans

    goal = load(document).target(url)
    with console.progress(quiet or form != "text") as progress:
        entries = changes.take_back(goal, number, progress)
    console.show(plans.history(entries) if form == "text" else plans.entries_json(entries))
    return 0


@main.command(cls=Command)
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
        text = plans.plan(made, source, "") if form == "text" else plans.plan_json(made, source)
        console.show(text)
        return FAILED if made.steps else 0
    with console.progress(quiet or form != "text") as progress:
        entry = changes.apply_plan(url, made, allowed, progress)
    console.show(plans.done(entry) if form == "text" else plans.entries_json([entry]))
    return 0


@main.command(cls=Command)
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

    before, after = revisions.load_revision(old), revisions.load_revision(new)
    with console.progress(quiet or form != "text") as progress:
        made = revisions.difference_of(before, after, progress)
    show = {"text": plans.difference, "markdown": plans.difference_markdown, "json": plans.plan_json}[form]
    console.show(show(made, after.source))
    return 0


@main.command(cls=Command)
@click.argument("code", required=False)
def explain(code: str | None) -> int:
    """Say what a finding means, why it matters and what to do; without CODE, list them all."""
    from asbuilt.report import pages

    console.show(pages.page(code, console.width()) if code else pages.index(console.width()))
    return 0


@main.command(cls=Command)
@document
@click.option("--data", "with_data", is_flag=True, help="Remove the server's data too.")
def down(document: str, with_data: bool) -> int:
    """Stop the server that `up` started for this document."""
    from asbuilt.project import Project
    from asbuilt.text import Source

    was_there = Project(Source(document, ""), Path(document)).down(with_data=with_data)
    if was_there:
        done = "stopped, and its data removed" if with_data else "stopped; its data is kept (`--data` removes it)"
        console.show(f"the server of {document} is {done}")
    else:
        console.show(f"no server runs for {document}; nothing was done")
    return 0


def _screen() -> Any:
    from asbuilt.report.layout import Screen

    return Screen(console.width(), console.program())


def _show(project: Any, form: str, result: Any, claims: Any) -> None:
    from asbuilt.report import formats

    console.show(formats.render(form, project.source, result, claims))
