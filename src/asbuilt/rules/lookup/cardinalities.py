"""A relationship as written, and the edit that gives one of its sides another cardinality."""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Edit
from asbuilt.model.entities import Cardinality, RelationshipMention
from asbuilt.model.fact import Form
from asbuilt.text import Source, Span

_SIGNS = re.compile(r"(?<=[\s\w\"])(?P<left>[|}][|o])(?:--|\.\.)(?P<right>[|o][|{])(?=[\s\w\"])")
_LEFT_SIGNS = {
    Cardinality.ONE: "||",
    Cardinality.ZERO_OR_ONE: "|o",
    Cardinality.ZERO_OR_MORE: "}o",
    Cardinality.ONE_OR_MORE: "}|",
}
_RIGHT_SIGNS = {
    Cardinality.ONE: "||",
    Cardinality.ZERO_OR_ONE: "o|",
    Cardinality.ZERO_OR_MORE: "o{",
    Cardinality.ONE_OR_MORE: "|{",
}
_COUNT = "one|many|[1nm*一多]"
_WORDS = re.compile(
    rf"(?<![\w.])(?P<left>{_COUNT})(?:\s*[:：]\s*|\s*[-–]\s*|[\s-]*to[\s-]*|[对對対])(?P<right>{_COUNT})(?![\w.])",
    re.IGNORECASE,
)
_VERB = re.compile(r"\bhas[\s_]*(?P<right>many|one)\b", re.IGNORECASE)
_OPPOSITE = {"one": "many", "many": "one", "1": "N", "n": "1", "m": "1", "*": "1", "一": "多", "多": "一"}
_MANY = frozenset({"many", "n", "m", "*", "多"})


def with_count(source: Source, fact: RelationshipMention, side: str, count: Cardinality) -> tuple[Edit, ...]:
    """Return the edit that makes `side` (left or right) of a relationship `count`; none where its place is not plain."""
    if fact.form == Form.DIAGRAM:
        signs = _LEFT_SIGNS if side == "left" else _RIGHT_SIGNS
        found = list(_SIGNS.finditer(source.text, fact.span.start, fact.span.end))
        return (Edit(_span(found[0], side), signs[count]),) if len(found) == 1 else ()
    was = fact.left_count if side == "left" else fact.right_count
    words = list(_phrases(source, fact)) if was.is_many != count.is_many else []
    if len(words) != 1 or side not in words[0].groupdict():
        return ()
    return (Edit(_span(words[0], side), _opposite(words[0][side])),)


def _phrases(source: Source, fact: RelationshipMention) -> Iterator[re.Match[str]]:
    """Yield what says how many, where it means what was read."""
    pattern = _WORDS if _WORDS.search(source.text, fact.span.start, fact.span.end) else _VERB
    for found in pattern.finditer(source.text, fact.span.start, fact.span.end):
        read = {"left": fact.left_count.is_many, "right": fact.right_count.is_many}
        if all((word.lower() in _MANY) == read[side] for side, word in found.groupdict().items()):
            yield found


def _span(found: re.Match[str], side: str) -> Span:
    return Span(found.start(side), found.end(side))


def _opposite(word: str) -> str:
    """Return one for many and many for one, spelled as `word` is."""
    other = _OPPOSITE[word.lower()]
    if not word.isalpha() or len(word) == 1:
        return other
    return other.upper() if word.isupper() else other.capitalize() if word[0].isupper() else other
