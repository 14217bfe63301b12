"""Where SQL says that columns are unique, and the edits that take it back."""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Edit
from asbuilt.model.design import Design, Entity
from asbuilt.model.fact import Form
from asbuilt.rules.lookup.keys import whole_statement
from asbuilt.text import Source, Span

_COMMA_BEFORE = re.compile(r",(?:\s|--[^\n]*\n)*\Z")
_COMMA_AFTER = re.compile(r"\s*,")


def without_uniqueness(design: Design, entity: Entity, columns: tuple[str, ...]) -> tuple[Edit, ...]:
    """Return the edits after which nothing says that `columns` are unique; none where not all of it can be edited."""
    if columns == entity.primary_key:
        return ()
    places = list(_places(entity, columns))
    edits = [edit for form, span in places if form == Form.SQL for edit in _removed(design, span)]
    is_whole = bool(places) and all(form == Form.SQL for form, _ in places)
    return tuple(dict.fromkeys(edits)) if is_whole else ()


def _places(entity: Entity, columns: tuple[str, ...]) -> Iterator[tuple[Form, Span]]:
    """Yield each place that says it, and its form."""
    for clause in entity.uniques:
        if set(clause.columns) == set(columns) and not clause.predicate:
            yield clause.form, clause.span
    for index in entity.indexes:
        if index.is_unique and not index.predicate and {key.text for key in index.keys} == set(columns):
            yield index.form, index.span
    field = entity.field(columns[0]) if len(columns) == 1 else None
    for mention in field.mentions if field else ():
        if mention.is_unique and mention.is_unique.value:
            yield mention.form, mention.is_unique.span


def _removed(design: Design, span: Span) -> Iterator[Edit]:
    """Yield the edits that take a clause out of its statement, or the statement where it says nothing else."""
    source, statement = design.source, design.statement_at(span)
    if statement is None or statement.kind in ("create index", "alter table"):
        whole = whole_statement(design, span)
        if whole:
            yield Edit(whole, "")
        return
    yield from removed_clause(source, span)


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
