"""The allowed values of a field, or the values of one enumeration, differ between two places.

**Why it matters.** A value that one place allows is refused by the other, mostly in production.

**Example.** `CHECK (status IN ('active', 'inactive'))` beside `enum UserStatus { ACTIVE, INACTIVE, SUSPENDED }`.

**What to do.** Write the same values in both places.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from msgspec import Struct

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, contradiction
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.entities import EnumMention
from asbuilt.model.fact import Form
from asbuilt.model.names import did_you_mean, normal
from asbuilt.rules.lookup.comparing import sayings
from asbuilt.rules.lookup.wording import listed
from asbuilt.text import Span

_IN = re.compile(r"^\W*\"?(\w+)\"?(?:::\w+)?\s+in\s*\(([^()]*)\)\W*$", re.IGNORECASE)
_LITERAL = re.compile(r"'((?:[^']|'')*)'")


class ValueList(Struct, frozen=True):
    """The values that one place allows."""

    values: tuple[str, ...]
    span: Span
    form: Form


def check(design: Design) -> Iterator[Diagnostic]:
    compared: set[frozenset[Span]] = set()
    for subject, lists in _lists(design):
        for here in lists[1:]:
            pair = frozenset({here.span, lists[0].span})
            if len(pair) == 2 and pair not in compared and _differ(here, lists[0]):
                compared.add(pair)
                yield _finding(design, subject, here, lists[0])


def _lists(design: Design) -> Iterator[tuple[str, list[ValueList]]]:
    """Yield the value lists of each field and each enumeration, the most authoritative first."""
    for mentions in _same(design.enums):
        yield mentions[0].name, [_of_enum(m) for m in mentions]
    for entity in design.tables():
        for field in entity.fields:
            found = value_lists(design, entity, field)
            if len(found) > 1:
                yield field.subject, found


def _same(enums: tuple[EnumMention, ...]) -> Iterator[list[EnumMention]]:
    """Yield the mentions of each enumeration; where schemas have one of a name each, these are different ones."""
    by_name: dict[str, dict[str | None, list[EnumMention]]] = {}
    for enum in enums:
        by_name.setdefault(normal(enum.name), {}).setdefault(enum.schema, []).append(enum)
    for by_schema in by_name.values():
        is_one = len(by_schema.keys() - {None}) < 2
        yield from [[e for mentions in by_schema.values() for e in mentions]] if is_one else by_schema.values()


def value_lists(design: Design, entity: Entity, field: Field) -> list[ValueList]:
    """Return what the places say that a field may hold: conditions, values beside the field, its enumeration."""
    checks = ((check, _of(check.condition, field)) for check in entity.checks)
    found = [ValueList(values, check.span, check.form) for check, values in checks if values is not None]
    found += [ValueList(s.value, s.span, s.form) for s in sayings(entity, field, "values")]
    enum = design.enum_of(field)
    found += [_of_enum(enum)] if enum else []
    return sorted(found, key=lambda v: (v.form != Form.SQL, v.span))


def _of(condition: str | None, field: Field) -> tuple[str, ...] | None:
    """Return the list of a condition that says nothing but which values `field` may have."""
    found = _listed(condition or "")
    return found[1] if found and found[0] == normal(field.name) else None


@lru_cache(maxsize=4096)
def _listed(condition: str) -> tuple[str, tuple[str, ...]] | None:
    """Return whose values a condition lists, by normal name, and which; with a memo, as it is asked about every field."""
    found = _IN.match(condition)
    if not found or not found[2]:
        return None
    return normal(found[1]), tuple(value.replace("''", "'") for value in _LITERAL.findall(found[2]))


def _of_enum(enum: EnumMention) -> ValueList:
    return ValueList(tuple(v.value for v in enum.values), enum.span, enum.form)


def _differ(here: ValueList, there: ValueList) -> bool:
    """Tell whether the lists differ; an elided one, or one of another letter case, does not."""
    one, other = ({v.casefold() for v in found.values} for found in (here, there))
    is_open = any("…" in v or "..." in v or v in ("etc", "etc.") for v in one | other)
    return bool(one and other) and one != other and not is_open


def _finding(design: Design, subject: str, here: ValueList, there: ValueList) -> Diagnostic:
    only_here = [v for v in here.values if v.casefold() not in {o.casefold() for o in there.values}]
    only_there = [v for v in there.values if v.casefold() not in {o.casefold() for o in here.values}]
    parts = [f"{listed(only_here)} only here"] if only_here else []
    parts += [f"{listed(only_there)} only there"] if only_there else []
    return contradiction(
        "enum_values_contradiction",
        f"the values of `{subject}` differ: {', '.join(parts)}",
        Label(here.span, "one list"),
        Label(there.span, "the other"),
        help="write the same values in both places",
        fixes=_renamed(design, here, there, only_here, only_there),
    )


def _renamed(
    design: Design, here: ValueList, there: ValueList, only_here: list[str], only_there: list[str]
) -> tuple[Fix, ...]:
    """Return a fix in either direction where one value is written in two ways."""
    if len(only_here) != 1 or did_you_mean(only_here[0], only_there) is None or len(only_there) != 1:
        return ()
    ways = ((here, only_here[0], only_there[0], "here"), (there, only_there[0], only_here[0], "there"))
    fixes = []
    for place, old, new, where in ways:
        literal = re.search(rf"([\"'`]){re.escape(old)}\1", design.source[place.span])
        if literal:
            start = place.span.start + literal.start() + 1
            fixes.append(Fix(f"write `{new}` {where}", (Edit(Span(start, start + len(old)), new),)))
    return tuple(fixes)
