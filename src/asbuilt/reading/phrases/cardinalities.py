"""Cardinalities in words and signs: `1:N`, `one-to-many`, `一对多`, `has many`, arrows."""

import re
from functools import lru_cache

from msgspec import Struct

from asbuilt.model.entities import Cardinality
from asbuilt.text import Excerpt

C = Cardinality
Counts = tuple[Cardinality, Cardinality]

ONE_TO_ONE: Counts = (C.ONE, C.ZERO_OR_ONE)
ONE_TO_MANY: Counts = (C.ONE, C.ZERO_OR_MORE)
MANY_TO_ONE: Counts = (C.ZERO_OR_MORE, C.ONE)
MANY_TO_MANY: Counts = (C.ZERO_OR_MORE, C.ZERO_OR_MORE)

_MANY = r"[nm*∞]"
_WORDS: tuple[tuple[str, Counts], ...] = (
    (rf"(?<![\w.]){_MANY}\s*(?:[:：]|-|–|to|对|↔)\s*{_MANY}(?![\w.])|many[\s-]*to[\s-]*many|多对多|多對多|多対多|다대다|многие[\s-]+ко[\s-]+многим|"
     r"muitos[\s-]+para[\s-]+muitos|muchos[\s-]+a[\s-]+muchos|çoktan[\s-]+çoğa|n[\s-]*to[\s-]*n|belongs[\s_]*to[\s_]*many|has[\s_]*and[\s_]*belongs", MANY_TO_MANY),
    (rf"(?<![\w.])(?:[01]\.\.)?1\s*(?:[:：]|-|–|to|对)\s*(?:[01]\.\.)?{_MANY}(?![\w.])|(?<![\w.])1\s*(?:[:：]|-|to)\s*(?:many|0?\.\.\*)|one[\s-]*to[\s-]*many|一对多|一對多|一対多|일대다|1대다|"
     r"один[\s-]+ко[\s-]+многим|um[\s-]+para[\s-]+muitos|uno[\s-]+a[\s-]+muchos|birden[\s-]+çoğa|bire[\s-]+çok|satu[\s-]+ke[\s-]+banyak|has[\s_]*many", ONE_TO_MANY),
    (rf"(?<![\w.])(?:[01]\.\.)?{_MANY}\s*(?:[:：]|-|–|to|对)\s*(?:[01]\.\.)?1(?![\w.])|many[\s-]*to[\s-]*one|多对一|多對一|多対一|다대일|многие[\s-]+к[\s-]+одному|"
     r"muitos[\s-]+para[\s-]+um|muchos[\s-]+a[\s-]+uno|çoktan[\s-]+bire|belongs[\s_]*to", MANY_TO_ONE),
    (r"(?<![\w.])(?:[01]\.\.)?1\s*(?:[:：]|-|–|to|对)\s*(?:[01]\.\.)?1(?![\w.])|one[\s-]*to[\s-]*one|一对一|一對一|一対一|일대일|один[\s-]+к[\s-]+одному|"
     r"um[\s-]+para[\s-]+um|uno[\s-]+a[\s-]+uno|bire[\s-]+bir|has[\s_]*one", ONE_TO_ONE),
)  # fmt: skip
_PATTERNS = tuple((re.compile(pattern, re.IGNORECASE), counts) for pattern, counts in _WORDS)
SELF = re.compile(
    r"self[\s-]*(?:referenc|relat|join)|hierarch|自引用|自关联|自参照|자기\s?참조|самоссыл|auto-?referenc|auto-?relacion",
    re.IGNORECASE,
)
POLYMORPHIC = re.compile(r"polymorph|多态|полиморф|다형|ポリモーフィック|polim[oó]rf", re.IGNORECASE)


@lru_cache(maxsize=4096)
def cardinality_in(text: str) -> Counts | None:
    """Return how many of the left and of the right take part, as `text` says it, or None."""
    found = [(m.start(), counts) for pattern, counts in _PATTERNS if (m := pattern.search(text))]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def is_cardinality(text: str) -> bool:
    return cardinality_in(text) is not None


class Relation(Struct, frozen=True):
    """Two entities and what stands between and after them. `counts` None: the words do not say."""

    left: Excerpt
    right: Excerpt
    counts: Counts | None
    verb: str
    rest: Excerpt


_NAME = r"[`\"*]*(?P<{0}>\[[^\[\]\n]+\]|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_]\w*)?)[`\"*]*"
_ARROW = r"(?P<arrow><-+>|<=+>|-+>|—+>|=+>|→|⟶|➔|➡|↔|⇄|⇔|⟷|←|<-+|-{2,})"
_SHORT = r"(?P<short>(?:1|[nm*])\s*[:：]\s*(?:1|[nm*])|1\s*-\s*[nm1*]|[nm*]\s*-\s*[nm1*]|one[\s-]to[\s-](?:one|many)|many[\s-]to[\s-](?:one|many)|一对[一多]|多对[一多])"
_VERB = (
    r"(?P<verb>has[\s_]*many(?:[\s_]*through)?|has[\s_]*one|have[\s_]*many|can[\s_]+have[\s_]+(?:many|multiple|several|one)|has[\s_]+(?:multiple|several|zero\s+or\s+more|one\s+or\s+more)|"
    r"belongs?[\s_]*to[\s_]*many|belongs?[\s_]*to(?:[\s_]+one)?|contains?[\s_]+(?:many|multiple)|owns[\s_]+(?:many|multiple)|"
    r"拥有多个|有多个|属于|包含多个|имеет\s+много|принадлежит|has\s+and\s+belongs\s+to\s+many)"
)
_END = r"(?![A-Za-z0-9_])"
_SHAPES = (
    re.compile(
        _NAME.format("left")
        + r"\s*[(（]?(?<![A-Za-z0-9_])"
        + _SHORT
        + r"(?![A-Za-z0-9_])[)）]?\s*"
        + _NAME.format("right")
        + _END,
        re.IGNORECASE,
    ),
    re.compile(
        _NAME.format("left") + r"\s*" + _VERB + r"\s*(?:an?\s+|the\s+|one\s+|many\s+)?" + _NAME.format("right") + _END,
        re.IGNORECASE,
    ),
    re.compile(
        _NAME.format("left")
        + r"\s*+(?:\(?(?P<one>1|\*|N|M)\)?\s*+)?"
        + _ARROW
        + r"\s*(?:\(?(?P<two>1|\*|N|M|0\.\.\*|1\.\.\*)(?![A-Za-z0-9_])\)?\s*)?"
        + _NAME.format("right")
        + _END
    ),
    re.compile(
        _NAME.format("left")
        + r"\s*(?:\b(?:and|und|y|ve|e)\b|[&и和与と]|[-–—])\s*"
        + _NAME.format("right")
        + r"(?=\s*[:：(（\-–—]\s*(?:[1nm]\s*[:：\-]\s*[1nm*]|one[\s-]|many[\s-]|一对|多对|один|многие))",
        re.IGNORECASE,
    ),
    re.compile(_NAME.format("left") + r"\s+[-–—]\s+" + _NAME.format("right") + r"\s*$"),
)
_VERBS: tuple[tuple[str, Counts], ...] = (
    (r"many.*many|to_?\s*many", MANY_TO_MANY),
    (r"belong|属于|принадлежит", MANY_TO_ONE),
    (r"one$", ONE_TO_ONE),
)


def relation_in(excerpt: Excerpt) -> Relation | None:
    """Return the relation that `excerpt` starts with: `User 1:N Order`, `User has many Orders`, `User → Posts`."""
    text = excerpt.text
    for shape in _SHAPES:
        found = shape.match(text)
        if found:
            rest = excerpt.cut(found.end(), len(text))
            counts, verb = _counts_of(found)
            left, right = excerpt.cut(*found.span("left")), excerpt.cut(*found.span("right"))
            if found.groupdict().get("arrow") in ("←", "<-", "<--"):
                left, right = right, left
            return Relation(left, right, counts or cardinality_in(rest.text), verb, rest)
    return None


def _counts_of(found: re.Match[str]) -> tuple[Counts | None, str]:
    groups = found.groupdict()
    if groups.get("short"):
        return cardinality_in(groups["short"]), ""
    if groups.get("verb"):
        verb = groups["verb"]
        counts = next((c for pattern, c in _VERBS if re.search(pattern, verb, re.IGNORECASE)), ONE_TO_MANY)
        return (MANY_TO_MANY if re.search(r"belong.*many", verb, re.IGNORECASE) else counts), verb
    if groups.get("one") and groups.get("two"):
        return cardinality_in(f"{groups['one']}:{groups['two'][-1]}"), ""
    return (MANY_TO_MANY, "") if groups.get("arrow") == "⇄" else (None, "")
