"""Columns that a query names, as far as its words tell without a parser: qualified ones, and those that are compared."""

import re
from collections.abc import Iterator

from asbuilt.model.sql import SqlStatement
from asbuilt.text import Span

_HIDDEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)
_SOURCE = re.compile(
    r"\b(?:from|join|update|into)\s+(?:only\s+)?(?P<table>[a-z_][\w.]*)(?:\s+(?:as\s+)?(?P<alias>[a-z_]\w*))?",
    re.IGNORECASE,
)
_QUALIFIED = re.compile(r"(?<![\w.\"])([a-z_]\w*)\.([a-z_]\w*)\b(?!\s*[(.])", re.IGNORECASE)
_COMPARED = re.compile(
    r"(?<![\w.\"':$@?])([a-z_]\w*)\s*(?:=|<>|!=|<=|>=|<(?!@)|>|->|\b(?:not\s+)?(?:in|like|ilike|between)\b|\bis\s+(?:not\s+)?null\b)",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(r"=\s*([a-z_]\w*)\s*(?=;|,|$|\bwhere\b|\band\b)", re.IGNORECASE)
_WORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "where",
        "null",
        "true",
        "false",
        "case",
        "when",
        "then",
        "else",
        "end",
        "default",
        "interval",
        "value",
        "values",
        "set",
        "on",
        "by",
        "as",
        "using",
        "any",
        "all",
        "some",
        "current_timestamp",
        "current_date",
        "current_user",
        "session_user",
        "localtimestamp",
        "excluded",
        "new",
        "old",
        "date",
        "time",
        "timestamp",
        "left",
        "right",
        "inner",
        "outer",
        "full",
        "cross",
        "lateral",
        "natural",
        "order",
        "group",
        "having",
        "limit",
        "offset",
        "returning",
        "union",
        "select",
        "from",
        "join",
        "update",
        "into",
        "only",
        "is",
        "in",
        "like",
        "ilike",
        "between",
        "exists",
        "distinct",
        "conflict",
        "do",
        "nothing",
        "over",
        "partition",
        "filter",
        "within",
        "for",
    ]
)


def columns_named(statement: SqlStatement) -> Iterator[tuple[str, str, Span]]:
    """Yield table, column and place for what a select, update or delete surely takes from a table."""
    if statement.kind not in ("select", "update", "delete"):
        return
    text = _HIDDEN.sub(lambda m: " " * len(m[0]), statement.text.text)
    sources = _sources(text)
    for found in _QUALIFIED.finditer(text):
        table = sources.get(found[1].lower())
        if table and not _is_source(text, found.start()):
            yield table, found[2], statement.text.span(found.start(2), found.end(2))
    if len(set(sources.values())) == 1 and len(re.findall(r"\bselect\b", text, re.IGNORECASE)) <= 1:
        yield from _bare(statement, text, next(iter(sources.values())))


def _sources(text: str) -> dict[str, str]:
    """Return the tables by their alias, and by their own name."""
    found: dict[str, str] = {}
    for source in _SOURCE.finditer(text):
        table, alias = source["table"], source["alias"]
        if text[source.end("table") :].lstrip().startswith("("):
            continue
        found[table.rpartition(".")[2].lower()] = table
        if alias and alias.lower() not in _WORDS:
            found[alias.lower()] = table
    return found


def _is_source(text: str, at: int) -> bool:
    """A qualified name after `FROM` is a table in a schema."""
    return bool(re.search(r"\b(?:from|join|update|into)\s+$", text[:at], re.IGNORECASE))


def _bare(statement: SqlStatement, text: str, table: str) -> Iterator[tuple[str, str, Span]]:
    aliases = {a.lower() for a in re.findall(r"\bas\s+([a-z_]\w*)", text, re.IGNORECASE)}
    for pattern in (_COMPARED, _ASSIGNED):
        for found in pattern.finditer(text):
            if found[1].lower() not in _WORDS | aliases:
                yield table, found[1], statement.text.span(found.start(1), found.end(1))
