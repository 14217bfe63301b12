"""SQL text that seeding writes: names and values quoted, so that it can be shown and run again as it is."""

import re
from collections.abc import Iterable, Mapping

DEFAULT = "\x00default"
"""Stands for a value that the server fills in."""


def name(identifier: str) -> str:
    """Return a quoted identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def table_name(table: str) -> str:
    """Return a table's quoted name; `table` is qualified by its schema unless that is `public`."""
    return ".".join(name(part) for part in table.split(".", 1))


def literal(value: str | None) -> str:
    """Return a value as PostgreSQL reads it in any column; it takes the column's type."""
    if value is None:
        return "NULL"
    return "DEFAULT" if value == DEFAULT else "'" + value.replace("'", "''") + "'"


def insert(table: str, columns: Iterable[str], rows: Iterable[Mapping[str, str | None]]) -> str:
    """Return one INSERT for all of `rows`; a table without written columns takes its defaults."""
    names = list(columns)
    if not names:
        return f"INSERT INTO {table_name(table)} DEFAULT VALUES"
    lines = ["(" + ", ".join(literal(row.get(column)) for column in names) + ")" for row in rows]
    return f"INSERT INTO {table_name(table)} ({', '.join(map(name, names))}) VALUES {', '.join(lines)}"


NULL = "\\N"
"""NULL as COPY reads it."""
_ESCAPES = {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}
_ESCAPED = {r"\\": "\\", r"\t": "\t", r"\n": "\n", r"\r": "\r"}
_ESCAPE = re.compile(r"\\[\\tnr]")


def copied(value: str | None) -> str:
    """Return a value as COPY reads it."""
    return NULL if value is None else value.translate(_ESCAPES)


def uncopied(text: str) -> str | None:
    """Return the value that COPY reads in a text."""
    return None if text == NULL else _ESCAPE.sub(lambda found: _ESCAPED[found[0]], text)


def copy(table: str, columns: Iterable[str]) -> str:
    """Return the statement that takes rows of text."""
    return f"COPY {table_name(table)} ({', '.join(map(name, columns))}) FROM STDIN"
