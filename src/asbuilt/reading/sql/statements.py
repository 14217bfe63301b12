"""One statement to facts."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from asbuilt.model.entities import EntityMention
from asbuilt.model.fact import Fact, Form
from asbuilt.model.revising import revised
from asbuilt.model.sql import QueryPattern, Role, SqlStatement
from asbuilt.reading.chapters.personal_data import personal_fields
from asbuilt.reading.lists.denormalized import added_copy
from asbuilt.reading.sql.creates import creates_of
from asbuilt.reading.sql.definitions import facts_of
from asbuilt.reading.sql.drafts import Draft
from asbuilt.reading.sql.kinds import Section, kind_of, role_of
from asbuilt.reading.sql.lexing import Token, tokenize
from asbuilt.reading.sql.mysql import aligned, transpiled
from asbuilt.reading.sql.needs import needs_of
from asbuilt.reading.sql.preparing import Prepared
from asbuilt.reading.sql.remarks import served_by, target_ms, words_of
from asbuilt.reading.sql.scopes import columns_used
from asbuilt.reading.sql.splitting import Piece
from asbuilt.reading.sql.syntax import Parsed, Refusal, parse
from asbuilt.text import Excerpt

_STATING = (Role.SCHEMA, Role.MIGRATION)
_SYSTEM_CALLS = frozenset(
    {"pg_reload_conf", "pg_terminate_backend", "pg_cancel_backend", "set_config", "pg_rotate_logfile"}
)


class Unit(Struct, frozen=True):
    """What the statements of a fence, or of one migration in it, share. `is_other`: a label gives it to another database than the document's."""

    name: str
    section: Section
    dialect: str
    heading: str = ""
    is_other: bool = False


class Understood(Struct, frozen=True):
    """A statement that PostgreSQL's grammar takes, as it is or made right."""

    sql: Excerpt
    parsed: Parsed
    tokens: Sequence[Token]
    parameters: tuple[str, ...] = ()
    is_repaired: bool = False


def understood(text: Excerpt, made: Prepared, tokens: Sequence[Token], unit: Unit) -> Understood | Refusal:
    """Parse a statement; where PostgreSQL refuses another dialect's, try it translated."""
    parsed = parse(made.sql.text)
    if isinstance(parsed, Parsed):
        own = tokens if made.sql is text else tokenize(made.sql.text)
        return Understood(made.sql, parsed, own, made.parameters, made.is_repaired)
    if unit.dialect == "postgresql" and not any(t.kind == "backtick" for t in tokens):
        return parsed
    other = transpiled(text.text, unit.dialect)
    again = parse(other) if other else parsed
    if other is None or isinstance(again, Refusal):
        return parsed
    return Understood(_aligned(text, tokens, other), again, tokenize(other), made.parameters, True)


def _aligned(text: Excerpt, tokens: Sequence[Token], other: str) -> Excerpt:
    made = [(t.start, t.end, other[t.start : t.end].strip('"').upper()) for t in tokenize(other)]
    known = dict(aligned(text.text, tokens, made))
    anchors: list[tuple[int, int]] = []
    place = text.offset(0)
    starts = {start: end for start, end, _ in made if start in known}
    last = 0
    for index in range(len(other)):
        if index in known:
            place, last = text.offset(known[index]), starts[index]
            anchors.append((index, place))
        elif index >= last:
            anchors.append((index, place))
    return Excerpt(other, tuple(anchors) or ((0, place),))


def meta_statement(text: Excerpt, unit: Unit) -> SqlStatement:
    """Return a command of psql's own (`\\c shop`)."""
    return SqlStatement(
        span=text.span(),
        text=text,
        kind="meta",
        role=Role.SETTING,
        run=text,
        chapter=unit.section.chapter.value,
        unit=unit.name,
        dialect=unit.dialect,
    )


def unexamined_statement(text: Excerpt, unit: Unit) -> SqlStatement:
    """Return a statement whose tree is not known, as written: one of another dialect's own is never run."""
    words = [t.word.lower() for t in tokenize(text.text)[:2] if t.word.isalpha()]
    kind = " ".join(words if words[:1] in (["create"], ["alter"], ["drop"]) else words[:1])
    role = role_of(kind, unit.section)
    return SqlStatement(
        span=text.span(),
        text=text,
        kind=kind,
        role=role if unit.dialect == "postgresql" or role in (Role.SETTING, Role.MAINTENANCE) else Role.EXAMPLE,
        run=text,
        chapter=unit.section.chapter.value,
        unit=unit.name,
        dialect=unit.dialect,
    )


def read_statement(body: Excerpt, piece: Piece, text: Excerpt, found: Understood, unit: Unit) -> list[Fact]:
    """Return the facts of one statement: itself, and what it states."""
    comments = (*piece.above, *piece.below)
    draft = Draft(
        text, found.sql, found.parsed, found.tokens, words_of(body.text, piece.above), words_of(body.text, piece.below)
    )
    statement = _statement(draft, found, unit)
    indexes = served_by(body, comments)
    target = target_ms(body, comments)
    if statement.kind in ("select", "explain") and statement.role == Role.EXAMPLE and (indexes or target):
        statement = revised(statement, role=Role.QUERY)
    facts: list[Fact] = [statement]
    if statement.role in _STATING:
        facts += (_planned(f, unit) for f in facts_of(draft))
    facts += _personal(statement, [body.cut(c.start, c.end) for c in piece.above])
    facts += _copies(statement, " ".join(body.text[c.start : c.end] for c in comments))
    if statement.role == Role.QUERY and statement.kind not in ("set", "show"):
        title = draft.title or unit.heading
        facts.append(
            QueryPattern(
                span=statement.span,
                form=Form.SQL,
                title=title,
                statement=statement,
                served_by=indexes,
                target_ms=target,
            )
        )
    return facts


def _personal(statement: SqlStatement, comments: Sequence[Excerpt]) -> Iterator[Fact]:
    """Yield the columns that a comment above a table calls personal (`PII columns (first_name, email)`)."""
    table = next((made.name for made in statement.creates if made.kind == "table"), None)
    for comment in comments if table and statement.kind == "create table" else ():
        yield from personal_fields(comment, table or "")


def _copies(statement: SqlStatement, words: str) -> Iterator[Fact]:
    """Yield the columns that a statement adds as copies of others, as its comments say."""
    for made in statement.creates if statement.kind == "alter table" else ():
        if made.kind == "column" and (copy := added_copy(made.table or "", made.name, words, statement.span)):
            yield copy


def _planned(fact: Fact, unit: Unit) -> Fact:
    return revised(fact, is_planned=True) if unit.section.is_planned and isinstance(fact, EntityMention) else fact


def _statement(draft: Draft, found: Understood, unit: Unit) -> SqlStatement:
    kind = kind_of(found.parsed.name, found.parsed.node)
    creates = creates_of(found.parsed.name, found.parsed.node)
    needs = needs_of(draft, creates)
    calls = {n.name.name for n in needs if n.name.kind == "function"}
    section = unit.section
    role = role_of(kind, section, calls_system=bool(calls & _SYSTEM_CALLS) and kind == "select")
    return SqlStatement(
        span=draft.whole(),
        text=draft.text,
        kind=kind,
        role=Role.EXAMPLE if unit.is_other else role,
        run=found.sql,
        is_repaired=found.is_repaired,
        creates=creates,
        needs=needs,
        uses=columns_used(draft),
        parameters=found.parameters,
        chapter=section.chapter.value,
        unit=unit.name,
        dialect=unit.dialect,
    )
