"""What PostgreSQL keeps no account of: functions whose text names what changes."""

import re
from collections.abc import Iterator

from asbuilt import sql_parser
from asbuilt.engines.changes import Danger, Hazard, Operation
from asbuilt.engines.state import DatabaseState, Item, ObjectState

_KINDS = ("function", "procedure")
_DYNAMIC = re.compile(r"\bEXECUTE\s+(?!(?:FUNCTION|PROCEDURE)\b)", re.IGNORECASE)
_STRING_BODY = re.compile(r"\bAS (\$\w*\$)(?P<body>.*)\1", re.DOTALL)
_RETYPED = re.compile(r"ALTER COLUMN .* TYPE |RENAME (?:COLUMN |TO )")


def dangers(operation: Operation, before: DatabaseState) -> Iterator[Danger]:
    """Yield a danger for each function that stands and whose text names what the operation takes away or turns."""
    gone = operation.removes - operation.makes
    if any(_RETYPED.search(sql) for sql in operation.statements):
        gone |= operation.touches
    changing = {(item.kind, item.name) for item in operation.removes | operation.touches}
    named = [item for item in sorted(gone) if item.kind in ("table", "column")]
    for (kind, name), function in sorted(before.objects.items()) if named else ():
        if kind in _KINDS and (kind, name) not in changing:
            yield from _dangers(function, named)


def _dangers(function: ObjectState, gone: list[Item]) -> Iterator[Danger]:
    found = _STRING_BODY.search(function.definition)
    if not found:
        return
    words = _words(found["body"])
    told = f"{function.kind} {function.name}"
    for item in gone:
        if _names(words, item):
            text = f"the text of {told} names {item.table + '.' if item.table else ''}{item.name}"
            yield Danger(Hazard.DEPENDENCY_NOT_TRACEABLE, text)
    if _DYNAMIC.search(found["body"]) and any(_bare(item.table or item.name) in words for item in gone):
        text = f"{told} puts statements together as it runs, and may name what changes here"
        yield Danger(Hazard.DEPENDENCY_NOT_TRACEABLE, text)


def _words(body: str) -> frozenset[str]:
    """Return the names in a function's text, comments left out."""
    try:
        tokens = sql_parser.scan(body).tokens
    except sql_parser.PgQueryError:
        return frozenset(re.findall(r"\w+", body.lower()))
    data = body.encode()
    texts = (data[token.start : token.end].decode() for token in tokens)
    return frozenset(t[1:-1] if t.startswith('"') else t.lower() for t in texts if not t.startswith(("--", "/*", "'")))


def _names(words: frozenset[str], item: Item) -> bool:
    return item.name.rpartition(".")[2] in words and (not item.table or _bare(item.table) in words or "new" in words)


def _bare(name: str) -> str:
    return name.rpartition(".")[2]
