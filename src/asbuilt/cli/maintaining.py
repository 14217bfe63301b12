"""The command for what time asks for: meant for cron, and safe to call again and again."""

import click

from asbuilt.cli import console
from asbuilt.cli.failing import FAILED, Command
from asbuilt.cli.options import document_or_database, form_of_plan, target


@click.command(cls=Command, when_stopped="stopped: what was being done is undone, what was done before it stays")
@document_or_database
@target
@click.option("--dry-run", "is_dry", is_flag=True, help="Say what is due and what will be, and do nothing.")
@click.option(
    "--allow", "allowed", multiple=True, metavar="HAZARD",
    help="Allow a hazard by name, or `all`: data_lost drops partitions whose time is over, long_exclusive_lock moves many rows "
    "out of a default partition where that cannot be done beside writers; repeatable.",
)  # fmt: skip
@form_of_plan
def maintain(document: str | None, url: str | None, is_dry: bool, allowed: tuple[str, ...], form: str) -> int:
    """Do what time asks for: make the partitions of the coming periods, retire those that the document keeps no longer,
    purge what plans kept aside for as long as was promised.

    Nothing is done early, and nothing twice: call it from cron as often as you like. The exit code is 1 where something
    that is due could not be done.
    """
    from asbuilt.cli.changing import meant
    from asbuilt.project import changes
    from asbuilt.project.upkeep import upkeep
    from asbuilt.report import upkeep as report

    hazards = changes.hazards_allowed(allowed)
    project, goal = meant(document, url)
    done = upkeep(project, goal, is_dry=is_dry, allowed=hazards)
    console.show(report.text(done) if form == "text" else report.data(done))
    return FAILED if done.has_failed else 0


COMMANDS = (maintain,)
