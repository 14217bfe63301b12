"""Where data comes from and what it goes through: sources, stages, drawings of arrows."""

import re

from asbuilt.document.blocks import Block, Fence
from asbuilt.evidence import Chapter
from asbuilt.model.chapters import DataSource, Step
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry, subject_of
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading

_SOURCE = re.compile(
    r"source|import|third[- ]party|external|ingest|webhook|来源|数据源|导入|출처|소스|외부|источник|импорт|ソース|取込|fuente|fonte|origen|quelle|kaynak|sumber",
    re.IGNORECASE,
)
_ARROW = re.compile(r"(?:→|⇒|➜|-{1,2}>|=>)\s*")
_LINE = re.compile(r"^[^\S\n]*+\S[^\n]*", re.MULTILINE)


def read_source(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """`**Source 1**: X → Y`, and any keyed line under a heading about sources."""
    if context.chapter != Chapter.FLOW or not entry.value.text:
        return ()
    if not (
        _SOURCE.search(entry.title.split("\n")[0] or entry.subject)
        or _SOURCE.search(entry.subject)
        or (entry.key and _SOURCE.search(entry.key.text))
    ):
        return ()
    name = entry.key.text if entry.key else _ARROW.split(entry.text.text, 1)[0].rstrip()
    return (DataSource(span=entry.span, form=Form.LISTING, name=name, text=entry.value.text),)


def read_flow_drawing(block: Block, context: Context) -> Reading | None:
    """A fence of stages joined by arrows (`Raw Data → Validation → Storage`), one step a stage; among entities arrows mean something else."""
    if not isinstance(block, Fence) or block.language not in ("", "text", "txt", "plaintext"):
        return None
    if context.chapter == Chapter.ENTITIES:
        return None
    lines = [(m.start(), m.end()) for m in _LINE.finditer(block.body.text)]
    if not lines or not all(_ARROW.search(block.body.text, start, end) for start, end in lines):
        return None
    facts: list[Fact] = []
    for start, end in lines:
        at = start
        for arrow in [*_ARROW.finditer(block.body.text, start, end), None]:
            stage = block.body.cut(at, arrow.start() if arrow else end).strip()
            at = arrow.end() if arrow else end
            if stage.text and not find_placeholders(stage, is_code=True):
                facts.append(
                    Step(
                        span=stage.span(),
                        subject=subject_of(block),
                        number=len(facts) + 1,
                        text=stage.text,
                        chapter=context.chapter,
                    )
                )
    return Reading(tuple(facts))
