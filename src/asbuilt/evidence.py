"""Claims, and what was seen when they were checked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import blake2s

from asbuilt.text import Span


class Verdict(StrEnum):
    """`unknown` could not be checked and says why; `stated` is not (yet) checkable by a machine."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"
    STATED = "stated"


class Chapter(StrEnum):
    """The chapters that design documents share; a package of the same name lives each."""

    OVERVIEW = "overview"
    ENTITIES = "entities"
    INTEGRITY = "integrity"
    VOLUME = "volume"
    MIGRATION = "migration"
    ACCESS = "access"
    CACHE = "cache"
    SECURITY = "security"
    PRIVACY = "privacy"
    BACKUP = "backup"
    MONITORING = "monitoring"
    SEEDING = "seeding"
    FLOW = "flow"
    FILES = "files"
    CHECKLIST = "checklist"


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that the document promises.

    `kind` is a word such as `column_type` or `check_refuses`; `subject` names what it is about (`users.email`);
    `spans` are the places that say so, the most telling first; `expected` is the promise in canonical words;
    `key` identifies the object in an inspected state, for the checker of this kind.
    """

    kind: str
    chapter: Chapter
    subject: str
    spans: tuple[Span, ...]
    expected: str
    key: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """A short name that stays the same while kind and subject do, wherever the line moves."""
        identity = "\x1f".join((self.kind, self.subject, *self.key))
        return f"{self.kind}:{self.subject}:{blake2s(identity.encode(), digest_size=4).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen when `claim` was checked, and how to see it again.

    `statement` is what was run, verbatim; `reproduce` a command line that shows the same; `reason` says why a
    verdict is unknown or stated; `rows` are at most five offending rows, personal data masked, or all that differs; `server` names
    the server and its version; `seconds` is how long the check took.
    """

    claim: Claim
    verdict: Verdict
    observed: str = ""
    reason: str = ""
    statement: str = ""
    reproduce: str = ""
    rows: tuple[str, ...] = ()
    server: str = ""
    taken_at: datetime | None = None
    seconds: float = 0.0
