"""Sentences and fixes that many rules share: a name that is not found, and what it may have meant."""

from collections.abc import Iterable

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.names import did_you_mean
from asbuilt.text import Source, Span


def not_found(
    code: str,
    message: str,
    span: Span,
    name: str,
    known: Iterable[str],
    design: Design,
    *,
    severity: Severity = Severity.ERROR,
    help: str = "",
) -> Diagnostic:
    """Return the finding that `name`, written at `span`, is nowhere defined."""
    meant = did_you_mean(name, known)
    place = within(design.source, span, name)
    if meant is None:
        return Diagnostic(code, severity, message, (Label(place),), help or f"define `{name}`, or correct the name")
    fix = Fix(f"write `{meant}`", (Edit(place, meant),))
    is_exact = design.source[place] == name
    return Diagnostic(code, severity, message, (Label(place),), f"did you mean `{meant}`?", (fix,) if is_exact else ())


def within(source: Source, span: Span, name: str) -> Span:
    """Return the place of `name` inside `span`, or the whole span where it is not written out there."""
    at = source.text.find(name, span.start, span.end)
    return Span(at, at + len(name)) if name and at >= 0 else span


def listed(names: Iterable[str]) -> str:
    """Return names in backticks: `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]]) if len(quoted) > 1 else "".join(quoted)


def table_names(design: Design) -> list[str]:
    return [entity.name for entity in design.tables() if not entity.is_assumed]


def field_names(entity: Entity) -> list[str]:
    return [field.name for field in entity.fields]
