"""Drizzle's tables: `pgTable('users', { id: uuid('id').primaryKey(), … })`."""

import re
from collections.abc import Iterator

from asbuilt.model.entities import EntityMention, FieldMention, IndexKey, IndexMention, Reference, UniqueMention
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.types import Family, TypeName
from asbuilt.reading.code.host_types import sql_type
from asbuilt.reading.code.tokens import Code, Kind
from asbuilt.reading.code.typescript.declarations import Declaration, Member, Range, members
from asbuilt.reading.code.typescript.enums import inside
from asbuilt.reading.code.typescript.types import Enums
from asbuilt.reading.reader import Context

_TABLES = frozenset({"pgTable", "mysqlTable", "sqliteTable"})


def table_facts(code: Code, declaration: Declaration, enums: Enums, context: Context) -> tuple[Fact, ...]:
    """Return the table that a declaration makes, with its indexes and constraints; nothing where it makes none."""
    call = _call(code, declaration)
    if call is None:
        return ()
    parts = list(code.split(*call))
    if len(parts) < 2 or code.tokens[parts[0][0]].kind != Kind.STRING or code.word(parts[1][0]) != "{":
        return ()
    opening = parts[1][0]
    if opening not in code.pairs:
        return ()
    fields = {m.name: f for m in members(code, (opening + 1, code.pairs[opening])) if (f := _column(code, m, enums))}
    name = code.tokens[parts[0][0]]
    entity = EntityMention(
        span=code.span(*declaration.tokens),
        form=Form.CLASS,
        name=name.value,
        name_span=inside(code, name),
        fields=tuple(fields.values()),
        is_complete=True,
        is_planned=context.is_planned,
        store=context.store,
    )
    extra = _extras(code, entity, fields, parts[2]) if len(parts) > 2 else ()
    return (entity, *extra)


def _call(code: Code, declaration: Declaration) -> Range | None:
    """Return the arguments of `pgTable(…)` or `schema.table(…)`."""
    if declaration.value is None:
        return None
    start, end = declaration.value
    for at in range(start, min(start + 3, end)):
        is_table = code.word(at) in _TABLES or (code.word(at) == "table" and code.word(at - 1) == ".")
        if is_table and code.word(at + 1) == "(" and at + 1 in code.pairs:
            return at + 2, code.pairs[at + 1]
    return None


def links(code: Code, place: Range) -> Iterator[tuple[int, Range]]:
    """Yield the calls of a chain: the token that names each, and its arguments."""
    at, end = place
    while at < end:
        if code.word(at + 1) == "(" and at + 1 in code.pairs and code.tokens[at].kind == Kind.WORD:
            yield at, (at + 2, code.pairs[at + 1])
            at = code.pairs[at + 1] + 1
        else:
            at = code.pairs.get(at, at) + 1


def _column(code: Code, member: Member, enums: Enums) -> FieldMention | None:
    chain = list(links(code, member.content)) if member.content else []
    if not chain:
        return None
    at, arguments = chain[0]
    written = code.tokens[arguments[0]] if arguments[0] < arguments[1] else None
    named = written is not None and written.kind == Kind.STRING
    calls = {code.word(i): (i, args) for i, args in chain[1:]}
    values = enums.get(code.word(at))
    return FieldMention(
        span=code.span(*member.tokens),
        form=Form.CLASS,
        name=written.value if named and written else member.name,
        name_span=inside(code, written) if named and written else member.name_span,
        type=_type(code, at, arguments, is_enum=values is not None),
        is_nullable=_said(code, calls, "notNull", False) or _said(code, calls, "primaryKey", False),
        is_primary=_said(code, calls, "primaryKey", True),
        is_unique=_said(code, calls, "unique", True),
        default=_default(code, calls),
        references=_reference(code, calls),
        values=Stated(values, code.span(at, at + 1)) if values else None,
    )


Calls = dict[str, tuple[int, Range]]


def _said(code: Code, calls: Calls, name: str, value: bool) -> Stated[bool] | None:
    if name not in calls:
        return None
    at, (_, end) = calls[name]
    return Stated(value, code.span(at, end + 1))


def _type(code: Code, at: int, arguments: Range, is_enum: bool) -> Stated[TypeName] | None:
    word = code.word(at)
    span = code.span(at, at + 1)
    if is_enum:
        return Stated(TypeName(word, "enum", Family.ENUM), span)
    text = code.text(*arguments)
    numbers = tuple(
        int(m[1]) for key in ("length", "precision", "scale") if (m := re.search(rf"\b{key}\s*:\s*(\d{{1,9}})", text))
    )
    if word == "timestamp" and re.search(r"withTimezone\s*:\s*true", text):
        word = "timestamptz"
    spaced = "double precision" if word == "doublePrecision" else word
    found = sql_type(spaced, numbers)
    return Stated(found, span) if found else None


def _default(code: Code, calls: Calls) -> Stated[str] | None:
    for name, sql in (("defaultNow", "now()"), ("defaultRandom", "gen_random_uuid()")):
        if name in calls:
            at, (_, end) = calls[name]
            return Stated(sql, code.span(at, end + 1))
    if "default" not in calls:
        return None
    start, end = calls["default"][1]
    if start >= end:
        return None
    if code.word(start) == "sql" and end - start == 2:
        token = code.tokens[start + 1]
        return Stated(token.value, inside(code, token))
    return Stated(code.text(start, end), code.span(start, end))


_REFERENCE = re.compile(r"=>\s*\(?\s*(\w+)\.(\w+)")
_ACTION = re.compile(r"on(Delete|Update)\s*:\s*['\"]([\w ]+)['\"]")


def _reference(code: Code, calls: Calls) -> Stated[Reference] | None:
    if "references" not in calls:
        return None
    at, (start, end) = calls["references"]
    text = code.text(start, end)
    match = _REFERENCE.search(text)
    if match is None:
        return None
    actions = dict(_ACTION.findall(text))
    return Stated(
        Reference(match[1], (match[2],), actions.get("Delete"), actions.get("Update")), code.span(at, end + 1)
    )


_KEY = re.compile(r"\b(\w+)\.(\w+)(?=\s*[,).\]])")


def _extras(code: Code, entity: EntityMention, fields: dict[str, FieldMention], place: Range) -> Iterator[Fact]:
    """Yield what the table's third argument states: `uniqueIndex('i').on(t.email)`, `unique().on(t.a, t.b)`."""
    for at in range(*place):
        kind = code.word(at)
        if kind not in ("index", "uniqueIndex", "unique") or code.word(at + 1) != "(" or at + 1 not in code.pairs:
            continue
        chain = list(links(code, (at, end_of_chain(code, at, place[1]))))
        on = next(((i, a) for i, a in chain if code.word(i) in ("on", "using")), None)
        if on is None:
            continue
        yield _extra(code, entity, fields, kind, chain[0], on)


def end_of_chain(code: Code, at: int, end: int) -> int:
    """Return where the chain of calls that begins at `at` ends."""
    while at < end and (code.tokens[at].kind == Kind.WORD or code.word(at) in (".", "(")):
        at = code.pairs.get(at, at) + 1
    return at


def _extra(
    code: Code,
    entity: EntityMention,
    fields: dict[str, FieldMention],
    kind: str,
    first: tuple[int, Range],
    on: tuple[int, Range],
) -> Fact:
    name = code.tokens[first[1][0]].value if first[1][0] < first[1][1] else None
    keys: list[IndexKey] = []
    for start, end in code.split(*on[1]):
        match = _KEY.search(code.text(start, end) + ",")
        if match:
            column = fields[match[2]].name if match[2] in fields else match[2]
            keys.append(IndexKey(column, code.span(start, end)))
    span = code.span(first[0], on[1][1] + 1)
    if kind == "unique":
        return UniqueMention(
            span=span, form=Form.CLASS, entity=entity.name, name=name, columns=tuple(k.text for k in keys)
        )
    return IndexMention(
        span=span, form=Form.CLASS, entity=entity.name, name=name, keys=tuple(keys), is_unique=kind == "uniqueIndex"
    )
