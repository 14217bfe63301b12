"""Scenarios of test data, from empty tables to a million rows."""

import re

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Scenario
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.phrases.quantities import count
from asbuilt.reading.reader import Context

_TITLE = re.compile(
    r"scenario|data ?sets?|test data|场景|数据集|시나리오|сценари|シナリオ|escenario|cenário|szenari|senaryo",
    re.IGNORECASE,
)
_ROWS = re.compile(
    r"records?|rows?|entries|items|条|行|건|행|запис|строк|件|registros|filas|linhas|datensätze|zeilen|kayıt",
    re.IGNORECASE,
)
_EMPTY = re.compile(r"\bempty\b|\bno data\b|空|비어|빈 |пуст|vací|vazi|leer", re.IGNORECASE)
_SINGLE = re.compile(r"\b(?:single|one)\b|单条|单个|단일|одна? |единственн|単一|únic|einzeln", re.IGNORECASE)
_EDGE = re.compile(r"\bedge|\bcorner|边界|경계|гранич|境界|\bborde|grenzf", re.IGNORECASE)


def read_scenario(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line of the seeding chapter under a heading about scenarios, or one that states a number of rows."""
    text = entry.words
    if context.chapter != Chapter.SEEDING or not (
        _TITLE.search(entry.title) or (_ROWS.search(text) and count(text) is not None)
    ):
        return ()
    name = entry.key.text if entry.key else re.split(r"\s*[(（]", text)[0] or text
    return (Scenario(span=entry.span, form=Form.LISTING, name=name, rows=_rows(text)),)


def _rows(text: str) -> int | None:
    """A number in the words; none for edge cases, whose numbers are lengths."""
    if _EDGE.search(text):
        return None
    found = count(text)
    if found is not None:
        return found
    return 0 if _EMPTY.search(text) else 1 if _SINGLE.search(text) else None
