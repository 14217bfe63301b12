"""What the document says of foreign keys, relationships and indexes, in whatever form."""

from collections.abc import Iterator

from msgspec import Struct

from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import FieldMention, ForeignKeyMention, IndexMention, Reference, RelationshipMention, Store
from asbuilt.model.fact import Form, Stated
from asbuilt.model.names import normal
from asbuilt.text import Span


class StatedKey(Struct, frozen=True):
    """A foreign key as one place states it; `columns` as the database has them."""

    entity: Entity
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    span: Span
    target_span: Span
    form: Form
    on_delete: Stated[str] | None = None
    on_update: Stated[str] | None = None


def stated_keys(design: Design) -> Iterator[StatedKey]:
    """Yield the foreign keys that clauses, bullets and fields state, each place once, clauses first."""
    seen: set[tuple[str, Span]] = set()
    for fact in design.shaping_of(ForeignKeyMention):
        entity = design.entity(fact.entity)
        if entity and fact.store == Store.RELATIONAL:
            seen.add((entity.name, fact.span))
            yield _from_clause(entity, fact)
    for entity in design.tables():
        for field in entity.fields:
            for mention in field.mentions:
                if mention.references is not None and (entity.name, mention.references.span) not in seen:
                    yield _from_field(entity, field.name, mention, mention.references)


def _from_field(entity: Entity, column: str, mention: FieldMention, said: Stated[Reference]) -> StatedKey:
    reference, span = said.value, said.span
    delete = Stated(reference.on_delete, span) if reference.on_delete else None
    update = Stated(reference.on_update, span) if reference.on_update else None
    form, columns = mention.form, reference.columns
    return StatedKey(entity, (column,), reference.entity, columns, span, span, form, delete, update)


def _from_clause(entity: Entity, fact: ForeignKeyMention) -> StatedKey:
    columns = tuple(found.name if (found := entity.field(c)) else c for c in fact.columns)
    return StatedKey(
        entity,
        columns,
        fact.target,
        fact.target_columns,
        fact.span,
        fact.target_span,
        fact.form,
        fact.on_delete,
        fact.on_update,
    )


def keys_to(child: Entity, parent: Entity) -> list[ForeignKeyMention]:
    """Return the foreign keys of `child` that lead to `parent`."""
    return [key for key in child.foreign_keys if normal(key.target.rpartition(".")[2]) == normal(parent.name)]


def is_unique_in_part(entity: Entity, columns: tuple[str, ...]) -> bool:
    """Tell whether no two of those rows of `entity` that count can agree in `columns`."""
    partial = [{key.text for key in i.keys} for i in entity.indexes if i.is_unique and i.predicate]
    return any(key <= set(columns) for key in partial)


def is_unique(entity: Entity, columns: tuple[str, ...]) -> bool:
    """Tell whether no two rows of `entity` can agree in `columns`."""
    wanted = set(columns)
    found = [set(entity.primary_key)] if entity.primary_key else []
    found += [set(u.columns) for u in entity.uniques if not u.predicate]
    found += [{f.name} for f in entity.fields if f.is_unique]
    found += [{key.text for key in i.keys} for i in entity.indexes if i.is_unique and not i.predicate]
    return any(key <= wanted for key in found)


def joining(design: Design, left: Entity, right: Entity) -> Entity | None:
    """Return a table that is written in the document and has keys to both."""
    others = (e for e in design.children_of(left) if e is not left and e is not right)
    return next((e for e in others if _joins(e, left, right)), None)


def _joins(entity: Entity, left: Entity, right: Entity) -> bool:
    if entity.is_assumed:
        return False
    count = len(keys_to(entity, left))
    return count > 1 if left is right else count > 0 and bool(keys_to(entity, right))


def related(design: Design, fact: RelationshipMention) -> tuple[Entity, Entity] | None:
    """Return the two entities of a relationship, where both exist now."""
    left, right = design.entity(fact.left), design.entity(fact.right)
    if left is None or right is None or any(e.is_planned or e.is_external for e in (left, right)):
        return None
    return left, right


def indexes_of(design: Design) -> dict[str, list[IndexMention]]:
    """Return all index mentions by the name of their table, in the order of the document."""
    found: dict[str, list[IndexMention]] = {}
    for index in design.shaping_of(IndexMention):
        entity = design.entity(index.entity)
        if entity and index.store == Store.RELATIONAL:
            found.setdefault(entity.name, []).append(index)
    return found


def key_texts(index: IndexMention, *, with_order: bool = True) -> tuple[str, ...]:
    """Return what an index is over, comparable: columns in normal form, expressions without needless white space."""
    texts = tuple(" ".join(k.text.lower().split()) if k.is_expression else normal(k.text) for k in index.keys)
    if not with_order:
        return texts
    return tuple(f"{t} desc" if k.is_descending else t for t, k in zip(texts, index.keys, strict=True))


def whole_statement(design: Design, span: Span) -> Span | None:
    """Return the place of the statement around `span`, its semicolon and line break included."""
    statement = design.statement_at(span)
    if statement is None:
        return None
    text, end = design.source.text, statement.span.end
    while end < len(text) and text[end] in " \t":
        end += 1
    end += text[end : end + 1] == ";"
    end += text[end : end + 1] == "\n"
    return Span(statement.span.start, end)
