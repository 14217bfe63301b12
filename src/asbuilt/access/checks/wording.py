"""What a broken check tells: the limit in words where it is one, else the condition as it is written."""

import re
from collections.abc import Callable
from typing import Any

from asbuilt.access.checks.limits import Limit, limits_of
from asbuilt.access.checks.trees import Check
from asbuilt.access.checks.values import is_secret, told
from asbuilt.access.refusals import Problem
from asbuilt.access.schema import Table

_CAST = re.compile(
    r"::(?:character varying|double precision|timestamp with(?:out)? time zone|\w+)(?:\(\d+\))?(?:\[\])?"
)
_WORDS = {
    "minimum": "at least {}", "above": "more than {}", "maximum": "at most {}", "below": "less than {}",
    "shortest": "at least {} characters long", "longest": "at most {} characters long",
}  # fmt: skip
_RULES = {
    "minimum": "range", "above": "range", "maximum": "range", "below": "range", "shortest": "length", "longest": "length",
    "pattern": "pattern", "values": "values",
}  # fmt: skip


def broken(table: Table, check: Check) -> Callable[..., Problem]:
    """Return what makes a problem of a broken check and the values that break it."""
    limits = limits_of(check.condition) or ()
    is_single = len(check.columns) == 1
    field = table.by_name[check.columns[0]].attribute if is_single else ""
    rules = {_RULES[limit.rule] for limit in limits}
    rule = rules.pop() if len(rules) == 1 and is_single else "check"
    words = _words(check, limits) if is_single else f"must fulfil {shown(check.text)}"
    hides = [is_secret(name) for name in check.columns]

    def problem(*values: Any) -> Problem:
        pairs = zip(check.columns, values, hides, strict=True)
        given = [(name, "what was given" if is_hidden else told(value)) for name, value, is_hidden in pairs]
        seen = given[0][1] if is_single else ", ".join(f"{name} = {value}" for name, value in given)
        return Problem(field, rule, f"{words}, not {seen}", check.line, check.constraint)

    return problem


def _words(check: Check, limits: tuple[Limit, ...]) -> str:
    parts = [_limit(limit, check) for limit in limits]
    return f"must be {' and '.join(parts)}" if parts and all(parts) else f"must fulfil {shown(check.text)}"


def _limit(limit: Limit, check: Check) -> str:
    if limit.rule == "values":
        return f"one of {', '.join(map(repr, limit.bounds))}"
    return _WORDS[limit.rule].format(limit.bounds[0]) if limit.rule in _WORDS else ""


def shown(text: str) -> str:
    """Return a condition without the casts that the server writes into it."""
    parts = re.split(r"('(?:[^']|'')*')", text)
    bare = "".join(part if part.startswith("'") else _CAST.sub("", part) for part in parts)
    return re.sub(r"(?<![\w.])\((\w+|'(?:[^']|'')*'|-?[\d.]+)\)", r"\1", bare)
