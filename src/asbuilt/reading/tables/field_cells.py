"""The cells of a field's row, or the words after a field's name, to one `FieldMention`."""

import re
from collections.abc import Iterable

from asbuilt.model.entities import FieldMention
from asbuilt.model.fact import Form, Stated
from asbuilt.model.revising import revised
from asbuilt.model.types import Family
from asbuilt.reading.phrases.field_phrases import (
    Understanding,
    apply_phrases,
    check,
    finished,
    listed_values,
    says_something,
    state,
)
from asbuilt.reading.phrases.pieces import bare, is_nothing, split
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.phrases.type_phrases import type_in
from asbuilt.reading.sql.expressions import is_expression
from asbuilt.reading.tables.vocabulary import Role
from asbuilt.text import Excerpt, Span

_YES = re.compile(
    r"(?:✓|✔|✅|☑|√|●|○|◯|yes|y|true|да|\+|是|예|はい|sí|si|s|sim|evet|ya|oui|ja|x|o|v|1|필수|必填|必須|req(?:uired)?|not\s+null|nn)[️\s]*",
    re.IGNORECASE,
)
_NO = re.compile(
    r"(?:✗|✘|❌|×|✕|no|n|false|нет|否|아니오|いいえ|não|nao|hayır|tidak|non|nein|0|선택|可选|任意|opt(?:ional)?|null(?:able)?)[️\s]*",
    re.IGNORECASE,
)
_BOTH_WAYS = re.compile(r"(?:not\s+null|nn|null(?:able)?|required|optional)[️\s]*", re.IGNORECASE)
_SELF_MADE = re.compile(
    r"auto(?:[\s_-].*|increment.*|matic.*)?|serial|sequence|自动.*|自增.*|自動.*|자동.*|авто.*|generated.*|computed.*|required|必填|<.*>",
    re.IGNORECASE,
)
_YES_OR_NO = frozenset({Role.REQUIRED, Role.NULLABLE, Role.UNIQUE, Role.INDEX})
_ORDER = {role: at for at, role in enumerate((
    Role.TYPE, Role.KEY, Role.CONSTRAINT, Role.REQUIRED, Role.NULLABLE, Role.UNIQUE, Role.INDEX, Role.DEFAULT, Role.LENGTH,
    Role.REFERENCES, Role.VALUES, Role.TEXT,
))}  # fmt: skip


def understand(name: Excerpt, cells: Iterable[tuple[Role, Excerpt]], span: Span, form: Form) -> Understanding:
    """Return what the cells say of the field `name`. Whatever the order of the columns, the type is read first."""
    return add_cells(Understanding(FieldMention(span=span, form=form, name=name.text, name_span=name.span())), cells)


def add_cells(known: Understanding, cells: Iterable[tuple[Role, Excerpt]]) -> Understanding:
    """Return `known` with what the cells say besides."""
    told = [(role, cell) for role, cell in cells if role in _ORDER]
    for role, cell in sorted(told, key=lambda pair: _ORDER[pair[0]]):
        if (
            role in _YES_OR_NO
            or not (is_nothing(cell.text) or is_placeholder(cell.text))
            or _means_null(role, cell.text)
        ):
            known = _READ[role](known, cell.strip())
    field = finished(known)
    return known if field is known.field else revised(known, field=field)


def _means_null(role: Role, text: str) -> bool:
    return role in (Role.CONSTRAINT, Role.KEY) and text.strip().lower() == "null"


def read_type(known: Understanding, cell: Excerpt) -> Understanding:
    """Read a type, and whatever constraints follow it in the same cell."""
    found = type_in(cell)
    if found is None:
        return _read_untyped(known, cell)
    kind, written, is_optional, rest = found
    known = state(known, type=Stated(kind, written.span()))
    if is_optional:
        known = state(known, is_nullable=Stated(True, written.span()))
    if kind.family == Family.ENUM or _are_values(rest):
        known, rest = _with_values(known, rest)
    return apply_phrases(known, rest)[0]


_VALUES = re.compile(r"\s*(?:[:：]\s*|[(（]\s*)(?P<list>[A-Za-z0-9_.-]+(?:\s*[,，|/]\s*[A-Za-z0-9_.-]+)+)\s*[)）]?\s*")


def _are_values(rest: Excerpt) -> bool:
    """`string: gpt-4, gpt-5`, `text (client, editor)`: plain words behind a type, none of them a constraint."""
    found = _VALUES.fullmatch(rest.text)
    return found is not None and not any(map(says_something, re.split(r"[,，|/]", found["list"])))


def _read_untyped(known: Understanding, cell: Excerpt) -> Understanding:
    """A cell under *type* that holds no type: `'a' | 'b'`, `FK → users.id`, `enum('a', 'b')`."""
    enum = re.match(r"\s*(enum)\b", cell.text, re.IGNORECASE)
    if enum:
        found = type_in(cell.cut(*enum.span(1)))
        known = state(known, type=Stated(found[0], found[1].span())) if found else known
        known, cell = _with_values(known, cell.cut(enum.end(), len(cell.text)))
    return apply_phrases(known, cell)[0]


_CALL = re.compile(r"[A-Za-z_]\w*\s*\(\s*\w*id\w*\s*\)", re.IGNORECASE)
_WORDS = re.compile(r"(?:[^:：,]{1,24}[:：]\s*)?(?P<list>[A-Za-z0-9_-]+(?:\s*[,，、/|]\s*[A-Za-z0-9_-]+)+)\.?")
_LIST = re.compile(r"\s*[:：]?\s*[(（\[{]?\s*(?P<list>['\"\w][^()（）\[\]{}]*?)\s*[)）\]}]?\s*$")


def _with_values(known: Understanding, rest: Excerpt) -> tuple[Understanding, Excerpt]:
    """Read the values that follow the word *enum*."""
    bracket = re.match(r"\s*[:：]?\s*[(（\[{](?P<list>[^()（）\[\]{}]+)[)）\]}]", rest.text) or _LIST.match(rest.text)
    if not bracket:
        return known, rest
    listed = rest.cut(*bracket.span("list"))
    values = listed_values(listed)
    if len(values) < 2:
        return known, rest
    return state(known, values=Stated(values, listed.span())), rest.cut(bracket.end(), len(rest.text))


def read_constraints(known: Understanding, cell: Excerpt) -> Understanding:
    if _CALL.fullmatch(cell.text.strip()):
        return _read_references(known, cell)
    known, rest = _with_conditions(known, cell)
    return apply_phrases(known, rest)[0]


_COMPARES = re.compile(r">=|<=|<>|!=|(?<![-=])[<>=~]|\b(?:IS\s+(?:NOT\s+)?NULL|BETWEEN|LIKE)\b", re.IGNORECASE)


def _with_conditions(known: Understanding, cell: Excerpt) -> tuple[Understanding, Excerpt]:
    """Read the pieces that are conditions on the field in SQL: `cost IS NULL OR cost >= 0`, `cardinality(tags) > 0`."""
    own = re.compile(rf"(?<![\w.'\"]){re.escape(known.field.name)}(?!\w)")
    for piece in (bare(piece).text for piece in split(cell, ",，、;；")):
        if own.search(piece) and _COMPARES.search(piece) and is_expression(piece):
            place = re.search(re.escape(piece), cell.text)
            known = check(known, piece, cell, place) if place else known
            cell = Excerpt(cell.text.replace(piece, "\0" * len(piece), 1), cell.anchors)
    return known, cell


def _read_required(known: Understanding, cell: Excerpt) -> Understanding:
    return _nullability(known, cell, is_yes=False)


def _read_nullable(known: Understanding, cell: Excerpt) -> Understanding:
    return _nullability(known, cell, is_yes=True)


def _nullability(known: Understanding, cell: Excerpt, *, is_yes: bool) -> Understanding:
    """`is_yes` is what a yes means for `is_nullable`; words that tell it themselves count as they are.

    A small `x` ticks a box; a capital `X` beside `O` crosses out.
    """
    text = cell.text.strip()
    if _BOTH_WAYS.fullmatch(text):
        return apply_phrases(known, cell)[0]
    if _YES.fullmatch(text) and text != "X":
        return state(known, is_nullable=Stated(is_yes, cell.span()))
    if _NO.fullmatch(text) or text == "X":
        return state(known, is_nullable=Stated(not is_yes, cell.span()))
    return apply_phrases(known, cell)[0]


def _read_key(known: Understanding, cell: Excerpt) -> Understanding:
    if _YES.fullmatch(cell.text.strip()):
        return state(known, is_primary=Stated(True, cell.span()))
    text = cell.text.strip().upper()
    if text in ("PRI", "P"):
        return state(known, is_primary=Stated(True, cell.span()))
    if text in ("UNI", "U"):
        return state(known, is_unique=Stated(True, cell.span()))
    if text in ("MUL", "F"):
        return known
    return apply_phrases(known, cell)[0]


def _read_unique(known: Understanding, cell: Excerpt) -> Understanding:
    if _YES.fullmatch(cell.text.strip()):
        return state(known, is_unique=Stated(True, cell.span()))
    return known if _NO.fullmatch(cell.text.strip()) else apply_phrases(known, cell)[0]


def _read_index(known: Understanding, cell: Excerpt) -> Understanding:
    if _YES.fullmatch(cell.text.strip()) or re.match(
        r"b-?tree|gin|gist|hash|idx_|ix_", cell.text.strip(), re.IGNORECASE
    ):
        return state(known, is_indexed=Stated(True, cell.span()))
    return known if _NO.fullmatch(cell.text.strip()) else apply_phrases(known, cell)[0]


_OTHER_FACT = re.compile(
    r"(?:PK|FK\b.*|PRIMARY KEY|UNIQUE|NOT NULL|auto[\s_-]*increment(?:ed)?|自增|identity|indexed)", re.IGNORECASE
)


def _read_default(known: Understanding, cell: Excerpt) -> Understanding:
    """The cell's text is the default, unless it says something else (`PK`) or only that a value comes by itself."""
    text = cell.text.strip()
    if _OTHER_FACT.fullmatch(text) or re.match(r"(?:default\b|@default|默认)", text, re.IGNORECASE):
        return apply_phrases(known, cell)[0]
    if _SELF_MADE.fullmatch(text):
        return apply_phrases(_described(known, text), cell)[0]
    return known if text.upper() == "NULL" else state(known, default=Stated(text, cell.span()))


def _described(known: Understanding, text: str) -> Understanding:
    words = f"{known.field.description}; {text}" if known.field.description else text
    return revised(known, field=revised(known.field, description=words))


def _read_length(known: Understanding, cell: Excerpt) -> Understanding:
    found = re.fullmatch(
        r"(?:max\.?\s*)?(\d+)(?:\s*(?:chars?|characters?|字符|자|文字))?", cell.text.strip(), re.IGNORECASE
    )
    kind = known.field.type
    if not found or (kind and kind.value.family != Family.STRING):
        return known
    return state(known, max_length=Stated(int(found[1]), cell.span()))


_TARGET = re.compile(r"^[`\"]?(?P<entity>[A-Za-z_]\w*)[`\"]?(?:\.(?P<column>\w+)|\s*\(\s*(?P<columns>[^()]+?)\s*\))?$")


def _read_references(known: Understanding, cell: Excerpt) -> Understanding:
    """A bare target (`users.id`, `users(id)`) is a foreign key here without saying so."""
    if _YES.fullmatch(cell.text.strip()):
        return state(known, is_foreign_key=Stated(True, cell.span()))
    if _NO.fullmatch(cell.text.strip()):
        return known
    if _TARGET.match(cell.text.strip()) and cell.text.strip().upper() not in ("FK", "PK"):
        arrow = Excerpt(
            "→ " + cell.text, ((0, cell.offset(0)), (2, cell.offset(0)), *((i + 2, o) for i, o in cell.anchors[1:]))
        )
        return apply_phrases(known, arrow)[0]
    return apply_phrases(known, cell)[0]


def _read_values(known: Understanding, cell: Excerpt) -> Understanding:
    values = listed_values(cell)
    if len(values) > 1 and all(re.fullmatch(r"[\w.-]+", value) for value in values):
        return state(known, values=Stated(values, cell.span()))
    return apply_phrases(known, cell)[0]


def read_text(known: Understanding, cell: Excerpt) -> Understanding:
    """Keep a description; what it plainly states besides (a key, a target, values) counts too."""
    known = apply_phrases(_described(known, cell.text.strip()), cell, is_text=True)[0]
    words = _WORDS.fullmatch(cell.text.strip())
    is_enum = known.field.type is not None and known.field.type.value.family == Family.ENUM
    if not words or not is_enum or known.field.values is not None:
        return known
    listed = cell.strip().cut(*words.span("list"))
    return state(known, values=Stated(listed_values(listed), listed.span()))


_READ = {
    Role.TYPE: read_type,
    Role.KEY: _read_key,
    Role.CONSTRAINT: read_constraints,
    Role.REQUIRED: _read_required,
    Role.NULLABLE: _read_nullable,
    Role.UNIQUE: _read_unique,
    Role.INDEX: _read_index,
    Role.DEFAULT: _read_default,
    Role.LENGTH: _read_length,
    Role.REFERENCES: _read_references,
    Role.VALUES: _read_values,
    Role.TEXT: read_text,
}
