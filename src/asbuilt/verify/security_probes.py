"""Behaviour of row level security: what callers may see and write, beside what the document's policies would let them.

Both are tried in one transaction of the twin: once as the target has it, once with the policies as written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from asbuilt.engines.base import Session
from asbuilt.engines.state import PolicyState, TableState
from asbuilt.evidence import Chapter, Verdict
from asbuilt.text import Span
from asbuilt.verify.bench import Bench, Outcome
from asbuilt.verify.callers import Caller, callers, lacking_roles, read_policies
from asbuilt.verify.described import Item
from asbuilt.verify.places import Places
from asbuilt.verify.policy_rows import policy_columns, rows_to_try, standing_rows, write_rows
from asbuilt.verify.policy_tries import ACCEPTED, REFUSED, Look, as_written, look, statements
from asbuilt.verify.probes import Finding, Probe, claim, unknown


@dataclass(frozen=True, slots=True)
class _Kind:
    """A command that policies are for: the kind of its claim, and how it is told."""

    command: str
    claim: str
    verb: str
    what: str


_KINDS = (
    _Kind("select", "row_security_filters", "sees", "rows"),
    _Kind("insert", "row_security_inserts", "inserts", "new rows"),
    _Kind("update", "row_security_updates", "makes", "changes"),
    _Kind("delete", "row_security_deletes", "deletes", "rows"),
)


def probes(table: TableState, places: Places) -> Iterator[Probe]:
    """Yield for each command that callers may do with a table with row level security just what the policies let through."""
    if table.has_row_security:
        for kind in _KINDS:
            expected = f"a role {kind.verb} the {kind.what} that the policies let through, and no others"
            stated = claim(kind.claim, table, "", places, "row_security", expected)
            spans = (*_places(table, kind, places), *stated.spans)
            stated = replace(stated, chapter=Chapter.SECURITY, spans=tuple(dict.fromkeys(spans)))
            yield Probe(stated, table.name, partial(_tried, table, kind))


def _places(table: TableState, kind: _Kind, places: Places) -> Iterator[Span]:
    for policy in _policies(table, kind):
        yield from places.of("policy", Item((table.name, policy.name), policy.name, ""))


def _policies(table: TableState, kind: _Kind) -> list[PolicyState]:
    return [policy for policy in table.policies if policy.command in (kind.command, "all")]


def _showing(table: TableState, kind: _Kind) -> list[PolicyState]:
    """Return the policies that decide which rows a command finds, besides its own."""
    return [p for p in table.policies if p.command == "select" and kind.command in ("update", "delete")]


def _tried(table: TableState, kind: _Kind, bench: Bench) -> Finding:
    policies = _policies(table, kind)
    stands = bench.actual.tables[table.name]
    there = [*_policies(stands, kind), *_showing(stands, kind)]
    reading = read_policies(bench, table, [*policies, *_showing(table, kind)], there)
    who = callers(policies, reading)
    here: list[Look] = []
    wanted: list[Look] = []

    def both(session: Session) -> Outcome:
        for statement in (*lacking_roles(session, bench.desired.tables.values()), *_made(who)):
            session.execute(statement)
        rows = rows_to_try(bench, table, reading, who)
        write_rows(bench, session, table, rows)
        standing = standing_rows(session, table, reading, who)
        tries = statements(kind.command, bench, table, rows, standing, policy_columns(table, reading))
        here.extend(look(session, table, caller, tries) for caller in who)
        for statement in as_written(bench):
            session.execute(statement)
        wanted.extend(look(session, table, caller, tries) for caller in who)
        return Outcome("")

    outcome = bench.trying(both)
    if outcome.is_refused:
        return unknown(f"the policies could not be tried: {outcome.message}", outcome.statement)
    return _compared(here, wanted, kind, policies)


def _made(who: Sequence[Caller]) -> Iterator[str]:
    by_name = {caller.name: caller for caller in who}
    for caller in by_name.values():
        yield from caller.making()


def _compared(here: list[Look], wanted: list[Look], kind: _Kind, policies: list[PolicyState]) -> Finding:
    if trouble := next((w.trouble for w in wanted if w.trouble), ""):
        return unknown(f"what the policies let through cannot be told: {trouble}", _told(wanted[0], 0))
    for one, other in zip(here, wanted, strict=True):
        if one.outcomes != other.outcomes:
            return _differing(one, other, kind)
    return _alike(here, kind, policies)


def _differing(one: Look, other: Look, kind: _Kind) -> Finding:
    at = next(i for i, pair in enumerate(zip(one.outcomes, other.outcomes, strict=True)) if pair[0] != pair[1])
    said = "" if one.outcomes[at] in (ACCEPTED, REFUSED) else f": {one.outcomes[at]}"
    right = f"the {other.count(ACCEPTED)} that the policies as written let through"
    observed = f"{_words(one, kind)}, not {right}{said}"
    return Finding(Verdict.BROKEN, observed, statement=_told(one, at))


def _alike(looks: list[Look], kind: _Kind, policies: list[PolicyState]) -> Finding:
    """Return the finding where all is as written: it says something only where both happened that can happen."""
    both = max(looks, key=lambda found: min(found.count(ACCEPTED), found.count(REFUSED)))
    accepted = next((found for found in looks if found.count(ACCEPTED)), None)
    refused = next((found for found in looks if found.count(REFUSED)), None)
    conditions = ", ".join(dict.fromkeys(" ".join(c.split()) for p in policies for c in (p.using, p.check) if c))
    if policies and accepted is None:
        return unknown(f"no row was found that the policies let through: {conditions}", _told(looks[0], 0))
    if refused is None and not _lets_all_through(policies):
        return unknown(f"no row was found that the policies refuse: {conditions}", _told(looks[0], 0))
    if refused is None or accepted is None:
        return Finding(Verdict.HOLDS, _words(looks[0], kind), statement=_told(looks[0], 0))
    shown = both if both.count(ACCEPTED) and both.count(REFUSED) else refused
    other = "with other settings" if accepted.caller.role == refused.caller.role else f"as {refused.caller.words}"
    observed = (
        _words(shown, kind) if shown is both else f"{_words(accepted, kind)}, and {refused.count(ACCEPTED)} {other}"
    )
    return Finding(Verdict.HOLDS, observed, statement=_told(shown, shown.outcomes.index(REFUSED)))


def _lets_all_through(policies: list[PolicyState]) -> bool:
    """Tell whether a policy has nothing to look at."""
    return any(policy.is_permissive and {policy.using, policy.check} <= {"true", None} for policy in policies)


def _words(found: Look, kind: _Kind) -> str:
    return f"{found.caller.words} {kind.verb} {found.count(ACCEPTED)} of {len(found.outcomes)} {kind.what}"


def _told(found: Look, at: int) -> str:
    tried = found.statements[at : at + 1]
    return ";\n".join((*found.caller.making(), *found.caller.becoming(), *tried))
