"""The phrases that say something of a field (`PK`, `FK → users.id`, `unique with language`, `默认 0`), as a list of patterns.

A phrase is looked for anywhere in a cell about constraints; in running text it must fill a whole piece between commas.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from asbuilt.model.entities import FieldMention, Reference
from asbuilt.model.fact import Stated
from asbuilt.model.revising import revised
from asbuilt.model.types import Family
from asbuilt.reading.phrases.conditions import between, compared, formatted, longer_or_shorter
from asbuilt.reading.phrases.pieces import bare, split
from asbuilt.text import Excerpt


class Understanding(Struct, frozen=True):
    """What has been understood of a field so far; what only its entity can hold stands beside it.

    `together` are the fields that are unique with this one; the actions wait for the reference that they belong to.
    """

    field: FieldMention
    together: Stated[tuple[str, ...]] | None = None
    on_delete: Stated[str] | None = None
    on_update: Stated[str] | None = None


Maker = Callable[[Understanding, Excerpt, re.Match[str]], Understanding]


class Phrase(Struct, frozen=True):
    """A pattern and what it states. `in_text`: also believed in a description, where it fills a piece of its own."""

    pattern: re.Pattern[str]
    state: Maker
    in_text: bool = False


def state(known: Understanding, **stated: Any) -> Understanding:
    """Return `known` with what is new; what was stated before counts."""
    new = {name: value for name, value in stated.items() if getattr(known.field, name) is None}
    return revised(known, field=revised(known.field, **new)) if new else known


def apply_phrases(known: Understanding, excerpt: Excerpt, *, is_text: bool = False) -> tuple[Understanding, Excerpt]:
    """Return what `excerpt` adds to `known`, and the excerpt with what was understood blanked out."""
    left = excerpt
    for phrase in _candidates(excerpt.text, is_text):
        for match in list(phrase.pattern.finditer(left.text)):
            if match.end() > match.start() and (not is_text or _fills_a_piece(left.text, match)):
                known = phrase.state(known, left, match)
                left = _blanked(left, match.start(), match.end())
    return known, left


@lru_cache(maxsize=16384)
def _candidates(text: str, is_text: bool) -> tuple[Phrase, ...]:
    """Return the phrases that occur in `text` at all; the same cells come again and again."""
    return tuple(phrase for phrase in PHRASES if (phrase.in_text or not is_text) and phrase.pattern.search(text))


def says_something(text: str) -> bool:
    """Tell whether a phrase occurs in `text`."""
    return bool(_candidates(text, False))


def _blanked(excerpt: Excerpt, start: int, end: int) -> Excerpt:
    return Excerpt(excerpt.text[:start] + "\0" * (end - start) + excerpt.text[end:], excerpt.anchors)


_EDGE = " \t\n,;.:，。；：、()（）[]*\0-–—"


def _fills_a_piece(text: str, match: re.Match[str]) -> bool:
    before, after = text[: match.start()].rstrip(" \t*"), text[match.end() :].lstrip(" \t*")
    return (not before or before[-1] in _EDGE) and (not after or after[0] in _EDGE)


def _flag(name: str, value: bool) -> Maker:
    def make(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
        return state(known, **{name: Stated(value, excerpt.span(*match.span()))})

    return make


_NOT_ENTITIES = frozenset(
    [
        "the",
        "a",
        "an",
        "table",
        "tables",
        "to",
        "on",
        "null",
        "not",
        "nullable",
        "unique",
        "index",
        "indexed",
        "key",
        "keys",
        "optional",
        "required",
        "constraint",
        "other",
        "self",
        "cascade",
        "set",
        "default",
        "and",
        "or",
        "id",
        "external",
        "primary",
        "foreign",
        "user-defined",
    ]
)


_PLATFORM = frozenset({"auth", "storage"})  # schemas whose tables are the platform's own keep their schema


def _reference(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    """State a foreign key, and its target where the phrase names one."""
    span = excerpt.span(*match.span())
    known = state(known, is_foreign_key=Stated(True, span))
    target = match["target"]
    if not target or target.lower() in _NOT_ENTITIES:
        return known
    columns = tuple(c.strip(' "`') for c in (match["column"] or match["columns"] or "").split(",") if c.strip())
    schema = match.groupdict().get("schema")
    if target in _PLATFORM and match["column"]:
        target, columns = f"{target}.{match['column']}", ()
    elif schema in _PLATFORM:
        target = f"{schema}.{target}"
    return state(known, references=Stated(Reference(target, columns), span))


def _action(name: str) -> Maker:
    def make(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
        stated = Stated(re.sub(r"[\s_-]+", " ", match["action"]).upper(), excerpt.span(*match.span()))
        if name == "on_delete":
            return revised(known, on_delete=known.on_delete or stated)
        return revised(known, on_update=known.on_update or stated)

    return make


def _default(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    value = excerpt.cut(match.start("value"), match.end("value")).strip()
    text = value.text[1:-1] if value.text[:1] == '"' == value.text[-1:] and len(value.text) > 1 else value.text
    return state(known, default=Stated(text, value.span())) if text else known


def _increments(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    """A number that counts up by itself is a `serial`, whatever the type is called."""
    kind = known.field.type
    if kind is None or kind.value.family != Family.INTEGER:
        return known
    return revised(known, field=revised(known.field, type=Stated(revised(kind.value, is_serial=True), kind.span)))


def _together(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    names = tuple(n for n in re.findall(r"[A-Za-z_]\w*", match["others"]) if n not in ("and", "with"))
    return revised(known, together=known.together or Stated(names, excerpt.span(*match.span())))


def _values(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    listed = excerpt.cut(match.start("list"), match.end("list"))
    found = listed_values(listed)
    return state(known, values=Stated(found, listed.span())) if len(found) > 1 else known


def listed_values(listed: Excerpt) -> tuple[str, ...]:
    """Return the values of `'a', 'b'`, `a | b`, `a/b/c`, in order; glosses in brackets are left out."""
    separators = "|" if "|" in listed.text else "/" if "/" in listed.text and "," not in listed.text else ",，、;"
    pieces = (bare(piece).text for piece in split(listed, separators))
    return tuple(re.sub(r"\s*[(（:：=-].*$", "", piece).strip("'\"` ") or piece for piece in pieces)


def check(known: Understanding, condition: str, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    """State a condition beside those that are stated already."""
    span = excerpt.span(*match.span())
    old = known.field.check
    if old and condition in old.value:
        return known
    new = Stated(f"{old.value} AND {condition}", old.span) if old else Stated(condition, span)
    return revised(known, field=revised(known.field, check=new))


def _compared(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    return check(known, compared(known.field.name, match["operator"], match["value"]), excerpt, match)


def _between(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    return check(known, between(known.field.name, match["low"], match["high"]), excerpt, match)


def _signed(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    operator = ">" if match[0].lower().startswith(("pos", "正")) else ">="
    return check(known, compared(known.field.name, operator, "0"), excerpt, match)


def _formatted(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    condition = formatted(known.field.name, match["format"]) if _fills_a_piece(excerpt.text, match) else None
    return check(known, condition, excerpt, match) if condition else known


def _bounded(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    """`max 100` bounds a number's value and a string's length; a length in characters says so itself."""
    family = known.field.type.value.family if known.field.type else None
    is_length = bool(match["unit"] or match["length"]) or family == Family.STRING
    is_upper = (
        match["bound"].lower()[:2] in ("ma", "up", "最长", "最大", "不超", "≤", "長さ", "дл") or match["bound"] == "≤"
    )
    if is_length and is_upper:
        return state(known, max_length=Stated(int(match["number"]), excerpt.span(*match.span())))
    operator = "<=" if is_upper else ">="
    number = match["number"]
    condition = longer_or_shorter(known.field.name, operator, number) if is_length else ""
    if not is_length and family in (Family.INTEGER, Family.DECIMAL, Family.FLOAT):
        condition = compared(known.field.name, operator, number)
    return check(known, condition, excerpt, match) if condition else known


def _check(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    inner = match["condition"].strip()
    return check(known, inner, excerpt, match) if inner else known


def _generated(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    expression = match["expression"].strip()
    return state(known, generated=Stated(expression, excerpt.span(*match.span())))


def _nothing(known: Understanding, excerpt: Excerpt, match: re.Match[str]) -> Understanding:
    """What says nothing of the column itself (`@relation(…)`), so that no other phrase reads it."""
    return known


def _p(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_A = r"(?<![A-Za-z0-9_@])"  # no letter before: Chinese beside a Latin word is no part of it
_Z = r"(?![A-Za-z0-9_])"
_INNER = r"(?:[^()]|\((?:[^()]|\([^()]*\))*\))*"
_TARGET = (
    r"[\"`]?(?:(?P<schema>auth|storage|public|dbo)\.(?=[A-Za-z_]))?(?P<target>[A-Za-z_][A-Za-z0-9_]*)[\"`]?"
    r"(?:\.[\"`]?(?P<column>[A-Za-z_][A-Za-z0-9_]*)[\"`]?|\s*\(\s*(?P<columns>[^()]+?)\s*\))"
)
_LOOSE = _TARGET + "?"
_ARROW = r"(?:→|⟶|➔|➡|=>|->|—>|-->)"
_FK = (
    r"(?:foreign\s+key|FK|外键(?:约束)?|внешний\s+ключ|외래\s?키|外部キー|chave\s+estrangeira|clave\s+for[aá]nea|llave\s+for[aá]nea|"
    r"yabancı\s+anahtar|kunci\s+asing|fremdschlüssel|clé\s+étrangère|khóa\s+ngoại)"
)
_REFERS = r"(?<![A-Za-z])(?:references|refers\s+to|reference\s+to|points\s+to|ref|参照|引用|关联|참조|ссылка\s+на|referencia(?:\s+a)?|referência(?:\s+a)?)"
_TO = rf"(?:(?:{_ARROW}|>|[:：]|{_REFERS}|给|到|至)\s*|(?:to|of|on|in|для|на|к|para|a|ke|zu|vers)\s+)"
_ACTION = r"(?P<action>cascade|set[\s_-]+null|set[\s_-]+default|restrict|no[\s_-]+action)"
_NUMBER = r"-?\d+(?:\.\d+)?"
_VALUE = (
    r"(?P<value>'(?:[^']|'')*'(?:::[\w ]+)?|\"[^\"]*\"|[A-Za-z_][\w.]*\([^()]*(?:\([^()]*\)[^()]*)*\)|\{[^{}]*\}|\[[^\[\]]*\]"
    rf"|{_NUMBER}(?![\w.])|[^\s,，、;；()（）|\0]+)"
)
_DEFAULT = r"(?:default(?:s)?(?:\s+value)?|默认(?:值)?|缺省(?:值)?|по\s+умолчанию|기본값|기본|デフォルト(?:値)?|初期値|padrão|por\s+defecto|varsayılan|bawaan|standard(?:wert)?)"

_OTHER = rf"(?!(?:not|null|nullable|index|indexed|unique|required|optional|default|PK|FK|primary|foreign|check|on){_Z})"

PHRASES: tuple[Phrase, ...] = (
    Phrase(_p(r"@relation\s*\([^)]*\)|@db\.\w+(?:\([^)]*\))?|@map\([^)]*\)"), _nothing),
    Phrase(_p(rf"{_A}CHECK\s*[:：]?\s*\((?P<condition>{_INNER})\)"), _check),
    Phrase(_p(rf"{_A}(?:generated\s+always\s+as|as)\s*\((?P<expression>{_INNER})\)\s*(?:stored|virtual)?"), _generated),
    Phrase(_p(r"@default\(\s*autoincrement\(\)\s*\)"), _increments),
    Phrase(_p(rf"{_A}unique\s*(?:key\s*)?\((?P<others>\s*[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)+\s*)\)"), _together, True),
    Phrase(_p(rf"@default\((?P<value>{_INNER})\)"), _default),
    Phrase(_p(rf"{_A}on\s+delete\s*[:：]?\s*{_ACTION}"), _action("on_delete"), True),
    Phrase(_p(rf"{_A}on\s+update\s*[:：]?\s*{_ACTION}"), _action("on_update"), True),
    Phrase(_p(r"(?P<action>cascade)(?=\s+delete)\s+delete"), _action("on_delete"), True),
    Phrase(_p(rf"(?:{_A}{_FK}|{_FK}{_Z})\s*[,，(（:：]?\s*{_TO}+[(（]?\s*{_LOOSE}\s*表?[)）]?"), _reference, True),
    Phrase(_p(rf"{_A}{_FK}\s*[(（]\s*{_LOOSE}\s*[)）]"), _reference, True),
    Phrase(_p(rf"{_A}{_FK}\s+{_TARGET}"), _reference, True),
    Phrase(_p(rf"{_REFERS}\s*(?:[:：>]|{_ARROW})?\s*{_TARGET}"), _reference, True),
    Phrase(_p(rf"{_A}references\s+{_LOOSE}"), _reference),
    Phrase(_p(rf"{_ARROW}\s*{_LOOSE}"), _reference, True),
    Phrase(_p(rf"(?:{_A}{_FK}{_Z}|外键)(?P<target>)(?P<column>)(?P<columns>)"), _reference, True),
    Phrase(
        _p(
            rf"{_A}(?:composite\s+|part\s+of\s+)?(?:primary\s+key|PK|P\.K\.)(?:\s+(?:identifier|id))?{_Z}|(?:联合|复合)?主键(?:ID)?|@id{_Z}|"
            r"первичный\s+ключ|기본\s?키|主キー|chave\s+primária|(?:clave|llave)\s+primaria|birincil\s+anahtar|kunci\s+utama|"
            r"primärschlüssel|clé\s+primaire|khóa\s+chính|klucz\s+główny"
        ),
        _flag("is_primary", True),
        True,
    ),
    Phrase(
        _p(rf"{_A}unique\s+(?:together\s+with|together|with|per|within|combined\s+with)\s+(?P<others>\(?[A-Za-z_]\w*(?:(?:\s*[,+]\s*|\s+and\s+){_OTHER}[A-Za-z_]\w*)*\)?)"),
        _together,
        True,
    ),
    Phrase(
        _p(r"(?:与|和)\s*(?P<others>[A-Za-z_]\w*(?:\s*[,、+]\s*[A-Za-z_]\w*)*)\s*(?:联合|组合|共同)唯一"), _together, True
    ),
    Phrase(
        _p(rf"{_A}(?:UNIQUE(?:\s+(?:key|index|constraint))?|UK|UQ|@unique){_Z}|唯一(?:索引|约束|键)?|уникальн\w*|고유|유니크|유일|ユニーク|一意|"
           r"\búnic[oa]\b|benzersiz|\bunik\b|eindeutig|duy\s+nhất"),
        _flag("is_unique", True),
        True,
    ),
    Phrase(
        _p(rf"{_A}(?:NOT[\s_]+NULL(?:able)?|NN|non-?null(?:able)?|required|mandatory){_Z}|必填|非空|不为空|不可为空|不能为空|"
           r"обязательн\w*|не\s+null|필수|必須|wajib(?:\s+diisi)?|obrigatóri[oa]|obligatori[oa]|zorunlu|pflichtfeld|obligatoire|bắt\s+buộc"),
        _flag("is_nullable", False),
    ),
    Phrase(
        _p(rf"{_A}(?:(?<!default )(?<!set )NULL|nullable|optional|nullish){_Z}(?!\s+(?:on|if|when))|可空|可为空|可为null|允许空|可选|널\s?허용|"
           r"опционально|может\s+быть\s+null|nulo|opcional|boş\s+olabilir"),
        _flag("is_nullable", True),
    ),
    Phrase(_p(rf"{_A}(?:auto[\s_-]*increment(?:ed|ing)?(?:\(\))?|identity(?:\(\d+,\s*\d+\))?){_Z}|自增(?:主键)?|автоинкремент|자동\s?증가"), _increments, True),
    Phrase(_p(rf"{_A}(?:auto(?:matically)?[\s_-]*(?:generated?|set|filled|updated|managed)){_Z}|自动生成|自动更新"), _nothing),
    Phrase(_p(rf"{_A}{_DEFAULT}(?:\s*(?:is|to|=|[:：])\s*|\s+|(?=[\d'\"(（])){_VALUE}"), _default),
    Phrase(_p(rf"(?:默认|缺省)(?:值|为|是|[:：])*\s*{_VALUE}"), _default),
    Phrase(_p(rf"{_A}(?:DEFAULT|defaults?\s+to)\s*(?:is|to|=|[:：])?\s*(?P<value>'[^']*'|{_NUMBER}|true|false|\w+\(\))"), _default, True),
    Phrase(
        _p(r"(?:enum(?:eration)?|one\s+of|allowed(?:\s+values)?|possible\s+values|values?|options|in|枚举(?:值)?|取值|可选值|значения|одно\s+из|허용값|값|"
           r"valores|değerler|nilai)\s*(?:[:：=]\s*(?P<list>[^;；。\n\0]+)|$^)"),
        _values,
        True,
    ),
    Phrase(_p(rf"{_A}(?:enum|one\s+of|in|values?|枚举)\s*[:：]?\s*[(（\[{{](?P<list>[^()（）\[\]{{}}]+)[)）\]}}]"), _values, True),
    Phrase(_p(r"(?P<list>(?:'[^'\n]+'|\"[^\"\n]+\")(?:\s*[,|/、，]\s*(?:or\s+)?(?:'[^'\n]+'|\"[^\"\n]+\"))+)"), _values, True),
    Phrase(_p(rf"{_A}one\s+of\s+(?P<list>\w[\w-]*(?:\s*[,|/]\s*(?:or\s+)?\w[\w-]*)+)"), _values, True),
    Phrase(_p(rf"{_A}(?P<list>[A-Za-z_][\w-]*(?:\s*\|\s*[A-Za-z_][\w-]*)+){_Z}"), _values, True),
    Phrase(_p(rf"{_A}(?P<list>[A-Za-z_][\w-]*(?:\s*/\s*[A-Za-z_][\w-]*){{2,}}){_Z}"), _values, True),
    Phrase(_p(rf"{_A}between\s+(?P<low>{_NUMBER})\s+and\s+(?P<high>{_NUMBER})"), _between),
    Phrase(_p(rf"{_A}range\s*[:：]?\s*\(?(?P<low>{_NUMBER})\s*(?:-|–|to|\.\.|~)\s*(?P<high>{_NUMBER})\)?"), _between),
    Phrase(
        _p(r"(?P<bound>max(?:imum)?\.?|min(?:imum)?\.?|up\s+to|at\s+least|最长|最大|最短|最小|不超过)\s*(?P<length>length|len|长度)?\s*[:=：]?\s*"
           r"(?P<number>\d+)\s*(?P<unit>char(?:acter)?s?|字符|символ\w*|자|文字|caracteres|karakter|zeichen)?"),
        _bounded,
    ),
    Phrase(_p(rf"(?<![-=<>\w])(?P<operator>>=|<=|≥|≤|!=|<>|>|<)\s*(?P<value>{_NUMBER})(?![\w(])"), _compared),
    Phrase(_p(rf"{_A}(?:positive|non-?negative){_Z}|正数|非负数?"), _signed),
    Phrase(_p(rf"{_A}(?:(?:valid\s+)?(?P<format>e-?mail|url|uuid|slug)(?:\s+format)?){_Z}"), _formatted),
    Phrase(_p(rf"{_A}(?:indexed|index|idx|@index){_Z}|索引|индекс\w*|인덱스|インデックス|\bindeks(?:li)?\b|\bindexad[oa]\b|\bíndice\b"), _flag("is_indexed", True), True),
)  # fmt: skip


def finished(known: Understanding) -> FieldMention:
    """Return the field with the actions that its reference was waiting for."""
    field = known.field
    if field.references and (known.on_delete or known.on_update):
        target = revised(
            field.references.value,
            on_delete=known.on_delete.value if known.on_delete else None,
            on_update=known.on_update.value if known.on_update else None,
        )
        field = revised(field, references=Stated(target, field.references.span))
    return field
