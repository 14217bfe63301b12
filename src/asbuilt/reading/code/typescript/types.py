"""Types of TypeScript: what a member's type says of a field."""

from collections.abc import Mapping

from msgspec import Struct

from asbuilt.model.fact import Stated
from asbuilt.model.types import Family, TypeName
from asbuilt.reading.code.host_types import host_type
from asbuilt.reading.code.tokens import Code, Kind
from asbuilt.reading.code.typescript.declarations import Range

Enums = Mapping[str, tuple[str, ...]]


class TypeFacts(Struct, frozen=True):
    """`is_relation`: another class, so that no column holds it."""

    type: Stated[TypeName] | None = None
    is_nullable: Stated[bool] | None = None
    values: Stated[tuple[str, ...]] | None = None
    is_relation: bool = False


def type_facts(code: Code, place: Range, enums: Enums) -> TypeFacts:
    """Return what the type at `place` says; `enums` are the enumerations known by name."""
    parts = list(code.split(*place, "|"))
    null = next((p for p in parts if code.text(*p) in ("null", "undefined")), None)
    nullable = Stated(True, code.span(*null)) if null else None
    rest = [p for p in parts if code.text(*p) not in ("null", "undefined")]
    if not rest:
        return TypeFacts(is_nullable=nullable)
    span = code.span(rest[0][0], rest[-1][1])
    raw = code.text(rest[0][0], rest[-1][1])
    values = literal_values(code, rest)
    if values is None and len(rest) == 1:
        values = enums.get(raw)
    if values is not None:
        return TypeFacts(Stated(TypeName(raw, "enum", Family.ENUM), span), nullable, Stated(values, span))
    return _named(code, rest, nullable)


def _named(code: Code, rest: list[Range], nullable: Stated[bool] | None) -> TypeFacts:
    raws = [code.text(*p) for p in rest]
    found = host_type(raws[0], date_is_instant=True)
    if found is None:
        return TypeFacts(is_nullable=nullable, is_relation=_is_class(raws[0]))
    if len(rest) > 1 and not (raws[0] in ("Date", "string") and set(raws) <= {"Date", "string", "number"}):
        return TypeFacts(is_nullable=nullable)
    return TypeFacts(Stated(found, code.span(*rest[0])), nullable)


def _is_class(raw: str) -> bool:
    """A name in PascalCase, alone or many of it; a name that ends in `Status` or `Type` is an enumeration's."""
    name = raw.removesuffix("[]").removeprefix("Array<").removesuffix(">")
    return name[:1].isupper() and not name.endswith(("Status", "Type", "Role", "State", "Kind", "Level", "Enum"))


def literal_values(code: Code, parts: list[Range]) -> tuple[str, ...] | None:
    """Return the values where every part is a literal string, else None."""
    if not parts or any(end - start != 1 or code.tokens[start].kind != Kind.STRING for start, end in parts):
        return None
    return tuple(code.tokens[start].value for start, _ in parts)
