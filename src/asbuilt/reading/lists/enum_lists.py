"""Lists of an enumeration's values: under a heading or label that names it, or in one line (`Status: active, inactive`)."""

import re
from functools import lru_cache

from asbuilt.document.blocks import Item, List
from asbuilt.evidence import Chapter
from asbuilt.model.entities import EnumMention, EnumValue
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.lists.leftovers import facts_in_words
from asbuilt.reading.phrases.enum_names import enum_named
from asbuilt.reading.phrases.pieces import bare, split
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt

_ENUM = re.compile(
    r"\benum|枚举|列挙|열거|перечислен|\b(?:allowed\s+|possible\s+)?values\b|取值|значения", re.IGNORECASE
)
_STATES = re.compile(
    r"(?:status|state|type|role|kind|level|priority|visibility|gender|method|状态|类型|角色|статус|роль|상태|유형|状態)(?:es|s)?$",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"^[`'\"*]*(?P<value>[A-Za-z0-9_][\w.-]*)[`'\"*]*(?:\s*(?P<equals>=)\s*[`'\"]?(?P<stored>[\w.-]+)[`'\"]?)?\s*(?:$|[:：(（=—–]|-\s|→)"
)
_LINE = re.compile(
    r"^[`*\"]*(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_]\w*)?)[`*\"]*\s*(?:enum|\(enum\))?\s*[:：=]\s*(?P<list>.+)$",
    re.DOTALL | re.IGNORECASE,
)


def read_enum_list(block: List, context: Context) -> Reading | None:
    """Read a list whose items are the values of one enumeration, or an enumeration each."""
    label = block.label.text if block.label else ""
    titles = [heading.text.text for heading in reversed(block.path)][:2]
    is_enum = any(map(_is_about_values, (label, *titles)))
    if not is_enum and context.chapter not in (Chapter.ENTITIES, Chapter.INTEGRITY):
        return None
    return _one_a_line(block, context, is_enum=is_enum) or (_one_value_an_item(block, context) if is_enum else None)


@lru_cache(maxsize=4096)
def _is_about_values(title: str) -> bool:
    return _ENUM.search(title) is not None


def _one_value_an_item(block: List, context: Context) -> Reading | None:
    values = [_value(item) for item in block.items]
    if not all(values) or len(values) < 2:
        return None
    name = enum_named(block.label, block.path)
    if name is None:
        return Reading() if any(find_placeholders(heading.text) for heading in block.path) else None
    span = block.items[0].span
    return Reading(
        (
            EnumMention(
                span=type(span)(span.start, block.items[-1].span.end),
                form=Form.LISTING,
                name=name.text,
                name_span=name.span(),
                values=tuple(value for value in values if value),
            ),
        )
    )


def _value(item: Item) -> EnumValue | None:
    found = _VALUE.match(item.text.text)
    if not found:
        return None
    group = "stored" if found["stored"] else "value"
    return EnumValue(found[group], item.text.span(*found.span(group)), label=found["value"] if found["stored"] else "")


def _one_a_line(block: List, context: Context, *, is_enum: bool) -> Reading | None:
    """`OrderStatus: pending, paid`: the name must sound like an enumeration's, or the heading say so."""
    found = [(item, _line(item.text.strip(), is_enum=is_enum)) for item in block.items]
    told = sum(one is not None for _, one in found)
    if not told or told * 5 < len(found) * 4:
        return None
    facts: list[Fact] = []
    for item, one in found:
        facts += [one] if one else facts_in_words(item, block, context)
    return Reading(tuple(facts))


def _line(text: Excerpt, *, is_enum: bool) -> EnumMention | None:
    found = _LINE.match(text.text)
    if not found or not (is_enum or _STATES.search(found["name"])) or find_placeholders(text):
        return None
    listed = text.cut(*found.span("list"))
    separators = "|" if "|" in listed.text else "/" if "/" in listed.text and "," not in listed.text else ",，、;；"
    values = [bare(piece) for piece in split(listed, separators)]
    if len(values) < 2 or not all(re.fullmatch(r"[A-Za-z0-9_][\w-]*", value.text) for value in values):
        return None
    name = text.cut(*found.span("name"))
    return EnumMention(
        span=text.span(),
        form=Form.LISTING,
        name=name.text,
        name_span=name.span(),
        values=tuple(EnumValue(value.text, value.span()) for value in values),
    )
