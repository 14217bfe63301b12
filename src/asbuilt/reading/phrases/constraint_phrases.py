"""What a sentence constrains: `users.email must be unique`, `CHECK (total >= 0)`, `x.y must be between 1 and 5`."""

import re

from asbuilt.evidence import Chapter
from asbuilt.model.entities import CheckMention, ForeignKeyMention, PrimaryKeyMention, UniqueMention
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.phrases.actions import stated_actions
from asbuilt.reading.phrases.conditions import condition_of
from asbuilt.reading.phrases.pieces import bare
from asbuilt.reading.phrases.subjects import Subject, subjects_in
from asbuilt.reading.reader import Context
from asbuilt.reading.tables.table_layouts import INDEX_WORD
from asbuilt.text import Excerpt

_UNIQUE = re.compile(
    r"^\W*(?:(?:fields?|columns?|combination|pair|values?|字段|组合|联合)\s*)?(?:(?:must|should|has\s+to|have\s+to|is|are|be|as|都|均|必须|应|保持|全局|联合|组合|"
    r"должн\w+|быть|는|은|이|가|は|が|deve|debe|ser)\s*)*(?:a\s+|globally\s+)?(?:unique|唯一|уникальн\w*|고유|유니크|유일|一意|ユニーク|únic[oa]s?|benzersiz|unik)",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"together|combination|composite|pair|联合|组合|совместно|복합|조합|組み合わせ|juntos|conjunto|birlikte|kombinasi",
    re.IGNORECASE,
)
_UNIQUE_FIRST = re.compile(
    r"^\W*(?:unique(?:\s+(?:constraint|key|index))?|唯一(?:约束|键|索引)?)(?:\s+(?:on|for|over|in))?\s*[:：]?\s*(?=[A-Za-z_(`])",
    re.IGNORECASE,
)
_CHECK_CALL = re.compile(
    r"^\W*(?:(?P<name>[a-z_]\w*)\s*[:：]\s*)?CHECK\s*\((?P<condition>.+)\)", re.IGNORECASE | re.DOTALL
)
_PRIMARY = re.compile(r"^\W*(?:composite\s+)?(?:primary\s+key|主键|PK)\s*[:：]?\s*\((?P<names>[^()]+)\)", re.IGNORECASE)
_FOREIGN = re.compile(
    r"^\W*(?:(?:foreign\s+key|外键|FK)\s*[:：]?\s*)?\(?(?:(?P<entity>[A-Za-z_]\w*)\.)?(?P<column>[A-Za-z_]\w*)\)?\s*(?:→|->|=>|references|REFERENCES|must\s+reference|引用|参照|关联|ссылается\s+на)\s*"
    r"(?:(?:the\s+)?(?P<target>[A-Za-z_]\w*)(?:\.(?P<to>[A-Za-z_]\w*)|\s*\(\s*(?P<tos>[^()]+?)\s*\)|\s+(?:table|表)\b))(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_DEMANDS = re.compile(
    r"^\W*(?:must|should|shall|cannot|has\s+to|needs\s+to|必须|应(?:该)?|不能|不得|должн\w+|>=?|<=?|≥|≤|between|in\s*[(\[]|one\s+of|介于)",
    re.IGNORECASE,
)
_NO_CHECK = re.compile(
    r"encrypt|hash|mask|log|index|cache|backup|audit|加密|脱敏|索引|缓存|referenc|exist", re.IGNORECASE
)


def constraints_in(text: Excerpt, context: Context) -> tuple[Fact, ...]:
    """Return the constraints that one bullet states, none where it states something else."""
    text = text.strip()
    for recognise in (_keys, _check_call, _foreign_key, _unique_first, _rules):
        facts = recognise(text, context)
        if facts:
            return facts
    return ()


def _keys(text: Excerpt, context: Context) -> tuple[Fact, ...]:
    found = _PRIMARY.match(text.text)
    if not found or not context.entity:
        return ()
    columns = tuple(re.findall(r"[A-Za-z_]\w*", found["names"]))
    return (
        PrimaryKeyMention(
            span=text.span(), form=Form.LISTING, store=context.store, entity=context.entity, columns=columns
        ),
    )


def _check_call(text: Excerpt, context: Context) -> tuple[Fact, ...]:
    found = _CHECK_CALL.match(text.text)
    if not found or not context.entity:
        return ()
    condition = found["condition"].strip()
    return (
        CheckMention(
            span=text.span(),
            form=Form.LISTING,
            store=context.store,
            entity=context.entity,
            name=found["name"],
            condition=condition,
            text=text.text,
        ),
    )


def _foreign_key(text: Excerpt, context: Context) -> tuple[Fact, ...]:
    found = _FOREIGN.match(text.text)
    owner = found and (found["entity"] or context.entity)
    if not found or not owner:
        return ()
    on_delete, on_update = stated_actions(text.cut(*found.span("rest")))
    targets = tuple(c.strip() for c in (found["to"] or found["tos"] or "").split(",") if c.strip())
    return (
        ForeignKeyMention(
            span=text.span(),
            form=Form.LISTING,
            store=context.store,
            entity=owner,
            columns=(found["column"],),
            target=found["target"],
            target_span=text.span(*found.span("target")),
            target_columns=targets,
            on_delete=on_delete,
            on_update=on_update,
        ),
    )


def _unique_first(text: Excerpt, context: Context) -> tuple[Fact, ...]:
    """`UNIQUE (user_id, sku)`, `Unique constraint on users.email`. An index says so and is read as one."""
    found = _UNIQUE_FIRST.match(text.text)
    if not found or INDEX_WORD.search(found[0]):
        return ()
    subjects, rest = subjects_in(text.cut(found.end(), len(text.text)))
    if rest.text.strip() and not re.match(r"[\s.。,;(（\-–—:：]|per\b|for\b|on\b", rest.text):
        return ()
    owner = re.match(r"\s*(?:on|for|in)\s+`?(?P<entity>[A-Za-z_]\w*)", rest.text)
    return _uniques(subjects, text, owner["entity"] if owner else context.entity or "", context, is_together=False)


def _rules(text: Excerpt, context: Context) -> tuple[Fact, ...]:
    subjects, rest = subjects_in(text)
    if not subjects or not rest.text.strip():
        return ()
    if _UNIQUE.match(rest.text):
        return _uniques(subjects, text, context.entity or "", context, is_together=bool(_TOGETHER.search(rest.text)))
    return _checks(subjects, rest, text, context)


def _uniques(
    subjects: tuple[Subject, ...], text: Excerpt, entity: str, context: Context, *, is_together: bool
) -> tuple[Fact, ...]:
    if is_together and len(subjects) > 1:
        columns = tuple(column for subject in subjects for column in subject.columns)
        subjects = (Subject(subjects[0].entity, columns, text),)
    if any(not (subject.entity or entity) for subject in subjects):
        return ()
    return tuple(
        UniqueMention(
            span=subject.text.span() if len(subjects) > 1 else text.span(),
            form=Form.LISTING,
            store=context.store,
            entity=subject.entity or entity,
            columns=subject.columns,
        )
        for subject in subjects
    )


def _checks(subjects: tuple[Subject, ...], rest: Excerpt, text: Excerpt, context: Context) -> tuple[Fact, ...]:
    """A demand on a field's value. What is demanded in words is kept in words, in the chapters about integrity."""
    entity = subjects[0].entity or context.entity
    if not entity or not _DEMANDS.match(rest.text) or _NO_CHECK.search(rest.text) or len(subjects[0].columns) != 1:
        return ()
    condition = condition_of(subjects[0].columns[0], rest.text)
    if condition is None and context.chapter not in (Chapter.INTEGRITY, Chapter.ENTITIES):
        return ()
    words = bare(text).text
    return tuple(
        CheckMention(
            span=text.span(),
            form=Form.LISTING,
            store=context.store,
            entity=subject.entity or entity,
            columns=subject.columns,
            condition=condition_of(subject.columns[0], rest.text),
            text=words,
        )
        for subject in subjects
        if len(subject.columns) == 1
    )
