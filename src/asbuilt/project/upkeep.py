"""Upkeep of a database: what the time that has passed asks for, by the document."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.state import DatabaseState
from asbuilt.model.design import Design
from asbuilt.plan.upkeep import Finding, Upkeep, due, maintain, purges
from asbuilt.project.ahead import partitions_ahead
from asbuilt.project.moving import going_on
from asbuilt.project.retiring import retired
from asbuilt.project.telling import kept_seconds

if TYPE_CHECKING:
    from asbuilt.project.facade import Project


def upkeep(project: "Project | None", url: str, *, is_dry: bool = False, allowed: tuple[str, ...] = ()) -> Upkeep:
    """Do what is due at `url`, or only find it in a dry run; without a document what the plans themselves say counts.

    What could lose rows or hold up others has to be `allowed` by the name of its hazard, unless the document plainly says it.
    """
    findings = (going_on(), *_by_time(project, allowed), purges(kept_seconds(project.design) if project else 0))
    return (due if is_dry else maintain)(POSTGRES, url, findings)


def make_ahead(design: Design, wanted: DatabaseState, url: str) -> None:
    """Make the partitions of the coming periods in what was just built at `url`."""
    if findings := partitions_ahead(wanted, design):
        maintain(POSTGRES, url, findings)


def _by_time(project: "Project | None", allowed: tuple[str, ...]) -> Iterator[Finding]:
    """Yield what finds partitions to make, then those to retire, where the document divides tables by time."""
    trial = project.check().trial if project else None
    if trial is None or project is None:
        return
    yield from partitions_ahead(trial.state, project.design, allowed)
    yield from retired(trial.state, project.design, allowed)
