"""Python's classes of data: dataclasses, pydantic, SQLAlchemy, Django, enumerations."""

import ast
from collections.abc import Iterator

from asbuilt.model.entities import (
    Cardinality,
    EntityMention,
    EnumMention,
    EnumValue,
    FieldMention,
    IndexKey,
    IndexMention,
    RelationshipMention,
    UniqueMention,
)
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.code.entity_names import is_entity
from asbuilt.reading.code.python_columns import annotated_field, column_field, django_field
from asbuilt.reading.code.python_places import Places, called, keyword, last_name, text_of, truth_of
from asbuilt.reading.phrases.field_comments import with_remark
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.reader import Context
from asbuilt.text import Span

_ENUMS = frozenset({"Enum", "StrEnum", "IntEnum", "TextChoices", "IntegerChoices", "Flag"})
_MODELS = frozenset({"BaseModel", "SQLModel", "TypedDict", "NamedTuple", "Document", "BaseDocument", "Struct"})
_COLUMNS = frozenset({"Column", "mapped_column"})


def class_facts(node: ast.ClassDef, places: Places, context: Context) -> Iterator[Fact]:
    """Yield what a class declares: an enumeration, or an entity with its indexes, constraints and relationships."""
    if is_placeholder(node.name):
        return
    if {last_name(base) for base in node.bases} & _ENUMS:
        yield from _enum(node, places)
        return
    fields = tuple(f for statement in node.body if (f := _field(statement, places)) is not None)
    table = _table_name(node, places)
    if not fields or not _is_model(node, table is not None, fields, context):
        return
    name, name_span = table or (node.name, places.word(node.name, node))
    entity = EntityMention(
        span=Span(places.span(_first(node)).start, places.span(node).end),
        form=Form.CLASS,
        name=name,
        name_span=name_span,
        fields=fields,
        is_complete=table is not None or _is_django(node),
        is_planned=context.is_planned,
        store=context.store,
        purpose=(ast.get_docstring(node) or "").strip(),
    )
    yield entity
    yield from _indexes(entity)
    yield from _constraints(node, entity, places)
    yield from _relationships(node, entity, places)


def _first(node: ast.ClassDef) -> ast.AST:
    return node.decorator_list[0] if node.decorator_list else node


def _is_model(node: ast.ClassDef, has_table: bool, fields: tuple[FieldMention, ...], context: Context) -> bool:
    """A table, a Django model; a dataclass or pydantic model whose name and fields are an entity's."""
    if has_table or _is_django(node):
        return True
    decorators = {last_name(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list}
    bases = {last_name(base) for base in node.bases}
    plain = not node.bases and not any(isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef) for s in node.body)
    if not (
        decorators & {"dataclass", "define", "attrs", "frozen", "s"} or bases & _MODELS or plain or _has_columns(node)
    ):
        return False
    return is_entity(node.name, tuple(f.name for f in fields), context.chapter)


def _has_columns(node: ast.ClassDef) -> bool:
    return any(called(getattr(s, "value", None)) in _COLUMNS for s in node.body)


def _is_django(node: ast.ClassDef) -> bool:
    is_model = any(
        isinstance(base, ast.Attribute) and base.attr == "Model" and last_name(base.value) == "models"
        for base in node.bases
    )
    return is_model and not _meta_flag(node, "abstract")


def _meta_flag(node: ast.ClassDef, name: str) -> bool:
    return any(truth_of(value) is True for key, value in _meta(node) if key == name)


def _meta(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for inner in node.body:
        if isinstance(inner, ast.ClassDef) and inner.name in ("Meta", "Settings", "Config"):
            for statement in inner.body:
                if isinstance(statement, ast.Assign):
                    yield last_name(statement.targets[0]), statement.value


def _assignments(node: ast.ClassDef) -> Iterator[tuple[str, ast.expr]]:
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            yield last_name(statement.targets[0]), statement.value


def _table_name(node: ast.ClassDef, places: Places) -> tuple[str, Span] | None:
    """Return the table that `__tablename__`, or Django's `db_table`, names."""
    for name, value in (*_assignments(node), *_meta(node)):
        if name in ("__tablename__", "db_table") and isinstance(value, ast.Constant) and (text := text_of(value)):
            return text, places.inside(value)
    return None


def _field(statement: ast.stmt, places: Places) -> FieldMention | None:
    """Return the field that a statement of a class's body declares, with what the comment beside it adds."""
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        field = _annotated(statement, statement.target, places)
    elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        target = statement.targets[0]
        call = statement.value
        if not isinstance(call, ast.Call):
            return None
        field = (
            column_field(statement, target, call, places)
            if called(call) in _COLUMNS
            else django_field(statement, target, call, places)
        )
    else:
        return None
    return with_remark(field, places.comment_beside(statement)) if field else None


def _annotated(statement: ast.AnnAssign, target: ast.Name, places: Places) -> FieldMention | None:
    if (
        target.id.startswith("_")
        or last_name(getattr(statement.annotation, "value", None)) == "ClassVar"
        or target.id == "model_config"
    ):
        return None
    if isinstance(statement.value, ast.Call) and called(statement.value) in _COLUMNS:
        return column_field(statement, target, statement.value, places, statement.annotation)
    return annotated_field(statement, target, places)


def _enum(node: ast.ClassDef, places: Places) -> Iterator[EnumMention]:
    values: list[EnumValue] = []
    for name, value in _assignments(node):
        first = value.elts[0] if isinstance(value, ast.Tuple) and value.elts else value
        if isinstance(first, ast.Constant) and isinstance(first.value, str | int):
            values.append(EnumValue(str(first.value), places.inside(first), name))
        elif called(first) == "auto":
            values.append(EnumValue(name.lower(), places.span(value), name))
    if values:
        span = Span(places.span(_first(node)).start, places.span(node).end)
        yield EnumMention(
            span=span, form=Form.CLASS, name=node.name, name_span=places.word(node.name, node), values=tuple(values)
        )


def _indexes(entity: EntityMention) -> Iterator[IndexMention]:
    """Yield the indexes that `index=True` asks for."""
    for field in entity.fields:
        if field.is_indexed is not None and field.is_indexed.value:
            yield IndexMention(
                span=field.is_indexed.span,
                form=Form.CLASS,
                entity=entity.name,
                name=None,
                keys=(IndexKey(field.name, field.name_span),),
                is_unique=bool(field.is_unique and field.is_unique.value),
                store=entity.store,
            )


def _constraints(node: ast.ClassDef, entity: EntityMention, places: Places) -> Iterator[Fact]:
    """Yield what `__table_args__` or Django's `Meta` states: `UniqueConstraint('a', 'b')`, `Index('name', 'a')`."""
    roots = [
        v
        for n, v in (*_assignments(node), *_meta(node))
        if n in ("__table_args__", "indexes", "constraints", "unique_together")
    ]
    for root in roots:
        for call in ast.walk(root):
            if isinstance(call, ast.Call):
                yield from _constraint(call, entity, places)
    for name, value in _meta(node):
        pairs = [
            n for n in ast.walk(value) if isinstance(n, ast.Tuple | ast.List) and n.elts and all(map(text_of, n.elts))
        ]
        for pair in pairs if name == "unique_together" else ():
            columns = tuple(t for e in pair.elts if (t := text_of(e)))
            yield UniqueMention(
                span=places.span(pair), form=Form.CLASS, entity=entity.name, columns=columns, store=entity.store
            )


def _constraint(call: ast.Call, entity: EntityMention, places: Places) -> Iterator[Fact]:
    kind = called(call)
    fields = keyword(call, "fields")
    given = [*call.args, *(fields.elts if isinstance(fields, ast.List | ast.Tuple) else [])]
    texts = [(t, places.inside(a)) for a in given if isinstance(a, ast.Constant) and (t := text_of(a))]
    name = text_of(keyword(call, "name"))
    if kind == "UniqueConstraint" and texts:
        columns = tuple(t for t, _ in texts)
        yield UniqueMention(
            span=places.span(call), form=Form.CLASS, entity=entity.name, name=name, columns=columns, store=entity.store
        )
    if kind == "Index" and len(texts) > (fields is None):
        name = name or (texts.pop(0)[0] if fields is None else None)
        keys = tuple(IndexKey(t.lstrip("-"), span, is_descending=t.startswith("-")) for t, span in texts)
        unique = truth_of(keyword(call, "unique")) is True
        yield IndexMention(
            span=places.span(call),
            form=Form.CLASS,
            entity=entity.name,
            name=name,
            keys=keys,
            is_unique=unique,
            store=entity.store,
        )


def _relationships(node: ast.ClassDef, entity: EntityMention, places: Places) -> Iterator[RelationshipMention]:
    """Yield SQLAlchemy's many-to-many relationships, those with a `secondary` table, and Django's."""
    for name, value in _assignments(node):
        if not isinstance(value, ast.Call) or not value.args:
            continue
        secondary = keyword(value, "secondary", "through")
        is_many = (called(value) == "relationship" and secondary is not None) or called(value) == "ManyToManyField"
        target = text_of(value.args[0]) or last_name(value.args[0])
        if is_many and target:
            yield RelationshipMention(
                span=places.span(value),
                form=Form.CLASS,
                left=entity.name,
                right=target,
                left_span=entity.name_span,
                right_span=places.word(target, value.args[0]),
                left_count=Cardinality.ZERO_OR_MORE,
                right_count=Cardinality.ZERO_OR_MORE,
                verb=name,
                junction=(text_of(secondary) or last_name(secondary)) or None,
            )


def table_facts(node: ast.Assign, places: Places, context: Context) -> Iterator[Fact]:
    """Yield the table that `user_roles = Table('user_roles', metadata, Column(…), …)` declares."""
    call = node.value
    if (
        not isinstance(call, ast.Call)
        or called(call) != "Table"
        or not call.args
        or not isinstance(call.args[0], ast.Constant)
    ):
        return
    name = text_of(call.args[0])
    columns = [a for a in call.args[1:] if isinstance(a, ast.Call) and called(a) == "Column" and a.args]
    fields = tuple(f for c in columns if (f := column_field(c, None, c, places)) is not None)
    if name and fields:
        entity = EntityMention(
            span=places.span(node),
            form=Form.CLASS,
            name=name,
            name_span=places.inside(call.args[0]),
            fields=tuple(with_remark(f, places.comment_beside(c)) for f, c in zip(fields, columns, strict=False)),
            is_complete=True,
            is_planned=context.is_planned,
            store=context.store,
        )
        yield entity
        yield from _indexes(entity)
        for argument in call.args[1:]:
            if isinstance(argument, ast.Call):
                yield from _constraint(argument, entity, places)
