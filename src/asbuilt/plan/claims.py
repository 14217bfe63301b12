"""What the journal promises: the schema is what the plan left that was carried out last."""

from dataclasses import replace
from datetime import UTC, datetime

from asbuilt.engines.base import Engine, Entry, Session
from asbuilt.errors import ServerRefused
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.chapters import ChangeLogEntry
from asbuilt.model.design import Design
from asbuilt.model.sql import Migration
from asbuilt.plan.steps import fingerprint
from asbuilt.text import Span

_STANDING = ("applied", "expanded")


def recorded(engine: Engine, url: str, design: Design) -> tuple[Evidence, ...]:
    """Return whether the database at `url` is as its journal says; nothing where no plan stands in one."""
    with engine.connect(url, read_only=True) as session:
        try:
            entries = engine.journal(session).entries()
        except ServerRefused as refusal:
            claim = _claim(design, "as the journal says")
            found = Evidence(claim, Verdict.UNKNOWN, reason=f"the journal may not be read: {refusal}")
        else:
            last = next((entry for entry in reversed(entries) if entry.state in _STANDING), None)
            if last is None or entries[-1].is_open:
                return ()
            found = _compared(session, design, last)
        return (replace(found, server=session.server, taken_at=datetime.now(UTC)),)


def _compared(session: Session, design: Design, last: Entry) -> Evidence:
    claim = _claim(design, f"as plan {last.number} ({last.plan_id}) left it")
    is_so = fingerprint(session.inspect()) == last.after
    observed = (
        "as it was left" if is_so else f"changed since {last.finished_at or last.started_at:%Y-%m-%d %H:%M}, by no plan"
    )
    return Evidence(
        claim,
        Verdict.HOLDS if is_so else Verdict.BROKEN,
        observed,
        statement=f"SELECT after FROM asbuilt.plans WHERE number = {last.number}",
        reproduce="asbuilt history DOCUMENT --to URL; asbuilt plan DOCUMENT --to URL shows what differs",
    )


def _claim(design: Design, expected: str) -> Claim:
    return Claim("schema_as_recorded", Chapter.MIGRATION, "schema", (_place(design),), expected)


def _place(design: Design) -> Span:
    """Return where the document tells of changes: its newest entry in the change log, a migration, or else its first line."""
    told = [*(f.span for f in design.of(ChangeLogEntry)), *(f.span for f in design.of(Migration))]
    return told[0] if told else design.source.line_span(1)
