"""What the comment beside a field says of it: `// UUID, Primary Key`, `# unique, max 255 chars`."""

import re

from msgspec import Struct

from asbuilt.model.entities import FieldMention, Reference
from asbuilt.model.fact import Stated
from asbuilt.model.revising import revised
from asbuilt.model.types import Family, TypeName, agree, type_name
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.text import Excerpt


class Remark(Struct, frozen=True):
    """The facts of one comment; None: it does not say."""

    type: Stated[TypeName] | None = None
    is_nullable: Stated[bool] | None = None
    is_primary: Stated[bool] | None = None
    is_unique: Stated[bool] | None = None
    is_indexed: Stated[bool] | None = None
    is_foreign_key: Stated[bool] | None = None
    default: Stated[str] | None = None
    references: Stated[Reference] | None = None
    values: Stated[tuple[str, ...]] | None = None
    max_length: Stated[int] | None = None
    description: str = ""


_PRIMARY = re.compile(r"\bprimary\s+key\b|(?-i:\bPK\b)|主键|主キー|기본\s?키|первичный ключ", re.IGNORECASE)
_FOREIGN = re.compile(r"\bforeign\s+key\b|(?-i:\bFK\b)|外键|外部キー|외래\s?키|внешний ключ", re.IGNORECASE)
_UNIQUE = re.compile(r"(?<!non-)(?<!not )\bunique\b(?!\s+(?:identifier|id)\b)|唯一(?!标识)", re.IGNORECASE)
_INDEXED = re.compile(r"\bindexed\b|\bwith index\b|索引", re.IGNORECASE)
_NULLABLE = re.compile(
    r"\bnullable\b|\boptional\b(?!\s+field)|可空|可选|(?<!not )(?<!not-)(?-i:\bNULL\b)", re.IGNORECASE
)
_REQUIRED = re.compile(r"\bnot[\s\u00a0-]+null(?:able)?\b|\brequired\b|必填|非空", re.IGNORECASE)
_LENGTH = re.compile(
    r"\bmax(?:imum)?\.?(?:\s*length)?\s*[:=]?\s*(\d+)\b(?!\s*(?:items|entries|kb|mb|gb|%|per))|\bup to (\d+) char|(\d+)\s*(?:chars?|characters)\s+max",
    re.IGNORECASE,
)
_DEFAULT = re.compile(
    r"\bdefaults?\s*(?:value\s*)?(?:[:=]|to|is)?\s*(?P<value>'[^']*'|\"[^\"]*\"|`[^`]*`|[\w.+-]+(?:\(\))?)|默认值?\s*[:：为]?\s*(?P<cn>[\w.'-]+)",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"(?:(?:\bFK\b|\bforeign key\b|外键)\s*(?:to|->|→|:|：|references|ref)?|\breferences|\bref(?:ers to)?\b\s*:?|->|→)\s*`?"
    r"(?P<entity>[A-Za-z_]\w*)(?:\.(?P<column>\w+)|\s*\(\s*(?P<bracket>\w+)\s*\))?",
    re.IGNORECASE,
)
_NO_ENTITY = frozenset(
    {
        "to",
        "the",
        "of",
        "for",
        "a",
        "an",
        "field",
        "description",
        "optional",
        "nullable",
        "unique",
        "on",
        "and",
        "with",
        "in",
    }
)
_VALUE = r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`"
_QUOTED = re.compile(rf"(?:{_VALUE})(?:\s*(?:[,|/]|,?\s+or)\s*(?:{_VALUE}))+")
_BARE = re.compile(
    r"^\s*(?:(?:enum|values?|one of)\s*[:(]\s*)?(?P<all>[a-z][a-z0-9_-]*(?:\s*\|\s*[a-z][a-z0-9_-]*)+)\)?\s*$"
)
_LISTED = re.compile(
    r"^\s*(?:enum|allowed values?|values?|one of)\s*[:(]\s*(?P<all>[\w-]+(?:\s*[,|/]\s*[\w-]+)+)\)?\s*$", re.IGNORECASE
)
_TYPE = re.compile(
    r"^\s*(?P<type>[A-Za-z]+(?:\s*\(\s*\d+(?:\s*,\s*\d+)?\s*\))?(?:\[\])?)\s*(?:[,;(]|$|\s+(?=PRIMARY|NOT|UNIQUE|PK|FK))"
)
_TYPE_FAMILIES = frozenset({Family.UUID, Family.TIMESTAMP, Family.JSON, Family.DECIMAL, Family.INTEGER, Family.STRING, Family.ENUM,
                            Family.BYTES, Family.NETWORK, Family.FLOAT, Family.DATE})  # fmt: skip
_AMBIGUOUS = frozenset({"name", "email", "url", "slug", "number", "list", "array", "set", "map", "object", "date", "time", "any", "image",
                        "currency", "money", "year", "timestamp", "datetime", "text", "string", "ip", "interval", "duration", "point"})  # fmt: skip


def remark_of(comment: Excerpt | None) -> Remark:
    """Return what `comment` says of the field that it stands beside."""
    if comment is None or not comment.text.strip() or is_placeholder(comment.text.strip()):
        return Remark()
    return Remark(
        type=_type(comment),
        is_nullable=_flag(comment, _REQUIRED, False) or _flag(comment, _NULLABLE, True),
        is_primary=_flag(comment, _PRIMARY, True),
        is_unique=_flag(comment, _UNIQUE, True),
        is_indexed=_flag(comment, _INDEXED, True),
        is_foreign_key=_flag(comment, _FOREIGN, True),
        default=_default(comment),
        references=_reference(comment),
        values=_values(comment),
        max_length=_max_length(comment),
        description=comment.text.strip(),
    )


def with_remark(field: FieldMention, comment: Excerpt | None) -> FieldMention:
    """Return `field` with what the comment beside it adds; the code counts more, but the comment's type may be closer."""
    remark = remark_of(comment)
    kind = field.type
    if remark.type is not None and (kind is None or (not kind.value.is_array and agree(kind.value, remark.type.value))):
        kind = remark.type
    return revised(
        field,
        type=kind,
        is_nullable=field.is_nullable or remark.is_nullable,
        is_primary=field.is_primary or remark.is_primary,
        is_unique=field.is_unique or remark.is_unique,
        is_indexed=field.is_indexed or remark.is_indexed,
        is_foreign_key=field.is_foreign_key or remark.is_foreign_key,
        default=field.default or remark.default,
        references=field.references or remark.references,
        values=field.values or remark.values,
        max_length=field.max_length or remark.max_length,
        description=field.description or remark.description,
    )


def _flag(comment: Excerpt, pattern: re.Pattern[str], value: bool) -> Stated[bool] | None:
    match = pattern.search(comment.text)
    return Stated(value, comment.span(*match.span())) if match else None


def _type(comment: Excerpt) -> Stated[TypeName] | None:
    match = _TYPE.match(comment.text)
    if match is None or match["type"].lower() in _AMBIGUOUS:
        return None
    found = type_name(match["type"])
    if found is None or found.family not in _TYPE_FAMILIES:
        return None
    return Stated(found, comment.span(*match.span("type")))


def _default(comment: Excerpt) -> Stated[str] | None:
    match = _DEFAULT.search(comment.text)
    if match is None:
        return None
    group = "value" if match["value"] else "cn"
    value = match[group].rstrip(".")
    start = match.start(group)
    return Stated(value, comment.span(start, start + len(value))) if value else None


def _reference(comment: Excerpt) -> Stated[Reference] | None:
    match = _REFERENCE.search(comment.text)
    if match is None or match["entity"].lower() in _NO_ENTITY:
        return None
    column = match["column"] or match["bracket"]
    return Stated(Reference(match["entity"], (column,) if column else ()), comment.span(*match.span("entity")))


def _values(comment: Excerpt) -> Stated[tuple[str, ...]] | None:
    """Allowed values: quoted ones in a row, or bare ones between bars, or a list after `enum:`."""
    quoted = _QUOTED.search(comment.text)
    if quoted and not re.search(r"\be\.?g\b|例如", comment.text[: quoted.start()], re.IGNORECASE):
        values = tuple(v[1:-1] for v in re.findall(_VALUE, quoted[0]))
        return Stated(values, comment.span(*quoted.span()))
    listed = _BARE.match(comment.text) or _LISTED.match(comment.text)
    if listed is None:
        return None
    values = tuple(v.strip() for v in re.split(r"[,|/]", listed["all"]))
    return Stated(values, comment.span(*listed.span("all")))


def _max_length(comment: Excerpt) -> Stated[int] | None:
    match = _LENGTH.search(comment.text)
    if match is None:
        return None
    number = next(n for n in match.groups() if n)
    return Stated(int(number), comment.span(*match.span())) if len(number) < 10 else None
