"""How values of one type become values of another, and what may be lost on the way."""

import re
from collections.abc import Sequence

from asbuilt.engines.postgres.quoting import identifier, literal

_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision", "money")
_TIMES = (
    "date", "timestamp without time zone", "timestamp with time zone", "time without time zone",
    "time with time zone", "interval",
)  # fmt: skip
_TEXTS = ("text", "character varying", "character", "name", '"char"', "citext")
_DIRECT = (
    _NUMBERS,
    _TIMES,
    _TEXTS,
    ("json", "jsonb"),
    ("inet", "cidr"),
    ("integer", "boolean"),
    ("bit", "bit varying", "integer", "bigint"),
)
_WIDER = (
    ("smallint", "integer", "bigint", "numeric"),
    ("smallint", "real", "double precision"),
    ("integer", "double precision"),
    ("date", "timestamp without time zone"),
    ("character varying", "text"),
    ("character", "text"),
    ("cidr", "inet"),
    ("timestamp without time zone", "timestamp with time zone"),
)  # fmt: skip
_ARGUMENTS = re.compile(r"\(([\d, -]+)\)")


def base(type_: str) -> str:
    """Return a type without its length, precision and array brackets."""
    return _ARGUMENTS.sub("", type_).replace("[]", "").strip()


def conversion(column: str, before: str, after: str) -> str:
    """Return the expression that makes a column's old value into the new type's."""
    return converted(identifier(column), before, after)


def converted(value: str, before: str, after: str, labels: Sequence[tuple[str, str]] = ()) -> str:
    """Return the expression that makes a value of one type into one of another, some labels into others."""
    if labels:
        cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in labels)
        return f"(CASE {value}::text {cases} ELSE {value}::text END)::{after}"
    if _is_direct(before, after):
        return f"{value}::{after}"
    return f"{value}::text::{after}"


def there_and_back(column: str, before: str, after: str) -> str:
    """Return the expression for what is left of a column's value that was turned into the new type and back again."""
    return converted(f"({conversion(column, before, after)})", after, before)


def _is_direct(before: str, after: str) -> bool:
    old, new = base(before), base(after)
    is_array = before.endswith("[]")
    if is_array != after.endswith("[]"):
        return False
    return old == new or new in _TEXTS or old in _TEXTS or any(old in family and new in family for family in _DIRECT)


def may_lose(before: str, after: str) -> bool:
    """Tell whether a value of the old type may have no equal in the new one."""
    old, new = base(before), base(after)
    if before.endswith("[]") != after.endswith("[]"):
        return after != "text"
    if old == new:
        return _narrower(before, after)
    if new in ("text", "character varying", "citext") and not _ARGUMENTS.search(after):
        return False
    wider = any(old in chain and new in chain and chain.index(old) < chain.index(new) for chain in _WIDER)
    return not wider or bool(_ARGUMENTS.search(after))


def _narrower(before: str, after: str) -> bool:
    old, new = _arguments(before), _arguments(after)
    if new is None:
        return False
    if old is None:
        return True
    if len(old) == 2 and len(new) == 2:
        return new[1] < old[1] or new[0] - new[1] < old[0] - old[1]
    return new[0] < old[0] or len(old) != len(new)


def _arguments(type_: str) -> tuple[int, ...] | None:
    found = _ARGUMENTS.search(type_)
    return tuple(int(part) for part in found[1].split(",")) if found else None


def needs_rewrite(before: str, after: str) -> bool:
    """Tell whether PostgreSQL writes every row anew for the change; what it really does is seen when it is tried."""
    old, new = base(before), base(after)
    if old in ("character varying", "text") and new in ("character varying", "text"):
        return may_lose(before, after)
    return not (old == new and not _narrower(before, after))
