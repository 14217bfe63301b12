"""What came of each act."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.engines.base import Trial
from asbuilt.errors import AsbuiltError
from asbuilt.evidence import Evidence
from asbuilt.model.design import Design
from asbuilt.reading.coverage import Coverage

if TYPE_CHECKING:
    from asbuilt.engines.postgres.engine import BuildResult
    from asbuilt.verify import Run


@dataclass(frozen=True)
class CheckResult:
    """What `check` found. `claims` are all promises of the document, not verified yet; `trial` None: not tried out."""

    design: Design = field(repr=False)
    diagnostics: tuple[Diagnostic, ...]
    coverage: Coverage = field(repr=False)
    claims: tuple[Evidence, ...] = field(repr=False, default=())
    trial: Trial | None = field(repr=False, default=None)

    def count(self, severity: Severity) -> int:
        return sum(d.severity == severity for d in self.diagnostics)

    @property
    def is_clean(self) -> bool:
        """Whether there is no error and no warning; notes do not count."""
        return not self.count(Severity.ERROR) and not self.count(Severity.WARNING)


@dataclass(frozen=True)
class Seeding:
    """What was seeded. `own` counts the document's own seed statements that ran and the rows that it gives; `rows` are generated, by table.

    `problems` say what could not be seeded, the document's own statements first.
    """

    own: int
    rows: dict[str, int]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class UpResult:
    """What `up` did, act by act; `report` is where the HTML page lies.

    `is_own` tells whether `url` is our own server's; `is_new` is False where everything stood already, as the document says.
    """

    check: CheckResult
    build: "BuildResult"
    seeding: Seeding
    run: "Run"
    url: str
    report: Path
    seconds: float
    is_own: bool = True
    is_new: bool = True

    @property
    def is_fine(self) -> bool:
        return self.check.is_clean and self.run.is_fine


class BuildRefused(AsbuiltError):
    """PostgreSQL refused a statement of a document that has errors; `check` holds them all."""

    def __init__(self, refusal: AsbuiltError, check: CheckResult) -> None:
        super().__init__(str(refusal), help=refusal.help)
        self.check = check
