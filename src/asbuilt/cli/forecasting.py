"""The command that shows what becomes of the stated queries as the data grows."""

import re

import click

from asbuilt.cli import console
from asbuilt.cli.failing import Command
from asbuilt.cli.options import document, form_of_plan, quiet, to

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?b)", re.IGNORECASE)
_UNITS = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


def _times(context: click.Context, parameter: click.Parameter, value: str) -> tuple[float, ...]:
    """Return the years that are listed."""
    try:
        years = tuple(float(part) for part in value.split(","))
    except ValueError:
        years = (-1.0,)
    if any(not 0 <= at <= 100 for at in years):
        raise click.BadParameter(f"{value!r} is no list of years from 0 to 100, such as 1,3", context, parameter)
    return years


def _bytes(context: click.Context, parameter: click.Parameter, value: str | None) -> int | None:
    """Return a size in bytes."""
    if value is None:
        return None
    found = _SIZE.fullmatch(value.strip())
    if found is None:
        raise click.BadParameter(f"{value!r} is no size, such as 500GB or 2TB", context, parameter)
    return round(float(found[1]) * _UNITS[found[2].upper()])


@click.command(cls=Command, when_stopped="stopped: nothing was changed")
@document
@to
@click.option(
    "--years", callback=_times, default="1,3", show_default=True, metavar="N,N", help="For which years from now."
)
@click.option(
    "--disk", callback=_bytes, metavar="SIZE", help="Room that there is, such as 500GB: when it will be full."
)
@form_of_plan
@quiet
def forecast(document: str, url: str | None, years: tuple[float, ...], disk: int | None, form: str, quiet: bool) -> int:
    """Show which plans the stated queries will have once there are as many rows as the document expects, and how much room these take.

    No rows are made for it beyond a small sample, and with --to not even that: the statistics of that database are
    scaled, and it is only read.
    """
    from asbuilt.project import load
    from asbuilt.project.forecast import forecast as forecast_of
    from asbuilt.report import forecasts

    project = load(document)
    with console.progress(quiet or form != "text") as progress:
        found = forecast_of(project, url, years, progress, disk=disk)
    console.show(forecasts.text(project.source, found) if form == "text" else forecasts.data(project.source, found))
    return 0


COMMANDS = (forecast,)
