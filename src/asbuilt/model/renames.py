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
_TO = r"\s*(?:to|into|as|→|->|=>)\s*"
_WAS = r"\s+(?:was\s+|is\s+|has\s+been\s+)?renamed"
_COLUMN_WAS = re.compile(
    rf"(?<![\w.])[`\"']?(?P<table>[A-Za-z_]\w*)\.(?P<old>[A-Za-z_]\w*)[`\"']?{_WAS}{_TO}[`\"']?(?:[A-Za-z_]\w*\.)?(?P<new>[A-Za-z_]\w*)", re.IGNORECASE
)  # fmt: skip
_COLUMN_IN = re.compile(
    rf"\brenamed?\s+(?:the\s+)?(?:column\s+|field\s+)?{_NAME.format('old')}{_TO}{_NAME.format('new')}\s+(?:in|of|on)\s+(?:the\s+)?(?:table\s+|entity\s+)?"
    rf"{_NAME.format('table')}", re.IGNORECASE
)  # fmt: skip
_TABLE_WAS = re.compile(rf"\b(?:table|entity)\s+{_NAME.format('old')}{_WAS}{_TO}{_NAME.format('new')}", re.IGNORECASE)
_BARE = re.compile(rf"\brenamed?\s+{_NAME.format('old')}{_TO}{_NAME.format('new')}", re.IGNORECASE)
_BARE_WAS = re.compile(rf"(?<![\w.]){_NAME.format('old')}{_WAS}{_TO}{_NAME.format('new')}", re.IGNORECASE)
"""Names of which nothing says what they name are taken for those of tables, where tables have them."""
_OF_TABLES = (_TABLE, _TABLE_WAS, _BARE, _BARE_WAS)
_OF_COLUMNS = (_COLUMN, _COLUMN_WAS, _COLUMN_IN)
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
        for told in (told for form in _OF_TABLES for told in form.finditer(entry.changes)):
            yield Rename(told["new"], "", told["old"], entry.span)
        for told in (told for form in _OF_COLUMNS for told in form.finditer(entry.changes)):
            yield Rename(told["table"], told["new"], told["old"], entry.span)


def _in_sql(design: Design) -> Iterator[Rename]:
    for statement in design.of(SqlStatement):
        if told := _SQL.match(statement.sql.strip()):
            if told["old"]:
                yield Rename(told["table"], told["new"], told["old"], statement.span)
            else:
                yield Rename(told["new"], "", told["table"], statement.span)
