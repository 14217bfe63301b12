"""Migrations: how they are named, which statements go forward and which back."""

import re
from collections.abc import Sequence

from asbuilt.document.blocks import Fence
from asbuilt.model.fact import Form
from asbuilt.model.sql import Migration, Role, SqlStatement
from asbuilt.reading.reader import Context
from asbuilt.reading.sql.claiming import is_sql_language
from asbuilt.reading.sql.findings import Repair
from asbuilt.reading.sql.kinds import ROLLBACK_WORDS, direction_of
from asbuilt.reading.sql.lexing import COMMENT, Token
from asbuilt.reading.sql.rewriting import Change
from asbuilt.reading.sql.splitting import Piece
from asbuilt.text import Span

_NAMED = re.compile(
    r"^\W*migration\s*(?:[:#]\s*(?P<name>\S.*?)|(?P<word>[A-Za-z]\w*[A-Z_\d]\w*|\d[\w.-]*))\W*$", re.IGNORECASE
)
_BUILDING = (Role.MIGRATION, Role.BACKFILL)


def name_in_comment(comment: str) -> str | None:
    """Return the name in `Migration: AddPhone` or `Migration 003_add_phone`, if a comment is one."""
    found = _NAMED.match(comment)
    return (found["name"] or found["word"]) if found else None


def migration_name(fence: Fence, context: Context) -> str:
    """Return the name of the migration that a fence belongs to: its heading, or its line where it has none.

    A rollback belongs to the last migration before it under the same parent heading, so that both facts carry one name and
    merging joins them.
    """
    at = next((i for i, h in enumerate(fence.path) if i and ROLLBACK_WORDS.search(h.text.text)), None)
    is_labelled = at is None and fence.label is not None and ROLLBACK_WORDS.search(fence.label.text)
    if at is not None or is_labelled:
        shared = fence.path if at is None else fence.path[:at]
        forward = _forward_before(fence, context, shared)
        return _own_name(forward if forward is not None else fence)
    return _own_name(fence)


def _own_name(fence: Fence) -> str:
    """The innermost heading that names something and is no mere direction (`Up`, `Rollback`)."""
    titles = [h.text.text.strip() for h in reversed(fence.path)]
    named = (t for t in titles if direction_of(t.rstrip(":")) is None)
    return next(named, titles[0] if titles else "migration")


def _forward_before(fence: Fence, context: Context, shared: Sequence[object]) -> Fence | None:
    found: Fence | None = None
    for block in context.document.walk():
        if block.span.start >= fence.span.start:
            break
        is_under = isinstance(block, Fence) and block.path[: len(shared)] == tuple(shared)
        if is_under and isinstance(block, Fence) and is_sql_language(block.language) and not _is_rollback(block):
            found = block
    return found


def _is_rollback(fence: Fence) -> bool:
    return any(ROLLBACK_WORDS.search(h.text.text) for h in fence.path[1:])


def migrations_of(statements: Sequence[SqlStatement]) -> tuple[Migration, ...]:
    """Return the migrations that a fence's statements make up, by their units; a rollback alone has nothing forward."""
    units: dict[str, list[SqlStatement]] = {}
    for statement in statements:
        if statement.role in (*_BUILDING, Role.ROLLBACK):
            units.setdefault(statement.unit, []).append(statement)
    return tuple(_migration(name, found) for name, found in units.items())


def _migration(name: str, statements: list[SqlStatement]) -> Migration:
    back = tuple(s for s in statements if s.role == Role.ROLLBACK)
    return Migration(
        span=Span.cover(s.span for s in statements),
        form=Form.SQL,
        name=name,
        forward=tuple(s for s in statements if s.role != Role.ROLLBACK),
        rollback=back,
        rollback_span=Span.cover(s.span for s in back) if back else None,
    )


def wrapper_parts(text: str, piece: Piece) -> tuple[str, tuple[Token, ...], Repair]:
    """Return the name of a `CREATE MIGRATION name BEGIN … END`, the tokens inside, and the repair that unwraps it.

    Offsets are those of `text`, the whole fence.
    """
    bare = [t for t in piece.tokens if t.kind != COMMENT]
    name = text[bare[2].start : bare[2].end].strip("\"'`") if len(bare) > 2 else ""
    opening = next((i for i, t in enumerate(piece.tokens) if t.word == "BEGIN"), min(2, len(piece.tokens) - 1))
    last = len(piece.tokens)
    has_end = piece.tokens[-1].word == "END"
    inside = piece.tokens[opening + 1 : last - 1 if has_end else last]
    changes = [Change(piece.start, piece.tokens[opening].end, f"-- Migration: {name}")]
    if has_end:
        changes.append(_whole_line(text, piece.tokens[-1].start, piece.end))
    message = f"`CREATE MIGRATION {name}` is no statement of PostgreSQL's"
    help = "write the statements inside as they are"
    return (
        name,
        inside,
        Repair(
            "pseudo_create_migration",
            message,
            bare[0].start,
            bare[1].end,
            tuple(changes),
            help,
            "unwrap the statements",
        ),
    )


def _whole_line(text: str, start: int, end: int) -> Change:
    line = text.rfind("\n", 0, start)
    return Change(line if line >= 0 and not text[line:start].strip() else start, end, "")
