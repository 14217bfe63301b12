"""The command that tries a plan on a copy of the data before it is carried out."""

import click

from asbuilt.cli import asking, console
from asbuilt.cli.calling import call_of
from asbuilt.cli.failing import FAILED, Command
from asbuilt.cli.options import at_once, document, form_of_plan, no_renames, quiet, renames, scratch, target


def _most(context: click.Context, parameter: click.Parameter, value: str) -> int | None:
    """Return a number of rows, None for all."""
    if value == "all":
        return None
    if not value.isdigit() or not int(value):
        raise click.BadParameter(f"{value!r} is neither a number of rows nor `all`", context, parameter)
    return int(value)


@click.command(cls=Command, when_stopped="stopped: the database was only read; the copy is gone")
@document
@target
@click.option(
    "--rows",
    callback=_most,
    default="1000",
    show_default=True,
    metavar="N|all",
    help="How many rows of each table to copy.",
)
@at_once
@renames
@no_renames
@form_of_plan
@scratch
@quiet
def rehearse(
    document: str,
    url: str | None,
    rows: int | None,
    is_at_once: bool,
    renames: tuple[str, ...],
    no_renames: bool,
    form: str,
    quiet: bool,
) -> int:
    """Carry the plan out on a copy of the database with its rows: up, writes by both applications, down, up again.

    The database itself is only read. Exit code 1: something was lost, refused or is not as it was.
    """
    from asbuilt.project import asking as answering
    from asbuilt.project import load
    from asbuilt.project.rehearsal import rehearsed
    from asbuilt.report import rehearsals

    project = load(document)
    goal = project.target(url)
    answers = answering.answers_of(renames, are_others_none=no_renames)
    with console.progress(quiet or form != "text") as progress:
        done = rehearsed(project, goal, rows, progress, is_at_once=is_at_once, answers=answers)
    asked = asking.options_of(renames, are_others_none=no_renames)
    options = (" --at-once" if is_at_once else "") + asked
    which = f" --plan {done.plan.id}" if done.plan.now else " --contract"
    allowed = "".join(f" --allow {hazard}" for hazard in done.plan.hazards)
    call = call_of(click.get_current_context()).line("apply", options + which + allowed)
    console.show(rehearsals.rehearsal(done, call) if form == "text" else rehearsals.rehearsal_json(done))
    return 0 if done.is_fine else FAILED


COMMANDS = (rehearse,)
