"""Printing: results to standard output, progress to standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.text import Text

    from asbuilt.engines.base import Progress


def show(text: "Text | str") -> None:
    """Print a result; colours only where standard output is a terminal."""
    if isinstance(text, str):
        click.echo(text)
        return
    from rich.console import Console

    Console(soft_wrap=True, highlight=False).print(text)


@contextmanager
def progress(is_quiet: bool) -> "Iterator[Progress]":
    """Show what is being done: a moving line on a terminal, a line an act elsewhere, nothing where quiet."""
    if is_quiet:
        yield lambda what, done, total: None
    elif sys.stderr.isatty():
        yield from _moving()
    else:
        yield _Lines().tell


def _moving() -> "Iterator[Progress]":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total or None)


class _Lines:
    """Tells each act once, when it begins."""

    def __init__(self) -> None:
        self._what = ""
        self._began = time.monotonic()

    def tell(self, what: str, done: int, total: int) -> None:
        act = what.split(":", 1)[0]
        if act != self._what:
            self._what = act
            click.echo(f"  {time.monotonic() - self._began:5.1f} s  {act} …", err=True)
