"""Bullets about relationships: `User 1:N Order`, `**User** → **Order**: places` with its details, `One-to-Many with Order (via user_id)`."""

import re
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.document.blocks import Item, List
from asbuilt.evidence import Chapter
from asbuilt.model.entities import Cardinality, RelationshipMention
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.names import normal
from asbuilt.model.revising import revised
from asbuilt.reading.lists.leftovers import facts_in_words
from asbuilt.reading.lists.majorities import read_most
from asbuilt.reading.phrases.actions import stated_actions
from asbuilt.reading.phrases.cardinalities import (
    ONE_TO_MANY,
    POLYMORPHIC,
    SELF,
    Counts,
    Relation,
    cardinality_in,
    relation_in,
)
from asbuilt.reading.phrases.pieces import bare, split
from asbuilt.reading.phrases.placeholders import find_placeholders, is_placeholder
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt

_OF_ITSELF: Counts = (Cardinality.ZERO_OR_ONE, Cardinality.ZERO_OR_MORE)
_CHAPTERS = frozenset({Chapter.OVERVIEW, Chapter.ENTITIES, Chapter.INTEGRITY})
_LONGEST = 1000
"""How many characters a line about a relationship has at most: the patterns below backtrack."""
_WITH = re.compile(
    r"^\W*+(?P<kind>[^(（:：]{0,80}?)\s*(?:with|to|[:：]|与|和|c\s|с|com|con|ile)\s+[`*]*(?P<entity>[A-Za-z_][A-Za-z0-9_]*)[`*]*(?![A-Za-z0-9_])(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_HAS = re.compile(
    r"^\W*(?P<kind>has[\s_]*many|has[\s_]*one|belongs[\s_]*to[\s_]*many|belongs[\s_]*to|有多个|属于|拥有多个)\s*[:：]?\s*(?:an?\s+|one\s+)?[`*]*(?P<entity>[A-Za-z_][A-Za-z0-9_]*)[`*]*(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_SELF = re.compile(
    r"^\W*[`*]*(?P<entity>[A-Za-z_][A-Za-z0-9_]*)[`*]*(?:\s+\w+)?\s+(?:with|via|through|using|通过)\s+`?(?:\w+\.)?(?P<via>[A-Za-z_][A-Za-z0-9_]*)`?"
)
_VIA = re.compile(
    r"(?:via|through|using|by|foreign\s+key|FK|外键|通过|через|внешний\s+ключ|외래키)\s*[:：]?\s*[`(]*(?:(?P<table>[A-Za-z_]\w*)\.)?(?P<via>[A-Za-z_][A-Za-z0-9_]*)",
    re.IGNORECASE,
)
_KEY = re.compile(r"[（(]\s*`?(?:[A-Za-z_]\w*\.)?(?P<via>[A-Za-z_]\w*_id|[a-z]\w*Id)`?\s*[)）]")
_DETAILS = re.compile(
    r"^\W*(?P<key>foreign\s+key|FK|implementation|cascade(?:\s+rules?)?|on\s+delete|junction(?:\s+table)?|join\s+table|through|pivot(?:\s+table)?|"
    r"additional\s+attributes?|attributes?|外键|级联(?:规则)?|中间表|关联表|附加属性|внешний\s+ключ|каскад\w*|промежуточная\s+таблица)\W*[:：]\s*(?P<value>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_POLYMORPHIC = re.compile(
    r"^\W*[`*]*(?P<entity>[A-Za-z_]\w*)[`*]*\s*[:：]?\s*[(（]\s*`?(?P<type>\w*_?[tT]ype)`?\s*[,+、/]\s*`?(?P<id>\w*_?[iI]d)`?\s*[)）]\s*(?:→|->|:|：|references|to)?\s*(?P<targets>.*)$",
    re.DOTALL,
)


class _Standing(Struct, frozen=True):
    """What the label and the heading say: how many, of itself, of any type; and whose relationships they are."""

    counts: Counts | None
    is_self: bool
    is_polymorphic: bool
    entity: Excerpt | None


def read_relationship_list(block: List, context: Context) -> Reading | None:
    """Read a list most of whose items relate entities, with what their nested items add."""
    if context.chapter not in _CHAPTERS:
        return None
    standing = _standing(block, context)
    found = read_most(block.items, lambda item: tuple(_relations_of(item, standing)))
    if found is None:
        return None
    facts: list[Fact] = []
    for item, relations in found:
        facts += relations or facts_in_words(item, block, context)
    return Reading(tuple(facts))


def _standing(block: List, context: Context) -> _Standing:
    label = block.label.text if block.label else ""
    heading = block.heading.text.text if block.heading else ""
    near = f"{label}\n{heading}"
    return _Standing(
        counts=cardinality_in(label) or cardinality_in(heading),
        is_self=bool(SELF.search(near)),
        is_polymorphic=bool(POLYMORPHIC.search(near)),
        entity=_owner(context),
    )


def _owner(context: Context) -> Excerpt | None:
    if not context.entity or not context.entity_span or is_placeholder(context.entity):
        return None
    return Excerpt.at(context.entity, context.entity_span.start)


def _relations_of(item: Item, standing: _Standing) -> Iterator[RelationshipMention]:
    text = item.text.strip()
    if len(text.text) > _LONGEST:
        return
    if find_placeholders(item.raw) and any(map(is_placeholder, (bold.text for bold in item.bolds))):
        return
    for relation in _stated(text, standing):
        yield _with_details(relation, item)


def _stated(text: Excerpt, standing: _Standing) -> tuple[RelationshipMention, ...]:
    for recognise in (_polymorphic, _of_itself, _between, _labelled, _of_owner):
        found = recognise(text, standing)
        if found:
            return found
    return ()


def _made(text: Excerpt, left: Excerpt, right: Excerpt, counts: Counts, **more: str | None) -> RelationshipMention:
    return RelationshipMention(
        span=text.span(),
        form=Form.LISTING,
        left=left.text.strip("[]"),
        right=right.text.strip("[]"),
        left_span=left.span(),
        right_span=right.span(),
        left_count=counts[0],
        right_count=counts[1],
        verb=more.get("verb") or "",
        via=more.get("via"),
        junction=more.get("junction"),
        type_field=more.get("type_field"),
    )


def _between(text: Excerpt, standing: _Standing) -> tuple[RelationshipMention, ...]:
    """`User 1:N Order`; with an arrow only, a heading or the words behind it must say how many."""
    relation = relation_in(text)
    is_self = relation is not None and normal(relation.left.text) == normal(relation.right.text)
    counts = relation and (relation.counts or standing.counts or (_OF_ITSELF if is_self else None))
    if not relation or not counts or _is_column(relation):
        return ()
    return (
        _made(
            text,
            relation.left,
            relation.right,
            counts,
            **_keys_in(relation.rest.text, counts),
            verb=relation.verb or _verb(relation.rest.text),
        ),
    )


def _is_column(relation: Relation) -> bool:
    """`user_id → users.id` is a foreign key, no relationship of two entities."""
    return (
        "." in relation.right.text or "." in relation.left.text or bool(re.search(r"(?:_id|Id)$", relation.left.text))
    )


def _verb(rest: str) -> str:
    said = re.match(r"\s*[:：\-–—]\s*(?P<verb>[^(（\n]+)", rest)
    return said["verb"].strip(" .。") if said and cardinality_in(said["verb"]) is None else ""


def _keys_in(rest: str, counts: Counts) -> dict[str, str | None]:
    """Return the foreign key or the junction that words like `(via user_id)` name."""
    found = _VIA.search(rest) or _KEY.search(rest)
    if not found:
        return {}
    many = counts[0].is_many and counts[1].is_many
    return {"junction" if many else "via": found["via"]}


def _of_owner(text: Excerpt, standing: _Standing) -> tuple[RelationshipMention, ...]:
    """`One-to-Many with Order (via user_id)`, `belongs to User`, under the heading of an entity."""
    if standing.entity is None:
        return ()
    has = _HAS.match(text.text)
    with_ = None if has else _WITH.match(text.text)
    found = has or with_
    counts = cardinality_in(found["kind"]) if found else None
    if not found or not counts or is_placeholder(found["entity"]):
        return ()
    other = text.cut(*found.span("entity"))
    return (
        _made(text, standing.entity, other, counts, **_keys_in(found["rest"], counts), verb=has["kind"] if has else ""),
    )


def _of_itself(text: Excerpt, standing: _Standing) -> tuple[RelationshipMention, ...]:
    """`Categories with parent_id`, under a heading or label about self-reference."""
    found = _SELF.match(text.text)
    if not found or not (standing.is_self or SELF.search(text.text)):
        return ()
    entity = text.cut(*found.span("entity"))
    return (_made(text, entity, entity, _OF_ITSELF, via=found["via"]),)


def _polymorphic(text: Excerpt, standing: _Standing) -> tuple[RelationshipMention, ...]:
    """`Comments (commentable_type, commentable_id) → Post, Product`."""
    found = _POLYMORPHIC.match(text.text)
    if not found or not (standing.is_polymorphic or POLYMORPHIC.search(text.text) or found["targets"]):
        return ()
    entity = text.cut(*found.span("entity"))
    targets = [bare(piece) for piece in split(text.cut(*found.span("targets")), ",，、/|")]
    named = [target for target in targets if re.fullmatch(r"[A-Za-z_]\w*", target.text)]
    return tuple(
        _made(text, target, entity, ONE_TO_MANY, via=found["id"], type_field=found["type"]) for target in named
    )


def _labelled(text: Excerpt, standing: _Standing) -> tuple[RelationshipMention, ...]:
    """`**One-to-Many**: User → Posts, Category → Products`: the label counts for every pair behind it."""
    label = re.match(r"^[^:：]{3,40}[:：]\s*", text.text)
    counts = cardinality_in(label[0]) if label else None
    is_self = bool(label and SELF.search(label[0]))
    if not label or not (counts or is_self):
        return ()
    inner = revised(standing, counts=counts or standing.counts, is_self=is_self)
    pieces = split(text.cut(label.end(), len(text.text)), ",，、;；")
    found = [(_of_itself if is_self else _between)(piece, inner) for piece in pieces]
    return tuple(one for relations in found for one in relations)


def _with_details(relation: RelationshipMention, item: Item) -> RelationshipMention:
    """Add what the nested items say: foreign key, cascades, junction, its attributes."""
    told = relation
    for child in item.children:
        if isinstance(child, List):
            for inner in child.items:
                told = _detailed(told, inner)
    return told if told is relation else revised(told, span=item.span)


def _detailed(relation: RelationshipMention, inner: Item) -> RelationshipMention:
    detail = _DETAILS.match(inner.text.text)
    if not detail or find_placeholders(inner.raw):
        return relation
    key, value = detail["key"].lower(), inner.text.cut(*detail.span("value"))
    if re.match(r"cascade|on\s|级联|каскад", key):
        on_delete, on_update = _actions(value, key)
        return revised(relation, on_delete=relation.on_delete or on_delete, on_update=relation.on_update or on_update)
    name = re.match(r"\W*(?:[A-Za-z_]\w*\.)?(?P<name>[A-Za-z_]\w*)", value.text)
    if re.match(r"foreign|fk|外键|внешний", key):
        return revised(relation, via=relation.via or (name["name"] if name else None))
    if "attribute" in key or "属性" in key:
        names = tuple(found[0] for piece in split(value) if (found := re.match(r"[A-Za-z_]\w*", bare(piece).text)))
        return revised(relation, attributes=names)
    if key != "implementation":
        return revised(relation, junction=relation.junction or (name["name"] if name else None))
    return relation


def _actions(value: Excerpt, key: str) -> tuple[Stated[str] | None, Stated[str] | None]:
    on_delete, on_update = stated_actions(value)
    if on_delete or on_update or key != "on delete":
        return on_delete, on_update
    return stated_actions(
        Excerpt(
            "delete " + value.text,
            ((0, value.offset(0)), (7, value.offset(0)), *((i + 7, o) for i, o in value.anchors[1:])),
        )
    )
