"""The facade: a document, and everything that can be done with it."""

from asbuilt.project.facade import Project, load
from asbuilt.project.results import BuildRefused, CheckResult, Seeding, UpResult

__all__ = ["BuildRefused", "CheckResult", "Project", "Seeding", "UpResult", "load"]
