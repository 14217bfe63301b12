"""The commands: each reads its arguments, calls the project, prints what a report made of the answer."""

from pathlib import Path
from typing import Any

import click

from asbuilt import __version__
from asbuilt.cli import console
from asbuilt.cli.calling import call_of
from asbuilt.cli.failing import FAILED, Command, Group
from asbuilt.cli.options import FORMATS, document, given, output, quiet, scratch, to


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
        console.show(summary.up(project, result, _screen(), _line))
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
        console.show(summary.build(project, result, url, _screen(), _line))
    else:
        _show(project, form, project.check(is_tried=False), ())
    return 0


@main.command(cls=Command)
@document
@to
@click.option(
    "--also",
    multiple=True,
    metavar="[NAME=]URL",
    help="Another database that has to be like it; only read; repeatable.",
)
@output
@scratch
@quiet
@click.option(
    "--cache", metavar="URL", callback=given, help="Prove the cache, too, on this Redis: redis://host:6379/0."
)
@click.option(
    "--measure", "is_measured", is_flag=True, help="Run the stated queries on the rows that are there, and time them."
)
def verify(
    document: str,
    url: str | None,
    also: tuple[str, ...],
    form: str,
    quiet: bool,
    cache: str | None,
    is_measured: bool,
) -> int:
    """Check every claim against a live database, which is only read."""
    from asbuilt.project import load
    from asbuilt.report import summary

    project = load(document)
    target = project.target(url)
    with console.progress(quiet or form != "text") as progress:
        result = project.check(progress=progress, beside=target)
        run = project.verify(
            target, also=also, desired=result.trial, cache=cache, is_measured=is_measured, progress=progress
        )
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


def _line(verb: str) -> str:
    return call_of(click.get_current_context()).line(verb)


def _screen() -> Any:
    from asbuilt.report.layout import Screen

    return Screen(console.width(), console.program())


def _show(project: Any, form: str, result: Any, claims: Any) -> None:
    from asbuilt.report import formats

    console.show(formats.render(form, project.source, result, claims))
