"""Verification: every claim of a document checked against a database, which is only read."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

from asbuilt.engines.base import Engine, Failure, Progress, Twin, silent
from asbuilt.engines.state import DatabaseState, without
from asbuilt.errors import AsbuiltError, ServerRefused, ServerUnavailable
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.design import Design
from asbuilt.text import Span
from asbuilt.verify import grants
from asbuilt.verify.behaviour import behavioural_claims, behavioural_probes, try_out
from asbuilt.verify.queries import query_claims, try_queries
from asbuilt.verify.relationships import check_relationships, relationships, spans_of
from asbuilt.verify.runs import Run, digest_of
from asbuilt.verify.stated import stated
from asbuilt.verify.structure import check_structure, structural_claims, undocumented

NOT_YET = "not verified yet: run `asbuilt verify`"


def verify(
    design: Design,
    desired: DatabaseState,
    engine: Engine,
    url: str,
    progress: Progress = silent,
    failures: Sequence[Failure] = (),
) -> Run:
    """Check everything that `design` promises against the database at `url`.

    Structure is compared with `desired`, behaviour is tried in a twin. What a missing right keeps from being seen is
    unknown, with the reason, and so is what `failures`, steps that could not be tried out, would have made. Raises
    `ServerUnavailable` where nobody answers at `url`.
    """
    started, began = datetime.now(UTC), perf_counter()
    progress("verify: inspecting the target", 0, 0)
    server, actual, refusal, waiting = _inspect(engine, url)
    claims, related = structural_claims(design, desired), relationships(design, desired)
    if actual is None:
        promised = [*claims, *(r.claim for r in related), *behavioural_claims(design, desired), *query_claims(design)]
        evidence = _unknown(promised, refusal)
        notes: list[str] = []
    else:
        evidence = check_structure(claims, actual, desired.version[0]) + check_relationships(related, actual)
        behaviour, gaps = _behaviour(design, desired, engine, url, progress)
        evidence += behaviour
        unbuilt = {failure.step.subject for failure in failures}
        known = (note for note in undocumented(desired, actual) if _thing(note) not in unbuilt)
        notes = [*waiting, *known, *grants.notes(desired, actual, claims), *gaps]
    evidence += _not_tried(failures)
    stamped = [replace(e, server=server, taken_at=started) for e in [*evidence, *stated(design, spans_of(related))]]
    return Run(
        started,
        perf_counter() - began,
        server,
        design.source.path,
        digest_of(design.source.text),
        tuple(stamped),
        tuple(notes),
    )


def unverified(design: Design, desired: DatabaseState, failures: Sequence[Failure] = ()) -> tuple[Evidence, ...]:
    """Return every promise of the document, none of them checked."""
    related = relationships(design, desired)
    claims = [*structural_claims(design, desired), *(r.claim for r in related), *behavioural_claims(design, desired)]
    claims += query_claims(design)
    return (*_unknown(claims, NOT_YET), *_not_tried(failures), *stated(design, spans_of(related)))


def _not_tried(failures: Sequence[Failure]) -> list[Evidence]:
    """Return for every step that failed in the scratch database that nobody knows whether the target has what it makes."""
    found = {}
    for failure in failures:
        root = failure if failure.follows is None else failures[failure.follows]
        subject = failure.step.subject
        places = failure.step.causes or (Span(0, 0),)
        claim = Claim(
            "statement_built", Chapter.ENTITIES, subject, places, f"{subject} is there", (subject, str(places[0].start))
        )
        because = "" if root is failure else f", since {root.step.subject} could not"
        reason = f"could not be tried out here{because}: {root.message}"
        found[claim.key] = Evidence(claim, Verdict.UNKNOWN, reason=reason, statement=failure.step.sql)
    return list(found.values())


def _thing(note: str) -> str:
    """Return what a note of something undocumented is about, in the words of a step."""
    return note.removeprefix("undocumented ").split(" on ")[0]


def _inspect(engine: Engine, url: str) -> tuple[str, DatabaseState | None, str, list[str]]:
    """Return the server, its state and, where the state may not be seen, why; then in words what waits there for a contract.

    That is left out of the state: it is there for yesterday's application, and goes.
    """
    with engine.connect(url, read_only=True) as session:
        server = session.server
        try:
            state = session.inspect()
        except ServerRefused as refusal:
            return server, None, f"the catalogue may not be read: {refusal}", []
        journal = engine.journal(session)
        left = journal.leftovers()
        named = sorted(str(item) for item in left if item.kind in ("column", "view"))
        notes = [f"{name} waits for its contract: `asbuilt apply --contract`" for name in named]
        if not left and (under_way := journal.under_way()):
            notes.append(f"{under_way}: what it has done so far is taken for what stands")
        return server, without(state, left), "", notes


def _behaviour(
    design: Design, desired: DatabaseState, engine: Engine, url: str, progress: Progress
) -> tuple[list[Evidence], list[str]]:
    """Return the evidence of the twin, and in words what the twin lacks of the target."""
    progress("verify: making a twin", 0, 0)
    probes = behavioural_probes(design, desired)
    try:
        with engine.twin(url) as twin:
            found = try_out(probes, desired, twin, progress)
            progress("verify: explaining queries", 0, 0)
            return found + try_queries(design, desired, twin), _gaps(twin)
    except (ServerRefused, ServerUnavailable) as error:
        claims = [*(probe.claim for probe in probes), *query_claims(design)]
        return _unknown(claims, f"no twin could be made: {_first_line(error)}"), []


def _gaps(twin: Twin) -> list[str]:
    """Return what could not be restored, follow-ons left out."""
    own = [gap for gap in twin.gaps if gap.follows is None]
    return [f"not tried, since the twin lacks it: {gap.step.subject} ({gap.message})" for gap in own]


def _unknown(claims: Iterable[Claim], reason: str) -> list[Evidence]:
    return [Evidence(claim, Verdict.UNKNOWN, reason=reason) for claim in claims]


def _first_line(error: AsbuiltError) -> str:
    return str(error).strip().split("\n", 1)[0]
