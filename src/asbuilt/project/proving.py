"""The cache, proved: with rows made in a twin of the database."""

from dataclasses import replace
from datetime import UTC, datetime

from asbuilt.access.cache_claims import cache_evidence
from asbuilt.access.cache_writing import Ground
from asbuilt.access.deriving import schema_of
from asbuilt.cache.address import address_of
from asbuilt.cache.compiling import cache_plan
from asbuilt.engines.base import Progress
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.state import DatabaseState
from asbuilt.errors import ServerRefused, ServerUnavailable
from asbuilt.evidence import Claim, Evidence
from asbuilt.model.design import Design
from asbuilt.verify import Run

_ROWS = 3


def with_cache(
    run: Run, design: Design, desired: DatabaseState, url: str, cache: str | None, progress: Progress
) -> Run:
    """Return a run with what the document says of its cache: proved on the Redis at `cache`, unknown where none is named."""
    kept = _proved(design, desired, url, cache, progress)
    left = (evidence for evidence in run.evidence if not _is_told(evidence.claim, kept))
    return replace(run, evidence=(*left, *(replace(e, server=run.server) for e in kept)))


def _is_told(claim: Claim, kept: tuple[Evidence, ...]) -> bool:
    """Tell whether the claims of the cache say all of what a claim in words does."""
    return claim.kind == "cache_key" and any(evidence.claim.spans[0] in claim.spans[0] for evidence in kept)


def _proved(
    design: Design, desired: DatabaseState, url: str, cache: str | None, progress: Progress
) -> tuple[Evidence, ...]:
    from asbuilt import seed

    plan = cache_plan(desired, design)
    if not plan.keys and not plan.notes:
        return ()
    if cache is None:
        return tuple(cache_evidence(design, plan, None, None))
    address_of(cache)
    began = datetime.now(UTC)
    progress("verify: trying the cache", 0, 0)
    try:
        with POSTGRES.twin(url) as twin:
            seed.run(twin, seed.plan(desired, _ROWS))
            found = cache_evidence(design, plan, cache, Ground(twin, twin.url, schema_of(twin.inspect(), design)))
    except (ServerRefused, ServerUnavailable) as error:
        reason = f"no twin could be made: {str(error).splitlines()[0]}"
        found = [replace(e, reason=reason) for e in cache_evidence(design, plan, None, None)]
    return tuple(replace(evidence, taken_at=began) for evidence in found)
