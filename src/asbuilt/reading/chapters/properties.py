"""Keys and values of the document and its sections: label lines, bullets, front matter."""

import re

import yaml

from asbuilt.document.blocks import Block, FrontMatter
from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Property
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.chapters.statements import RULE
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt

_MARKER = re.compile(
    r"\W*(?:note|important|warning|caution|attention|tip|rules?|注意|重要|警告|规则|注|주의|참고|важно|внимание|nota|importante|hinweis|wichtig|not|önemli)\W*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?]\s+\S|[。；;！]\s*\S")
_LINE = re.compile(r"^(?P<key>[\w][\w .-]*?)[ \t]*:[ \t]+(?P<value>\S[^\n]*)$", re.MULTILINE)


def read_property(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """`**Key**: value`. In a chapter that promises something, a value of several sentences is a statement instead,
    and so is a rule behind a key that is not marked as one or only says `Note`."""
    if entry.key is None or not entry.value.text:
        return ()
    is_descriptive = context.chapter in (Chapter.OVERVIEW, Chapter.ENTITIES)
    if (not entry.is_strong or _MARKER.fullmatch(entry.key.text)) and RULE.search(entry.value.text):
        return ()
    if not is_descriptive and (len(entry.value.text) > 160 or _SENTENCE.search(entry.value.text)):
        return ()
    return (
        Property(
            span=entry.span,
            form=Form.LABEL,
            chapter=context.chapter,
            key=entry.key.text,
            value=" ".join(entry.value.text.split()),
            value_span=entry.value.span(),
        ),
    )


def read_front_matter(block: Block, context: Context) -> Reading | None:
    """Read a property from each scalar, nested keys joined by full stops; broken YAML line by line.

    Example: `owner: data team` is the property `owner`.
    """
    if not isinstance(block, FrontMatter):
        return None
    try:
        root = yaml.compose(block.body.text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return Reading(tuple(_lines(block.body, context)))
    if not isinstance(root, yaml.MappingNode):
        return Reading(prose=(block.span,))
    return Reading(tuple(_scalars(root, block.body, context, "")))


def _scalars(node: yaml.MappingNode, body: Excerpt, context: Context, prefix: str) -> list[Property]:
    found = []
    for key, value in node.value:
        name = f"{prefix}{key.value}" if isinstance(key, yaml.ScalarNode) else prefix
        place = body.cut(value.start_mark.index, value.end_mark.index).strip()
        if isinstance(value, yaml.MappingNode):
            found += _scalars(value, body, context, f"{name}.") if len(prefix) < 100 else []
        elif place.text and not find_placeholders(place):
            whole = body.cut(key.start_mark.index, value.end_mark.index).strip()
            text = value.value if isinstance(value, yaml.ScalarNode) else place.text
            found.append(_property(whole, name, text, place, context))
    return found


def _lines(body: Excerpt, context: Context) -> list[Property]:
    places = ((m, body.cut(*m.span()), body.cut(*m.span("value"))) for m in _LINE.finditer(body.text))
    return [
        _property(whole, m["key"], value.text, value, context)
        for m, whole, value in places
        if not find_placeholders(value)
    ]


def _property(whole: Excerpt, key: str, value: str, place: Excerpt, context: Context) -> Property:
    return Property(
        span=whole.span(), form=Form.YAML, chapter=context.chapter, key=key, value=value, value_span=place.span()
    )
