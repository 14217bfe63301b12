"""Migrations whose way back stands in another block."""

from collections.abc import Sequence
from dataclasses import replace

from asbuilt.model.fact import Fact
from asbuilt.model.sql import Migration, Role, SqlStatement
from asbuilt.text import Span


def join_rollbacks(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Give each migration without a rollback the statements of a rollback that follow it and belong to none.

    They belong to the last migration before them that has none of its own.
    """
    migrations = [f for f in facts if isinstance(f, Migration)]
    taken = {s.span for m in migrations for s in m.rollback}
    found: dict[Span, list[SqlStatement]] = {}
    for fact in facts:
        if isinstance(fact, SqlStatement) and fact.role == Role.ROLLBACK and fact.span not in taken:
            before = [m for m in migrations if m.span.start < fact.span.start and not m.rollback]
            if before:
                found.setdefault(before[-1].span, []).append(fact)
    return tuple(_joined(f, found) if isinstance(f, Migration) else f for f in facts)


def _joined(migration: Migration, found: dict[Span, list[SqlStatement]]) -> Migration:
    rollback = found.get(migration.span)
    if not rollback or migration.rollback:
        return migration
    return replace(migration, rollback=tuple(rollback), rollback_span=Span.cover(s.span for s in rollback))
