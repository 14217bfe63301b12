"""The facade: a document, and everything that can be done with it. The one place that wires the parts together."""

import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cached_property
from hashlib import blake2s
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from asbuilt.diagnostics import Severity, apply_edits
from asbuilt.document import parse
from asbuilt.engines.base import Progress, Session, Trial, silent
from asbuilt.errors import (
    NothingToDo,
    ServerRefused,
    ServerUnavailable,
    TargetNotEmpty,
)
from asbuilt.model.design import Design
from asbuilt.model.merging import merge
from asbuilt.project.collecting import collector_paused
from asbuilt.project.files import may_be_made, replace_text, text_of, writing
from asbuilt.project.fixing import compatible, with_fixes
from asbuilt.project.results import BuildRefused, CheckResult, Seeding, UpResult
from asbuilt.reading import DocumentReading, read
from asbuilt.text import Source

if TYPE_CHECKING:
    from asbuilt.engines.journal import Entry
    from asbuilt.engines.postgres.engine import BuildResult
    from asbuilt.engines.postgres.server import EmbeddedServer
    from asbuilt.plan.steps import Plan
    from asbuilt.verify import Run

Look = Callable[[Session, Trial], None]


def _look_away(session: Session, trial: Trial) -> None:
    """Look at nothing."""


_ROUNDS_OF_FIXES = 20


def load(path: str | Path) -> "Project":
    """Read the document at `path`; raise `DocumentUnreadable` where that is impossible."""
    return Project(Source(str(path), text_of(Path(path))), Path(path))


class Project:
    """One document. Reading happens on first use, and once. `fixes` tells what `fixed` changed in it."""

    def __init__(self, source: Source, path: Path, fixes: tuple[str, ...] = ()) -> None:
        self.source = source
        self.path = path
        self.fixes = fixes

    @cached_property
    def home(self) -> Path:
        """The folder that keeps the document's server, its runs and its report: beside it, or else in the user's cache."""
        from asbuilt.engines.postgres.places import private_folder

        path = self.path.resolve()
        name = path.stem if path.suffix == ".md" else path.name
        beside = path.parent / ".asbuilt" / name
        if may_be_made(beside):
            return beside
        mark = blake2s(os.fsencode(path), digest_size=5).hexdigest()
        return private_folder() / "documents" / f"{path.stem}-{mark}"

    @property
    def shown_path(self) -> str:
        """The path as a command line takes it."""
        return shlex.quote(str(self.path))

    @property
    def database(self) -> str:
        """The name of the document's database on the embedded server."""
        name = "".join(c if c.isalnum() else "_" for c in self.path.resolve().stem.lower())
        return name[:60] or "design"

    @cached_property
    def reading(self) -> DocumentReading:
        with collector_paused():
            return read(parse(self.source))

    @cached_property
    def design(self) -> Design:
        with collector_paused():
            return merge(self.source, self.reading.facts)

    def check(
        self,
        *,
        is_tried: bool = True,
        progress: Progress = silent,
        look: Look = _look_away,
        beside: str | None = None,
    ) -> CheckResult:
        """Find what contradicts itself or cannot work; `is_tried`: run the statements in a scratch database too.

        `look` is called with that database while it stands; it is made on the server of `beside` where ours lacks what is used.
        """
        from asbuilt.rules import check

        progress("check: reading", 0, 0)
        if not is_tried:
            with collector_paused():
                found = check(self.design, self.reading.diagnostics)
            return CheckResult(self.design, found, self.reading.coverage)
        from asbuilt.engines.postgres.diagnosing import diagnose
        from asbuilt.project.verifying import claimed

        with self._ground(beside, progress):
            trial = self._tried(progress, look)
        found = check(self.design, (*self.reading.diagnostics, *diagnose(trial, self.design)))
        claims = claimed(self.design, trial)
        return CheckResult(self.design, found, self.reading.coverage, claims, trial)

    def fixed(self, *, is_unsafe: bool = False, is_tried: bool = True, progress: Progress = silent) -> "Project":
        """Return the project with every fix made that is safe (and, where asked for, the others), as far as they go.

        Fixes are made in rounds, since one may uncover another. Nothing is written: `save` does that.
        """
        project = self
        for _ in range(_ROUNDS_OF_FIXES):
            diagnostics = project.check(is_tried=is_tried, progress=progress).diagnostics
            chosen = compatible(with_fixes(diagnostics, is_unsafe))
            if not chosen:
                break
            source, edits = project.source, tuple(edit for _, fix in chosen for edit in fix.edits)
            told = tuple(f"line {source.line_at(at)}: {fix.title}" for at, fix in chosen)
            project = Project(Source(source.path, apply_edits(source, edits)), self.path, (*project.fixes, *told))
        return project

    def save(self) -> None:
        """Write the document back to where it came from."""
        replace_text(self.path.resolve(), self.source.text)

    def build(self, url: str | None = None, *, progress: Progress = silent) -> "BuildResult":
        """Build the design in the empty database at `url`, or on the document's embedded server."""
        from asbuilt.engines.postgres.engine import POSTGRES

        progress("build: connecting", 0, 0)
        with self._telling_of_own_database(url), POSTGRES.connect(url or self.start()) as session:
            return POSTGRES.build(session, self.design, _within("build", progress))

    def seed(self, url: str, rows: int, *, progress: Progress = silent) -> Seeding:
        """Run the document's own seed statements, write its own rows, then fill every table up to `rows` rows."""
        from asbuilt.project.seeding import seeded

        progress("seed: planning", 0, 0)
        return seeded(self.design, url, rows, _within("seed", progress))

    def verify(
        self,
        url: str | None = None,
        *,
        also: Sequence[str] = (),
        desired: Trial | None = None,
        cache: str | None = None,
        is_measured: bool = False,
        progress: Progress = silent,
    ) -> "Run":
        """Check every claim against the database at `url`, which is only read; store the run.

        `also` are other databases, `URL` or `name=URL`, that have to be like it; `cache` is a Redis to prove the cache on;
        `is_measured`: the stated queries are run there, too.
        """
        from asbuilt.project.promising import environments_of
        from asbuilt.project.verifying import Asked, verified
        from asbuilt.verify import save_run

        target = self.target(url)
        others = environments_of(also, target)
        progress("verify: what the document asks for", 0, 0)
        with self._ground(target, progress) as note:
            tried = desired or self._tried(_within("verify", progress))
            asked = Asked(target, others, cache, is_measured)
            run = verified(self.design, tried, asked, _within("verify", progress))
        run = replace(run, notes=(*run.notes, note)) if note else run
        with writing(self.home / "runs"):
            save_run(run, self.home / "runs")
        return run

    @contextmanager
    def _ground(self, url: str | None, progress: Progress) -> Iterator[str]:
        """Try things meanwhile on the server of `url` where ours lacks what the document or the database there uses."""
        from asbuilt.project.grounds import fit_ground, used_by

        with nullcontext("") if url is None else fit_ground(url, used_by(self.design), progress) as note:
            yield note

    def target(self, url: str | None = None) -> str:
        """Return the database to look at: `url`, where somebody has to answer, or the one on the running server."""
        from asbuilt.engines.postgres.engine import POSTGRES

        if url is None:
            return self._running().url(self.database)
        with POSTGRES.connect(url, read_only=True):
            return url

    def plan(self, url: str | None = None, *, is_at_once: bool = False, progress: Progress = silent) -> "Plan":
        """Return the plan that makes the database at `url` what the document says; nothing is changed there."""
        from asbuilt.project.changes import plan_for

        return plan_for(self, self.target(url), progress, is_at_once=is_at_once).plan

    def apply(
        self, plan: "Plan", url: str | None = None, *, allowed: tuple[str, ...] = (), progress: Progress = silent
    ) -> "Entry":
        """Carry a plan out up to its contract; hazards have to be `allowed` by name."""
        from asbuilt.project.changes import apply_plan

        return apply_plan(self.target(url), plan, allowed, progress, project=self)

    def contract(
        self, url: str | None = None, *, allowed: tuple[str, ...] = (), progress: Progress = silent
    ) -> "Entry":
        """Take away what a plan left standing for yesterday's application."""
        from asbuilt.project.changes import contract_plan

        return contract_plan(self, self.target(url), allowed, progress)

    def rollback(
        self, url: str | None = None, *, to: int | None = None, allowed: tuple[str, ...] = (), progress: Progress = silent
    ) -> "list[Entry]":  # fmt: skip
        """Take back the last plan, or all after number `to`, with the rows written since; what was purged without its rows."""
        from asbuilt.project.changes import take_back

        return take_back(self.target(url), to, progress, allowed)

    def last_run(self) -> "Run":
        """Return the run that was stored last; raise `NothingToDo` where there is none."""
        from asbuilt.verify import load_last_run

        run = load_last_run(self.home / "runs", self.design)
        if run is None:
            help = f"run `asbuilt up {self.shown_path}` or `asbuilt verify {self.shown_path} --to URL` first"
            raise NothingToDo(f"nothing has been verified for {self.path} yet", help=help)
        return run

    def _tried(self, progress: Progress, look: Look = _look_away) -> Trial:
        from asbuilt.engines.postgres.engine import POSTGRES

        progress("check: trying the statements out", 0, 0)
        with POSTGRES.scratch() as session:
            trial = POSTGRES.trial(self.design, session, _within("check", progress))
            look(session, trial)
            return trial

    def up(self, url: str | None = None, *, rows: int = 0, progress: Progress = silent) -> UpResult:
        """Check, build, seed, verify, report: the whole way from the document to its evidence.

        What stands already, exactly as the document says, is neither built nor seeded again. Raises `BuildRefused`
        where the document has errors that PostgreSQL does not take.
        """
        from asbuilt.project.upkeep import make_ahead

        began = monotonic()
        if url is not None:
            self.target(url)
        check = self.check(progress=progress, beside=url)
        with self._alone(), self._telling_why_gone(url):
            target = self.start() if url is None else url
            build = self._standing(target, check)
            is_new = build is None
            build = build or self._built(url, target, check, progress)
            if is_new and check.trial:
                make_ahead(self.design, check.trial.state, target)
            is_filled = not is_new and self._has_rows(target, build)
            seeding = Seeding(0, {}) if is_filled else self.seed(target, rows, progress=progress)
        run = self.verify(target, desired=check.trial, progress=progress)
        progress("report: writing the page", 0, 0)
        report = self.write_report(run, check)
        return UpResult(check, build, seeding, run, target, report, monotonic() - began, url is None, is_new)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one process at a time build this document; others wait, and find what it built."""
        from asbuilt.engines.postgres.places import locked, make_folder

        with writing(self.home):
            make_folder(self.home)
        with locked(self.home / "lock"):
            yield

    def _built(self, url: str | None, target: str, check: CheckResult, progress: Progress) -> "BuildResult":
        try:
            with self._telling_of_own_database(url):
                return self.build(target, progress=progress)
        except ServerRefused as refusal:
            if not check.count(Severity.ERROR):
                raise
            raise BuildRefused(refusal, check) from refusal

    def _standing(self, target: str, check: CheckResult) -> "BuildResult | None":
        """Return what stands at `target` if it is all that the document asks for, and nothing else."""
        from asbuilt.engines.postgres.engine import POSTGRES, BuildResult
        from asbuilt.project.cut_off import in_sight
        from asbuilt.project.in_time import is_as_written

        with POSTGRES.connect(target, read_only=True) as session:
            state = in_sight(session, session.inspect())
            if state.is_empty or not check.trial or not is_as_written(state, check.trial.state, self.design, session):
                return None
        return BuildResult((), state, check.trial.stubs, check.trial.failures)

    @staticmethod
    def _has_rows(target: str, build: "BuildResult") -> bool:
        from asbuilt.engines.postgres.engine import POSTGRES
        from asbuilt.seed.sql import table_name

        tables = " UNION ALL ".join(f"(SELECT 1 FROM {table_name(name)} LIMIT 1)" for name in build.state.tables)
        with POSTGRES.connect(target, read_only=True) as session:
            return bool(tables and session.rows(tables))

    @contextmanager
    def _telling_of_own_database(self, url: str | None) -> Iterator[None]:
        """Say of a database of our own that holds something what its owner can do about that."""
        try:
            yield
        except TargetNotEmpty as error:
            if url is None:
                error.help = (
                    f"nothing was changed; `asbuilt plan {self.shown_path}` shows what would make it what the document says, "
                    f"`asbuilt apply {self.shown_path}` does that, the rows kept; "
                    f"`asbuilt down --data {self.shown_path}` removes it, so that `asbuilt up` builds it anew"
                )
            raise

    @contextmanager
    def _telling_why_gone(self, url: str | None) -> Iterator[None]:
        """Say of a server of our own that is gone what its log says, and not that a connection was lost."""
        from asbuilt.engines.postgres.server import why_gone

        try:
            yield
        except ServerUnavailable as error:
            if url is None and (reason := why_gone(self.home / "server")):
                raise reason from error
            raise

    def write_report(self, run: "Run", check: CheckResult, path: Path | None = None) -> Path:
        """Write the HTML page for a run; return where."""
        from asbuilt.report import html

        target = path or self.home / "report.html"
        page = html.render(self.reading.document, self.design, check.diagnostics, run)
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(page, encoding="utf-8", errors="backslashreplace")
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
        return bool(with_data and remove(folder)) or server is not None

    def _running(self) -> "EmbeddedServer":
        from asbuilt.engines.postgres.server import EmbeddedServer

        server = EmbeddedServer.find(self.home / "server")
        if server is None:
            raise NothingToDo(
                f"no server runs for {self.path}",
                help=f"start one with `asbuilt up {self.shown_path}`, or name yours with `--to postgresql://…`",
            )
        return server


def _within(act: str, progress: Progress) -> Progress:
    """Return a progress whose every word is said under the name of one act."""

    def tell(what: str, done: int, total: int) -> None:
        words = what.removeprefix(f"{act}: ").removeprefix(f"{act}ing ")
        progress(f"{act}: {words.removeprefix('check: ')}", done, total)

    return tell
