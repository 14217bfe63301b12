"""Upkeep of a database: what the time that has passed asks for, by the document."""

from typing import TYPE_CHECKING

from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.plan.upkeep import Upkeep, due, maintain, purges
from asbuilt.project.telling import kept_seconds

if TYPE_CHECKING:
    from asbuilt.project.facade import Project


def upkeep(project: "Project | None", url: str, *, is_dry: bool = False) -> Upkeep:
    """Do what is due at `url`, or only find it in a dry run; without a document what the plans themselves say counts."""
    findings = (purges(kept_seconds(project.design) if project else 0),)
    return (due if is_dry else maintain)(POSTGRES, url, findings)
