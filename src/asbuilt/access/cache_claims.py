"""What a document promises of its cache, as claims: a second read is a hit, the key has its shape, it is kept as long as stated,
and the write that is named makes it go, another does not.

They are proved on a real Redis, under a prefix of their own, with rows of a copy of the database that data access writes: no live one is
written.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec.structs import replace

from asbuilt.access.cache_trying import Seen, Trial
from asbuilt.access.cache_writing import Ground, Writing
from asbuilt.cache.address import Address, address_of
from asbuilt.cache.lost import Lost
from asbuilt.cache.plan import CachePlan, Key
from asbuilt.cache.resp import Push
from asbuilt.cache.sync.cache import Cache
from asbuilt.cache.sync.link import Link, linked
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.chapters import CacheKey
from asbuilt.model.design import Design
from asbuilt.text import Span

_SECONDS = 2.0


class Promise(NamedTuple):
    """A claim, and how it is tried: one that needs no key of the plan cannot be made."""

    claim: Claim
    kind: str
    key: Key | None
    why_not: str = ""


def cache_claims(design: Design, plan: CachePlan) -> list[Claim]:
    """Return what the document promises of its keys, each with the place that says so."""
    return [promise.claim for promise in _promises(design, plan)]


def cache_evidence(design: Design, plan: CachePlan, url: str | None, ground: Ground | None) -> list[Evidence]:
    """Prove the claims on the Redis at `url` with the rows of a copy; what is written there is taken back.

    Unknown where no cache is named, none answers, or no row is there to try with.
    """
    promises = _promises(design, plan)
    if url is None or ground is None:
        return [_unknown(promise, "no cache was named: `--cache redis://…`") for promise in promises]
    own = replace(plan, digest=f"{plan.digest}-verify-{secrets.token_hex(4)}")
    try:
        link = linked(address_of(url), _SECONDS, _ignore, _lost)
    except Lost as error:
        return [_unknown(promise, f"no Redis answers at {address_of(url)}: {error}") for promise in promises]
    try:
        with Cache(own, url) as one, Cache(own, url) as other, Writing(ground, own) as writing:
            if reason := one.state.reason or other.state.reason:
                return [_unknown(promise, f"Redis cannot be used: {reason}") for promise in promises]
            trial = Trial(own, ground.session, writing, one, other, link, address_of(url).number)
            return [_tried(promise, trial, address_of(url)) for promise in promises]
    finally:
        _cleared(link, own.prefix)
        link.abandon("done")


def _promises(design: Design, plan: CachePlan) -> list[Promise]:
    return [promise for fact in _facts(design, plan) for promise in _of(fact, design, plan)]


def _facts(design: Design, plan: CachePlan) -> Iterator[CacheKey]:
    known = {*plan.by_pattern, *(note.pattern for note in plan.notes)}
    seen: set[str] = set()
    for fact in design.of(CacheKey):
        if fact.pattern in known - seen:
            seen.add(fact.pattern)
            yield fact


def _of(fact: CacheKey, design: Design, plan: CachePlan) -> Iterator[Promise]:
    key = plan.by_pattern.get(fact.pattern)
    why = next((note.text for note in plan.notes if note.pattern == fact.pattern), "") if key is None else ""

    def promise(kind: str, span: Span, expected: str) -> Promise:
        claim = Claim(kind, Chapter.CACHE, fact.pattern, (span,), expected, (fact.pattern,))
        return Promise(claim, kind, key, why)

    yield promise("cache_key_shape", fact.pattern_span, f"is kept as {fact.pattern}")
    yield promise("cache_hit", fact.pattern_span, "a second read is a hit")
    if fact.ttl_seconds is not None:
        yield promise("cache_ttl", fact.ttl_span or fact.pattern_span, f"is kept {fact.ttl_seconds} seconds at most")
    if key is None or key.drops:
        place = fact.invalidation_span or fact.pattern_span
        words = fact.invalidation or "a write of its row"
        yield promise("cache_invalidates", place, f"goes: {words}")
        yield promise("cache_keeps", place, "stays when something else is written")


def _tried(promise: Promise, trial: Trial, address: Address) -> Evidence:
    if promise.key is None:
        return _unknown(promise, promise.why_not)
    seen: Seen = trial.try_out(promise.kind, promise.key)
    return Evidence(
        promise.claim,
        seen.verdict,
        seen.observed,
        seen.reason,
        seen.statement,
        reproduce=f"redis-cli -u {address} --scan --pattern '{_glob(promise.key)}'",
    )


def _glob(key: Key) -> str:
    return "*:" + re.sub(r"\*+", "*", "*".join(key.parts))


def _unknown(promise: Promise, reason: str) -> Evidence:
    return Evidence(promise.claim, Verdict.UNKNOWN, reason=reason)


def _cleared(link: Link, prefix: str) -> None:
    """Take out what the trial has left in Redis."""
    place = "0"
    while True:
        try:
            [found] = link.ask(("SCAN", place, "MATCH", f"*{prefix}*", "COUNT", 1000), seconds=_SECONDS)
        except Lost:
            return
        if not isinstance(found, list):
            return
        place, names = found[0].decode(), _names(found[1])
        if names:
            link.ask(("DEL", *names))
        if place == "0":
            return


def _names(found: Sequence[bytes]) -> list[bytes]:
    return list(found)


def _ignore(push: Push) -> None:
    return None


def _lost(link: Link) -> None:
    return None
