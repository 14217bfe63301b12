"""zod's schemas: rules for values on their way in."""

from collections.abc import Iterator

from asbuilt.model.chapters import ValidationRule
from asbuilt.model.fact import Form
from asbuilt.reading.code.entity_names import entity_of_schema
from asbuilt.reading.code.tokens import Code, Kind
from asbuilt.reading.code.typescript.declarations import Declaration, Member, Range, members
from asbuilt.reading.phrases.placeholders import is_placeholder


def validation_rules(code: Code, declaration: Declaration) -> Iterator[ValidationRule]:
    """Yield a rule for each link of each member's chain: `z.string().min(2)` gives `string` and `min` with bound 2."""
    body = _object(code, declaration)
    if body is None or is_placeholder(declaration.name):
        return
    entity = entity_of_schema(declaration.name)
    for member in members(code, body):
        if member.content is not None and not is_placeholder(member.name):
            yield from _rules(code, entity, member, member.content)


def _object(code: Code, declaration: Declaration) -> Range | None:
    """Return the members of `z.object({ … })`, `yup.object().shape({ … })` or `Joi.object({ … })`."""
    if declaration.value is None:
        return None
    start, end = declaration.value
    head = [code.word(i) for i in range(start, min(start + 3, end))]
    if head[:1] not in (["z"], ["yup"], ["Joi"], ["zod"], ["v"]) or head[2:3] not in (["object"], ["strictObject"]):
        return None
    opening = next((i for i in range(start, end) if code.word(i) == "{"), None)
    return (opening + 1, code.pairs[opening]) if opening is not None and opening in code.pairs else None


def _rules(code: Code, entity: str, member: Member, chain: Range) -> Iterator[ValidationRule]:
    at, end = chain
    if code.word(at) not in ("z", "yup", "Joi", "zod", "v"):
        return
    while at < end:
        if code.word(at) == "." and at + 1 < end and code.tokens[at + 1].kind == Kind.WORD:
            opening = at + 2 if code.word(at + 2) == "(" and at + 2 in code.pairs else None
            stop = code.pairs[opening] + 1 if opening is not None else at + 2
            bound = code.text(opening + 1, _first_argument(code, opening)) if opening is not None else ""
            yield ValidationRule(
                span=code.span(at + 1, stop),
                form=Form.INTERFACE,
                entity=entity,
                field=member.name,
                rule=code.word(at + 1),
                bound=bound,
            )
            at = stop
        else:
            at = code.pairs.get(at, at) + 1


def _first_argument(code: Code, opening: int) -> int:
    """Return where a call's first argument ends; a message for people may follow it."""
    first = next(code.split(opening + 1, code.pairs[opening]), (opening + 1, opening + 1))
    return first[1]
