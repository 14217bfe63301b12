"""How fast a stated query has to be: what stands at the query itself, else a target for its kind, else one for all of them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.engines.state import DatabaseState
from asbuilt.model.chapters import Target
from asbuilt.model.design import Design
from asbuilt.model.names import normal, words
from asbuilt.model.sql import QueryPattern
from asbuilt.text import Span

_USUAL = 95.0
"""The percentile that is meant where none is stated."""
_MILLISECONDS = {"ms": 1.0, "s": 1000.0, "µs": 0.001, "us": 0.001}
_GENERAL = frozenset(
    "query queries database db performance target common response time latency general all average typical read "
    "select sql request api endpoint operation".split()
)
_FILLING = frozenset("a an the of by in for to and or with on its their from is are".split())
_BY_KEY = re.compile(
    r"\bby\s+(?:primary\s+)?(?:key|id)\b|\b(?:point|key|single)[ -](?:read|lookup|query|record)", re.IGNORECASE
)
_EQUALS = re.compile(r"\bWHERE\s+(?:\w+\.)?\"?(\w+)\"?\s*=\s*(?:\$\d+|\?|:\w+)\s*;?\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Bound:
    """A percentile of the times of a query has to be below so many milliseconds; `span` is where that is stated."""

    percentile: float
    milliseconds: float
    span: Span

    @property
    def words(self) -> str:
        return f"p{self.percentile:g} under {self.milliseconds:g} ms"


def bounds_of(design: Design, pattern: QueryPattern, state: DatabaseState) -> tuple[Bound, ...]:
    """Return what a stated query has to keep to."""
    if pattern.target_ms is not None:
        return (Bound(_USUAL, pattern.target_ms, pattern.span),)
    targets = [target for target in design.of(Target) if target.metric == "latency" and target.value is not None]
    own = [target for target in targets if _speaks_of(target, pattern, state)]
    general = [target for target in targets if not _telling(target.subject) and not _BY_KEY.search(target.subject)]
    return tuple(_bounds(own or general))


def _bounds(targets: list[Target]) -> Iterator[Bound]:
    for target in targets:
        factor = _MILLISECONDS.get(target.unit)
        if factor is not None and target.value is not None:
            yield Bound(target.percentile or _USUAL, target.value * factor, target.span)


def _speaks_of(target: Target, pattern: QueryPattern, state: DatabaseState) -> bool:
    if _BY_KEY.search(target.subject):
        return _is_by_key(pattern, state)
    said = _telling(target.subject)
    return bool(said) and said <= _telling(pattern.title)


def _telling(text: str) -> set[str]:
    """Return the words of a text that tell one query from another."""
    bare = {normal(word) for word in words(re.sub(r"[^\w]+", "_", text)) if not word.isdigit()}
    return bare - {normal(word) for word in _GENERAL} - {normal(word) for word in _FILLING}


def _is_by_key(pattern: QueryPattern, state: DatabaseState) -> bool:
    """Tell whether a query looks for the one row that has a unique value."""
    found = _EQUALS.search(pattern.statement.sql)
    named = set(re.findall(r"\w+", pattern.statement.sql))
    return found is not None and any(
        constraint.kind in ("primary key", "unique") and constraint.columns == (found[1],)
        for table in state.tables.values()
        if table.name.rpartition(".")[2] in named
        for constraint in table.constraints
    )
