"""What the journal promises: the schema is what the plan left that was carried out last."""

import shlex
from dataclasses import replace
from datetime import UTC, datetime

from asbuilt.engines.base import Engine
from asbuilt.errors import ServerRefused
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.chapters import ChangeLogEntry
from asbuilt.model.design import Design
from asbuilt.model.sql import Migration
from asbuilt.plan.drifting import Drift, drift
from asbuilt.text import Span


def recorded(engine: Engine, url: str, design: Design) -> tuple[Evidence, ...]:
    """Return whether the database at `url` is as its journal says; nothing where no plan stands in one."""
    with engine.connect(url, read_only=True) as session:
        journal = engine.journal(session)
        try:
            entries = journal.entries()
        except ServerRefused as refusal:
            claim = _claim(design, "as the journal says")
            found = Evidence(claim, Verdict.UNKNOWN, reason=f"the journal may not be read: {refusal}")
        else:
            left = drift(journal, entries, session.inspect()) if entries else None
            if left is None:
                return ()
            found = _compared(design, left)
        return (replace(found, server=session.server, taken_at=datetime.now(UTC)),)


def _compared(design: Design, left: Drift) -> Evidence:
    last = left.last
    claim = _claim(design, f"as plan {last.number} ({last.plan_id}) left it")
    since = last.finished_at or last.started_at
    return Evidence(
        claim,
        Verdict.BROKEN if left.is_there else Verdict.HOLDS,
        f"changed since {since:%Y-%m-%d %H:%M}, by no plan: {left.told}" if left.is_there else "as it was left",
        statement=f"SELECT after FROM asbuilt.plans WHERE number = {last.number}",
        reproduce=command("history", design.source.path),
        rows=left.changes or (),
    )


def command(verb: str, document: str) -> str:
    """Return the command line that shows the same again."""
    return f'asbuilt {verb} {shlex.quote(document)} --to "$DATABASE_URL"'


def _claim(design: Design, expected: str) -> Claim:
    return Claim("schema_as_recorded", Chapter.MIGRATION, "schema", (_place(design),), expected)


def _place(design: Design) -> Span:
    """Return where the document tells of changes: its newest entry in the change log, a migration, or else its first line."""
    told = [*(f.span for f in design.of(ChangeLogEntry)), *(f.span for f in design.of(Migration))]
    return told[0] if told else design.source.line_span(1)
