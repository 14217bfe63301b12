"""Field tables: one row a field, columns in any order, wording and language."""

import re
from collections.abc import Iterator
from itertools import groupby

from asbuilt.document.blocks import Row, Table
from asbuilt.model.entities import EntityMention, FieldMention, UniqueMention
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.revising import revised
from asbuilt.reading.phrases.field_phrases import Understanding, apply_phrases, state
from asbuilt.reading.phrases.pieces import bare, cell_at, is_empty, is_unfilled, unescaped
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.tables.field_cells import understand
from asbuilt.reading.tables.table_layouts import Layout
from asbuilt.reading.tables.vocabulary import Role
from asbuilt.text import Excerpt, Span


def read_fields(table: Table, layout: Layout, context: Context) -> Reading:
    """Read a table that describes an entity's fields, or several entities' where a column names them."""
    if layout.column(Role.ENTITY) is not None:
        return _by_entity(table, layout, context)
    return _one_entity(table, layout, context)


def _one_entity(table: Table, layout: Layout, context: Context) -> Reading:
    rows = [(row, tuple(_fields_of(row, layout))) for row in table.rows]
    name, name_span = _name_of(table, context)
    known = [one for _, found in rows for one in found]
    unread = tuple(row.span for row, found in rows if not found and _is_statement(row, layout))
    prose = tuple(row.span for row, found in rows if not found and not _is_statement(row, layout))
    if not known:
        return Reading(prose=prose, unread=unread)
    entity = EntityMention(
        span=table.span,
        form=Form.TABLE,
        name=name,
        name_span=name_span,
        fields=tuple(one.field for one in known),
        is_complete=bool(name) and not unread,
        is_planned=context.is_planned,
        store=context.store,
    )
    return Reading((entity, *_uniques(name, known, context)), prose, unread)


def _name_of(table: Table, context: Context) -> tuple[str, Span]:
    """Return the entity's name and place: none, and the header's, where no heading names one."""
    if context.entity and context.entity_span and not is_placeholder(context.entity):
        return context.entity, context.entity_span
    return "", table.header.span


def _by_entity(table: Table, layout: Layout, context: Context) -> Reading:
    """One row a field and a column that names the entity, empty where it stays the same."""
    facts: list[Fact] = []
    named = [(name, row) for name, row in _named(table, layout) if name]
    for _, group in groupby(named, key=lambda pair: pair[0].text):
        pairs = list(group)
        known = [one for _, row in pairs for one in _fields_of(row, layout)]
        if known:
            facts.append(_grouped(pairs[0][0], [row for _, row in pairs], known, context))
            facts += _uniques(pairs[0][0].text, known, context)
    return Reading(tuple(facts), tuple(row.span for row in table.rows if is_empty(row)))


def _grouped(name: Excerpt, rows: list[Row], known: list[Understanding], context: Context) -> EntityMention:
    return EntityMention(
        span=Span.cover(row.span for row in rows),
        form=Form.TABLE,
        name=name.text,
        name_span=name.span(),
        fields=tuple(one.field for one in known),
        is_complete=len(rows) > 1,
        is_planned=context.is_planned,
        store=context.store,
    )


def _named(table: Table, layout: Layout) -> Iterator[tuple[Excerpt, Row]]:
    current = Excerpt.at("", table.span.start)
    for row in table.rows:
        cell = cell_at(row, layout.column(Role.ENTITY))
        if cell and not is_unfilled(cell):
            current = bare(cell.text)
        if current.text:
            yield current, row


_NAMES = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_]\w*)*)(?P<mark>\s*\?)?")


def _fields_of(row: Row, layout: Layout) -> Iterator[Understanding]:
    """Yield the fields that a row describes: none for a placeholder, several for `created_at, updated_at`."""
    cell = cell_at(row, layout.column(Role.FIELD))
    if cell is None or is_unfilled(cell) or _SHORTENED.fullmatch(cell.text.text.strip()):
        return
    cells = [
        (role, given.text)
        for column, role in enumerate(layout.roles)
        if role and (given := row.cells[column] if column < len(row.cells) else None)
    ]
    listed = coded_values(row, layout)
    names, rest = names_of(unescaped(cell.text))
    for name, is_optional in names:
        known = understand(name, cells, row.span, Form.TABLE)
        known = apply_phrases(known, rest)[0] if rest.text.strip() else known
        known = state(known, values=listed) if listed and not known.field.is_foreign_key else known
        yield _optional(known, name) if is_optional else known


def coded_values(row: Row, layout: Layout) -> Stated[tuple[str, ...]] | None:
    """Return the values that a description lists in backticks, side by side: `` `new`, `paid` ``."""
    for column, role in enumerate(layout.roles):
        codes = (
            row.cells[column].codes
            if role in (Role.TEXT, Role.CONSTRAINT, Role.VALUES) and column < len(row.cells)
            else ()
        )
        if len(codes) > 1 and _stand_together(row.cells[column].text, codes):
            return Stated(tuple(code.text.strip("'\"") for code in codes), Span.cover(code.span() for code in codes))
        if (
            codes
            and re.fullmatch(r"[a-z0-9_]+(?:/[a-z0-9_]+)+", codes[0].text)
            and row.cells[column].text.text.startswith(codes[0].text)
        ):
            return Stated(tuple(codes[0].text.split("/")), codes[0].span())
    return None


def _stand_together(text: Excerpt, codes: tuple[Excerpt, ...]) -> bool:
    """Only commas, slashes, bars or glosses in brackets between them, and each a plain word."""
    if not all(re.fullmatch(r"['\"]?[A-Za-z0-9][\w-]*['\"]?", code.text) for code in codes):
        return False
    listed = r"\s*(?:[(（][^()（）]*[)）]\s*)?(?:[,，、/|;]|or|и|или|или|o|ou|veya)\s*".join(
        re.escape(code.text) for code in codes
    )
    return re.search(rf"(?:^|[:：(（\s]){listed}", text.text) is not None


def _optional(known: Understanding, name: Excerpt) -> Understanding:
    if known.field.is_nullable is not None:
        return known
    return revised(known, field=revised(known.field, is_nullable=Stated(True, name.span())))


_JOINT = re.compile(r"\s*[,/、+&]\s*(?=[A-Za-z_]\w*\s*(?:[,/、+&]|$))")
_SHORTENED = re.compile(r"\w+_\w+/[a-z]+")


def names_of(cell: Excerpt) -> tuple[list[tuple[Excerpt, bool]], Excerpt]:
    """Return the names in a cell with whether a `?` follows, and the remarks behind them (`id (PK)`)."""
    found: list[tuple[Excerpt, bool]] = []
    first = re.match(r"[^A-Za-z_\w]*", cell.text)
    at = first.end() if first else 0
    while match := _NAMES.match(cell.text, at):
        found.append((cell.cut(*match.span("name")), bool(match["mark"])))
        joined = _JOINT.match(cell.text, match.end())
        at = joined.end() if joined else match.end()
        if not joined:
            break
    return found, cell.cut(at, len(cell.text))


def _is_statement(row: Row, layout: Layout) -> bool:
    """A row that names something and gives it a type, and yet could not be read."""
    cell, kind = cell_at(row, layout.column(Role.FIELD)), cell_at(row, layout.column(Role.TYPE))
    return cell is not None and kind is not None and not is_unfilled(cell)


def _uniques(entity: str, known: list[Understanding], context: Context) -> tuple[UniqueMention, ...]:
    """Return the constraints that `unique with language` states, each once."""
    found: dict[frozenset[str], UniqueMention] = {}
    for one in known:
        if one.together is None:
            continue
        columns = _in_order(one.field, one.together.value)
        unique = UniqueMention(
            span=one.together.span, form=Form.TABLE, entity=entity, columns=columns, store=context.store
        )
        found.setdefault(frozenset(columns), unique)
    return tuple(found.values())


def _in_order(field: FieldMention, others: tuple[str, ...]) -> tuple[str, ...]:
    return others if field.name in others else (field.name, *others)
