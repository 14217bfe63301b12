"""The arguments and options that several commands share."""

import click

FORMATS = ("text", "concise", "json", "sarif", "github")


def given(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse an empty URL, as an unset variable leaves it: it must not mean a server of our own."""
    if value is not None and not value.strip():
        raise click.BadParameter("it is empty; is the variable set?", context, parameter)
    return value


def _borrowed(context: click.Context, parameter: click.Parameter, value: str | None) -> None:
    """Let scratch databases be made on the server that is named, from here to the end of the command."""
    if given(context, parameter, value):
        from asbuilt.engines.postgres.borrowing import borrowing

        context.with_resource(borrowing(str(value)))


document = click.argument("document", type=click.Path(readable=False))
document_or_database = click.argument("document", type=click.Path(readable=False), required=False)
to = click.option(
    "--to", "url", metavar="URL", callback=given, help="A PostgreSQL 14-18: postgresql://user@host/database."
)
output = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to show it."
)
scratch = click.option(
    "--scratch", metavar="URL", expose_value=False, callback=_borrowed, envvar="ASBUILT_SCRATCH",
    help="Try things out in temporary databases on this server, not on one of our own.",
)  # fmt: skip
quiet = click.option("--quiet", "-q", is_flag=True, help="Show no progress.")
form_of_plan = click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True, help="How to show it."
)
target = click.option(
    "--to", "url", metavar="URL", callback=given, help="The database; the document's own, where none is named."
)
at_once = click.option(
    "--at-once", "is_at_once", is_flag=True, help="Change what is in use in place, not side by side: it has hazards."
)
renames = click.option(
    "--rename",
    "renames",
    multiple=True,
    metavar="TABLE.OLD=NEW",
    help="What was renamed (OLD=NEW for a table); repeatable.",
)
no_renames = click.option("--no-renames", is_flag=True, help="Nothing else was renamed: do not ask.")
lag_limit = click.option(
    "--max-lag", "lag_limit", type=click.FloatRange(min=0), metavar="SECONDS", default=10.0, show_default=True,
    help="Let backfills wait while a replica is further behind; `inf` waits for none.",
)  # fmt: skip
