"""What kind of table a table is, and which column holds what. Deciding it in one place keeps the readers apart."""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from asbuilt.document.blocks import Row, Table
from asbuilt.evidence import Chapter
from asbuilt.reading.phrases.cardinalities import is_cardinality, relation_in
from asbuilt.reading.phrases.pieces import IDENTIFIER, is_nothing, is_unfilled, names_in
from asbuilt.reading.phrases.type_phrases import starts_with_type
from asbuilt.reading.reader import Context
from asbuilt.reading.tables.vocabulary import Role, roles_of
from asbuilt.text import Excerpt


class TableKind(StrEnum):
    """What a table's rows are."""

    FIELDS = "fields"
    ENTITIES = "entities"
    RELATIONSHIPS = "relationships"
    FOREIGN_KEYS = "foreign keys"
    INDEXES = "indexes"
    VALUES = "values"
    OTHER = "other"


class Layout(Struct, frozen=True):
    """A table's kind and the role of each column, None where it has none."""

    kind: TableKind
    roles: tuple[Role | None, ...] = ()

    def column(self, role: Role) -> int | None:
        return self.roles.index(role) if role in self.roles else None


_OTHER = Layout(TableKind.OTHER)
_SCHEMA_CHAPTERS = frozenset({Chapter.OVERVIEW, Chapter.ENTITIES, Chapter.INTEGRITY})
_FOREIGN_HEADING = re.compile(
    r"\b(?:requests?|responses?|payloads?|endpoints?|api\s+(?:schema|reference|spec\w*|parameters?)|(?:query|path|body)\s+param\w*|"
    r"http\s+header\w*|environment\s+variables?|env\s+vars?|configuration\s+(?:options?|file)|props|cli|command\s+line|error\s+codes?|"
    r"dtos?)\b|\b(?:GET|POST|PUT|PATCH|DELETE)\s+/|请求|响应|返回(?:参数|值)|接口|环境变量|配置项|错误码|переменные\s+окружения|"
    r"요청|응답|환경\s?변수|リクエスト|レスポンス|環境変数",
    re.IGNORECASE,
)
INDEX_WORD = re.compile(
    r"\bind(?:ex(?:es|ing)?|ices)\b|索引|индекс|인덱스|インデックス|indeks|índice|\bdizin", re.IGNORECASE
)
ENUM_WORD = re.compile(
    r"\benum|枚举|列挙|열거|перечислени|\bvalues?\b|取值|状态码|constants?\b|\bstat(?:us|e)(?:es)?\b", re.IGNORECASE
)
RELATION_WORD = re.compile(
    r"relation|cardinalit|one-to|many-to|关系|关联|基数|связ|отношени|관계|関係|リレーション|relaç|relacion|ilişki|relasi|beziehung",
    re.IGNORECASE,
)


def layout_of(table: Table, context: Context) -> Layout:
    """Return what kind of table this is; OTHER where nothing is certain."""
    if _speaks_of_something_else(table):
        return _OTHER
    for recognise in _KINDS:
        layout = recognise(table, context)
        if layout is not None:
            return layout
    return _OTHER


def _speaks_of_something_else(table: Table) -> bool:
    heading = table.heading.text.text if table.heading else ""
    label = table.label.text if table.label else ""
    return _is_foreign(heading) or _is_foreign(label)


@lru_cache(maxsize=4096)
def _is_foreign(title: str) -> bool:
    return _FOREIGN_HEADING.search(title) is not None


def headings(table: Table) -> str:
    """Return the label and the headings above, innermost first, as one text."""
    label = table.label.text if table.label else ""
    return "\n".join([label, *(heading.text.text for heading in reversed(table.path))])


def _nearest(table: Table) -> str:
    return "\n".join([table.label.text if table.label else "", table.heading.text.text if table.heading else ""])


def _possible(table: Table) -> list[frozenset[Role]]:
    return [roles_of(cell.text.text) for cell in table.header.cells]


def _assigned(
    table: Table, wanted: Sequence[Role], repeatable: Iterable[Role] = (Role.TEXT, Role.GROUP)
) -> tuple[Role | None, ...]:
    """Give each column one of `wanted`: what only one role fits first, then in the order of `wanted`."""
    possible = [roles & frozenset(wanted) for roles in _possible(table)]
    chosen: list[Role | None] = [None] * len(possible)
    for column in sorted(range(len(possible)), key=lambda c: (len(possible[c]), c)):
        for role in wanted:
            if role in possible[column] and (role not in chosen or role in repeatable):
                chosen[column] = role
                break
    return tuple(chosen)


def texts(rows: Iterable[Row], column: int) -> list[str]:
    """Return the column's cells that say something of their own: not empty, no placeholder."""
    cells = (row.cells[column] for row in rows if column < len(row.cells))
    return [
        cell.text.text.strip().replace("\\_", "_")
        for cell in cells
        if not is_nothing(cell.text.text) and not is_unfilled(cell)
    ]


def _share(table: Table, column: int | None, test: Callable[[str], bool]) -> float:
    """Return the share of a column's telling cells that pass `test`; 1 where the column holds placeholders only."""
    if column is None:
        return 0.0
    found = texts(table.rows, column)
    return sum(map(test, found)) / len(found) if found else 1.0


_FIELD_NAME = re.compile(
    r"^[^\w\s]*\s*[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_]\w*)?\s*(?:[?*!🔑]|\([^)]*\)|（[^）]*）)*(?:\s*[,/、]\s*[A-Za-z_]\w*)*$"
)
_FIELD_ROLES = (
    Role.FIELD, Role.TYPE, Role.ENTITY, Role.CONSTRAINT, Role.REQUIRED, Role.NULLABLE, Role.KEY, Role.UNIQUE, Role.DEFAULT,
    Role.LENGTH, Role.REFERENCES, Role.INDEX, Role.VALUES, Role.EXAMPLE, Role.TEXT, Role.NUMBER, Role.GROUP,
)  # fmt: skip
_SAYS_MORE = frozenset({Role.CONSTRAINT, Role.REQUIRED, Role.NULLABLE, Role.KEY, Role.DEFAULT})


def is_field_name(text: str) -> bool:
    return _FIELD_NAME.match(text) is not None


def _fields(table: Table, context: Context) -> Layout | None:
    possible = _possible(table)
    if not possible or _is_trap(possible[0]):
        return None
    roles = _by_contents(table, _one_field_column(table, _assigned(table, _FIELD_ROLES)))
    layout = Layout(TableKind.FIELDS, roles)
    if _share(table, layout.column(Role.FIELD), is_field_name) < 0.7:
        return None
    if Role.TYPE in roles:
        return layout if _share(table, layout.column(Role.TYPE), starts_with_type) >= 0.5 else None
    return layout if context.entity and _SAYS_MORE & set(roles) and _has_constraints(table, roles) else None


def _is_trap(roles: frozenset[Role]) -> bool:
    return Role.TRAP in roles and Role.FIELD not in roles and Role.ENTITY not in roles


def _one_field_column(table: Table, roles: tuple[Role | None, ...]) -> tuple[Role | None, ...]:
    """Of several columns that may name the field, the one with identifiers does; the others are text."""
    named = [
        c for c, possible in enumerate(_possible(table)) if Role.FIELD in possible and roles[c] in (Role.FIELD, None)
    ]
    telling = [c for c in named if _share(table, c, is_field_name) >= 0.7 and texts(table.rows, c)]
    first = next(iter(telling or named), None)
    return tuple(Role.FIELD if c == first else Role.TEXT if c in named else role for c, role in enumerate(roles))


def _by_contents(table: Table, roles: tuple[Role | None, ...]) -> tuple[Role | None, ...]:
    """Give columns whose header tells nothing a role by what their cells hold."""
    found = list(roles)
    for column, role in enumerate(found):
        if role is None and texts(table.rows, column):
            found[column] = _role_by_contents(table, column, found)
    return tuple(found)


_YES_NO = re.compile(
    r"(?:✓|✔|✅|☑|✗|✘|❌|×|yes|no|y|n|true|false|да|нет|是|否|o|x|○|예|아니오|はい|いいえ|sí|si|não|sim|evet|hayır|ya|tidak)[️\s]*",
    re.IGNORECASE,
)
_CONSTRAINTS = re.compile(
    r"(?<!\w)@\w+|\b(?:CHECK|between|GENERATED|PK|FK|UK|NOT\s+NULL|UNIQUE|PRIMARY\s+KEY|FOREIGN\s+KEY|NULL|nullable|DEFAULT|indexed|required|AUTO_INCREMENT)\b|唯一|主键|外键|非空",
    re.IGNORECASE,
)


def _role_by_contents(table: Table, column: int, taken: Sequence[Role | None]) -> Role | None:
    if Role.TYPE not in taken and _share(table, column, starts_with_type) >= 0.7:
        return Role.TYPE
    if (
        Role.FIELD not in taken
        and _share(table, column, is_field_name) >= 0.9
        and len(set(texts(table.rows, column))) > 1
    ):
        return Role.FIELD
    if Role.CONSTRAINT not in taken and _share(table, column, lambda text: bool(_CONSTRAINTS.search(text))) >= 0.5:
        return Role.CONSTRAINT
    return None


def _has_constraints(table: Table, roles: Sequence[Role | None]) -> bool:
    told = [t for c, role in enumerate(roles) if role in _SAYS_MORE for t in texts(table.rows, c)]
    return bool(told) and sum(bool(_CONSTRAINTS.search(t) or _YES_NO.fullmatch(t)) for t in told) / len(told) >= 0.5


def _foreign_keys(table: Table, context: Context) -> Layout | None:
    wanted = (
        Role.REFERENCES,
        Role.ON_DELETE,
        Role.ON_UPDATE,
        Role.FIELD,
        Role.ENTITY,
        Role.CHILD,
        Role.FOREIGN_KEY,
        Role.TEXT,
    )
    roles = list(_assigned(table, wanted))
    if any(possible == {Role.TYPE} for possible in _possible(table)) or Role.REFERENCES not in roles:
        return None
    if Role.FIELD not in roles and Role.FOREIGN_KEY in roles:
        roles[roles.index(Role.FOREIGN_KEY)] = Role.FIELD
    if Role.ENTITY not in roles and Role.CHILD in roles:
        roles[roles.index(Role.CHILD)] = Role.ENTITY
    layout = Layout(TableKind.FOREIGN_KEYS, tuple(roles))
    if Role.FIELD not in roles:
        return None
    if Role.ENTITY not in roles and not context.entity and _share(table, layout.column(Role.FIELD), _is_dotted) < 0.8:
        return None
    return layout if _share(table, layout.column(Role.REFERENCES), _is_target) >= 0.6 else None


_TARGET = re.compile(r"^[`\"]?[A-Za-z_]\w*[`\"]?(?:\.\w+)*\s*(?:\([^()]*\))?$")


def _is_target(text: str) -> bool:
    return _TARGET.match(text) is not None


def _is_dotted(text: str) -> bool:
    return re.fullmatch(r"`?\w+\.\w+`?", text) is not None


def _relationships(table: Table, context: Context) -> Layout | None:
    wanted = (
        Role.PARENT, Role.CHILD, Role.JUNCTION, Role.FOREIGN_KEY, Role.CARDINALITY, Role.ON_DELETE, Role.ON_UPDATE, Role.ENTITY, Role.TEXT,
    )  # fmt: skip
    roles = list(_assigned(table, wanted))
    if Role.PARENT not in roles and Role.ENTITY in roles:
        roles[roles.index(Role.ENTITY)] = Role.PARENT
    layout = Layout(TableKind.RELATIONSHIPS, tuple(roles))
    if Role.PARENT in roles and Role.CHILD in roles:
        return layout if _joins_entities(table, layout) else None
    relation = layout.column(Role.CARDINALITY)
    is_arrow = (
        relation is not None and _share(table, relation, lambda t: relation_in(Excerpt.at(t, 0)) is not None) >= 0.8
    )
    return layout if is_arrow and relation is not None and texts(table.rows, relation) else None


def _joins_entities(table: Table, layout: Layout) -> bool:
    ends = (layout.column(Role.PARENT), layout.column(Role.CHILD))
    if min(_share(table, end, _is_name) for end in ends) < 0.8:
        return False
    if {Role.JUNCTION, Role.FOREIGN_KEY} & set(layout.roles) or RELATION_WORD.search(headings(table)):
        return True
    return _share(table, layout.column(Role.CARDINALITY), is_cardinality) >= 0.6


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[`\"]?[A-Za-z_][\w.]*(?: [A-Z]\w*)?[`\"]?(?:\s*[(（].*[)）])?", text) is not None


def _indexes(table: Table, context: Context) -> Layout | None:
    possible = _possible(table)
    is_about_indexes = bool(INDEX_WORD.search(_nearest(table)))
    wanted = (Role.INDEX, Role.METHOD, Role.ENTITY, Role.FIELDS, Role.UNIQUE, Role.TEXT)
    roles = list(_assigned(table, wanted))
    if Role.INDEX not in roles and is_about_indexes:
        named = next((c for c, p in enumerate(possible) if roles[c] is None and Role.FIELD in p), None)
        roles = [Role.INDEX if c == named else role for c, role in enumerate(roles)]
    says_index = any(p == {Role.METHOD} or p == {Role.INDEX} for p in possible) or is_about_indexes
    if Role.FIELDS not in roles or not says_index or not ({Role.INDEX, Role.METHOD, Role.ENTITY} & set(roles)):
        return None
    layout = Layout(TableKind.INDEXES, tuple(roles))
    if Role.ENTITY not in roles and not context.entity and not _names_tables(table, layout):
        return None
    return layout if _share(table, layout.column(Role.FIELDS), _is_key_list) >= 0.6 else None


def _names_tables(table: Table, layout: Layout) -> bool:
    """Columns written as `users(email)` or `users.email` say their table themselves."""
    return _share(table, layout.column(Role.FIELDS), lambda t: bool(re.match(r"`?[A-Za-z_]\w*`?\s*[.(]", t))) >= 0.8


def _is_key_list(text: str) -> bool:
    return (
        re.match(r"^[`(（]*[A-Za-z_][\w.`]*(?:\s+(?:ASC|DESC))?\s*(?:$|[,、+(（)）`])", text, re.IGNORECASE) is not None
    )


def _entities(table: Table, context: Context) -> Layout | None:
    wanted = (Role.ENTITY, Role.FIELDS, Role.TEXT, Role.GROUP, Role.NUMBER)
    roles = _assigned(table, wanted)
    layout = Layout(TableKind.ENTITIES, roles)
    if Role.ENTITY not in roles or None in roles or context.chapter not in _SCHEMA_CHAPTERS:
        return None
    if not ({Role.FIELDS, Role.TEXT} & set(roles)) or not texts(table.rows, roles.index(Role.ENTITY)):
        return None
    is_list = _share(table, roles.index(Role.ENTITY), lambda t: names_in(Excerpt.at(t, 0)) is not None)
    listed = layout.column(Role.FIELDS)
    has_fields = listed is None or _share(table, listed, lambda t: bool(IDENTIFIER.match(t.lstrip("`(")))) >= 0.6
    return layout if is_list >= 0.8 and has_fields else None


def _values(table: Table, context: Context) -> Layout | None:
    roles = list(_assigned(table, (Role.VALUES, Role.TEXT, Role.FIELD)))
    if Role.VALUES not in roles and Role.FIELD in roles:
        roles[roles.index(Role.FIELD)] = Role.VALUES
    if Role.VALUES not in roles or len(roles) > 4 or not ENUM_WORD.search(f"{_nearest(table)}\n{_outer_enum(table)}"):
        return None
    layout = Layout(TableKind.VALUES, tuple(roles))
    column = layout.column(Role.VALUES)
    is_token = _share(table, column, lambda t: re.fullmatch(r"['\"`]?[\w.-]+['\"`]?", t) is not None)
    return layout if is_token >= 0.9 and column is not None and len(texts(table.rows, column)) > 1 else None


def _outer_enum(table: Table) -> str:
    outer = table.path[-2].text.text if len(table.path) > 1 else ""
    return outer if re.search(r"\benum|枚举|列挙|열거|перечислени", outer, re.IGNORECASE) else ""


_KINDS: tuple[Callable[[Table, Context], Layout | None], ...] = (
    _fields, _foreign_keys, _relationships, _indexes, _values, _entities,
)  # fmt: skip
