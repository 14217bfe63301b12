"""Flows drawn with arrows and no boxes: stages side by side, below each other, and branches off them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from asbuilt.model.chapters import Component, Feed
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.diagrams.component_kinds import kind_named
from asbuilt.text import Excerpt, Span

_ARROW = re.compile(r"\s*(?:<?[─━=~-]+[>▶►]|[→⇒➜⟶⟷↔])\s*")
_DOWN = re.compile(r"[\s│┃|]*(?P<head>[↓▼⬇🔽│┃|]|v(?!\w))(?P<label>\s{0,4}[^│┃|↓▼⬇🔽]*)?")
_MORE_DOWN = re.compile(r"[\s↓▼⬇🔽│┃|v]*")
_BRANCH = re.compile(r"[\s│┃|]*(?P<turn>[└├┗┣+\\`]|[|│](?=[-─]))(?:[─━-]*[>▶►]|[─━-]+|\s*[→⇒])\s*")
_HEADS = frozenset("↓▼⬇🔽v")
_ANSWER = re.compile(
    r"\(?(?:yes|no|y|n|true|false|hit|miss|ok|error|是|否|はい|いいえ|да|нет|예|아니오)\)?", re.IGNORECASE
)
_WRAPPED = re.compile(r"[\[(（](?P<inner>[^\[\]()（）]+)[\])）]")
_MARGIN = 2


@dataclass(frozen=True, slots=True)
class _Stage:
    """What a flow goes through, and the columns that it takes."""

    text: Excerpt
    start: int
    end: int


@dataclass(slots=True)
class _Flow:
    """What has been read; `column` is where the line above leads down, `label` what is written beside it."""

    rows: list[list[_Stage]] = field(default_factory=list)
    feeds: list[tuple[_Stage, _Stage, str]] = field(default_factory=list)
    column: int | None = None
    label: str = ""
    has_turns: bool = False

    def above(self, column: int) -> _Stage | None:
        """Return the lowest stage over a column, else the nearest one of the row above."""
        for row in reversed(self.rows):
            over = [stage for stage in row if stage.start - _MARGIN <= column <= stage.end + _MARGIN]
            if over:
                return over[0]
        return min(self.rows[-1], key=lambda stage: abs(stage.start - column), default=None) if self.rows else None


def flow_in(lines: Sequence[Excerpt]) -> tuple[Fact, ...]:
    """Return the stages and what leads from one to the next; nothing where some line is neither, or all is in one row."""
    flow = _Flow()
    for line in lines:
        if line.text.strip() and not (_goes_down(flow, line) or _read_row(flow, line)):
            return ()
    stages = list({id(stage): stage for row in flow.rows for stage in row}.values())
    return tuple(_facts(stages, flow.feeds)) if flow.has_turns and len(stages) > 1 and flow.feeds else ()


def begins_with_a_flow(lines: Sequence[Excerpt]) -> bool:
    """Tell whether the first line is stages with arrows between them, whatever branches off below."""
    first = next((line.text for line in lines if line.text.strip()), "")
    return bool(re.search(rf"\w.*{_ARROW.pattern}.*\w", first))


def _goes_down(flow: _Flow, line: Excerpt) -> bool:
    """Take a line that only leads down, with a word beside it; it says where the next row hangs from."""
    found = _DOWN.match(line.text)
    if (
        not flow.rows
        or found is None
        or (found.end() < len(line.text.rstrip()) and not _MORE_DOWN.fullmatch(line.text))
    ):
        return False
    is_word = found["head"] not in _HEADS and not (found["label"] or "").strip()
    flow.column = found.start("head")
    flow.label = (found["label"] or "").strip() or flow.label
    flow.has_turns = True
    return is_word or found["head"] in _HEADS or _is_label(found["label"] or "")


def _is_label(text: str) -> bool:
    return 0 < len(text.strip()) <= 40 and not _ARROW.search(text)


def _read_row(flow: _Flow, line: Excerpt) -> bool:
    """Take a line of stages with arrows between them, that hangs from what is above, or branches off it."""
    branch = _BRANCH.match(line.text)
    column, start = (branch.start("turn"), branch.end()) if branch else (flow.column, 0)
    arrows = list(_ARROW.finditer(line.text, start))
    if (branch and not flow.rows) or (flow.rows and column is None and not arrows):
        return False
    row, labels = _stages(line, start, arrows)
    if not row:
        return False
    origin = flow.above(column) if flow.rows and column is not None else None
    if origin is not None:
        flow.feeds.append((origin, row[0], flow.label if branch is None else ""))
    flow.feeds += [(one, two, label) for one, two, label in zip(row, row[1:], labels[1:], strict=False)]
    flow.rows.append(row)
    flow.has_turns = flow.has_turns or branch is not None
    flow.column, flow.label = None, ""
    return True


def _stages(line: Excerpt, start: int, arrows: Sequence[re.Match[str]]) -> tuple[list[_Stage], list[str]]:
    """Return the stages of a row, and for each the word on the way to it (`→ Yes →`)."""
    row: list[_Stage] = []
    labels: list[str] = []
    label = ""
    for arrow in (*arrows, None):
        text = line.cut(start, arrow.start() if arrow else len(line.text)).strip()
        if row and arrow and _ANSWER.fullmatch(text.text):
            label = text.text
        elif re.search(r"\w", text.text):
            at = line.text.index(text.text, start)
            wrapped = _WRAPPED.fullmatch(text.text)
            named = text.cut(*wrapped.span("inner")).strip() if wrapped else text
            row.append(_Stage(named, at, at + len(text.text)))
            labels.append(label)
            label = ""
        start = arrow.end() if arrow else start
    return row, labels


def _facts(stages: Sequence[_Stage], feeds: Sequence[tuple[_Stage, _Stage, str]]) -> Iterator[Fact]:
    named: set[str] = set()
    for stage in stages:
        if stage.text.text not in named:
            named.add(stage.text.text)
            words = stage.text.text
            yield Component(span=stage.text.span(), form=Form.BOX, id=words, label=words, kind=kind_named(words))
    for one, two, label in feeds:
        span = Span.cover([one.text.span(), two.text.span()])
        yield Feed(span=span, form=Form.BOX, origin=one.text.text, target=two.text.text, label=label)
