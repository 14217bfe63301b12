"""Plans with questions: asked on a terminal, answered by options everywhere else."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from asbuilt.cli import console

if TYPE_CHECKING:
    from asbuilt.plan.steps import Plan
    from asbuilt.project import Project


@dataclass(frozen=True)
class Asked:
    """Who wants a plan, of what, and how it will be shown."""

    project: "Project"
    url: str
    form: str
    is_quiet: bool
    is_at_once: bool

    def plan(self, renames: Sequence[str], *, are_others_none: bool) -> "tuple[Plan, str]":
        """Return the plan, its questions asked where somebody is there, and the options that make the same plan again."""
        made = self._made(renames, are_others_none)
        if made.questions and self.form == "text" and sys.stdin.isatty() and sys.stderr.isatty():
            told = [f"{asked.question} ({', '.join(asked.evidence)})" for asked in made.questions]
            meant = [click.confirm(text, default=False, err=True) for text in told]
            said = (
                q.answer.removeprefix("--rename ")
                for q, is_meant in zip(made.questions, meant, strict=True)
                if is_meant
            )
            renames, are_others_none = (*renames, *said), True
            made = self._made(renames, are_others_none)
        return made, options_of(renames, are_others_none=are_others_none)

    def _made(self, renames: Sequence[str], are_others_none: bool) -> "Plan":
        from asbuilt.project import asking, changes

        answers = asking.answers_of(renames, are_others_none=are_others_none)
        with console.progress(self.is_quiet or self.form != "text") as progress:
            return changes.plan_for(self.project, self.url, progress, is_at_once=self.is_at_once, answers=answers).plan


def options_of(renames: Sequence[str], *, are_others_none: bool) -> str:
    """Return the options that say what was renamed, each with a space before it."""
    return "".join(f" --rename {word}" for word in renames) + (" --no-renames" if are_others_none else "")
