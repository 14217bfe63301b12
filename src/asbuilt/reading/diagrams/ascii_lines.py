"""Relationships and flows drawn as a line of text: `A (1) ----< (*) B`, `users ──< orders`, `A 1:N B`."""

import re
from collections.abc import Iterator

from asbuilt.model.entities import Cardinality, RelationshipMention
from asbuilt.model.fact import Form
from asbuilt.text import Excerpt, Span

C = Cardinality
_COUNTS = {"1": C.ONE, "one": C.ONE, "1..1": C.ONE, "||": C.ONE, "|": C.ONE, "0..1": C.ZERO_OR_ONE, "o": C.ZERO_OR_ONE, "|o": C.ZERO_OR_ONE,
           "o|": C.ZERO_OR_ONE, "1..*": C.ONE_OR_MORE, "1..n": C.ONE_OR_MORE, "1..m": C.ONE_OR_MORE, "}|": C.ONE_OR_MORE,
           "|{": C.ONE_OR_MORE, "|<": C.ONE_OR_MORE, ">|": C.ONE_OR_MORE}  # fmt: skip
_NUMBER = r"0\.\.1|1\.\.1|[01]\.\.[*nNmM]|[1*nNmM∞]|(?i:one|many)"
COUNT = rf"(?:\(\s*(?:{_NUMBER})\s*\)|\[\s*(?:{_NUMBER})\s*\]|(?:{_NUMBER})(?![\w.]))"
_ARROWS = (">", "▶", "►", "→")
_DASH = r"[-─━═╌┄]"
_NAME = r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?"
LINE = re.compile(
    rf"\s*(?:\((?!\s*(?:{_NUMBER})\s*\))[^()\n]*\))?\s*(?P<left_count>{COUNT})?\s*(?:(?P<left_foot>[>}}|o]{{1,2}})?{_DASH}{{2,}}(?:\s*(?P<verb>[A-Za-z_][\w ]{{0,30}})\s*{_DASH}{{2,}})?"
    rf"(?P<right_foot>[|o]?[<{{]|\|\||o\||\|o|[>▶►→])?|(?P<arrow>→|⟶)|\(?\s*(?P<one>[1nNmM*])\s*:\s*(?P<two>[1nNmM*])\s*\)?)\s*(?P<right_count>{COUNT})?\s*"
)
_LEFT = re.compile(rf"\s*(?:[-•*]\s+)?(?P<left>{_NAME})(?=[\s(\[{{}}>|─━═*-])")
_RIGHT = re.compile(rf"(?P<right>{_NAME})(?![\w.])")
_SAID = re.compile(
    r"\s*(?::\s*(?P<verb>[^()\n]{1,60}))?(?:\(\s*(?:via\s+|FK:?\s*|on\s+)?(?P<via>[a-z]\w*(?:_id|Id))\s*\))?"
)


def relationships_in(line: Excerpt) -> Iterator[RelationshipMention]:
    """Yield the relationships that a line of text draws, a chain of them included."""
    left = _LEFT.match(line.text)
    at = left.end() if left else 0
    start, end = left.span("left") if left else (0, 0)
    while left is not None:
        drawn = LINE.match(line.text, at)
        right = _RIGHT.match(line.text, drawn.end()) if drawn else None
        counts = counts_drawn(drawn) if drawn else None
        if drawn is None or right is None or counts is None:
            return
        said = _SAID.match(line.text, right.end())
        yield relationship(
            line.cut(start, end), line.cut(*right.span()), counts, (drawn["verb"] or (said and said["verb"]) or "").strip(),
            said["via"] if said else None,
        )  # fmt: skip
        (start, end), at = right.span(), right.end()


def relationship(
    left: Excerpt,
    right: Excerpt,
    counts: tuple[Cardinality, Cardinality],
    verb: str,
    via: str | None = None,
    form: Form = Form.BOX,
) -> RelationshipMention:
    spans = left.span(), right.span()
    return RelationshipMention(
        span=Span.cover(spans),
        form=form,
        left=left.text,
        right=right.text,
        left_span=spans[0],
        right_span=spans[1],
        left_count=counts[0],
        right_count=counts[1],
        verb=verb,
        via=via,
    )


def counts_drawn(drawn: re.Match[str]) -> tuple[Cardinality, Cardinality] | None:
    """Return the cardinalities that a drawn line shows, or None where it shows none."""
    arrow = drawn["right_foot"] in _ARROWS
    left = drawn["one"] or drawn["left_count"] or drawn["left_foot"]
    return counts_of(left, drawn["two"] or drawn["right_count"] or (None if arrow else drawn["right_foot"]))


def counts_of(left: str | None, right: str | None) -> tuple[Cardinality, Cardinality] | None:
    """Return the cardinalities that two marks mean (`1`, `(*)`, `0..1`, `>`), or None where they mean none.

    Beside a many, a side without a mark is one; beside a one it could be anything.
    """
    counts = _count(left), _count(right)
    many = counts[0] or counts[1]
    if many is None or (None in counts and not many.is_many):
        return None
    found = counts[0] or C.ONE, counts[1] or C.ONE
    return (C.ONE, C.ZERO_OR_ONE) if found == (C.ONE, C.ONE) else found


def _count(mark: str | None) -> Cardinality | None:
    word = (mark or "").strip("()[] ").lower()
    return _COUNTS.get(word, C.ZERO_OR_MORE) if word else None
