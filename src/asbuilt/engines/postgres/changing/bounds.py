"""Which rows a partition takes, as a condition, and whether two partitions may take the same ones."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import gcd

from asbuilt.engines.postgres.quoting import literal, relation
from asbuilt.engines.state import TableState

_KEY = re.compile(r"(RANGE|LIST|HASH) \((.*)\)\Z", re.DOTALL)
_RANGE = re.compile(r"FOR VALUES FROM \((.*)\) TO \((.*)\)\Z", re.DOTALL)
_LIST = re.compile(r"FOR VALUES IN \((.*)\)\Z", re.DOTALL)
_HASH = re.compile(r"FOR VALUES WITH \(modulus (\d+), remainder (\d+)\)", re.IGNORECASE)
_OPEN = ("MINVALUE", "MAXVALUE")
DEFAULT = "DEFAULT"


def strategy(key: str) -> str:
    """Return `RANGE`, `LIST` or `HASH`."""
    return key.partition(" ")[0]


def elements(key: str) -> list[str]:
    """Return the columns and expressions of a partition key."""
    found = _KEY.match(key)
    return list(_split(found[2])) if found else []


def takes(parent: TableState, bound: str, siblings: Sequence[str] = ()) -> str:
    """Return the condition for the rows that a partition of `parent` with this bound takes.

    The default one takes what none of its `siblings` does.
    """
    assert parent.partition_key
    keys = elements(parent.partition_key)
    if bound == DEFAULT:
        others = [takes(parent, other) for other in siblings if other != DEFAULT]
        return f"({' OR '.join(others)}) IS NOT TRUE" if others else "true"
    if found := _RANGE.match(bound):
        return _in_range(keys, list(_split(found[1])), list(_split(found[2])))
    if found := _LIST.match(bound):
        return _in_list(keys[0], list(_split(found[1])))
    if found := _HASH.match(bound):
        return f"satisfies_hash_partition({literal(relation(parent.name))}::regclass, {found[1]}, {found[2]}, {', '.join(keys)})"
    return "true"


def rest(parent: TableState, siblings: Sequence[str]) -> str:
    """Return the condition for what the default partition takes of a table divided by ranges of one key.

    It is written as PostgreSQL derives it, which so knows a check that says it to prove that no row belongs elsewhere.
    """
    [key] = elements(parent.partition_key or "")
    found = [match.groups() for bound in siblings if (match := _RANGE.match(bound))]
    ranges = [
        " AND ".join(f"{key} {sign} {value}" for sign, value in ((">=", low), ("<", high)) if value not in _OPEN)
        for low, high in sorted(found, key=lambda ends: (ends[0] != "MINVALUE", _ordered(ends[0])))
    ]
    return f"NOT ({key} IS NOT NULL AND ({' OR '.join(f'({one})' for one in ranges)}))"


def _ordered(value: str) -> tuple[float, str]:
    """Return what puts values of one type in order: numbers as such, the rest as PostgreSQL writes it."""
    bare = value.strip("'")
    try:
        return float(bare), ""
    except ValueError:
        return 0.0, bare


def _in_range(keys: list[str], low: list[str], high: list[str]) -> str:
    parts = [f"{key} IS NOT NULL" for key in keys]
    for words, values in ((("> ", ">= "), low), (("<= ", "< "), high)):
        at = next((place for place, value in enumerate(values) if value in _OPEN), len(values))
        is_most = at < len(values) and values[at] == "MAXVALUE"
        if at == 0:
            parts += ["false"] if is_most == (values is low) else []
            continue
        word = words[0] if is_most else words[1]
        parts.append(f"{_row(keys[:at])} {word}{_row(values[:at])}")
    return f"({' AND '.join(parts)})"


def _row(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def _in_list(key: str, values: list[str]) -> str:
    given = [value for value in values if value != "NULL"]
    parts = [f"{key} IN ({', '.join(given)})"] if given else []
    parts += [f"{key} IS NULL"] if "NULL" in values else [f"{key} IS NOT NULL"]
    return f"({' OR '.join(parts)})" if "NULL" in values else f"({' AND '.join(reversed(parts))})"


def may_overlap(one: str, other: str) -> bool:
    """Tell whether partitions of one parent with these bounds may take the same rows; what cannot be told may."""
    if DEFAULT in (one, other):
        return True
    if (first := _RANGE.match(one)) and (second := _RANGE.match(other)):
        return _is_below(first[1], second[2]) and _is_below(second[1], first[2])
    if (first := _LIST.match(one)) and (second := _LIST.match(other)):
        return bool(set(_split(first[1])) & set(_split(second[1])))
    if (first := _HASH.match(one)) and (second := _HASH.match(other)):
        return (int(first[2]) - int(second[2])) % gcd(int(first[1]), int(second[1])) == 0
    return True


def _is_below(low: str, high: str) -> bool:
    """Tell whether a lower end lies below an upper one."""
    for least, most in zip(_split(low), _split(high), strict=False):
        if least == most and least not in _OPEN:
            continue
        if least == "MINVALUE" or most == "MAXVALUE":
            return True
        if least == "MAXVALUE" or most == "MINVALUE":
            return False
        return _ordered(least) < _ordered(most)
    return False


def _split(text: str) -> Iterator[str]:
    """Yield the parts between the commas that stand outside brackets and quotes."""
    depth, quote, cuts = 0, "", [-1]
    for place, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "([":
            depth += 1
        elif character in ")]":
            depth -= 1
        elif character == "," and not depth:
            cuts.append(place)
    yield from (text[first + 1 : last].strip() for first, last in pairwise([*cuts, len(text)]))
