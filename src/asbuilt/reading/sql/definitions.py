"""Data definition to mentions: tables and what is altered in them, indexes, enums, comments."""

from collections.abc import Callable, Iterator

from asbuilt.model.chapters import PersonalField
from asbuilt.model.entities import (
    CheckMention,
    ConstraintMention,
    EntityMention,
    EnumMention,
    EnumValue,
    FieldMention,
    IndexKey,
    IndexMention,
    PartitioningMention,
    PrimaryKeyMention,
)
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.revising import revised
from asbuilt.reading.sql.alterations import altered_field
from asbuilt.reading.sql.columns import column_of
from asbuilt.reading.sql.constraints import Place, constraint_mention
from asbuilt.reading.sql.drafts import Draft
from asbuilt.reading.sql.expressions import values_allowed, values_of
from asbuilt.reading.sql.lexing import STRING, unquoted
from asbuilt.reading.sql.remarks import PERSONAL, is_elision
from asbuilt.reading.sql.syntax import Node, strings, unwrapped, word_of

PLATFORM_SCHEMAS = frozenset(
    {"auth", "storage", "extensions", "realtime", "vault", "pgsodium", "graphql", "net", "cron"}
)
"""Schemas that a platform such as Supabase provides; what lives there is not the document's own."""


def _owner(relation: Node) -> str:
    """Return the entity that a constraint or index is on, with its schema unless that goes without saying."""
    is_plain = relation.schemaname in ("", "public")
    return str(relation.relname) if is_plain else f"{relation.schemaname}.{relation.relname}"


def facts_of(draft: Draft) -> tuple[Fact, ...]:
    """Return the mentions that a statement holds; none for what the model does not know (a view, a policy)."""
    make = _READERS.get(draft.parsed.name)
    return tuple(make(draft)) if make else ()


def _create_table(draft: Draft) -> Iterator[Fact]:
    """A table, or a foreign one, which has the same columns and a server beside."""
    node = draft.node.base_stmt if draft.parsed.name == "create_foreign_table_stmt" else draft.node
    entity = _owner(node.relation)
    fields: list[FieldMention] = []
    constraints: list[ConstraintMention] = []
    personal: list[PersonalField] = []
    for element in node.table_elts:
        kind, inner = unwrapped(element)
        if kind not in ("column_def", "constraint"):
            continue
        first = draft.index_of(inner.location)
        end = draft.item_end(first)
        if kind == "column_def":
            column = column_of(draft, inner, end, entity)
            fields.append(column.field)
            constraints += column.constraints
            personal += _personal(draft, column.field, end, entity)
        elif mention := constraint_mention(inner, Place(draft, first, end, entity)):
            constraints.append(mention)
    if not node.HasField("partbound"):
        yield _entity(draft, node.relation, _completed(fields, constraints), is_complete=_is_complete(draft, node))
    yield from constraints
    yield from personal
    if node.HasField("partspec"):
        yield _partitioning(draft, node)


def _personal(draft: Draft, field: FieldMention, end: int, entity: str) -> Iterator[PersonalField]:
    """The comment beside a column may mark it as personal data."""
    comment = draft.comment_beside(end) if field.description else None
    marked = PERSONAL.search(comment.text) if comment else None
    if comment and marked:
        yield PersonalField(
            span=comment.span(*marked.span()), form=Form.SQL, entity=entity, field=field.name, category=marked[0]
        )


def _is_complete(draft: Draft, node: Node) -> bool:
    """A table made from another, or with a comment that stands for more columns, does not list them all."""
    borrows = any(e.WhichOneof("node") == "table_like_clause" for e in node.table_elts) or bool(node.inh_relations)
    elided = any(is_elision(draft.sql.text[c.start : c.end]) for c in draft.comments) or "…" in draft.text.text
    return not borrows and not elided and "..." not in draft.text.text and bool(node.table_elts)


def _entity(
    draft: Draft, relation: Node, fields: list[FieldMention], *, is_complete: bool = False, purpose: str = ""
) -> EntityMention:
    return EntityMention(
        span=draft.whole(),
        form=Form.SQL,
        name=relation.relname,
        name_span=draft.name_span(relation.location),
        schema=relation.schemaname or None,
        fields=tuple(fields),
        is_complete=is_complete,
        is_external=relation.schemaname in PLATFORM_SCHEMAS,
        purpose=purpose or (draft.title if is_complete else ""),
    )


def _completed(fields: list[FieldMention], constraints: list[ConstraintMention]) -> list[FieldMention]:
    """Return the fields with what table constraints over one column alone say of them."""
    for mention in constraints:
        if len(mention.columns) != 1 and not isinstance(mention, PrimaryKeyMention):
            continue
        for at, field in enumerate(fields):
            if field.name in mention.columns:
                fields[at] = _with(field, mention)
    return fields


def _with(field: FieldMention, mention: ConstraintMention) -> FieldMention:
    if isinstance(mention, PrimaryKeyMention):
        return revised(field, is_primary=field.is_primary or Stated(True, mention.span))
    if isinstance(mention, CheckMention) and mention.condition and not field.values:
        values = _values(mention)
        return revised(field, values=Stated(values, mention.span)) if values else field
    return field


def _values(mention: CheckMention) -> tuple[str, ...] | None:
    allowed = values_of(mention.condition or "")
    return allowed[1] if allowed else None


def _partitioning(draft: Draft, node: Node) -> PartitioningMention:
    spec = node.partspec
    first = draft.index_of(spec.location)
    inside = draft.bracket(first, len(draft.tokens))
    return PartitioningMention(
        span=draft.span(first, inside[1] + 1 if inside else len(draft.tokens)),
        form=Form.SQL,
        entity=_owner(node.relation),
        columns=tuple(
            p.partition_elem.name or draft.written(*inside) if inside else p.partition_elem.name
            for p in spec.part_params
        ),
        strategy=word_of(spec, "strategy").removeprefix("PARTITION_STRATEGY_").lower(),
    )


def _alter_table(draft: Draft) -> Iterator[Fact]:
    node = draft.node
    if word_of(node, "objtype") != "OBJECT_TABLE":
        return
    fields: list[FieldMention] = []
    constraints: list[ConstraintMention] = []
    regions = draft.items(draft.name_end(draft.index_of(node.relation.location)))
    for command, (first, end) in zip(node.cmds, regions, strict=False):
        inner = command.alter_table_cmd
        kind, definition = unwrapped(getattr(inner, "def"))
        subtype = word_of(inner, "subtype")
        if subtype == "AT_AddColumn":
            column = column_of(draft, definition, end, _owner(node.relation))
            fields.append(column.field)
            constraints += column.constraints
        elif subtype == "AT_AddConstraint" and kind == "constraint":
            place = Place(draft, draft.index_of(definition.location), end, _owner(node.relation))
            if mention := constraint_mention(definition, place):
                constraints.append(mention)
                fields += _allowed(draft, definition, mention)
        elif field := altered_field(draft, inner, first, end):
            fields.append(field)
    if fields:
        yield _entity(draft, node.relation, fields)
    yield from constraints


def _allowed(draft: Draft, node: Node, mention: ConstraintMention) -> list[FieldMention]:
    """A check added to a table may list the values that a column takes."""
    allowed = values_allowed(node.raw_expr) if isinstance(mention, CheckMention) else None
    if allowed is None:
        return []
    at = next(
        (
            i
            for i, t in enumerate(draft.tokens)
            if draft.sql.span(t.start, t.end) in mention.span and unquoted(draft.sql.text, t) == allowed[0]
        ),
        None,
    )
    place = mention.span if at is None else draft.span(at, at + 1)
    return [
        FieldMention(
            span=mention.span, form=Form.SQL, name=allowed[0], name_span=place, values=Stated(allowed[1], mention.span)
        )
    ]


def _index(draft: Draft) -> Iterator[Fact]:
    node = draft.node
    after = draft.name_end(draft.index_of(node.relation.location))
    inside = draft.bracket(after, len(draft.tokens))
    regions = draft.items(inside[0]) if inside else []
    keys = [_key(draft, p.index_elem, first, end) for p, (first, end) in zip(node.index_params, regions, strict=False)]
    where = (
        draft.find("WHERE", inside[1] if inside else after, len(draft.tokens))
        if node.HasField("where_clause")
        else None
    )
    yield IndexMention(
        span=draft.whole(),
        form=Form.SQL,
        entity=_owner(node.relation),
        name=node.idxname or None,
        keys=tuple(keys),
        method=node.access_method if draft.find("USING", after, inside[0] if inside else after) is not None else None,
        is_unique=node.unique,
        predicate=None if where is None else draft.written(where + 1, len(draft.tokens)),
        include=tuple(p.index_elem.name for p in node.index_including_params),
        rationale=draft.note or draft.title,
    )


def _key(draft: Draft, node: Node, first: int, end: int) -> IndexKey:
    if node.name:
        last = first + 1
    elif draft.tokens[first].word == "(":
        inside = draft.bracket(first, end)
        last = inside[1] + 1 if inside else end
    else:
        inside = draft.bracket(first, end)
        last = inside[1] + 1 if inside else first + 1
    return IndexKey(
        node.name or draft.written(first, last),
        draft.span(first, last),
        is_expression=not node.name,
        is_descending=word_of(node, "ordering") == "SORTBY_DESC",
        opclass=strings(node.opclass)[-1] if node.opclass else None,
    )


def _enum(draft: Draft) -> Iterator[Fact]:
    node = draft.node
    inside = draft.bracket(0, len(draft.tokens))
    if inside:
        values = tuple(_value(draft, at) for at in range(*inside) if draft.tokens[at].kind == STRING)
        yield _enum_mention(draft, strings(node.type_name), values)


def _value(draft: Draft, at: int) -> EnumValue:
    token = draft.tokens[at]
    inner = (token.start + 1, token.end - 1)
    return EnumValue(unquoted(draft.sql.text, token), draft.sql.span(*inner))


def _enum_mention(draft: Draft, parts: tuple[str, ...], values: tuple[EnumValue, ...]) -> EnumMention:
    at = draft.find("TYPE", 0, len(draft.tokens)) or 0
    end = draft.name_end(at + (4 if draft.find("TYPE IF NOT EXISTS", 0, 5) is not None else 1))
    schema = parts[-2] if parts[:-1] not in ((), ("public",)) else None
    place = draft.span(end - 1, end)
    return EnumMention(span=draft.whole(), form=Form.SQL, name=parts[-1], name_span=place, values=values, schema=schema)


def _enum_addition(draft: Draft) -> Iterator[Fact]:
    at = next((i for i, t in enumerate(draft.tokens) if t.kind == STRING), None)
    if at is not None and draft.find("ADD VALUE", 0, len(draft.tokens)) is not None:
        yield _enum_mention(draft, strings(draft.node.type_name), (_value(draft, at),))


def _comment(draft: Draft) -> Iterator[Fact]:
    """`COMMENT ON TABLE` gives an entity's purpose, `COMMENT ON COLUMN` a field's description."""
    node = draft.node
    kind = word_of(node, "objtype")
    parts = strings(node.object.list.items)
    if kind not in ("OBJECT_TABLE", "OBJECT_COLUMN") or not parts:
        return
    is_column = kind == "OBJECT_COLUMN"
    end = draft.name_end(3)
    fields: tuple[FieldMention, ...] = ()
    if is_column:
        if len(parts) < 2:
            return
        column = FieldMention(
            span=draft.whole(),
            form=Form.SQL,
            name=parts[-1],
            name_span=draft.span(end - 1, end),
            description=node.comment,
        )
        fields, parts, end = (column,), parts[:-1], end - 2
    yield EntityMention(
        span=draft.whole(),
        form=Form.SQL,
        name=parts[-1],
        name_span=draft.span(end - 1, end),
        schema=parts[-2] if len(parts) > 1 else None,
        fields=fields,
        is_external=len(parts) > 1 and parts[-2] in PLATFORM_SCHEMAS,
        purpose="" if is_column else node.comment,
    )


_READERS: dict[str, Callable[[Draft], Iterator[Fact]]] = {
    "create_stmt": _create_table,
    "create_foreign_table_stmt": _create_table,
    "alter_table_stmt": _alter_table,
    "index_stmt": _index,
    "create_enum_stmt": _enum,
    "alter_enum_stmt": _enum_addition,
    "comment_stmt": _comment,
}
