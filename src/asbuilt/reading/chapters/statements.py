"""Promises in words: what no narrower reader takes of the lists and sentences of a chapter that promises something."""

import re
from collections.abc import Iterator

from asbuilt.evidence import Chapter
from asbuilt.model.fact import Fact, Form, Statement
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.phrases.pieces import is_identifier
from asbuilt.reading.reader import Context
from asbuilt.text import Excerpt

_DESCRIPTIVE = frozenset({Chapter.OVERVIEW, Chapter.ENTITIES, Chapter.CHECKLIST})
RULE = re.compile(
    r"\b(?:must|shall|never|always|only|required?|mandatory|ensures?|enforced?|forbidden|not allowed|cannot|may not|unique|cascad\w*|"
    r"all (?:tables|entities|columns|fields|rows)|every (?:table|entity|row|column))\b|必须|须|不允许|禁止|不得|不能|不再|应当|应该|统一|确保|保证|唯一|只能|仅|"
    r"반드시|금지|유일|항상|해야|должн|обязательн|нельзя|запрещ|всегда|только|уникальн|必ず|禁止|のみ|しなければ|べき|"
    r"\b(?:debe[n]?|nunca|siempre|obligatori[oa]|únic[oa]|deve[m]?|sempre|obrigatóri[oa]|muss|müssen|immer|zorunlu|harus|wajib)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?:[^.!?。！？；]|[.!?](?=\S))+(?:[.!?。！？；]+|$)")
_OPEN = re.compile(r"[:：]\s*$")
_INTRODUCTION = re.compile(
    r"^\W*(?:this|the following|below)\s+(?:is|are|section|document|chapter|page|table|list|diagram)\b|^\W*(?:本(?:文档|文|节|章)|以下|如下)|"
    r"^\W*(?:이 (?:문서|절|장)|다음은)|^\W*(?:эт(?:от|а) (?:раздел|документ|глава)|ниже )|^\W*(?:この(?:文書|章|節)|本書)|^\W*est[ea] (?:documento|secci[oó]n|seção)",
    re.IGNORECASE,
)


def read_statement(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line of a list: a promise in a chapter of promises, in a descriptive one only where it words a rule."""
    text = entry.words
    if context.chapter == Chapter.OVERVIEW and not RULE.search(text):
        return ()
    if not re.search(r"\w", text) or _OPEN.search(text):
        return ()
    subject = entry.name if entry.is_strong or (entry.key and is_identifier(entry.key.text)) else entry.subject
    return (Statement(span=entry.span, form=Form.LISTING, chapter=context.chapter, subject=subject, text=text),)


def is_promise(text: str, context: Context) -> bool:
    """Tell whether a sentence promises something: any of a chapter of promises does, elsewhere one that words a rule."""
    if _OPEN.search(text) or _INTRODUCTION.search(text) or len(text.strip()) < 4:
        return False
    return context.chapter not in _DESCRIPTIVE or bool(RULE.search(text))


def sentences_of(text: Excerpt) -> Iterator[Excerpt]:
    """Yield the sentences of a text, each where it stands."""
    for match in _SENTENCE.finditer(text.text):
        sentence = text.cut(*match.span()).strip()
        if re.search(r"\w", sentence.text):
            yield sentence
