"""Where SQL says that columns are unique, and the edits that take it back."""

from collections.abc import Iterator

from asbuilt.diagnostics import Edit
from asbuilt.model.design import Design, Entity
from asbuilt.model.fact import Form
from asbuilt.rules.lookup.definitions import removed
from asbuilt.text import Span


def without_uniqueness(design: Design, entity: Entity, columns: tuple[str, ...]) -> tuple[Edit, ...]:
    """Return the edits after which nothing says that `columns` are unique; none where not all of it can be edited."""
    if columns == entity.primary_key:
        return ()
    places = list(_places(entity, columns))
    edits = [edit for form, span in places if form == Form.SQL for edit in removed(design, span)]
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
