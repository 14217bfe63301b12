"""Runs: what one verification saw, stored beside the document as JSON, listed, loaded and compared."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2s
from pathlib import Path

import msgspec

from asbuilt.errors import NothingToDo
from asbuilt.evidence import Evidence, Verdict
from asbuilt.model.design import Design

FORMAT = 1
KEPT = 50


@dataclass(frozen=True)
class Run:
    """One verification. `digest` is that of the document's text; `notes` tell what belongs to no claim."""

    started: datetime
    seconds: float
    server: str
    document: str
    digest: str
    evidence: tuple[Evidence, ...]
    notes: tuple[str, ...] = ()

    @property
    def is_fine(self) -> bool:
        """Whether no claim is broken."""
        return not any(e.verdict == Verdict.BROKEN for e in self.evidence)

    @property
    def broken(self) -> tuple[Evidence, ...]:
        return tuple(e for e in self.evidence if e.verdict == Verdict.BROKEN)


@dataclass(frozen=True, slots=True)
class Change:
    """A claim whose verdict differs between two runs; None: the other run did not know the claim."""

    id: str
    before: Verdict | None
    after: Verdict | None


@dataclass(frozen=True)
class _Stored:
    version: int
    run: Run


def digest_of(text: str) -> str:
    return blake2s(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def save_run(run: Run, folder: Path) -> Path:
    """Write a run and return its file; only the latest are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run.started:%Y%m%dT%H%M%S%f}.json"
    draft = path.with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(_Stored(FORMAT, run)))
    draft.replace(path)
    for old in list_runs(folder)[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def list_runs(folder: Path) -> list[Path]:
    """Return the files of all runs, the oldest first."""
    return sorted(folder.glob("*.json")) if folder.is_dir() else []


def load_run(path: Path) -> Run:
    """Read a run; raise `NothingToDo` where the file is none of this version."""
    try:
        stored = msgspec.json.decode(path.read_bytes(), type=_Stored)
    except (OSError, msgspec.DecodeError) as error:
        raise NothingToDo(f"{path} is no run that can be read: {error}", help="run `asbuilt verify` again") from error
    return stored.run


def load_last_run(folder: Path, design: Design) -> Run | None:
    """Return the run that was stored last, None where there is none; a note tells if the document has changed since."""
    paths = list_runs(folder)
    if not paths:
        return None
    run = load_run(paths[-1])
    if run.digest == digest_of(design.source.text):
        return run
    note = "the document has changed since: the places shown are those of the document as it was"
    return replace(run, notes=(*run.notes, note))


def compare(before: Run, after: Run) -> list[Change]:
    """Return the claims whose verdict changed, what is broken now first."""
    old = {e.claim.id: e.verdict for e in before.evidence}
    new = {e.claim.id: e.verdict for e in after.evidence}
    changes = [Change(id, old.get(id), new.get(id)) for id in {**old, **new} if old.get(id) != new.get(id)]
    return sorted(changes, key=lambda change: (change.after != Verdict.BROKEN, change.id))
