"""A default or a condition uses a value that the field's list of values does not have.

**Why it matters.** The insert is refused, or the condition is never true and an index stays empty.

**Example.** `status VARCHAR(20) DEFAULT 'new' CHECK (status IN ('open', 'closed'))`.

**What to do.** Correct the value, or add it to the list.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity, contradiction
from asbuilt.model.design import Design, Entity, Field
from asbuilt.model.fact import Form
from asbuilt.model.names import did_you_mean
from asbuilt.rules.enum_values_contradiction import ValueList, value_lists
from asbuilt.rules.lookup.wording import within
from asbuilt.text import Span

_DEFAULT = re.compile(r"^'((?:[^']|'')*)'(?:::[\w\s\".]+)?$")
_COMPARED = re.compile(r"\b(\w+)\s*(?:=|<>|!=)\s*'((?:[^']|'')*)'")


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for field in entity.fields:
            lists = value_lists(design, entity, field)
            if lists and lists[0].values:
                yield from _default(design, field, lists)
                yield from _predicates(design, entity, field, lists)


def _default(design: Design, field: Field, lists: list[ValueList]) -> Iterator[Diagnostic]:
    if field.default is None:
        return
    found = _DEFAULT.match(field.default.value.strip())
    value = found[1] if found else field.default.value.strip("`\"' ")
    is_literal = found or (re.fullmatch(r"\w+", value) and lists[0].form != Form.SQL)
    if is_literal and value.lower() not in ("null", "none", "") and not _is_listed(value, lists):
        yield _finding(design, field, value, field.default.span, lists[0], "the default")


def _predicates(design: Design, entity: Entity, field: Field, lists: list[ValueList]) -> Iterator[Diagnostic]:
    for index in entity.indexes:
        for column, value in _COMPARED.findall(index.predicate or ""):
            if column == field.name and not _is_listed(value, lists):
                span = within(design.source, index.span, f"'{value}'")
                yield _finding(design, field, value, span, lists[0], "this condition")


def _is_listed(value: str, lists: list[ValueList]) -> bool:
    return any(value.casefold() in {v.casefold() for v in found.values} for found in lists)


def _finding(design: Design, field: Field, value: str, span: Span, known: ValueList, what: str) -> Diagnostic:
    message = f"`{value}` is no value of `{field.subject}`"
    meant = did_you_mean(value, known.values)
    help = f"did you mean `{meant}`?" if meant else "correct the value, or add it to the list"
    if span == known.span:
        return Diagnostic("enum_value_undefined", Severity.ERROR, message, (Label(span, what),), help)
    return contradiction("enum_value_undefined", message, Label(span, what), Label(known.span, "the values"), help=help)
