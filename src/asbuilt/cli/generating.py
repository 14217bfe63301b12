"""The command that writes source from a document."""

from pathlib import Path

import click

from asbuilt.cli import console
from asbuilt.cli.failing import FAILED, Command
from asbuilt.cli.options import document, quiet, scratch


@click.command(cls=Command)
@click.argument("language", type=click.Choice(("python", "python-sync", "typescript", "json-schema")))
@document
@click.option("-o", "--output", "path", type=click.Path(path_type=Path), help="The file to write; else it is printed.")
@click.option("--check", "is_check", is_flag=True, help="Write nothing; exit with 1 where the file is not current.")
@click.option("--force", is_flag=True, help="Replace a file that was not generated, too.")
@scratch
@quiet
def generate(language: str, document: str, path: Path | None, is_check: bool, force: bool, quiet: bool) -> int:
    """Write the document's rows and what may be written, as source: a typed client, interfaces and validators, a schema."""
    from asbuilt.project import generated, load

    if is_check and path is None:
        raise click.UsageError("--check compares with a file; name it with -o")
    project = load(document)
    with console.progress(quiet or path is None) as progress:
        text = generated.generate(project, language, progress)
    if path is None:
        click.echo(text, nl=False)
    elif is_check:
        return _compare(path, text, language, document)
    else:
        generated.save(path, text, force=force)
        console.show(f"wrote {path}")
    return 0


def _compare(path: Path, text: str, language: str, document: str) -> int:
    from asbuilt.project import generated

    if generated.is_current(path, text):
        console.show(f"{path} is current")
        return 0
    what = "is not what the document says now" if path.exists() else "is not there"
    console.show(f"{path} {what}; run `{console.program()} generate {language} {document} -o {path}`")
    return FAILED
