"""What a column holds: its type seen through domains, enums and arrays."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from asbuilt.engines.state import ColumnState, DatabaseState, ObjectState
from asbuilt.model.types import Family, type_name

_LABEL = re.compile(r"'((?:[^']|'')*)'")
_DOMAIN_CHECK = re.compile(r"CHECK \(\(?(.*?)\)?\)(?= CONSTRAINT |\s*$)", re.DOTALL)
_DOMAIN_BASE = re.compile(r"^(.*?)(?= COLLATE | DEFAULT | NOT NULL| CONSTRAINT |$)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type as a generator needs it. `labels` for an enum, `fields` for a composite; `checks` are a domain's, over `VALUE`."""

    family: Family
    name: str
    arguments: tuple[int, ...] = ()
    is_array: bool = False
    labels: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    is_required: bool = False
    fields: "tuple[tuple[str, Kind], ...]" = ()


def kind_of(state: DatabaseState, type: str) -> Kind:
    """Return the kind of a type as the server spells it."""
    base = type.removesuffix("[]").strip()
    bare = base.replace('"', "")
    is_array = type.endswith("[]")
    if enum := state.objects.get(("enum", bare)):
        return Kind(Family.ENUM, bare, is_array=is_array, labels=labels_of(enum))
    if domain := state.objects.get(("domain", bare)):
        return _domain(state, domain, is_array)
    if composite := state.objects.get(("composite", bare)):
        return Kind(Family.OTHER, bare, is_array=is_array, fields=tuple(_fields(state, composite)))
    known = type_name(base)
    if known is None:
        return Kind(Family.OTHER, bare, is_array=is_array)
    return Kind(known.family, known.name, known.arguments, is_array)


def _fields(state: DatabaseState, composite: ObjectState) -> Iterator[tuple[str, Kind]]:
    for part in composite.definition[1:-1].split(", "):
        name, _, type = part.partition(" ")
        yield name, kind_of(state, type)


def labels_of(enum: ObjectState) -> tuple[str, ...]:
    """Return an enum's labels in order."""
    return tuple(label.replace("''", "'") for label in _LABEL.findall(enum.definition))


def _domain(state: DatabaseState, domain: ObjectState, is_array: bool) -> Kind:
    found = _DOMAIN_BASE.match(domain.definition)
    inner = kind_of(state, found[1] if found else "text")
    checks = tuple(_DOMAIN_CHECK.findall(domain.definition))
    is_required = " NOT NULL" in domain.definition.split(" CONSTRAINT ")[0]
    whole = (*inner.checks, *checks)
    return Kind(inner.family, inner.name, inner.arguments, is_array or inner.is_array, inner.labels, whole, is_required)


def fills_itself(column: ColumnState) -> bool:
    """Tell whether the server gives the column's value, so that nobody writes it."""
    return bool(column.identity or column.generated is not None or "nextval(" in (column.default or ""))
