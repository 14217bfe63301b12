"""Domains as statements: their defaults and their checks."""

import re
from collections.abc import Iterator

from asbuilt.engines.postgres.quoting import literal, relation, unquoted
from asbuilt.engines.state import ObjectState

_CONSTRAINT = re.compile(
    r"CONSTRAINT (?P<name>\"(?:[^\"]|\"\")*\"|\w+) (?P<check>CHECK .*?)(?= CONSTRAINT |\Z)", re.DOTALL
)
_DEFAULT = re.compile(r" DEFAULT (?P<value>.*?)(?= NOT NULL| CONSTRAINT |\Z)", re.DOTALL)


def domain_change(before: ObjectState, after: ObjectState) -> Iterator[str]:
    """Yield what makes one domain into another over the same base."""
    name = f"ALTER DOMAIN {relation(after.name)}"
    old, new = domain_checks(before), domain_checks(after)
    yield from (f"{name} DROP CONSTRAINT {check}" for check in old if old[check] != new.get(check))
    for check in (check for check in new if old.get(check) != new[check]):
        yield f"{name} ADD CONSTRAINT {check} {new[check]}"
        if comment := dict(after.properties).get(f"comment on constraint {unquoted(check)}"):
            yield f"COMMENT ON CONSTRAINT {check} ON DOMAIN {relation(after.name)} IS {literal(comment)}"
    was, now = _DEFAULT.search(_head(before)), _DEFAULT.search(_head(after))
    if (was and was["value"]) != (now and now["value"]):
        yield f"{name} SET DEFAULT {now['value']}" if now else f"{name} DROP DEFAULT"
    is_required, was_required = _head(after).endswith(" NOT NULL"), _head(before).endswith(" NOT NULL")
    if is_required != was_required:
        yield f"{name} {'SET' if is_required else 'DROP'} NOT NULL"


def _head(domain: ObjectState) -> str:
    return domain.definition.partition(" CONSTRAINT ")[0]


def domain_checks(domain: ObjectState) -> dict[str, str]:
    """Return the checks of a domain by name, each as `CHECK (…)` over `VALUE`."""
    return {found["name"]: found["check"] for found in _CONSTRAINT.finditer(domain.definition)}
