"""Renames that a document states: beside a field, in its change log, in a migration's SQL."""

import re
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.model.chapters import ChangeLogEntry
from asbuilt.model.design import Design
from asbuilt.model.sql import SqlStatement
from asbuilt.text import Span


class Rename(Struct, frozen=True):
    """A column of `table` that had another name, or, where `column` is empty, a table that had; `old` is that name.

    `table` is the name after all renames.
    """

    table: str
    column: str
    old: str
    span: Span


_NAME = r"[`\"']?(?P<{0}>[A-Za-z_]\w*)[`\"']?"
_FROM = re.compile(
    r"\b(?:renamed\s+from|formerly|previously|was\s+(?:called|named))\s*[:=]?\s*" + _NAME.format("old"), re.IGNORECASE
)
_COLUMN = re.compile(
    r"\brenamed?\s+(?:the\s+)?(?:column\s+|field\s+)?[`\"']?(?P<table>[A-Za-z_]\w*)\.(?P<old>[A-Za-z_]\w*)[`\"']?\s*"
    r"(?:to|into|as|→|->|=>)\s*[`\"']?(?:[A-Za-z_]\w*\.)?(?P<new>[A-Za-z_]\w*)",
    re.IGNORECASE,
)
_TABLE = re.compile(
    rf"\brenamed?\s+(?:the\s+)?(?:table|entity)\s+{_NAME.format('old')}\s*(?:to|into|as|→|->|=>)\s*{_NAME.format('new')}", re.IGNORECASE
)  # fmt: skip
_SQL = re.compile(
    r"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?:\w+\.)?\"?(?P<table>\w+)\"?\s+RENAME\s+"
    r"(?:(?:COLUMN\s+)?\"?(?P<old>\w+)\"?\s+)?TO\s+\"?(?P<new>\w+)\"?",
    re.IGNORECASE,
)


def renames_of(design: Design) -> tuple[Rename, ...]:
    """Return the stated renames, tables first."""
    found = dict.fromkeys((*_in_sql(design), *_in_change_log(design), *_beside_fields(design)))
    return tuple(sorted(found, key=lambda rename: (bool(rename.column), rename.span)))


def _beside_fields(design: Design) -> Iterator[Rename]:
    """`-- renamed from username` beside a column, `renamed from username` in a field's description."""
    for entity in design.tables():
        for field in entity.fields:
            for mention in field.mentions:
                if told := _FROM.search(mention.description) or _FROM.search(design.source[mention.span]):
                    yield Rename(entity.name, field.name, told["old"], mention.span)


def _in_change_log(design: Design) -> Iterator[Rename]:
    for entry in design.of(ChangeLogEntry):
        for told in _TABLE.finditer(entry.changes):
            yield Rename(told["new"], "", told["old"], entry.span)
        for told in _COLUMN.finditer(entry.changes):
            yield Rename(told["table"], told["new"], told["old"], entry.span)


def _in_sql(design: Design) -> Iterator[Rename]:
    for statement in design.of(SqlStatement):
        if told := _SQL.match(statement.sql.strip()):
            if told["old"]:
                yield Rename(told["table"], told["new"], told["old"], statement.span)
            else:
                yield Rename(told["new"], "", told["table"], statement.span)
