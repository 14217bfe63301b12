"""Fields of Python's classes: SQLAlchemy's columns, Django's fields, annotated attributes."""

import ast

from asbuilt.model.entities import FieldMention, Reference
from asbuilt.model.fact import Form, Stated
from asbuilt.model.types import Family, TypeName
from asbuilt.reading.code.host_types import host_type, sql_type
from asbuilt.reading.code.python_places import Places, called, keyword, last_name, number_of, text_of, truth_of
from asbuilt.text import Span

_NATIVE = frozenset({"JSONB", "INET", "BYTEA", "CIDR", "TSVECTOR"})
_COMPUTED = {
    "uuid4": "gen_random_uuid()",
    "utcnow": "now()",
    "now": "now()",
    "utc_now": "now()",
    "today": "current_date",
}


def column_field(
    statement: ast.AST, target: ast.Name | None, call: ast.Call, places: Places, annotation: ast.expr | None = None
) -> FieldMention | None:
    """Return the field of `Column(…)` or `mapped_column(…)`; a name given as its first argument counts."""
    arguments = list(call.args)
    named = arguments.pop(0) if arguments and text_of(arguments[0]) else None
    if named is None and target is None:
        return None
    name = text_of(named) or (target.id if target else "")
    name_span = places.inside(named) if isinstance(named, ast.Constant) else places.span(target or call)
    key = next((a for a in arguments if called(a) == "ForeignKey"), None)
    kind = next(
        (
            a
            for a in arguments
            if called(a) not in ("ForeignKey", "Sequence", "Identity", "Computed", "CheckConstraint")
        ),
        None,
    )
    given = _type(kind, places) or (_annotation_type(annotation, places) if annotation else None)
    return FieldMention(
        span=places.span(statement),
        form=Form.CLASS,
        name=name,
        name_span=name_span,
        type=given,
        is_nullable=_flag(call, places, "nullable") or (_optional(annotation, places) if annotation else None),
        is_primary=_flag(call, places, "primary_key"),
        is_unique=_flag(call, places, "unique"),
        is_indexed=_flag(call, places, "index"),
        default=_default(call, places),
        references=_foreign_key(key, places),
        is_foreign_key=Stated(True, places.span(key)) if key else None,
        values=_enum_values(kind, places),
    )


def _type(node: ast.expr | None, places: Places) -> Stated[TypeName] | None:
    """`String(255)`, `UUID(as_uuid=True)`, `DateTime(timezone=True)`, `ARRAY(String)`."""
    if node is None:
        return None
    name = called(node) or last_name(node)
    if not name:
        return None
    arguments = node.args if isinstance(node, ast.Call) else []
    span = places.span(node)
    if name == "ARRAY":
        inner = _type(arguments[0], places) if arguments else None
        base = inner.value if inner else TypeName("text", "text", Family.STRING)
        return Stated(TypeName(places.source(node), base.name, base.family, base.arguments, True), span)
    numbers = tuple(n for a in arguments if (n := number_of(a)) is not None)
    length = number_of(keyword(node, "length")) if isinstance(node, ast.Call) else None
    found = _known(name, (*numbers, *((length,) if length is not None else ())))
    return Stated(found, span) if found else None


def _known(name: str, numbers: tuple[int, ...]) -> TypeName | None:
    """A generic type of SQLAlchemy's takes any type of its family; one of PostgreSQL's dialect is PostgreSQL's own."""
    if name in _NATIVE:
        return sql_type(name, numbers)
    if name in ("Enum", "SQLEnum", "SAEnum"):
        return TypeName(name, "enum", Family.ENUM)
    written = f"{name}({', '.join(map(str, numbers))})" if numbers else name
    found = host_type(written)
    if found is None or name not in ("Text", "UnicodeText"):
        return found
    return TypeName(name, "text", Family.STRING)


def _enum_values(node: ast.expr | None, places: Places) -> Stated[tuple[str, ...]] | None:
    if not isinstance(node, ast.Call) or called(node) not in ("Enum", "SQLEnum", "SAEnum"):
        return None
    values = tuple(t for a in node.args if (t := text_of(a)))
    return Stated(values, places.span(node)) if values else None


def _flag(call: ast.Call, places: Places, *names: str) -> Stated[bool] | None:
    node = next((k for k in call.keywords if k.arg in names), None)
    value = truth_of(node.value) if node else None
    return Stated(value, places.span(node)) if node is not None and value is not None else None


def _default(call: ast.Call, places: Places) -> Stated[str] | None:
    """A default as SQL would write it; of what Python computes only the time and a new UUID have a word in SQL."""
    node = keyword(call, "server_default", "default", "default_factory")
    if node is None or (isinstance(node, ast.Constant) and node.value in (None, ...)):
        return None
    if isinstance(node, ast.Call) and called(node) == "text" and node.args and isinstance(node.args[0], ast.Constant):
        return Stated(text_of(node.args[0]) or "", places.inside(node.args[0]))
    if (value := truth_of(node)) is not None:
        return Stated(str(value).lower(), places.span(node))
    text = text_of(node)
    if text is not None:
        return Stated(f"'{text}'", places.span(node))
    if isinstance(node, ast.Constant | ast.UnaryOp):
        return Stated(places.source(node), places.span(node))
    computed = next((_COMPUTED[n] for part in ast.walk(node) if (n := last_name(part)) in _COMPUTED), None)
    return Stated(computed, places.span(node)) if computed else None


def _foreign_key(node: ast.expr | None, places: Places) -> Stated[Reference] | None:
    """`ForeignKey('users.id', ondelete='CASCADE')`."""
    if not isinstance(node, ast.Call) or not node.args:
        return None
    target = text_of(node.args[0]) or places.source(node.args[0])
    entity, _, column = target.rpartition(".")
    reference = Reference(
        entity or column,
        (column,) if entity and column else (),
        text_of(keyword(node, "ondelete")),
        text_of(keyword(node, "onupdate")),
    )
    return Stated(reference, places.span(node))


_DJANGO_KEYS = frozenset({"ForeignKey", "OneToOneField"})


def django_field(statement: ast.Assign, target: ast.Name, call: ast.Call, places: Places) -> FieldMention | None:
    """Return the field of `models.CharField(…)`; a foreign key's column is the field's name with `_id`."""
    kind = called(call)
    is_key = kind in _DJANGO_KEYS and last_name(getattr(call.func, "value", None)) == "models"
    if not is_key and not (kind.endswith("Field") and kind != "ManyToManyField"):
        return None
    reference = _django_reference(call, places) if is_key else None
    numbers = tuple(
        n for key in ("max_length", "max_digits", "decimal_places") if (n := number_of(keyword(call, key))) is not None
    )
    written = f"{kind}({', '.join(map(str, numbers))})" if numbers else kind
    found = host_type(written)
    choices = _choices(keyword(call, "choices"), places)
    return FieldMention(
        span=places.span(statement),
        form=Form.CLASS,
        name=target.id + ("_id" if is_key else ""),
        name_span=places.span(target),
        type=Stated(found, Span(places.span(call.func).start, places.span(call).end)) if found else None,
        is_nullable=_flag(call, places, "null") or Stated(False, places.span(call)),
        is_primary=_flag(call, places, "primary_key"),
        is_unique=_flag(call, places, "unique")
        or (Stated(True, places.span(call.func)) if kind == "OneToOneField" else None),
        is_indexed=_flag(call, places, "db_index"),
        default=_default(call, places) or _now(call, places),
        references=reference,
        is_foreign_key=Stated(True, places.span(call.func)) if is_key else None,
        values=choices,
    )


def _now(call: ast.Call, places: Places) -> Stated[str] | None:
    node = keyword(call, "auto_now_add", "auto_now")
    return Stated("now()", places.span(node)) if node is not None and truth_of(node) else None


def _django_reference(call: ast.Call, places: Places) -> Stated[Reference] | None:
    node = call.args[0] if call.args else keyword(call, "to")
    target = (text_of(node) or last_name(node)).rsplit(".", 1)[-1]
    action = last_name(keyword(call, "on_delete"))
    written = {
        "SET_NULL": "SET NULL",
        "SET_DEFAULT": "SET DEFAULT",
        "DO_NOTHING": "NO ACTION",
        "PROTECT": "RESTRICT",
    }.get(action, action)
    return Stated(Reference(target, (), written or None), places.span(call)) if target else None


def _choices(node: ast.expr | None, places: Places) -> Stated[tuple[str, ...]] | None:
    if not isinstance(node, ast.List | ast.Tuple):
        return None
    values = tuple(t for e in node.elts if isinstance(e, ast.Tuple | ast.List) and e.elts and (t := text_of(e.elts[0])))
    return Stated(values, places.span(node)) if values else None


def annotated_field(statement: ast.AnnAssign, target: ast.Name, places: Places) -> FieldMention | None:
    """Return the field of `name: Optional[str] = None`; an attribute that holds another class is none."""
    kind = _annotation_type(statement.annotation, places)
    values = _literal(statement.annotation, places)
    if kind is None and values is None and _is_class(places.source(statement.annotation).strip("'\"")):
        return None
    call = statement.value if isinstance(statement.value, ast.Call) else None
    length = keyword(call, "max_length") if call else None
    return FieldMention(
        span=places.span(statement),
        form=Form.CLASS,
        name=target.id,
        name_span=places.span(target),
        type=kind or (Stated(TypeName("Literal", "enum", Family.ENUM), values.span) if values else None),
        is_nullable=_optional(statement.annotation, places),
        is_primary=_flag(call, places, "primary_key") if call else None,
        is_unique=_flag(call, places, "unique") if call else None,
        is_indexed=_flag(call, places, "index") if call else None,
        default=_plain_default(statement.value, places),
        values=values,
        max_length=Stated(n, places.span(length))
        if length is not None and (n := number_of(length)) is not None
        else None,
    )


def _is_class(word: str) -> bool:
    """A name in PascalCase is another class's; one that ends in `Status` or `Type` is an enumeration's."""
    return word[:1].isupper() and not word.endswith(("Status", "Type", "Role", "State", "Kind", "Level"))


def _plain_default(node: ast.expr | None, places: Places) -> Stated[str] | None:
    if isinstance(node, ast.Call):
        return _default(node, places)
    if not isinstance(node, ast.Constant) or node.value in (None, ...):
        return None
    if isinstance(node.value, bool):
        return Stated(str(node.value).lower(), places.span(node))
    return Stated(f"'{node.value}'" if isinstance(node.value, str) else places.source(node), places.span(node))


def _optional(node: ast.expr, places: Places) -> Stated[bool] | None:
    """`Optional[str]`, `str | None`, `Mapped[str | None]`."""
    if isinstance(node, ast.Subscript) and last_name(node.value) in ("Mapped", "Annotated"):
        return _optional(node.slice, places)
    is_optional = isinstance(node, ast.Subscript) and last_name(node.value) == "Optional"
    is_union = isinstance(node, ast.BinOp) and any(
        isinstance(n, ast.Constant) and n.value is None for n in ast.walk(node)
    )
    return Stated(True, places.span(node)) if is_optional or is_union else None


def _annotation_type(node: ast.expr, places: Places) -> Stated[TypeName] | None:
    if isinstance(node, ast.Subscript) and last_name(node.value) in ("Optional", "Mapped", "Annotated"):
        inner = node.slice.elts[0] if isinstance(node.slice, ast.Tuple) and node.slice.elts else node.slice
        return _annotation_type(inner, places)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        sides = [n for n in (node.left, node.right) if not (isinstance(n, ast.Constant) and n.value is None)]
        return _annotation_type(sides[0], places) if len(sides) == 1 else None
    if isinstance(node, ast.Call) and called(node) in ("constr", "conint", "confloat", "condecimal"):
        word = {"constr": "str", "conint": "int", "confloat": "float"}.get(called(node), "decimal")
        found = host_type(word)
    else:
        found = host_type(places.source(node).strip("'\""))
    return Stated(found, places.span(node)) if found else None


def _literal(node: ast.expr, places: Places) -> Stated[tuple[str, ...]] | None:
    """`Literal['a', 'b']`."""
    if not isinstance(node, ast.Subscript) or last_name(node.value) != "Literal":
        return None
    elements = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    values = tuple(t for e in elements if (t := text_of(e)))
    return Stated(values, places.span(node)) if values else None
