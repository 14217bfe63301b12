"""What a document promises of its partitions in time: the coming ones are there, the old ones gone, the default one empty."""

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.ahead import Series, begun, default_of, missing, series_of
from asbuilt.engines.postgres.dividing import periods_in
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.quoting import literal, relation
from asbuilt.engines.postgres.retiring import aging, is_empty
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.design import Design
from asbuilt.model.partition_rules import Kept, ahead_of
from asbuilt.project.ahead import horizon_of, today_of
from asbuilt.project.cut_off import in_sight, never_made_there, told_of_cut_off
from asbuilt.project.in_time import made_ahead, without_retired
from asbuilt.project.retiring import retired_since, rules_of
from asbuilt.text import Span
from asbuilt.verify import NOT_YET, Run
from asbuilt.verify.described import Item
from asbuilt.verify.places import Places

_DAY = timedelta(days=1)


class Promise(Protocol):
    """Something that a document promises of a table as time goes on."""

    @property
    def claim(self) -> Claim: ...

    def proved(self, session: Session, actual: DatabaseState, today: date) -> Iterator[Evidence]:
        """Yield what is seen of it in the session's database, whose state is `actual`."""


_SAID = ("retention", "partitions_made_ahead")


def with_unproved(evidence: tuple[Evidence, ...], design: Design, wanted: DatabaseState) -> tuple[Evidence, ...]:
    """Return the evidence with what the document promises of its partitions in time, nothing of it checked."""
    promises = list(_promises(design, wanted))
    found = (Evidence(promise.claim, Verdict.UNKNOWN, reason=NOT_YET) for promise in promises)
    return (*_untold(evidence, promises), *found)


def wanted_by_now(design: Design, wanted: DatabaseState, url: str) -> DatabaseState:
    """Return what is wanted of the database at `url` without the partitions that were retired there."""
    if not list(rules_of(wanted, design)):
        return wanted
    with POSTGRES.connect(url, read_only=True) as session:
        return without_retired(wanted, in_sight(session, session.inspect()), design, session)


def with_time(run: Run, design: Design, wanted: DatabaseState, url: str) -> Run:
    """Return a run with what the document promises of its partitions in time; what was made ahead or retired is no surprise in it."""
    promises = list(_promises(design, wanted))
    if not promises:
        return run
    with POSTGRES.connect(url, read_only=True) as session:
        stood, today = session.inspect(), today_of(POSTGRES.journal(session))
        actual, cut_off = in_sight(session, stood), tuple(told_of_cut_off(session, stood))
        never = never_made_there(session, wanted, actual, design)
        found = [e for promise in promises for e in promise.proved(session, actual, today)]
    now = datetime.now(UTC)
    left = _untold(run.evidence, promises)
    stamped = [replace(e, server=run.server, taken_at=now) for e in found]
    expected = {*made_ahead(wanted, actual), *(stood.tables.keys() - actual.tables.keys())}
    known = {f"undocumented table {name}" for name in expected}
    gone = tuple(
        never.get(table.name) or f"{table.name} was retired: its time is over"
        for table in retired_since(wanted, actual, design, today)
    )
    notes = tuple(note for note in run.notes if note not in known)
    return replace(run, evidence=(*left, *stamped), notes=(*notes, *gone, *cut_off))


def _untold(evidence: Sequence[Evidence], promises: Sequence[Promise]) -> list[Evidence]:
    """Return the evidence without what was only stated of what the promises claim."""
    told = {promise.claim.spans[0] for promise in promises}
    return [e for e in evidence if not (e.claim.kind in _SAID and e.claim.spans[0] in told)]


@dataclass(frozen=True)
class _Ahead:
    """The promise of a table that is divided by periods: those to come have their partitions, and no row of theirs lies elsewhere."""

    design: Design
    series: Series

    @property
    def claim(self) -> Claim:
        name = self.series.parent.name
        stated = ahead_of(self.design, name)
        places = _places(self.design, name)
        words = stated.text if stated else "the period under way and the next one have their partitions"
        return Claim("partitions_ahead", Chapter.VOLUME, name, (stated.span, *places) if stated else places, words)

    def proved(self, session: Session, actual: DatabaseState, today: date) -> Iterator[Evidence]:
        name = self.series.parent.name
        claim = self.claim
        if name not in actual.tables:
            yield Evidence(claim, Verdict.BROKEN, f"there is no table {name}", statement=_listing(name))
            return
        needed = self._needed(today)
        lacking = [table.name for table in missing(self.series, actual, needed)]
        until = self.series.scheme.next(needed[-1])
        yield Evidence(
            claim,
            Verdict.BROKEN if lacking else Verdict.HOLDS,
            f"not there: {', '.join(lacking)}" if lacking else f"there for every day before {until}",
            statement=_listing(name),
            reproduce=_maintain(self.design),
        )

    def _needed(self, today: date) -> list[date]:
        """Return when the periods begin that had to be there when the one under way began: since then is time to make the next."""
        scheme = self.series.scheme
        start = scheme.start(today)
        horizon = horizon_of(self.design, self.series.parent.name)
        return sorted({start, *(s for s in horizon.starts(scheme, start - _DAY) if s > start)})


@dataclass(frozen=True)
class _Default:
    """The promise of a default partition beside periods: it is for what nobody expected."""

    design: Design
    series: Series
    name: str

    @property
    def claim(self) -> Claim:
        words = "no row lies there that belongs to a period with a partition, or due to have one"
        return Claim("default_partition_empty", Chapter.VOLUME, self.name, _places(self.design, self.name), words)

    def proved(self, session: Session, actual: DatabaseState, today: date) -> Iterator[Evidence]:
        claim = self.claim
        default, first = default_of(self.series, actual), begun(self.series, actual)
        last = list(horizon_of(self.design, self.series.parent.name).starts(self.series.scheme, today))[-1]
        count = f"SELECT count(*) FROM {relation(self.name)}"
        try:
            there = sorted(periods_in(session, default, self.series, first, last)) if default and first else []
        except ServerRefused as refusal:
            yield Evidence(claim, Verdict.UNKNOWN, reason=f"its rows may not be read: {refusal}", statement=count)
            return
        told = ", ".join(self.series.scheme.name(start) for start in there[:5])
        yield Evidence(
            claim,
            Verdict.BROKEN if there else Verdict.HOLDS,
            f"rows lie there that belong to {told}" if there else "none",
            statement=count,
            reproduce=_maintain(self.design),
        )


@dataclass(frozen=True)
class _Retired:
    """The promise that rows of a table are kept for a time: no partition whose time is over is attached, but for an empty one."""

    design: Design
    wanted: DatabaseState
    table: str
    rule: Kept

    @property
    def claim(self) -> Claim:
        spans = (self.rule.span, *_places(self.design, self.table))
        return Claim("partitions_retired", Chapter.PRIVACY, self.table, spans, self.rule.text)

    def proved(self, session: Session, actual: DatabaseState, today: date) -> Iterator[Evidence]:
        claim = self.claim
        old = [one for one in aging(actual, self.table) if one.is_past(today - _DAY, self.rule.seconds)]
        try:
            left = [one for one in old if not is_empty(session, relation(one.table.name))]
        except ServerRefused as refusal:
            yield Evidence(
                claim, Verdict.UNKNOWN, reason=f"its rows may not be read: {refusal}", statement=_listing(self.table)
            )
            return
        told = ", ".join(f"{one.table.name} (since {one.due(self.rule.seconds)})" for one in left[:5])
        yield Evidence(
            claim,
            Verdict.BROKEN if left else Verdict.HOLDS,
            f"attached past its time: {told}" if left else "no partition with rows is older",
            statement=_listing(self.table),
            reproduce=_maintain(self.design),
        )


def _promises(design: Design, wanted: DatabaseState) -> Iterator[Promise]:
    for series in series_of(wanted):
        yield _Ahead(design, series)
        if default := default_of(series, wanted):
            yield _Default(design, series, default.name)
    for name, rule in rules_of(wanted, design):
        yield _Retired(design, wanted, name, rule)


def _places(design: Design, table: str) -> tuple[Span, ...]:
    return Places(design).of("table_exists", Item((table,), table, ""))


def _listing(table: str) -> str:
    return f"SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = {literal(relation(table))}::regclass"


def _maintain(design: Design) -> str:
    return f'asbuilt maintain {shlex.quote(design.source.path)} --to "$DATABASE_URL" --dry-run'
