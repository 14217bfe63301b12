"""All that a document promises, before anything is checked and after a database was looked at."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from asbuilt.engines.base import Progress, Trial
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.evidence import Evidence
from asbuilt.model.design import Design
from asbuilt.plan.environments import Environment
from asbuilt.project.measuring import with_measures
from asbuilt.project.partition_claims import wanted_by_now, with_time, with_unproved
from asbuilt.project.promising import promised, unproved
from asbuilt.project.proving import with_cache
from asbuilt.verify import Run, unverified, verify


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look at: the database at `url`, `others` that have to be like it, a Redis; `is_measured`: the queries are run, too."""

    url: str
    others: Sequence[Environment] = ()
    cache: str | None = None
    is_measured: bool = False


def claimed(design: Design, trial: Trial) -> tuple[Evidence, ...]:
    """Return every claim of a document that was tried out, nothing of it checked."""
    claims = (*unverified(design, trial.state, trial.failures), *unproved(design))
    return with_unproved(claims, design, trial.state)


def verified(design: Design, tried: Trial, asked: Asked, progress: Progress) -> Run:
    """Return the evidence for every claim; the database is only read."""
    url = asked.url
    wanted = wanted_by_now(design, tried.state, url)
    run = verify(design, wanted, POSTGRES, url, progress, tried.failures)
    more = promised(design, wanted, url, run.server, asked.others, progress)
    run = with_time(replace(run, evidence=(*run.evidence, *more)), design, tried.state, url)
    run = with_cache(run, design, wanted, url, asked.cache, progress)
    return with_measures(run, design, wanted, url, progress, is_measured=asked.is_measured)
