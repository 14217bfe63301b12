"""Tables of operations: how often, how long, how fast recovered. A column for each, a fact a cell."""

import re
from functools import lru_cache

from asbuilt.document.blocks import Block, Cell, Row, Table
from asbuilt.model.chapters import DataClass, RecoveryObjective, Retention, Schedule
from asbuilt.model.fact import Fact, Form
from asbuilt.model.revising import revised
from asbuilt.reading.chapters.aging import fate_of
from asbuilt.reading.chapters.data_classes import is_class
from asbuilt.reading.chapters.entries import title_of
from asbuilt.reading.chapters.recovery import objective_named
from asbuilt.reading.chapters.retention import FOREVER, WORDS
from asbuilt.reading.chapters.schedules import CONTINUOUS, CRON, TITLE, interval
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.phrases.quantities import duration, seconds
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Span


def read_operations_table(block: Block, context: Context) -> Reading | None:
    """Read a table with a column for a frequency, a retention or a recovery objective, where some cell states one.

    Example: `| Full backup | daily | 30 days |` is a schedule and how long it is kept.
    """
    if not isinstance(block, Table) or len(block.header.cells) < 2:
        return None
    facts = operations_in(block, context)
    return Reading(tuple(facts)) if facts else None


def operations_in(table: Table, context: Context) -> list[Fact]:
    """Return what the cells of a table state of operations."""
    heads = [cell.text.text for cell in table.header.cells]
    return [fact for row in table.rows for fact in _rowed(heads, row, context)]


def _rowed(heads: list[str], row: Row, context: Context) -> list[Fact]:
    subject = row.cells[0].text.text.strip()
    cells = [(head, cell) for head, cell in zip(heads[1:], row.cells[1:], strict=False) if _is_filled(cell)]
    if not subject or find_placeholders(row.cells[0].text):
        return []
    found = [_fact(head, cell.text.text.strip(), row.span, subject, context) for head, cell in cells]
    stated = [fact for fact in found if fact is not None]
    if not stated and cells and _names_operation(subject):
        stated = [fact for fact in [_fact(subject, cells[0][1].text.text.strip(), row.span, subject, context)] if fact]
    whole = "; ".join(cell.text.text for cell in row.cells[1:])
    return [_with_fate(fact, whole) for fact in stated]


def _with_fate(fact: Fact, row: str) -> Fact:
    """Return the fact; where its own cell does not say what becomes of what is kept no longer, the rest of the row may."""
    return revised(fact, fate=fate_of(row)) if isinstance(fact, Retention) and not fact.fate else fact


def _names_operation(subject: str) -> bool:
    """Tell whether a row is about an operation itself (`RPO | 1 hour`), so that its next cell states how long or how often."""
    return bool(objective_named(subject) or WORDS.search(subject) or TITLE.search(subject))


def _is_filled(cell: Cell) -> bool:
    return bool(cell.text.text.strip()) and not find_placeholders(cell.text)


def _fact(head: str, text: str, span: Span, subject: str, context: Context) -> Fact | None:
    if (name := objective_named(head)) and (length := seconds(text)) is not None:
        return RecoveryObjective(span=span, form=Form.LISTING, name=name, seconds=length, text=f"{subject}: {text}")
    if _is_about_keeping(head) and ((length := duration(text)) is not None or FOREVER.search(text)):
        return Retention(
            span=span,
            form=Form.LISTING,
            subject=subject,
            seconds=length,
            text=text,
            chapter=context.chapter,
            fate=fate_of(f"{head}: {text}"),
        )
    cron = CRON.search(text) if _is_about_times(head) else None
    if _is_about_times(head) and (cron or interval(text) is not None or CONTINUOUS.search(text)):
        return Schedule(
            span=span,
            form=Form.LISTING,
            subject=subject,
            chapter=context.chapter,
            every_seconds=interval(text),
            text=text,
            cron=cron[0] if cron else None,
        )
    return None


@lru_cache(maxsize=4096)
def _is_about_keeping(head: str) -> bool:
    return WORDS.search(head) is not None


@lru_cache(maxsize=4096)
def _is_about_times(head: str) -> bool:
    return TITLE.search(head) is not None


_CLASS = re.compile(
    r"class|level|categor|分类|级别|등급|분류|класс|уровень|区分|clase|nivel|nível|stufe|klasse|sınıf", re.IGNORECASE
)


def read_class_table(block: Block, context: Context) -> Reading | None:
    """Read a table whose first column names classes of data, every one of them known.

    Example: `| Confidential | users, orders |` puts both into that class.
    """
    if not isinstance(block, Table) or len(block.header.cells) < 2:
        return None
    if not _CLASS.search(block.header.cells[0].text.text + title_of(block)):
        return None
    rows = [row for row in block.rows if _is_filled(row.cells[0])]
    if not rows or not all(is_class(row.cells[0].text.text) for row in rows):
        return None
    return Reading(tuple(_data_class(row) for row in rows))


def _data_class(row: Row) -> DataClass:
    text = "; ".join(cell.text.text.strip() for cell in row.cells[1:] if cell.text.text.strip())
    return DataClass(span=row.span, form=Form.LISTING, name=row.cells[0].text.text.strip(), text=text)
