"""What the document alone says of values on their way in: validators of the application (zod and its like), lengths of fields."""

import re
from collections.abc import Callable, Iterator, Mapping

from asbuilt.access.checks.parsing import Scope
from asbuilt.access.checks.trees import Call, Check, Named, Tree, Value
from asbuilt.model.chapters import ValidationRule
from asbuilt.model.design import Design, Entity, Field

_EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$".replace(r"\s", r"\t-\r ")
_ADDRESS = r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\t-\r ]+$"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_TEXT = re.compile(r"(['\"`])(.*)\1", re.DOTALL)


def stated(entity: Entity, design: Design, scope: Scope, widths: Mapping[str, int | None]) -> Iterator[Check]:
    """Yield the checks that the document states of an entity's fields beside its schema, whose `widths` are kept anyway."""
    for rule in design.of(ValidationRule):
        field = entity.field(rule.field) if design.entity(rule.entity) is entity else None
        condition = _condition(rule, field, scope) if field else None
        if condition is not None and field is not None:
            line = design.source.line_at(rule.span.start)
            yield Check(condition, (field.name,), f"{rule.rule}({rule.bound})", line=line)
    for field in entity.fields:
        if field.max_length is not None and scope.kinds.get(field.name) == "text" and not widths.get(field.name):
            length = Call("length", (Named(field.name, "text"),), "int")
            condition = Call("<=", (length, Value(str(field.max_length.value), "int")))
            line = design.source.line_at(field.max_length.span.start)
            yield Check(condition, (field.name,), f"at most {field.max_length.value} characters", line=line)


def _condition(rule: ValidationRule, field: Field, scope: Scope) -> Tree | None:
    kind = scope.kinds.get(field.name)
    known = _RULES.get((rule.rule, "number" if kind in ("int", "numeric") else kind or ""))
    return known(Named(field.name, kind or ""), rule.bound.strip()) if known else None


def _bounded(op: str) -> Callable[[Named, str], Tree | None]:
    return lambda field, bound: Call(op, (field, _constant(bound))) if _NUMBER.fullmatch(bound) else None


def _against_zero(op: str) -> Callable[[Named, str], Tree | None]:
    return lambda field, bound: Call(op, (field, Value("0", "int")))


def _constant(bound: str) -> Value:
    return Value(bound, "numeric" if "." in bound else "int")


def _long(op: str) -> Callable[[Named, str], Tree | None]:
    def make(field: Named, bound: str) -> Tree | None:
        return Call(op, (Call("length", (field,), "int"), _constant(bound))) if bound.isdigit() else None

    return make


def _shaped(pattern: str) -> Callable[[Named, str], Tree | None]:
    return lambda field, bound: Call("matches", (field, Value(pattern, "text")))


def _begun(field: Named, bound: str) -> Tree | None:
    found = _TEXT.fullmatch(bound)
    return Call("starts", (field, Value(found[2], "text"))) if found and "\\" not in found[2] else None


_RULES: dict[tuple[str, str], Callable[[Named, str], Tree | None]] = {
    **{(name, "text"): _long(op) for name, op in (("min", ">="), ("max", "<="), ("length", "="))},
    ("nonempty", "text"): lambda field, bound: Call(">=", (Call("length", (field,), "int"), Value("1", "int"))),
    ("email", "text"): _shaped(_EMAIL),
    ("url", "text"): _shaped(_ADDRESS),
    ("startsWith", "text"): _begun,
    **{(name, "number"): _bounded(op) for name, op in (("min", ">="), ("max", "<="), ("gte", ">="), ("lte", "<="), ("gt", ">"), ("lt", "<"))},
    **{(name, "number"): _against_zero(op) for name, op in (("positive", ">"), ("negative", "<"), ("nonnegative", ">="), ("nonpositive", "<="))},
}  # fmt: skip
"""What validators are called, on which kind of value; a rule that is not here stays a word of the document."""
