"""Writes the references that are generated: `make docs`. `tests/test_docs.py` holds them to the program."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

HERE = Path(__file__).parent


def pages() -> dict[Path, str]:
    """Return every generated page by its path."""
    return {HERE / "rules.md": _rules(), HERE / "reading.md": _reading(), HERE / "commands.md": _commands()}


def _rules() -> str:
    from asbuilt.rules import PAGES

    parts = [
        "# Findings",
        "",
        "Everything that `asbuilt check` finds; `asbuilt explain CODE` shows a page offline.",
        "",
    ]
    for code, page in sorted(PAGES.items()):
        parts += [f"## {code}", "", inspect.cleandoc(page), ""]
    return "\n".join(parts)


def _reading() -> str:
    from asbuilt.reading import FALLBACKS, READERS

    parts = [
        "# What is read",
        "",
        "Each kind of block has one reader. A reader claims a block or declines it; what none claims is prose, or is reported",
        "as not understood where it has the shape of a statement. `asbuilt check --coverage` accounts for every line.",
        "",
    ]
    for title, readers in (("Readers", READERS), ("Where no reader claims a block", FALLBACKS)):
        parts += [f"## {title}", "", *_reader_pages(dict.fromkeys(chain.from_iterable(readers.values())))]
    return "\n".join(parts)


def _reader_pages(readers: Iterable[Callable[..., object]]) -> Iterator[str]:
    for reader in readers:
        module = inspect.getmodule(reader)
        name = reader.__name__.removeprefix("read_").replace("_", " ")
        text = (module.__doc__ if module else None) or ""
        yield f"### {name}"
        yield ""
        yield inspect.cleandoc(text)
        if reader.__doc__ and inspect.cleandoc(reader.__doc__) not in text:
            yield ""
            yield inspect.cleandoc(reader.__doc__)
        yield ""


def _commands() -> str:
    import click

    from asbuilt.cli import main

    context = click.Context(main, info_name="asbuilt", **main.context_settings)
    parts = ["# Commands", "", "Exit codes: 0 fine, 1 findings or broken claims, 2 could not run.", ""]
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        inner = click.Context(command, info_name=name, parent=context, terminal_width=100)
        parts += [f"## {name}", "", "```", command.get_help(inner), "```", ""]
    return "\n".join(parts)


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
