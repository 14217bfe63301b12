"""Fences of plain text that hold a list: bullets, `Key: value` lines and the labels above them, or only placeholders."""

import re

from asbuilt.document.blocks import Block, Fence
from asbuilt.model.fact import Fact, Form, Statement
from asbuilt.reading.chapters.entries import subject_of
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_LINE = re.compile(r"^[ \t]*(?P<bullet>(?:[-*+•]|\d+[.)])[ \t]+)?(?P<text>\S[^\n]*?)[ \t]*$", re.MULTILINE)
_LABEL = re.compile(r"[^:：{}()<>=]{1,60}[:：]$")


def read_text_fence(block: Block, context: Context) -> Reading | None:
    """Read a fence without a language whose every line is a bullet, a label or left to fill in; decline any other.

    Example: `- Restore drills every quarter` in a plain fence is a promise of its chapter.
    """
    if not isinstance(block, Fence) or block.language not in ("", "text", "txt", "plaintext", "md", "markdown"):
        return None
    lines = list(_LINE.finditer(block.body.text))
    if not lines or not all(_is_readable(block.body, line) for line in lines):
        return None
    facts: list[Fact] = []
    prose: list[Span] = []
    subject = subject_of(block)
    for line in lines:
        text = block.body.cut(*line.span("text"))
        if find_placeholders(text, is_code=True):
            continue
        if line["bullet"]:
            facts.append(
                Statement(span=text.span(), form=Form.LISTING, chapter=context.chapter, subject=subject, text=text.text)
            )
        else:
            subject = text.text.rstrip(":：")
            prose.append(text.span())
    return Reading(tuple(facts), prose=tuple(prose))


def _is_readable(body: Excerpt, line: re.Match[str]) -> bool:
    if line["bullet"] or _LABEL.fullmatch(line["text"]):
        return True
    return bool(find_placeholders(body.cut(*line.span("text")), is_code=True))
