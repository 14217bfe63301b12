"""The facade: a document, and everything that can be done with it. The one place that wires the parts together."""

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from asbuilt.diagnostics import Diagnostic, Severity, apply_edits
from asbuilt.document import parse
from asbuilt.engines.base import Progress, Session, Trial, silent
from asbuilt.errors import DocumentUnreadable, NothingToDo, ServerRefused
from asbuilt.evidence import Evidence
from asbuilt.model.design import Design
from asbuilt.model.merging import merge
from asbuilt.reading import DocumentReading, read
from asbuilt.reading.coverage import Coverage
from asbuilt.text import Source

if TYPE_CHECKING:
    from asbuilt.engines.postgres.engine import BuildResult
    from asbuilt.engines.postgres.server import EmbeddedServer
    from asbuilt.verify import Run

SEED = 1
_ROUNDS_OF_FIXES = 5


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
    """What was seeded. `own` counts the document's own seed statements that ran; `rows` are generated rows by table.

    `problems` say what could not be seeded, the document's own statements first.
    """

    own: int
    rows: dict[str, int]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class UpResult:
    """What `up` did, act by act; `report` is where the HTML page lies."""

    check: CheckResult
    build: "BuildResult"
    seeding: Seeding
    run: "Run"
    url: str
    report: Path
    seconds: float

    @property
    def is_fine(self) -> bool:
        return self.check.is_clean and self.run.is_fine


def load(path: str | Path) -> "Project":
    """Read the document at `path`; raise `DocumentUnreadable` where that is impossible."""
    return Project(Source(str(path), _text_of(Path(path))), Path(path))


def _text_of(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise DocumentUnreadable(str(path), "there is no such file", help="check the spelling of the path") from None
    except IsADirectoryError:
        raise DocumentUnreadable(str(path), "it is a folder", help="name the Markdown file in it") from None
    except (OSError, ValueError) as error:
        raise DocumentUnreadable(str(path), getattr(error, "strerror", None) or str(error)) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        reason = f"it is not UTF-8 text (byte 0x{data[error.start]:02x} at offset {error.start})"
        raise DocumentUnreadable(str(path), reason, help="save it as UTF-8") from None


class Project:
    """One document. Reading happens on first use, and once."""

    def __init__(self, source: Source, path: Path) -> None:
        self.source = source
        self.path = path

    @property
    def home(self) -> Path:
        """The folder beside the document that keeps its server, its runs and its report."""
        return self.path.resolve().parent / ".asbuilt" / self.path.stem

    @property
    def database(self) -> str:
        """The name of the document's database on the embedded server."""
        name = "".join(c if c.isalnum() else "_" for c in self.path.stem.lower())
        return name[:60] or "design"

    @cached_property
    def reading(self) -> DocumentReading:
        return read(parse(self.source))

    @cached_property
    def design(self) -> Design:
        return merge(self.source, self.reading.facts)

    def check(self, *, is_tried: bool = True, progress: Progress = silent) -> CheckResult:
        """Find what contradicts itself or cannot work; `is_tried`: run the statements in a scratch database too."""
        from asbuilt.rules import check

        progress("check: reading", 0, 0)
        if not is_tried:
            found = check(self.design, self.reading.diagnostics)
            return CheckResult(self.design, found, self.reading.coverage)
        from asbuilt.engines.postgres.diagnosing import diagnose
        from asbuilt.verify import unverified

        trial = self._tried(progress)
        found = check(self.design, (*self.reading.diagnostics, *diagnose(trial, self.design)))
        claims = unverified(self.design, trial.state)
        return CheckResult(self.design, found, self.reading.coverage, claims, trial)

    def fixed(self, *, is_unsafe: bool = False, progress: Progress = silent) -> "Project":
        """Return the project with every fix made that is safe (and, where asked for, the others), as far as they go.

        Fixes are made in rounds, since one may uncover another. Nothing is written: `save` does that.
        """
        project = self
        for _ in range(_ROUNDS_OF_FIXES):
            diagnostics = project.check(progress=progress).diagnostics
            chosen = [next((f for f in d.fixes if f.is_safe or is_unsafe), None) for d in diagnostics]
            edits = tuple(edit for fix in chosen if fix is not None for edit in fix.edits)
            if not edits:
                break
            project = Project(Source(self.source.path, apply_edits(project.source, edits)), self.path)
        return project

    def save(self) -> None:
        """Write the document back to where it came from, byte order mark and line ends as they were."""
        had_mark = self.path.read_bytes().startswith(b"\xef\xbb\xbf")
        data = self.source.text.encode("utf-8-sig" if had_mark else "utf-8")
        replacement = self.path.with_name(self.path.name + ".asbuilt-new")
        replacement.write_bytes(data)
        replacement.chmod(self.path.stat().st_mode)
        replacement.replace(self.path)

    def build(self, url: str | None = None, *, progress: Progress = silent) -> "BuildResult":
        """Build the design in the empty database at `url`, or on the document's embedded server."""
        from asbuilt.engines.postgres.engine import POSTGRES

        progress("build: connecting", 0, 0)
        with POSTGRES.connect(url or self.start()) as session:
            return POSTGRES.build(session, self.design, progress)

    def seed(self, url: str, rows: int, *, progress: Progress = silent) -> Seeding:
        """Run the document's own seed statements, then put `rows` rows into every table."""
        from asbuilt import seed
        from asbuilt.engines.postgres.engine import POSTGRES

        with POSTGRES.connect(url) as session:
            own, refused = _run_own_seeds(session, self.design)
            made = seed.run(session, seed.plan(session.inspect(), rows, SEED), progress)
        return Seeding(own, made.rows, (*refused, *made.problems))

    def verify(self, url: str | None = None, *, desired: Trial | None = None, progress: Progress = silent) -> "Run":
        """Check every claim against the database at `url`, which is only read; store the run."""
        from asbuilt.engines.postgres.engine import POSTGRES
        from asbuilt.verify import save_run, verify

        target = url or self._running().url(self.database)
        progress("verify: what the document asks for", 0, 0)
        tried = desired or self._tried(progress)
        run = verify(self.design, tried.state, POSTGRES, target, progress)
        save_run(run, self.home / "runs")
        return run

    def last_run(self) -> "Run":
        """Return the run that was stored last; raise `NothingToDo` where there is none."""
        from asbuilt.verify import load_last_run

        run = load_last_run(self.home / "runs", self.design)
        if run is None:
            help = f"run `asbuilt up {self.path}` or `asbuilt verify {self.path}` first"
            raise NothingToDo(f"nothing has been verified for {self.path} yet", help=help)
        return run

    def _tried(self, progress: Progress) -> Trial:
        from asbuilt.engines.postgres.engine import POSTGRES

        progress("check: trying the statements out", 0, 0)
        with POSTGRES.scratch() as session:
            return POSTGRES.trial(self.design, session)

    def up(self, url: str | None = None, *, rows: int = 0, progress: Progress = silent) -> UpResult:
        """Check, build, seed, verify, report: the whole way from the document to its evidence."""
        began = monotonic()
        check = self.check(progress=progress)
        target = url or self.start()
        build = self.build(target, progress=progress)
        seeding = self.seed(target, rows, progress=progress)
        run = self.verify(target, desired=check.trial, progress=progress)
        progress("report: writing the page", 0, 0)
        report = self.write_report(run, check)
        return UpResult(check, build, seeding, run, target, report, monotonic() - began)

    def write_report(self, run: "Run", check: CheckResult, path: Path | None = None) -> Path:
        """Write the HTML page for a run; return where."""
        from asbuilt.report import html

        target = path or self.home / "report.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(html.render(self.reading.document, self.design, check.diagnostics, run), encoding="utf-8")
        return target

    def start(self) -> str:
        """Start the document's embedded server unless it runs; return the URL of the document's database."""
        from asbuilt.engines.postgres.server import EmbeddedServer

        return EmbeddedServer.start(self.home / "server", durable=True).ensure_database(self.database)

    def down(self, *, with_data: bool = False) -> bool:
        """Stop the embedded server; remove its data where asked. Tell whether there was anything to stop or remove."""
        from asbuilt.engines.postgres.server import EmbeddedServer, remove

        folder = self.home / "server"
        server = EmbeddedServer.find(folder)
        if server is not None:
            server.stop()
        if with_data and folder.exists():
            remove(folder)
            return True
        return server is not None

    def _running(self) -> "EmbeddedServer":
        from asbuilt.engines.postgres.server import EmbeddedServer

        server = EmbeddedServer.find(self.home / "server")
        if server is None:
            raise NothingToDo(
                f"no server runs for {self.path}",
                help=f"start one with `asbuilt up {self.path}`, or name yours with `--to postgresql://…`",
            )
        return server


def _run_own_seeds(session: Session, design: Design) -> tuple[int, list[str]]:
    """Run the document's seed statements in order; return how many ran, and what was refused of the others."""
    from asbuilt.engines.postgres.engine import POSTGRES

    done, refused = 0, []
    for step in POSTGRES.seed_steps(design):
        try:
            with session.transaction():
                session.execute(step.sql)
            done += 1
        except ServerRefused as refusal:
            refused.append(f"line {design.source.line_at(step.causes[0].start)}: {refusal}")
    return done, refused
