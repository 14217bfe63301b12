"""TypeORM's decorators (and those like them): columns, keys, relations of a class."""

from collections.abc import Iterator, Mapping

from asbuilt.model.entities import Cardinality, EntityMention, FieldMention, Reference, RelationshipMention
from asbuilt.model.fact import Form, Stated
from asbuilt.model.types import Family, TypeName
from asbuilt.reading.code.host_types import sql_type
from asbuilt.reading.code.tokens import Code, Kind
from asbuilt.reading.code.typescript.declarations import Declaration, Decorator, Member, Range, members
from asbuilt.reading.code.typescript.types import Enums, literal_values, type_facts

_COLUMNS = frozenset(
    {"Column", "PrimaryColumn", "PrimaryGeneratedColumn", "CreateDateColumn", "UpdateDateColumn", "DeleteDateColumn", "VersionColumn",
     "Prop", "Property", "PrimaryKey", "Field", "ObjectIdColumn"}
)  # fmt: skip
_DATES = frozenset({"CreateDateColumn", "UpdateDateColumn", "DeleteDateColumn"})
_PRIMARY = frozenset({"PrimaryColumn", "PrimaryGeneratedColumn", "PrimaryKey", "ObjectIdColumn"})
_COUNTS = {
    "ManyToOne": (Cardinality.ZERO_OR_MORE, Cardinality.ZERO_OR_ONE),
    "OneToMany": (Cardinality.ZERO_OR_ONE, Cardinality.ZERO_OR_MORE),
    "OneToOne": (Cardinality.ZERO_OR_ONE, Cardinality.ZERO_OR_ONE),
    "ManyToMany": (Cardinality.ZERO_OR_MORE, Cardinality.ZERO_OR_MORE),
}
Options = Mapping[str, Range]


def entity_decorator(code: Code, declaration: Declaration) -> Stated[str] | None:
    """Return the table's name where a class is decorated as one; the class's own where the decorator gives none."""
    for decorator in declaration.decorators:
        if decorator.name in ("Entity", "Table", "Schema", "ViewEntity", "ObjectType"):
            if decorator.name == "ObjectType":
                return None
            text = _text(code, decorator) or _option_text(
                code, options(code, decorator), ("name", "tableName", "collection")
            )
            return text or Stated(declaration.name, declaration.name_span)
    return None


def columns_of(code: Code, member: Member, enums: Enums) -> FieldMention | None:
    """Return the column that a member's decorators declare, or None where they declare none."""
    decorator = next((d for d in member.decorators if d.name in _COLUMNS), None)
    if decorator is None:
        return _join_column(code, member)
    given = options(code, decorator)
    name = _option_text(code, given, ("name", "fieldName", "field"))
    facts = type_facts(code, member.type, enums) if member.type else None
    optional = Stated(True, code.span(member.optional, member.optional + 1)) if member.optional is not None else None
    values = _values(code, given, enums) or (facts.values if facts else None)
    return FieldMention(
        span=code.span(*member.tokens),
        form=Form.CLASS,
        name=name.value if name else member.name,
        name_span=name.span if name else member.name_span,
        type=_type(code, decorator, given) or (facts.type if facts else None),
        is_nullable=_flag(code, given, "nullable")
        or _negated(code, given, "required")
        or optional
        or (facts.is_nullable if facts else None)
        or (Stated(False, code.span(*decorator.tokens)) if decorator.name == "Column" else None),
        is_primary=_primary(code, decorator, given),
        is_unique=_flag(code, given, "unique"),
        is_indexed=_index(code, member) or _flag(code, given, "index"),
        default=_default(code, given),
        values=values,
        max_length=_number(code, given, "length"),
    )


def _primary(code: Code, decorator: Decorator, given: Options) -> Stated[bool] | None:
    if decorator.name in _PRIMARY:
        return Stated(True, code.span(*decorator.tokens))
    return _flag(code, given, "primary") or _flag(code, given, "primaryKey")


def _index(code: Code, member: Member) -> Stated[bool] | None:
    index = next((d for d in member.decorators if d.name == "Index"), None)
    return Stated(True, code.span(*index.tokens)) if index else None


def _join_column(code: Code, member: Member) -> FieldMention | None:
    """`@JoinColumn({ name: 'user_id' })` beside a relation names the column of its foreign key."""
    join = next((d for d in member.decorators if d.name == "JoinColumn"), None)
    relation = next((d for d in member.decorators if d.name in ("ManyToOne", "OneToOne")), None)
    name = _option_text(code, options(code, join), ("name",)) if join else None
    target = _target(code, relation) if relation else None
    if name is None or target is None or relation is None:
        return None
    given = options(code, relation)
    action = _option_text(code, given, ("onDelete",))
    reference = Reference(target.value, (), action.value if action else None)
    return FieldMention(
        span=code.span(*member.tokens),
        form=Form.CLASS,
        name=name.value,
        name_span=name.span,
        is_nullable=_flag(code, given, "nullable"),
        is_foreign_key=Stated(True, code.span(*relation.tokens)),
        references=Stated(reference, code.span(*relation.tokens)),
    )


def relationships_of(code: Code, entity: EntityMention, found: tuple[Member, ...]) -> Iterator[RelationshipMention]:
    """Yield the relationships that decorators state."""
    for member in found:
        for decorator in member.decorators:
            target = _target(code, decorator) if decorator.name in _COUNTS else None
            if target is not None:
                yield _relationship(code, entity, member, decorator, target)


def _relationship(
    code: Code, entity: EntityMention, member: Member, decorator: Decorator, target: Stated[str]
) -> RelationshipMention:
    left, right = _COUNTS[decorator.name]
    given = options(code, decorator)
    join = next((d for d in member.decorators if d.name == "JoinColumn"), None)
    table = next((d for d in member.decorators if d.name == "JoinTable"), None)
    via = _option_text(code, options(code, join), ("name",)) if join else None
    junction = _option_text(code, options(code, table), ("name",)) if table else None
    action = _option_text(code, given, ("onDelete",))
    return RelationshipMention(
        span=code.span(*member.tokens),
        form=Form.CLASS,
        left=entity.name,
        right=target.value,
        left_span=entity.name_span,
        right_span=target.span,
        left_count=left,
        right_count=right,
        verb=member.name,
        via=via.value if via else None,
        junction=junction.value if junction else None,
        on_delete=action,
    )


def _target(code: Code, decorator: Decorator) -> Stated[str] | None:
    """`() => User`, `type => User` or `'User'`."""
    if decorator.arguments is None:
        return None
    first = next(code.split(*decorator.arguments), None)
    if first is None:
        return None
    token = code.tokens[first[1] - 1]
    if token.kind not in (Kind.WORD, Kind.STRING):
        return None
    return _stated(code, first[1] - 1)


def options(code: Code, decorator: Decorator | None) -> dict[str, Range]:
    """Return the members of the object that a decorator is given, by name."""
    if decorator is None or decorator.arguments is None:
        return {}
    for start, _ in code.split(*decorator.arguments):
        if code.word(start) == "{" and start in code.pairs:
            return options_at(code, (start + 1, code.pairs[start]))
    return {}


def options_at(code: Code, body: Range) -> dict[str, Range]:
    """Return the members of an object, by name, and where what each holds stands."""
    return {m.name: content for m in members(code, body) if (content := m.content) is not None}


def _text(code: Code, decorator: Decorator) -> Stated[str] | None:
    """Return the string that a decorator is given first."""
    if decorator.arguments is None or decorator.arguments[0] >= decorator.arguments[1]:
        return None
    at = decorator.arguments[0]
    return _stated(code, at) if code.tokens[at].kind == Kind.STRING else None


def _stated(code: Code, at: int) -> Stated[str]:
    token = code.tokens[at]
    quote = 1 if token.kind == Kind.STRING else 0
    return Stated(token.value, code.body.span(token.start + quote, token.end - quote))


def _option_text(code: Code, given: Options, names: tuple[str, ...]) -> Stated[str] | None:
    place = next((given[n] for n in names if n in given), None)
    if place is None or place[1] - place[0] != 1 or code.tokens[place[0]].kind != Kind.STRING:
        return None
    return _stated(code, place[0])


def _type(code: Code, decorator: Decorator, given: Options) -> Stated[TypeName] | None:
    word = _text(code, decorator) or _option_text(code, given, ("type", "columnType"))
    if word is None:
        span = code.span(*decorator.tokens)
        return (
            Stated(TypeName(decorator.name, "timestamp with time zone", Family.TIMESTAMP), span)
            if decorator.name in _DATES
            else None
        )
    if word.value in ("increment", "identity", "rowid"):
        return Stated(TypeName(word.value, "integer", Family.INTEGER), word.span)
    arguments = tuple(n.value for key in ("length", "precision", "scale") if (n := _number(code, given, key)))
    found = sql_type(word.value, arguments)
    return Stated(found, word.span) if found else None


def _flag(code: Code, given: Options, name: str) -> Stated[bool] | None:
    place = given.get(name)
    if place is None or code.text(*place) not in ("true", "false"):
        return None
    return Stated(code.text(*place) == "true", code.span(*place))


def _negated(code: Code, given: Options, name: str) -> Stated[bool] | None:
    flag = _flag(code, given, name)
    return Stated(not flag.value, flag.span) if flag else None


def _number(code: Code, given: Options, name: str) -> Stated[int] | None:
    place = given.get(name)
    if place is None:
        return None
    text = code.text(*place).strip("'\"")
    return Stated(int(text), code.span(*place)) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _default(code: Code, given: Options) -> Stated[str] | None:
    place = given.get("default")
    if place is None:
        return None
    start, end = place
    if code.word(start) == "(" and code.word(start + 2) == "=>":
        start += 3
    token = code.tokens[start]
    quoted_sql = start > place[0] and token.kind == Kind.STRING
    return _stated(code, start) if quoted_sql else Stated(code.text(start, end), code.span(start, end))


def _values(code: Code, given: Options, enums: Enums) -> Stated[tuple[str, ...]] | None:
    place = given.get("enum")
    if place is None:
        return None
    start, end = place
    if code.word(start) == "[" and start in code.pairs:
        values = literal_values(code, list(code.split(start + 1, code.pairs[start])))
    else:
        values = enums.get(code.text(start, end))
    return Stated(values, code.span(start, end)) if values else None
