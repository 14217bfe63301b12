"""Cache keys as the document promises them: what application code happens to call is no promise."""

import re
from collections.abc import Callable, Iterator

from asbuilt.model.chapters import CacheKey
from asbuilt.model.design import Design
from asbuilt.model.fact import Form

_HOLE = re.compile(r"\$?\{[^{}]*\}|<[^<>]*>|:\w+_?id\b|\*")


def promised(design: Design) -> Iterator[CacheKey]:
    return (key for key in design.of(CacheKey) if key.form != Form.CLASS)


def lacking(design: Design, says: Callable[[CacheKey], bool]) -> Iterator[CacheKey]:
    """Yield the first mention of each key of which no mention says it; keys are one whatever their holes are called."""
    by_shape: dict[str, list[CacheKey]] = {}
    for key in promised(design):
        by_shape.setdefault(_HOLE.sub("{}", key.pattern), []).append(key)
    for mentions in by_shape.values():
        if not any(map(says, mentions)):
            yield mentions[0]
