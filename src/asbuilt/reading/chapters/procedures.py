"""Numbered lists: the steps of a procedure."""

import re

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Step
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.reader import Context

_PROCEDURAL = frozenset({Chapter.MIGRATION, Chapter.BACKUP, Chapter.FLOW, Chapter.SEEDING, Chapter.FILES})
_NO_PROCEDURE = re.compile(
    r"\btypes?\b|\bkinds?\b|\brules?\b|principle|advantage|benefit|requirement|规则|原则|优势|约束|类型|规范|종류|규칙|원칙|правил|принцип|ルール|原則|reglas|regras|tipos|regeln|kurallar",
    re.IGNORECASE,
)


def read_step(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """An item of a numbered list, unless what it stands under are kinds or rules, or a chapter without procedures counts its points."""
    if entry.number is None or _NO_PROCEDURE.search(entry.title.split("\n\n")[0]):
        return ()
    if entry.key and context.chapter not in _PROCEDURAL:
        return ()
    text = entry.words.rstrip(" :：")
    return (
        Step(
            span=entry.span,
            form=Form.LISTING,
            subject=entry.subject,
            number=entry.number,
            text=text,
            chapter=context.chapter,
        ),
    )
