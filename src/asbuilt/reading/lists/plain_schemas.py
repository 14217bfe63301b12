"""Schemas in plain text: `Users: id, email`, `users(id, email)`, `users { id integer pk }`, DBML, indented lists.

A fence without a language, or a paragraph, is read line by line; it is a schema only if every line fits one.
"""

import re
from dataclasses import dataclass, field

from asbuilt.document.blocks import Block, Fence, Paragraph
from asbuilt.evidence import Chapter
from asbuilt.model.entities import EntityMention, EnumMention, EnumValue, FieldMention, ForeignKeyMention, IndexMention
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.lists.listed_fields import field_in, listed_fields, read_remarks
from asbuilt.reading.phrases.actions import stated_actions
from asbuilt.reading.phrases.field_phrases import finished
from asbuilt.reading.phrases.index_keys import keys_in, says_unique
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.phrases.type_phrases import starts_with_type
from asbuilt.reading.reader import Context, Reading
from asbuilt.reading.standing import is_other_dialect
from asbuilt.reading.tables.field_cells import understand
from asbuilt.text import Excerpt, Span

_LANGUAGES = frozenset({"", "text", "txt", "plain", "plaintext", "dbml", "schema"})
_CHAPTERS = frozenset({Chapter.OVERVIEW, Chapter.ENTITIES, Chapter.INTEGRITY})
_FOREIGN = re.compile(
    r"[┌┐└┘│─╔║═├┬┼]|^\s*\+[-=]{2,}|^\s*(?:erDiagram|graph\b|flowchart\b|interface\b|class\b|type\b|export\b|const\b|import\b|model\b|CREATE\b|SELECT\b|ALTER\b|INSERT\b|def\b|@|\$)|=>|;\s*$|----?[<>|]",
    re.MULTILINE | re.IGNORECASE,
)
_LINE = re.compile(r"[^\r\n]+")
_COMMENT = re.compile(r"\s*(?:--|//|#|/\*|\*)")
_COMPACT = re.compile(r"^\s*(?:[-*•]\s+)?[*`]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)[*`]*\s*[:：]\s*(?P<list>\S.*)$")
_CALL = re.compile(
    r"^\s*(?:[-*•]\s+)?[`]?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*(?P<list>\(.*\)|\{[^{}]+\}|\[.*\])[`]?\s*$"
)
_SPACED = re.compile(r"^(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?:\s{2,}|\t+)(?P<list>\S.*,.*)$")
_OPEN = re.compile(
    r"^\s*(?:(?P<kind>table|entity|enum|collection|indexes)\s+)?[\"`]?(?P<name>[A-Za-z_][A-Za-z0-9_.]*)[\"`]?(?:\s+as\s+\w+)?\s*(?:\[[^\]]*\])?\s*\{\s*(?://.*|--.*|#.*)?$",
    re.IGNORECASE,
)
_CLOSE = re.compile(r"^\s*\}\s*,?\s*$")
_HEADER = re.compile(
    r"^(?:(?:table|entity)\s*:?\s+)?[*`]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)[*`]*(?:\s+\(?(?:table|entity)\)?)?\s*(?P<mark>[:：])?$",
    re.IGNORECASE,
)
_MEMBER = re.compile(r"^(?P<indent>\s*)(?:[-*•]\s+)?(?P<list>[A-Za-z_]\S*.*)$")
_REF = re.compile(
    r"^\s*Ref(?:\s+\w+)?\s*[:：]\s*(?P<entity>\w+)\.\(?(?P<columns>[\w, ]+?)\)?\s*(?P<sign><>|[<>-])\s*(?P<target>\w+)\.\(?(?P<to>[\w, ]+?)\)?\s*(?P<rest>\[.*\])?\s*$",
    re.IGNORECASE,
)
_ATTRIBUTES = re.compile(r"\[(?P<inner>[^\[\]]*)\]\s*$")
_DBML = re.compile(
    r"\b(?:pk|primary\s+key|unique|not\s+null|null|increment)\b|\b(?:default|ref|note)\s*:", re.IGNORECASE
)
_INLINE_REF = re.compile(r"ref\s*:\s*(?P<sign>[<>-]+)\s*(?P<target>\w+\.\w+)", re.IGNORECASE)
_NOTE = re.compile(r"note\s*:\s*(?:'[^']*'|\"[^\"]*\")", re.IGNORECASE)
_TRAILING = re.compile(r"\s+(?:--|//|#|—|–|-)\s+(?P<words>.*)$")
_FIELD_LIKE = re.compile(r"^(?:id|uuid|\w+_id|\w+Id|\w+_at|\w+At|name|email|title|slug|status|type)$")


@dataclass(slots=True)
class _Draft:
    """An entity (or an enum, or an entity's indexes) whose lines are being collected."""

    name: Excerpt
    kind: str
    is_braced: bool
    fields: list[FieldMention] = field(default_factory=list)
    values: list[EnumValue] = field(default_factory=list)
    end: int = 0


def read_plain_schema(block: Block, context: Context) -> Reading | None:
    """Read entities and their fields from a fence in no language, or from a paragraph of compact lists.

    Example: `Users: id, email (unique), name?` is an entity with three fields.
    """
    if context.chapter not in _CHAPTERS:
        return None
    if isinstance(block, Fence) and block.language in _LANGUAGES:
        body = block.body
    elif isinstance(block, Paragraph) and len(block.text.text) < 2000:
        return _compact_paragraph(block, context)
    else:
        return None
    if _FOREIGN.search(body.text):
        return None
    reading = _Schema(context).read(body)
    return Reading(prose=(block.span,)) if reading and is_other_dialect(context) else reading


def _compact_paragraph(block: Paragraph, context: Context) -> Reading | None:
    """Every line must be `Name: field, field, …` with at least one field that only a schema has."""
    facts: list[Fact] = []
    for line in _LINE.finditer(block.text.text):
        found = _compact(block.text.cut(*line.span()), _COMPACT, context)
        if found is None or len(found.fields) < 3 or not _is_sound(found):
            return None
        facts.append(found)
    return Reading(tuple(facts)) if facts else None


def _is_sound(mention: EntityMention) -> bool:
    return any(_FIELD_LIKE.match(f.name) or f.type is not None for f in mention.fields)


def _compact(line: Excerpt, shape: re.Pattern[str], context: Context) -> EntityMention | None:
    found = shape.match(line.text)
    fields = listed_fields(line.cut(*found.span("list")), Form.LISTING) if found else None
    if not found or not fields:
        return None
    name = line.cut(*found.span("name"))
    return _mention(name, line.strip().span(), tuple(fields), context)


def _mention(name: Excerpt, span: Span, fields: tuple[FieldMention, ...], context: Context) -> EntityMention:
    return EntityMention(
        span=span,
        form=Form.LISTING,
        name=name.text.rsplit(".", 1)[-1],
        name_span=name.span(),
        fields=fields,
        is_planned=context.is_planned,
        store=context.store,
    )


class _Schema:
    """Reads a body line by line; gives up at the first line that fits no schema."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._facts: list[Fact] = []
        self._prose: list[Span] = []
        self._draft: _Draft | None = None
        self._outer: _Draft | None = None

    def read(self, body: Excerpt) -> Reading | None:
        for match in _LINE.finditer(body.text):
            line = body.cut(*match.span())
            if line.text.strip() and not self._take(line):
                return None
        self._finish()
        entities = [fact for fact in self._facts if isinstance(fact, EntityMention)]
        if not entities or sum(map(_is_sound, entities)) * 2 < len(entities):
            return None
        return Reading(tuple(self._facts), tuple(self._prose))

    def _take(self, line: Excerpt) -> bool:
        if _COMMENT.match(line.text) or is_placeholder(line.text):
            self._prose.append(line.strip().span())
            return True
        if self._draft and self._draft.is_braced:
            return self._inside(line)
        return (
            self._reference(line)
            or self._opening(line)
            or self._member(line)
            or self._whole(line)
            or self._header(line)
        )

    def _inside(self, line: Excerpt) -> bool:
        """A line between braces: the closing one, an inner `indexes {`, a value, an index, a field."""
        draft = self._draft
        if draft is None:
            return False
        if _CLOSE.match(line.text):
            draft.end = line.span().end
            self._close()
            return True
        opening = re.match(r"^\s*indexes\s*\{", line.text, re.IGNORECASE)
        if opening:
            self._outer, self._draft = draft, _Draft(draft.name, "indexes", True)
            return True
        if re.match(r"^\s*note\s*:", line.text, re.IGNORECASE):
            self._prose.append(line.strip().span())
            return True
        return self._part(draft, line)

    def _part(self, draft: _Draft, line: Excerpt) -> bool:
        if draft.kind == "indexes":
            return self._index(draft, line)
        if draft.kind == "enum":
            value = re.match(r"\s*[\"'`]?(?P<value>[\w-]+)", line.text)
            if value:
                draft.values.append(EnumValue(value["value"], line.span(*value.span("value"))))
            return value is not None
        found = member_field(line)
        if found is None:
            return False
        draft.fields.append(found)
        return True

    def _index(self, draft: _Draft, line: Excerpt) -> bool:
        found = re.match(r"^\s*(?P<keys>\([^()]*\)|\w+)\s*(?P<rest>\[.*\])?\s*$", line.text)
        keys = keys_in(line.cut(*found.span("keys"))) if found else None
        if not found or not keys:
            return False
        rest = found["rest"] or ""
        name = re.search(r"name\s*:\s*['\"](?P<name>\w+)", rest)
        self._facts.append(
            IndexMention(
                span=line.strip().span(),
                form=Form.LISTING,
                entity=draft.name.text,
                name=name["name"] if name else None,
                keys=keys,
                is_unique=says_unique(rest),
                store=self._context.store,
            )
        )
        return True

    def _reference(self, line: Excerpt) -> bool:
        """DBML's `Ref: posts.user_id > users.id`."""
        found = _REF.match(line.text)
        if not found:
            return False
        self._finish()
        near, far = ("target", "to"), ("entity", "columns")
        owner, target = (near, far) if found["sign"] == "<" else (far, near)
        on_delete, on_update = stated_actions(line.cut(*found.span("rest"))) if found["rest"] else (None, None)
        self._facts.append(
            ForeignKeyMention(
                span=line.strip().span(),
                form=Form.LISTING,
                entity=found[owner[0]],
                columns=tuple(re.findall(r"\w+", found[owner[1]])),
                target=found[target[0]],
                target_span=line.span(*found.span(target[0])),
                target_columns=tuple(re.findall(r"\w+", found[target[1]])),
                on_delete=on_delete,
                on_update=on_update,
                store=self._context.store,
            )
        )
        return True

    def _opening(self, line: Excerpt) -> bool:
        found = _OPEN.match(line.text)
        if not found:
            return False
        self._finish()
        kind = (found["kind"] or "").lower()
        self._draft = _Draft(line.cut(*found.span("name")), "enum" if kind == "enum" else "entity", True)
        return True

    def _member(self, line: Excerpt) -> bool:
        """A line below an entity's own: indented, or a bullet."""
        if self._draft is None or not re.match(r"\s+\S|\s*[-*•]\s", line.text):
            return False
        listed = member_field(line)
        several = None if listed else listed_fields(_unbulleted(line), Form.LISTING)
        if listed is None and not several:
            return False
        self._draft.fields += [listed] if listed else list(several or ())
        self._draft.end = line.strip().span().end
        return True

    def _whole(self, line: Excerpt) -> bool:
        """An entity with its fields in one line."""
        for shape in (_CALL, _SPACED, _COMPACT):
            found = _compact(line, shape, self._context)
            if found is not None:
                self._finish()
                self._facts.append(found)
                return True
        return False

    def _header(self, line: Excerpt) -> bool:
        found = _HEADER.match(line.text.rstrip())
        if not found or line.text[:1].isspace():
            return False
        self._finish()
        self._draft = _Draft(line.cut(*found.span("name")), "entity", False)
        return True

    def _close(self) -> None:
        if self._outer is not None:
            self._draft, self._outer = self._outer, None
        else:
            self._finish()

    def _finish(self) -> None:
        draft, self._draft = self._draft, None
        if draft is None:
            return
        span = Span(draft.name.span().start, max(draft.end, draft.name.span().end))
        if draft.kind == "enum" and draft.values:
            self._facts.append(
                EnumMention(
                    span=span,
                    form=Form.LISTING,
                    name=draft.name.text,
                    name_span=draft.name.span(),
                    values=tuple(draft.values),
                )
            )
        elif draft.fields:
            self._facts.append(_mention(draft.name, span, tuple(draft.fields), self._context))


def _unbulleted(line: Excerpt) -> Excerpt:
    found = re.match(r"\s*(?:[-*•]\s+)?", line.text)
    return line.cut(found.end() if found else 0, len(line.text)).strip()


def member_field(line: Excerpt) -> FieldMention | None:
    """Return the field that a line of its own describes: `id integer pk`, `email varchar [unique, not null]`, `- name: text`."""
    text = _unbulleted(line)
    words = _TRAILING.search(text.text)
    text = text.cut(0, words.start()).strip() if words else text
    text = text.cut(0, len(text.text.rstrip(" ,;")))
    attributes = _ATTRIBUTES.search(text.text)
    if not attributes or not _DBML.search(attributes["inner"]):
        return _plain_field(text)
    plain = text.cut(0, attributes.start()).strip()
    found = re.fullmatch(r"[\"`]?(?P<name>[A-Za-z_]\w*)[\"`]?\s+(?P<type>\S.*)", plain.text)
    if not found or (not starts_with_type(found["type"].strip('"')) and not re.fullmatch(r"\"?\w+\"?", found["type"])):
        return _plain_field(text)
    known = understand(plain.cut(*found.span("name")), (), text.span(), Form.LISTING)
    known = read_remarks(known, plain.cut(*found.span("type")))
    return finished(read_remarks(known, _as_phrases(text.cut(*attributes.span("inner")))))


def _as_phrases(attributes: Excerpt) -> Excerpt:
    """DBML's `ref: > users.id` with the arrow that other documents use, its notes blanked out; same length."""
    text = _NOTE.sub(lambda m: " " * len(m[0]), attributes.text)
    text = _INLINE_REF.sub(
        lambda m: (" → " + m["target"]).rjust(len(m[0])) if m["sign"] != "<" else " " * len(m[0]), text
    )
    return Excerpt(re.sub(r"\bincrement\b", "identity ", text), attributes.anchors)


def _plain_field(text: Excerpt) -> FieldMention | None:
    """A bare name, or one followed by what is known to say something."""
    found = re.match(r"[A-Za-z_]\w*\??\s*(?P<rest>.*)$", text.text)
    if not found or (re.match(r"\w+\s+\w+\s+\w+\s+\w+", text.text) and not starts_with_type(found["rest"])):
        return None
    return field_in(text, Form.LISTING)
