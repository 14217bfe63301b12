"""Behavioural claims, tried in a twin: every try is taken back, a live target is never written."""

import shlex
from collections.abc import Iterator
from time import perf_counter

from asbuilt.engines.base import Progress, Session, silent
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused
from asbuilt.evidence import Claim, Evidence, Verdict
from asbuilt.model.design import Design
from asbuilt.verify import (
    column_probes,
    constraint_probes,
    domain_probes,
    key_probes,
    security_probes,
    trigger_probes,
    view_probes,
    writing_probes,
)
from asbuilt.verify.bench import Bench, make_bench
from asbuilt.verify.places import Places
from asbuilt.verify.probes import Finding, Probe, Prober

PROBERS: tuple[Prober, ...] = (
    column_probes.probes,
    column_probes.enum_probes,
    domain_probes.probes,
    constraint_probes.check_probes,
    constraint_probes.unique_probes,
    key_probes.probes,
    trigger_probes.probes,
    writing_probes.probes,
    security_probes.probes,
)


def behavioural_probes(design: Design, desired: DatabaseState) -> list[Probe]:
    """Return everything that the documented tables promise to do, each with how it is tried."""
    return [probe for probe in _all(Places(design), desired) if _is_promised(probe, desired)]


def behavioural_claims(design: Design, desired: DatabaseState) -> list[Claim]:
    return [probe.claim for probe in behavioural_probes(design, desired)]


def _all(places: Places, desired: DatabaseState) -> Iterator[Probe]:
    for table in desired.tables.values():
        entity = places.entity(table.name)
        if table.partition_bound is None and table.kind != "foreign table" and not (entity and entity.is_external):
            for prober in PROBERS:
                yield from prober(table, places)
    yield from view_probes.probes(desired, places)


def _is_promised(probe: Probe, desired: DatabaseState) -> bool:
    """A stranger is refused by enums only, and a trigger is tried only where its function says what it keeps."""
    if probe.claim.kind == "enum_refuses_stranger":
        column = desired.tables[probe.table].column(probe.claim.key[1])
        bare = column.type.removesuffix("[]").replace('"', "") if column else ""
        return ("enum", bare) in desired.objects
    if probe.claim.kind == "domain_refuses":
        return domain_probes.has_checks(desired, desired.tables[probe.table], probe.claim.key[1])
    if probe.claim.kind in ("trigger_keeps", "trigger_writes"):
        trigger = next(t for t in desired.tables[probe.table].triggers if t.name == probe.claim.key[1])
        tells = trigger_probes.kept_column if probe.claim.kind == "trigger_keeps" else writing_probes.written_table
        return tells(desired, trigger) is not None
    return True


def try_out(probes: list[Probe], desired: DatabaseState, twin: Session, progress: Progress = silent) -> list[Evidence]:
    """Try every probe in the twin and return the evidence."""
    bench = make_bench(twin, desired)
    found = []
    for done, probe in enumerate(probes):
        if done % 50 == 0:
            progress("verify: trying behaviour in a twin", done, len(probes))
        found.append(_try(probe, bench))
    return found


def _try(probe: Probe, bench: Bench) -> Evidence:
    began = perf_counter()
    finding = _finding(probe, bench)
    return Evidence(
        probe.claim,
        finding.verdict,
        finding.observed,
        finding.reason,
        finding.statement,
        _command(finding.statement),
        seconds=perf_counter() - began,
    )


def _finding(probe: Probe, bench: Bench) -> Finding:
    if probe.table and (reason := bench.obstacle(probe.table)):
        if _refuses_itself(probe, bench):
            control = bench.control(probe.table)
            return Finding(Verdict.BROKEN, control.words, statement=control.statement)
        return Finding(Verdict.UNKNOWN, reason=reason)
    try:
        return probe.attempt(bench)
    except ServerRefused as refusal:
        return Finding(Verdict.UNKNOWN, reason=f"could not be tried: {refusal}", statement=refusal.statement)


_OWN_REFUSALS = {"check_accepts": "23514", "default_fills_in": "23502", "identity_fills_in": "23502"}


def _refuses_itself(probe: Probe, bench: Bench) -> bool:
    """Tell whether a valid row is refused for want of just what the claim promises: a check that takes it, a value filled in."""
    if probe.table not in bench.makers or bench.spare(probe.table) is None:
        return False
    control = bench.control(probe.table)
    if probe.claim.kind == "default_fills_in" and bench.gives_nothing(probe.table, probe.claim.key[1]):
        return False
    if control.sqlstate == "23514" and not bench.keeps_checks(probe.table, bench.spare(probe.table) or {}):
        return False  # no row was found that the document's own checks let through
    return control.sqlstate == _OWN_REFUSALS.get(probe.claim.kind) and probe.claim.key[1] in control.named


def _command(statement: str) -> str:
    """Return a command line that tries a statement and takes it back."""
    if not statement:
        return ""
    return f'psql "$DATABASE_URL" -c {shlex.quote(f"BEGIN; {statement}; ROLLBACK")}'
