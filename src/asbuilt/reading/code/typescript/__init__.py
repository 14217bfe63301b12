"""TypeScript and JavaScript: what is declared in them, and what application code in them shows of the data layer."""

from collections.abc import Iterator

from asbuilt.document.blocks import Block, Fence
from asbuilt.model.fact import Fact
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.code.tokens import Code, tokenize
from asbuilt.reading.code.typescript.access import client_operations, declared_operations
from asbuilt.reading.code.typescript.cache import configured_keys, used_keys
from asbuilt.reading.code.typescript.declarations import Declaration, declarations
from asbuilt.reading.code.typescript.drizzle import table_facts
from asbuilt.reading.code.typescript.entities import entity_facts
from asbuilt.reading.code.typescript.enums import enum_of
from asbuilt.reading.code.typescript.seeds import seed_rows
from asbuilt.reading.code.typescript.shapes import shape_facts
from asbuilt.reading.code.typescript.types import Enums
from asbuilt.reading.code.typescript.zod import validation_rules
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Span

_DECLARING = frozenset({"interface", "enum", "type"})


def read_typescript(block: Block, context: Context) -> Reading | None:
    """Read declarations to facts; whatever else stands in the fence is application code, prose.

    Example: `interface User { id: string; name?: string }` is an entity, and `name` may be missing.
    """
    if language_of(block) != Language.TYPESCRIPT or not isinstance(block, Fence):
        return None
    code = tokenize(block.body)
    found = tuple(declarations(code))
    facts = sorted(_facts(code, found, context), key=lambda fact: fact.span)
    told = [code.span(*d.tokens) for d in found if d.kind in _DECLARING or _is_validator(code, d)]
    told = [place for place in told if any(fact.span in place for fact in facts)]
    return Reading(tuple(facts), prose=_outside(block.span, told), unread=tuple(_unread(code, found)))


def _is_validator(code: Code, declaration: Declaration) -> bool:
    """`const UserSchema = z.object({ … })` states rules from its first word to its last."""
    return declaration.value is not None and code.word(declaration.value[0]) == "z"


def _outside(whole: Span, told: list[Span]) -> tuple[Span, ...]:
    """Return what is left of a fence without the declarations that state something, from brace to brace."""
    ends = [whole.start, *(at for place in sorted(told) for at in (place.start - 1, place.end + 1)), whole.end]
    return tuple(Span(start, end) for start, end in zip(ends[::2], ends[1::2], strict=True) if start < end)


def _facts(code: Code, found: tuple[Declaration, ...], context: Context) -> Iterator[Fact]:
    named = {d.name: e for d in found if (e := enum_of(code, d)) is not None}
    yield from named.values()
    enums = {name: tuple(v.value for v in enum.values) for name, enum in named.items()}
    for declaration in found:
        if declaration.name not in named:
            yield from _declared(code, declaration, enums, context)
    yield from shape_facts(code, enums, context)
    yield from used_keys(code)
    yield from client_operations(code)


def _declared(code: Code, declaration: Declaration, enums: Enums, context: Context) -> Iterator[Fact]:
    """Yield what one declaration states, by the first reader that finds anything in it."""
    yield from (
        table_facts(code, declaration, enums, context)
        or tuple(validation_rules(code, declaration))
        or tuple(declared_operations(code, declaration))
        or tuple(configured_keys(code, declaration, context))
        or entity_facts(code, declaration, enums, context)
        or tuple(seed_rows(code, declaration, context))
    )


def _unread(code: Code, found: tuple[Declaration, ...]) -> Iterator[Span]:
    """Yield interfaces, enums and tables whose braces do not close: they declare something, and nobody can tell what."""
    for declaration in found:
        if declaration.kind in ("interface", "enum") and declaration.body is None:
            yield code.span(*declaration.tokens)


__all__ = ["read_typescript"]
