"""Edits of a table's definition."""

from asbuilt.diagnostics import Edit
from asbuilt.model.design import Entity
from asbuilt.model.fact import Form
from asbuilt.text import Source, Span


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
