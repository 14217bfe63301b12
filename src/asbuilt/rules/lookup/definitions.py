"""Edits of a table's definition."""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Edit
from asbuilt.model.design import Design, Entity
from asbuilt.model.fact import Form
from asbuilt.rules.lookup.keys import whole_statement
from asbuilt.text import Source, Span

_COMMA_BEFORE = re.compile(r",(?:\s|--[^\n]*\n)*\Z")
_COMMA_AFTER = re.compile(r"\s*,")


def added_column(entity: Entity, name: str, type: str) -> tuple[Edit, ...]:
    """Return the edit that adds a column behind the last one of `CREATE TABLE`; none where SQL does not define it."""
    definition = next((m for m in entity.mentions if m.form == Form.SQL and m.is_complete and m.fields), None)
    if definition is None:
        return ()
    end = definition.fields[-1].span.end
    return (Edit(Span(end, end), f",\n    {name} {type}"),)


def removed_line(source: Source, span: Span) -> tuple[Edit, ...]:
    """Return the edit that removes the line of `span`; none where it stands on several."""
    lines = source.lines_of(span)
    if len(lines) != 1:
        return ()
    line = source.line_span(lines[0])
    end = source.line_starts[lines[0]] if lines[0] < len(source.line_starts) else line.end
    return (Edit(Span(line.start, end), ""),)


def removed(design: Design, span: Span) -> tuple[Edit, ...]:
    """Return the edits that take out what is said at `span`: the statement where it says nothing else, else the clause."""
    statement = design.statement_at(span)
    is_inner = statement is not None and design.statement_at(Span(statement.span.start - 1, statement.span.end))
    if statement is not None and (is_inner or statement.kind not in ("create index", "alter table")):
        return tuple(removed_clause(design.source, span))
    whole = whole_statement(design, span)
    return (Edit(whole, ""),) if whole else ()


def removed_clause(source: Source, span: Span) -> Iterator[Edit]:
    """Yield the edits that take an element out of a list between commas, or words out of an element."""
    before = _COMMA_BEFORE.search(source.text, max(0, span.start - 2000), span.start)
    after = _COMMA_AFTER.match(source.text, span.end)
    is_first = source.text[: span.start].rstrip().endswith("(")
    if after and (before or is_first):
        yield Edit(Span(span.start, after.end()), "")
    elif before:
        yield Edit(Span(before.start(), before.start() + 1), "")
        yield Edit(span, "")
    else:
        yield Edit(Span(_blank_before(source, span.start), span.end), "")


def _blank_before(source: Source, at: int) -> int:
    while at and source.text[at - 1] in " \t":
        at -= 1
    return at
