"""Printing: results to standard output, progress to standard error."""

import shlex
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.text import Text

    from asbuilt.engines.base import Progress

_NARROWEST, _WIDEST = 60, 100
_LONGEST_WORDS = 44
_SILENT_SECONDS = 10.0
"""How long an act may take where nothing moves before it is told how far it is."""


def show(text: "Text | str") -> None:
    """Print a result; colours only where standard output is a terminal."""
    if isinstance(text, str):
        click.echo(text)
        return
    from rich.console import Console

    Console(soft_wrap=True, highlight=False, emoji=False).print(text)


def note(words: str, *, is_quiet: bool) -> None:
    """Tell people something on the way, on standard error."""
    if not is_quiet:
        click.echo(words, err=True)


def width() -> int:
    """Return how many columns a summary may take: what the terminal has, within reason."""
    return min(_WIDEST, max(_NARROWEST, shutil.get_terminal_size((_WIDEST, 24)).columns))


def program() -> str:
    """Return how this program is called from where the user stands."""
    called = Path(sys.argv[0])
    if called.name != "asbuilt" or not called.exists():
        return "asbuilt"
    known = shutil.which("asbuilt")
    if known and Path(known).resolve() == called.resolve():
        return "asbuilt"
    here = Path.cwd()
    path = called.absolute()
    return shlex.quote(str(path.relative_to(here) if path.is_relative_to(here) else path))


def confirm(question: str, otherwise: str) -> None:
    """Ask a person; without one, or where the answer is no, stop with what to do `otherwise`."""
    from asbuilt.errors import NothingToDo

    if not sys.stdin.isatty():
        raise NothingToDo("nothing was changed: nobody is here to be asked", help=otherwise)
    if not click.confirm(question, err=True):
        raise NothingToDo("nothing was changed", help=otherwise)


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
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(bar_width=16))
    with Progress(*columns, console=Console(stderr=True, highlight=False), transient=True) as bar:
        acts = _Acts(bar)
        yield acts.tell
        acts.end()


class _Acts:
    """A moving line for the act that is on, and a line that stays for each that is done."""

    def __init__(self, bar: "Bar") -> None:
        self._bar = bar
        self._task = bar.add_task("", total=None)
        self._act = ""
        self._began = time.monotonic()

    def tell(self, what: str, done: int, total: int) -> None:
        act, _, words = what.partition(": ")
        if act != self._act:
            self.end()
            self._act, self._began = act, time.monotonic()
        shown = words if len(words) <= _LONGEST_WORDS else f"{words[: _LONGEST_WORDS - 1]}…"
        self._bar.update(self._task, description=f"{act:<7} {shown}", completed=done, total=total or None)

    def end(self) -> None:
        """Let the line of the act that was on stay, with how long it took."""
        if self._act:
            self._bar.print(f"[green]✓[/] {self._act:<7} [dim]{time.monotonic() - self._began:.1f} s[/]")


class _Lines:
    """Tells each act when it begins, and how far it is where it takes its time."""

    def __init__(self) -> None:
        self._act = ""
        self._began = self._told = time.monotonic()

    def tell(self, what: str, done: int, total: int) -> None:
        act = what.split(":", 1)[0]
        if act != self._act:
            self._act = act
            self._say(f"{act} …")
        elif time.monotonic() - self._told >= _SILENT_SECONDS:
            self._say(f"{what} ({done:,} of {total:,})" if total else what)

    def _say(self, words: str) -> None:
        self._told = time.monotonic()
        click.echo(f"{self._told - self._began:5.1f} s  {words}", err=True)
