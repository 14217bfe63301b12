"""Conditions in words to conditions in SQL."""

import re

from asbuilt.reading.phrases.pieces import sql_name

_NUMBER = r"-?\d+(?:\.\d+)?"
_OPERATORS = {"≥": ">=", "≤": "<=", "≠": "<>", "!=": "<>", "==": "="}
_FORMATS = {
    "email": r"^[^@\s]+@[^@\s]+\.[^@\s]+$",
    "url": r"^[a-z][a-z0-9+.-]*://",
    "slug": r"^[a-z0-9]+(-[a-z0-9]+)*$",
}
_OPPOSITES = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "=": "<>", "<>": "="}
_NEGATED = re.compile(
    r"^\W*(?:cannot|can't|can\s+not|(?:must|should|shall|may)\s+not|不能|不得|не\s+должн\w+|не\s+может)\s*(?:ever\s+)?(?:be\s+|为|быть\s+)?",
    re.IGNORECASE,
)
_COMPARISONS: tuple[tuple[str, str], ...] = (
    (
        r"(?:>=|≥)|(?:be\s+)?(?:greater\s+than\s+or\s+equal\s+to|at\s+least|no\s+less\s+than|大于等于|不小于|не\s+меньше|이상)",
        ">=",
    ),
    (
        r"(?:<=|≤)|(?:be\s+)?(?:less\s+than\s+or\s+equal\s+to|at\s+most|no\s+more\s+than|小于等于|不大于|не\s+больше|이하)",
        "<=",
    ),
    (r"!=|<>|≠|(?:not\s+(?:be\s+)?equal(?:\s+to)?|不等于|не\s+равно)", "<>"),
    (
        r">|(?:be\s+)?(?:greater|more|larger|higher)\s+than|(?:be\s+)?(?:after|later\s+than)|大于|晚于|больше|позже|초과",
        ">",
    ),
    (
        r"<|(?:be\s+)?(?:less|smaller|lower|fewer)\s+than|(?:be\s+)?(?:before|earlier\s+than)|小于|早于|меньше|раньше|미만",
        "<",
    ),
    (r"={1,2}|(?:be\s+)?equal\s+to|等于|равно", "="),
)
_LEAD = r"^(?:[:：\-–—]\s*)?(?:must|should|has\s+to|shall|必须|应|должн\w+|needs\s+to)?\s*(?:always\s+)?(?:be\s+|为|быть\s+)?"


def compared(name: str, operator: str, value: str) -> str:
    return f"{sql_name(name)} {_OPERATORS.get(operator, operator)} {value}"


def between(name: str, low: str, high: str) -> str:
    return f"{sql_name(name)} BETWEEN {low} AND {high}"


def longer_or_shorter(name: str, operator: str, length: str) -> str:
    return f"char_length({sql_name(name)}) {operator} {length}"


def one_of(name: str, values: tuple[str, ...]) -> str:
    return f"{sql_name(name)} IN ({', '.join(_literal(value) for value in values)})"


def matched(name: str, pattern: str) -> str:
    return f"{sql_name(name)} ~ {_literal(pattern)}"


def formatted(name: str, kind: str) -> str | None:
    """Return the condition that `name` has the shape of an e-mail address, a URL or a slug; None for other kinds."""
    pattern = _FORMATS.get(kind.lower().replace("-", ""))
    return f"{sql_name(name)} ~* {_literal(pattern)}" if pattern else None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def condition_of(name: str, words: str) -> str | None:
    """Return the SQL for `words` about the column `name` (`must be > 0`, `between 1 and 5`), or None where they are not clear."""
    if _NEGATED.match(words):
        return _denied(name, re.sub(_NEGATED, "", words).strip().rstrip(".。"))
    said = re.sub(_LEAD, "", words.strip().rstrip(".。"), flags=re.IGNORECASE).strip()
    for derive in (_range, _listed, _pattern, _signed, _length, _comparison, _format):
        condition = derive(name, said)
        if condition:
            return condition
    return None


def _denied(name: str, said: str) -> str | None:
    """The opposite of what must not be: `cannot be greater than 5`, `must not be negative`."""
    if re.match(r"negative|负", said, re.IGNORECASE):
        return compared(name, ">=", "0")
    condition = _comparison(name, said)
    found = condition and re.match(r"(?P<name>\S+) (?P<operator>\S+) (?P<value>.+)", condition)
    return compared(found["name"].strip('"'), _OPPOSITES[found["operator"]], found["value"]) if found else None


def _range(name: str, said: str) -> str | None:
    found = re.match(
        rf"(?:in\s+(?:the\s+)?range(?:\s+of)?\s+|between\s+|介于|from\s+|в\s+диапазоне\s+|от\s+)\[?\(?({_NUMBER})\s*(?:and|to|-|–|到|至|和|,|до|~)\s*({_NUMBER})",
        said,
        re.IGNORECASE,
    ) or re.fullmatch(rf"({_NUMBER})\s*(?:-|–|~|\.\.)\s*({_NUMBER})", said)
    return between(name, found[1], found[2]) if found else None


def _listed(name: str, said: str) -> str | None:
    found = re.match(
        r"(?:one\s+of|in|from|among|один\s+из|其中之一)\s*[:：]?\s*[(\[{（]?\s*(?P<list>[^)\]}）]+)",
        said,
        re.IGNORECASE,
    )
    if not found:
        return None
    values = tuple(
        re.sub(r"^(?:or|and)\s+", "", v.strip()).strip("'\"` ") for v in re.split(r"[,|/、，]", found["list"])
    )
    return one_of(name, values) if len(values) > 1 and all(re.fullmatch(r"[\w .-]+", v) for v in values) else None


def _pattern(name: str, said: str) -> str | None:
    found = re.match(
        r"(?:match(?:es)?|匹配|соответствовать)\s+(?:the\s+)?(?:regex|regexp|pattern|正则(?:表达式)?)?\s*[:：]?\s*[`/]?(?P<pattern>\^?\S.*?)[`/]?$",
        said,
        re.IGNORECASE,
    )
    if not found or not re.search(r"[\^$\[\\+*]", found["pattern"]):
        return None
    return matched(name, found["pattern"])


def _signed(name: str, said: str) -> str | None:
    if re.match(r"(?:positive|正数|положительн)", said, re.IGNORECASE):
        return compared(name, ">", "0")
    if re.match(r"(?:non-?negative|not\s+(?:be\s+)?negative|be\s+negative|非负|неотрицательн)", said, re.IGNORECASE):
        return compared(name, ">=", "0")
    return None


def _length(name: str, said: str) -> str | None:
    found = re.match(
        r"(at\s+least|at\s+most|max(?:imum)?|min(?:imum)?|no\s+more\s+than|up\s+to)\s+(\d+)\s+characters?",
        said,
        re.IGNORECASE,
    )
    if not found:
        return None
    return longer_or_shorter(
        name, ">=" if found[1].lower().endswith("least") or found[1].lower().startswith("min") else "<=", found[2]
    )


def _comparison(name: str, said: str) -> str | None:
    for pattern, operator in _COMPARISONS:
        found = re.match(
            rf"(?:{pattern})\s*`?(?P<value>{_NUMBER}|'[^']*'|[A-Za-z_]\w*(?:\(\))?)`?\s*(?:$|[,;(（])",
            said,
            re.IGNORECASE,
        )
        if found:
            value = found["value"]
            if re.fullmatch(r"[A-Za-z_]\w*", value):
                value = sql_name(value)
            return compared(name, operator, "now()" if value.lower() in ("now", "today") else value)
    return None


def _format(name: str, said: str) -> str | None:
    found = re.match(r"(?:a\s+)?valid\s+(e-?mail|url|slug)", said, re.IGNORECASE)
    return formatted(name, found[1]) if found else None
