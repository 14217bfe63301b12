"""What the command line does when it cannot: one clear message, in the format that was asked for, and exit code 2."""

import json
import os
import sys
import textwrap
from collections.abc import Sequence
from io import TextIOWrapper
from itertools import pairwise
from typing import Any

import click

from asbuilt.cli.calling import call_of
from asbuilt.cli.console import width
from asbuilt.errors import AsbuiltError, HazardsNotAllowed

FAILED, IMPOSSIBLE, INTERRUPTED = 1, 2, 130
_STOPPED = "stopped: what was begun is undone, what was done stays"


class Command(click.Command):
    """A command whose return value is its exit code and whose errors are told to people, not shown as tracebacks.

    `when_stopped` is what it says when its user stops it.
    """

    def __init__(self, *given: Any, when_stopped: str = _STOPPED, **options: Any) -> None:
        super().__init__(*given, **options)
        self.when_stopped = when_stopped

    def invoke(self, ctx: click.Context) -> Any:
        _keep_driver_quiet()
        try:
            code = super().invoke(ctx)
        except (click.exceptions.Exit, click.ClickException, click.Abort, BrokenPipeError):
            raise
        except KeyboardInterrupt:
            click.echo(call_of(ctx).whole(self.when_stopped), err=True)
            ctx.exit(INTERRUPTED)
        except AsbuiltError as error:
            tell(ctx, str(error), error.help)
            ctx.exit(FAILED if isinstance(error, HazardsNotAllowed) else IMPOSSIBLE)
        except Exception as error:
            if os.environ.get("ASBUILT_DEBUG"):
                raise
            tell(ctx, f"this should not happen: {type(error).__name__}: {error}", _ASK)
            ctx.exit(IMPOSSIBLE)
        ctx.exit(code or 0)


_ASK = "please report it, with the document if you can; ASBUILT_DEBUG=1 shows where it happened"


class Group(click.Group):
    """The group: usage errors come as JSON too where JSON was asked for."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        _never_fail_to_print()
        try:
            sys.exit(super().main(given, *rest, **{**options, "standalone_mode": False}) or 0)
        except click.Abort:
            sys.exit(INTERRUPTED)
        except click.ClickException as error:
            if _wants_json(given):
                click.echo(_json("", error.format_message(), ""))
            else:
                error.show()
            sys.exit(IMPOSSIBLE)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(IMPOSSIBLE)


def _never_fail_to_print() -> None:
    """Show what an output cannot encode by its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _keep_driver_quiet() -> None:
    """Leave it to us to tell what the driver of the database would write to a log."""
    import logging

    logging.getLogger("psycopg").addHandler(logging.NullHandler())


def tell(ctx: click.Context, message: str, help: str) -> None:
    """Say what happened and what to do: on standard error, or as JSON on standard output."""
    message, help = (call_of(ctx).whole(text) for text in (message, help))
    if ctx.params.get("form") == "json":
        click.echo(_json(str(ctx.params.get("document", "")), message, help))
        return
    click.echo(click.style("error", fg="red", bold=True) + _filled(f": {message}", len("error")), err=True)
    if help:
        click.echo(click.style("help", bold=True) + _filled(f": {help}", len("help")), err=True)


def _filled(text: str, taken: int) -> str:
    """Return a message broken at spaces, its later lines below where it began; what has no space stays whole."""
    indent = " " * (taken + 2)
    lines = [
        textwrap.fill(line, width(), initial_indent=" " * taken, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        for line in text.splitlines()
    ]  # fmt: skip
    return "\n".join(lines)[taken:]


def _wants_json(arguments: list[str]) -> bool:
    return "--format=json" in arguments or ("--format", "json") in pairwise(arguments)


def _json(document: str, message: str, help: str) -> str:
    from asbuilt.report.data import error_data

    return json.dumps(error_data(document, message, help), ensure_ascii=True, indent=2)
