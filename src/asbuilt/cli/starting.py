"""The command that begins with a database and ends with a document."""

from pathlib import Path

import click

from asbuilt.cli import console
from asbuilt.cli.failing import FAILED, Command
from asbuilt.cli.options import form_of_plan, given, quiet, scratch


@click.command(cls=Command)
@click.option(
    "--from", "url", metavar="URL", required=True, callback=given, help="The database to write about; it is only read."
)
@click.option(
    "-o",
    "--output",
    "path",
    type=click.Path(path_type=Path),
    default="design.md",
    show_default=True,
    help="The document to write.",
)
@click.option("--force", is_flag=True, help="Replace the file where there is one.")
@form_of_plan
@scratch
@quiet
def init(url: str, path: Path, force: bool, form: str, quiet: bool) -> int:
    """Write a document from a live database: it checks clean, and every claim in it holds there."""
    from asbuilt.project import initial
    from asbuilt.report import drafts, formats
    from asbuilt.report.layout import Screen

    initial.refuse_to_write(path, force=force)
    with console.progress(quiet or form != "text") as progress:
        draft = initial.init(url, path, progress=progress)
    draft.save(force=force)
    if form == "text":
        console.show(drafts.draft(draft, Screen(console.width(), console.program())))
    else:
        console.show(formats.render(form, draft.project.source, draft.check, draft.run.evidence))
    return 0 if draft.is_fine else FAILED
