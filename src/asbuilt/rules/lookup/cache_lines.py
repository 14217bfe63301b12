"""A cache key's time to live as its document writes such times: beside its pattern, in its cell, on a line of its own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.diagnostics import Edit
from asbuilt.model.chapters import CacheKey
from asbuilt.model.fact import Form
from asbuilt.text import Source, Span

_LABEL = re.compile(
    r"(?P<before>\s*(?P<bullet>[-*]\s+)?\**)(?:(?:cache|redis)\s+)?(?P<key>key|pattern)(?P<after>\**\s*[:：]\**\s*)",
    re.IGNORECASE,
)
_BAR = re.compile(r"(?<!\\)\|")
_NOTHING = ("", "-", "–", "—", "n/a", "?")
_PIECE = re.compile(r"\s*[(,;–—][^(,;–—]*\Z|[^(,;–—]*\Z")


@dataclass(frozen=True, slots=True)
class Written:
    """A time to live as it would be written, and the edit that does."""

    text: str
    edit: Edit


def ttl_written(source: Source, key: CacheKey, others: Iterable[CacheKey]) -> Written | None:
    """Return a time to live for `key` in the form of the nearest key that has one, else under the label of its own."""
    models = [o for o in others if o.form == key.form and o.ttl_span and o.ttl_seconds is not None]
    model = min(models, key=lambda o: abs(o.span.start - key.span.start), default=None)
    if model is None or model.ttl_span is None:
        return _under_its_label(source, key)
    if source.line_at(model.ttl_span.start) != source.line_at(model.pattern_span.start):
        return _as_line(source, key, model.ttl_span)
    if key.form == Form.TABLE:
        return _as_cell(source, key, model.ttl_span)
    return _behind(source, key, model.pattern_span, model.ttl_span)


def _line(source: Source, at: int) -> Span:
    return source.line_span(source.line_at(at))


def _as_line(source: Source, key: CacheKey, ttl: Span) -> Written:
    """Copy the line that holds the other key's time below the pattern."""
    text = source[_line(source, ttl.start)]
    end = _line(source, key.pattern_span.start).end
    return Written(text.strip(" \t,"), Edit(Span(end, end), f"\n{text}"))


def _as_cell(source: Source, key: CacheKey, ttl: Span) -> Written | None:
    """Copy the other key's cell into the empty cell of the same column."""
    row, other = _line(source, key.pattern_span.start), _line(source, ttl.start)
    column = len(_BAR.findall(source.text, other.start, ttl.start))
    bars = [found.start() for found in _BAR.finditer(source.text, row.start, row.end)]
    if not 0 < column < len(bars):
        return None
    cell = Span(bars[column - 1] + 1, bars[column])
    text = source[ttl].strip()
    return Written(text, Edit(cell, f" {text} ")) if source[cell].strip().lower() in _NOTHING else None


def _behind(source: Source, key: CacheKey, pattern: Span, ttl: Span) -> Written | None:
    """Copy what stands between the other key and the end of its time behind all that is said of this one."""
    piece = _PIECE.search(source.text[pattern.end : ttl.end].lstrip("`\"'*"))
    text = piece[0].rstrip() if piece else ""
    text += ")" * text.count("(")
    end = len(source[_line(source, key.pattern_span.start)].rstrip()) + _line(source, key.pattern_span.start).start
    return Written(text.strip(), Edit(Span(end, end), text)) if text else None


def _under_its_label(source: Source, key: CacheKey) -> Written | None:
    """`Key: user:{id}` has `TTL: 1 hour` below it."""
    line = _line(source, key.pattern_span.start)
    label = _LABEL.match(source[line])
    if label is None or label.end() > key.pattern_span.start - line.start:
        return None
    word = "TTL" if label["key"][0].isupper() else "ttl"
    is_yaml = key.form == Form.YAML and label["bullet"]
    before = label["before"].replace(label["bullet"], " " * len(label["bullet"])) if is_yaml else label["before"]
    text = f"{before}{word}{label['after']}1 hour"
    return Written(text.strip(), Edit(Span(line.end, line.end), f"\n{text}"))
