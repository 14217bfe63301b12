"""The command that fills a database with rows."""

import click

from asbuilt.cli import console
from asbuilt.cli.failing import FAILED, Command
from asbuilt.cli.options import document, form_of_plan, quiet, target

_STOPPED = "stopped: what was written stays; `asbuilt seed` with --resume goes on, with --clean takes it away"
_SCENARIOS = ("empty", "one", "small", "medium", "large", "edge")


def _rows(context: click.Context, parameter: click.Parameter, value: str | None) -> dict[str, int] | None:
    """Return the rows that are listed, by table."""
    from asbuilt.project.amounts import listed

    try:
        return None if value is None else listed(value)
    except ValueError as error:
        raise click.BadParameter(
            f"{str(error)!r} is no table with a number, such as users=1M", context, parameter
        ) from None


@click.command(cls=Command, when_stopped=_STOPPED)
@document
@target
@click.option("--scenario", type=click.Choice(_SCENARIOS), help="As many rows as the document has it under this name.")
@click.option("--rows", callback=_rows, metavar="TABLE=N,…", help="So many rows of each table: users=1M,orders=5M.")
@click.option(
    "--year", type=click.FloatRange(0, 100), metavar="N", help="The rows that the document expects in N years."
)
@click.option("--seed", "number", type=int, default=1, show_default=True, help="Another number, other rows.")
@click.option("--dry-run", is_flag=True, help="Say what would be written, what cannot be, and what it takes.")
@click.option("--resume", is_flag=True, help="Go on with what was interrupted.")
@click.option("--clean", is_flag=True, help="Take away what an interrupted run wrote.")
@form_of_plan
@quiet
def seed(
    document: str,
    url: str | None,
    scenario: str | None,
    rows: dict[str, int] | None,
    year: float | None,
    number: int,
    dry_run: bool,
    resume: bool,
    clean: bool,
    form: str,
    quiet: bool,
) -> int:
    """Fill a database with rows that keep every constraint, the same ones for the same seed.

    Rows that stand count. What cannot be is said before anything is written; a run that was stopped, or killed, can go on
    or be taken back.
    """
    from asbuilt.project import load, seeding
    from asbuilt.project.amounts import Amount
    from asbuilt.report import seedings

    _check_choice(scenario, rows, year, resume, clean)
    if dry_run and scenario == "edge":
        raise click.UsageError("what a table takes at its edges is found by trying: there is no dry run of it")
    project = load(document)
    where = project.target(url)
    asked = Amount(rows or {}, scenario or "", year)
    with console.progress(quiet or form != "text") as progress:
        if dry_run:
            found = seeding.prospect(project.design, where, asked, number)
            console.show(seedings.prospect(found) if form == "text" else seedings.prospect_data(found))
            return FAILED if found.problems else 0
        if clean:
            done = seeding.clean(where)
        elif resume:
            done = seeding.go_on(project.design, where, progress)
        else:
            done = seeding.fill(project.design, where, asked, number, progress)
    console.show(seedings.seeded(done) if form == "text" else seedings.seeded_data(done))
    return FAILED if done.problems else 0


def _check_choice(
    scenario: str | None, rows: dict[str, int] | None, year: float | None, resume: bool, clean: bool
) -> None:
    """Refuse what says nothing or too much."""
    given = [scenario is not None, rows is not None, year is not None, resume, clean]
    if sum(given) != 1:
        what = "say how many rows" if not any(given) else "say only one of them"
        raise click.UsageError(f"{what}: --scenario, --rows or --year; or --resume or --clean what was interrupted")


COMMANDS = (seed,)
