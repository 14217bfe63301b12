"""Domains: the type that one stands for, and what it adds to it."""

import re

from msgspec import Struct

from asbuilt.engines.state import DatabaseState

_DOMAIN = re.compile(
    r"(?P<base>.+?)(?: COLLATE (?P<collation>\S+))?(?: DEFAULT (?P<default>.+?))?(?P<required> NOT NULL)?(?P<checks>(?: CONSTRAINT .*)?)",
    re.DOTALL,
)
_CHECK = re.compile(
    r""" CONSTRAINT (?P<name>"(?:[^"]|"")+"|\S+) CHECK \((?P<condition>.*?)\)(?: NOT VALID)?(?= CONSTRAINT |$)""",
    re.DOTALL,
)


class Domain(Struct, frozen=True):
    """What a column's type comes to. `checks` are names and conditions over `VALUE`; a type that is no domain has none."""

    type: str
    default: str | None = None
    is_required: bool = False
    collation: str | None = None
    checks: tuple[tuple[str, str], ...] = ()


def resolved(type: str, state: DatabaseState) -> Domain:
    """Return what a type comes to: itself, or what a domain (of a domain) stands for, with all that they add."""
    name, brackets = type.removesuffix("[]"), "[]" if type.endswith("[]") else ""
    known = state.objects.get(("domain", name))
    found = _DOMAIN.fullmatch(known.definition) if known else None
    if found is None:
        return Domain(type)
    inner = resolved(found["base"], state)
    if brackets:
        return Domain(inner.type + brackets)
    own = tuple((check["name"].strip('"'), check["condition"]) for check in _CHECK.finditer(found["checks"]))
    return Domain(
        inner.type,
        default=found["default"] or inner.default,
        is_required=bool(found["required"]) or inner.is_required,
        collation=found["collation"] or inner.collation,
        checks=(*inner.checks, *own),
    )
