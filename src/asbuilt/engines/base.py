"""What the rest of asbuilt needs of an engine: small protocols, filled in by one folder each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from asbuilt.engines.changers import Changer, Expander
from asbuilt.engines.changes import Backfill, Danger, Needs, Observation, Operation
from asbuilt.engines.journal import Journal, Reach
from asbuilt.engines.state import DatabaseState, Item, TableState
from asbuilt.model.design import Design
from asbuilt.model.renames import Rename
from asbuilt.model.sql import SqlStatement
from asbuilt.text import Excerpt, Span

Row = tuple[Any, ...]
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


def silent(what: str, done: int, total: int) -> None:
    """A progress that tells nobody."""


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of a build: what is run, what it makes, and the places in the document that cause it.

    `subject` names what the step makes, in words (`table users`, `index idx_users_email`). `text` is `sql`
    with the place of each character in the document, so that an error's position leads back; None where generated.
    """

    sql: str
    subject: str
    causes: tuple[Span, ...]
    text: Excerpt | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that the server refused. `offset` is the 0-based character of `step.sql` it names, if any.

    `detail` and `hint` are the server's. `follows` is the earlier failure that this one is a consequence of, by
    its index in the trial's failures; None where it stands for itself.
    """

    step: Step
    message: str
    sqlstate: str
    offset: int | None = None
    detail: str = ""
    hint: str = ""
    follows: int | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of trying a design out: the state it leads to, and what failed on the way."""

    state: DatabaseState
    failures: tuple[Failure, ...]
    stubs: tuple[str, ...] = ()


class Session(Protocol):
    """A connection to one database."""

    @property
    def server(self) -> str:
        """The server's name and version in words, without a password."""

    def execute(self, sql: str, parameters: Sequence[object] | None = None) -> None: ...

    def rows(self, sql: str, parameters: Sequence[object] | None = None) -> list[Row]: ...

    def copy(self, statement: str, rows: Iterable[Sequence[str | None]]) -> None:
        """Send rows, values as text, to a statement that copies them in: all or none."""

    def copy_text(self, statement: str, parts: Iterable[str]) -> None:
        """Send lines in COPY's own text form, made while those before are on their way: all or none."""

    def attempt(self) -> AbstractContextManager[None]:
        """A savepoint that is always rolled back at its end, however it ends."""

    def transaction(self) -> AbstractContextManager[None]:
        """A transaction, or a savepoint inside one: kept at its end, rolled back by an exception."""

    def inspect(self) -> DatabaseState: ...


Contents = dict[str, Mapping[Row, Mapping[str, str | None]]]
"""The rows of tables as text: by table, by the row's key, by column. The key of a row without a primary key begins with None."""


class Twin(Session, Protocol):
    """A session in a copy of a database's structure."""

    gaps: tuple[Failure, ...]
    """What of the structure could not be restored."""
    stubs: tuple[str, ...]
    """What stands in the copy for what it lacks."""
    url: str
    """Where the copy is."""


class Copy(Twin, Protocol):
    """A session in a copy of a database's structure and of rows of it."""

    counts: dict[str, int]
    """How many rows were copied, by table."""
    missing: dict[str, str]
    """Why the rows of a table could not be copied."""


class Watcher(Protocol):
    """Runs statements and looks at what the server does for them."""

    def run(self, statements: Sequence[str], *, is_alone: bool) -> Observation:
        """Run the statements in one transaction, or each on its own, and return what was seen."""


@dataclass(frozen=True, slots=True)
class Lag:
    """By how many seconds a replica is behind; `replica` is its name, and its address where it has one."""

    replica: str
    seconds: float


class Blockers(Protocol):
    """Who keeps a session waiting; `last` are those that were told of last, in words."""

    @property
    def last(self) -> tuple[str, ...]: ...


class Filler(Protocol):
    """Does a backfill range by range, each range in a transaction that the caller opens."""

    def begin(self) -> Reach:
        """Return where to begin and where to end: at the highest key there is now, so that it ends whatever is inserted."""

    def fill(self, reach: Reach, size: int, *, seconds: float | None) -> Reach:
        """Do the next range of about `size` rows; refused where it takes longer than `seconds` or waits for others that long."""

    def is_in_the_way(self) -> bool:
        """Tell whether others wait for what the open transaction holds."""

    def lag(self) -> Lag | None:
        """Return the replica that is furthest behind; None where none is, or none may be seen."""


class Engine(Protocol):
    """One kind of database."""

    name: str

    def steps(self, design: Design) -> tuple[Step, ...]:
        """The statements that build the design, in an order in which they work."""

    def connect(self, url: str, *, read_only: bool = False) -> AbstractContextManager[Session]: ...

    def scratch(self) -> AbstractContextManager[Session]:
        """A session in an empty database of its own on the scratch server; gone at the end."""

    def twin(self, url: str) -> AbstractContextManager[Twin]:
        """A session in a copy of the structure of `url`, on the scratch server."""

    def copied(
        self, url: str, most: int | None, progress: Progress = silent, *, is_whole: bool = False
    ) -> AbstractContextManager[Copy]:
        """A session in a copy of `url` with at most `most` rows a table (None: all) and those that they point at.

        `is_whole`: the journal and what plans keep aside, too. The database at `url` is only read.
        """

    def contents(self, session: Session, state: DatabaseState, known: Contents | None = None) -> Contents:
        """Return the rows of the tables of `state`, as they are read under these names and as these types."""

    def touch(self, session: Session, table: TableState, keys: Sequence[Row]) -> None:
        """Write the rows of some primary keys again as they are."""

    def change(self, session: Session, table: TableState, key: Row, values: Mapping[str, str | None]) -> None:
        """Give some columns of the row of a primary key other values, as text."""

    def delete(self, session: Session, table: TableState, key: Row) -> None:
        """Delete the row of a primary key."""

    def through(self, session: Session, values: Sequence[str], types: Sequence[str]) -> dict[str, str | None]:
        """Return what values, as text, are after they were of some types in turn; None where one does not take it."""

    def trial(self, design: Design, session: Session, progress: Progress = silent) -> Trial:
        """Run the design's steps in `session`, each on its own, and go on after a failure."""

    def needs(self, session: Session) -> Needs:
        """What each thing in the session's database cannot be without."""

    def journal(self, session: Session) -> Journal: ...

    def prepare(self, session: Session) -> None:
        """Let the statements of a plan mean in the session what they meant when the states were inspected."""

    def rename_operations(self, renames: Sequence[Rename]) -> tuple[Operation, ...]:
        """Return what gives tables and columns their new names, in order."""

    def run(self, session: Session, statement: SqlStatement) -> str:
        """Run a migration's statement; return why it is refused, empty where it ran."""

    def take(self, session: Session, statement: SqlStatement) -> str:
        """Run a migration's statement that changes structure; return why it is refused, empty where it ran or is true already."""

    def write_operations(
        self, sql: str, state: DatabaseState, made: frozenset[Item], kept: str, number: int
    ) -> tuple[Operation, ...]:
        """Return what runs a document's statement that writes rows where `state` stands, and takes it back.

        What it writes over is kept aside in the schema `kept`, under a name with `number`, unless the plan itself `made` it.
        """

    def return_operation(self, sql: str, state: DatabaseState) -> Operation:
        """Return what does nothing forward, and runs a document's statement that writes rows on the way back, where `state` stands."""

    def foreseen(self, danger: Danger, writes: Sequence[str], before: DatabaseState, now: DatabaseState) -> Danger:
        """Return a danger over what will stand once `writes` have run (`now`), countable where only `before` stands."""

    def changer(
        self,
        before: DatabaseState,
        after: DatabaseState,
        needs: Needs,
        kept: str,
        remade: frozenset[str] = frozenset(),
        crowded: frozenset[str] = frozenset(),
    ) -> Changer:
        """Return who makes changes from `before`, where `needs` holds, into operations; `kept` keeps what would be lost.

        `remade` are tables that are made anew beside the old ones, `crowded` partitions with rows that others may get.
        """

    def expander(self, kept: str) -> Expander:
        """Return who changes what is in use; `kept` keeps what would be lost."""

    def has_rows(self, session: Session, table: str) -> bool: ...

    def settings(self, session: Session) -> dict[str, str]:
        """What of the session's database, beside its structure, makes the same statements behave otherwise, by its name in words."""

    def filler(self, session: Session, backfill: Backfill) -> Filler: ...

    def watch(self, session: Session) -> Watcher:
        """Return who looks at what happens to the relations that stand in the session's database now."""

    def blockers(
        self, session: Session, tell: Callable[[str], None], patience: int
    ) -> AbstractContextManager[Blockers]:
        """Tell meanwhile who keeps the session waiting, where so many looks in a row find the same."""

    def hidden_dangers(self, operation: Operation, before: DatabaseState) -> tuple[Danger, ...]:
        """Return the dangers to functions whose text names what the operation takes away or turns, and nobody keeps account."""

    def fired_dangers(self, session: Session, backfill: Backfill, before: DatabaseState) -> tuple[Danger, ...]:
        """Return the dangers of triggers of the tables' own that a backfill fires though it should not, by who carries it out."""

    def planned_rows(self, session: Session, query: str) -> int:
        """Return how many rows the server's planner expects a counting query to count; nothing is read for it."""

    def table_bytes(self, session: Session, table: str) -> int:
        """Return how much room a table takes with its indexes; 0 where it is not there."""

    def seed_steps(self, design: Design) -> Iterator[Step]:
        """The document's own seed statements."""
