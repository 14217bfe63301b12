"""SQL as it stands in a document: every statement, what it makes, what it needs."""

from enum import StrEnum

from msgspec import Struct

from asbuilt.model.fact import Fact, Form
from asbuilt.text import Excerpt, Span

_LONGEST_NAME = 63


class Role(StrEnum):
    """What a statement is for, by its kind and its chapter. Only SCHEMA, SEED, MIGRATION and BACKFILL build anything."""

    SCHEMA = "schema"
    SEED = "seed"
    QUERY = "query"
    MIGRATION = "migration"
    BACKFILL = "backfill"
    ROLLBACK = "rollback"
    PURGE = "purge"
    HEALTH = "health"
    SETTING = "setting"
    MAINTENANCE = "maintenance"
    EXAMPLE = "example"


class ObjectName(Struct, frozen=True, order=True):
    """An object in a database. `kind`: table, column, index, constraint, view, function, type, trigger, policy,
    extension, schema, sequence, role, …; `table` only for what lives in one (column, constraint, trigger, policy).

    Names are as PostgreSQL stores them: folded to lower case unless quoted. `schema` None: not qualified.
    """

    kind: str
    name: str
    schema: str | None = None
    table: str | None = None


def sequence_of(table: str, column: str) -> str:
    """Return the name that PostgreSQL gives the sequence of a column, cut where the two names are too long."""
    one, other = table.encode(), column.encode()
    while len(one) + len(other) > _LONGEST_NAME - len("__seq"):
        one, other = (one[:-1], other) if len(one) > len(other) else (one, other[:-1])
    return f"{one.decode(errors='ignore')}_{other.decode(errors='ignore')}_seq"


class Need(Struct, frozen=True):
    """An object that a statement cannot do without, and where the statement names it."""

    name: ObjectName
    span: Span


class ColumnUse(Struct, frozen=True):
    """A column that a query takes from one of `tables`, as written there, and where it names it."""

    column: str
    span: Span
    tables: tuple[str, ...]


class SqlStatement(Fact, frozen=True, kw_only=True):
    """One statement. `text` is verbatim, each offset leading to the document.

    `kind` is PostgreSQL's command tag in lower case (`create table`, `alter table`, `insert`, `select`, …).
    `run` is what is run: the text, or the text made right where the document's is understood but not PostgreSQL's
    (`?`, an inline `INDEX`, a body in single `$`), each offset leading to the document; `is_repaired` tells. `uses` are the columns that it takes from tables. `parameters` are `?`, `$1` or `:name` in order.
    `chapter` is a value of `evidence.Chapter`; `unit` groups the statements of one migration or one fence.
    """

    form: Form = Form.SQL
    text: Excerpt
    kind: str
    role: Role
    run: Excerpt
    is_repaired: bool = False
    creates: tuple[ObjectName, ...] = ()
    needs: tuple[Need, ...] = ()
    uses: tuple[ColumnUse, ...] = ()
    parameters: tuple[str, ...] = ()
    chapter: str = "entities"
    unit: str = ""
    dialect: str = "postgresql"

    @property
    def sql(self) -> str:
        """The words of what is run."""
        return self.run.text


class UnreadableSql(Fact, frozen=True, kw_only=True):
    """SQL that no parser takes; `message` is PostgreSQL's, `at` the place it names."""

    text: Excerpt
    message: str
    at: Span
    dialect: str = "postgresql"


class QueryPattern(Fact, frozen=True, kw_only=True):
    """A stated query. `statement` is its SQL; `served_by` the indexes said to serve it (`Optimized by: …`).

    `target_ms` is the stated latency in milliseconds.
    """

    title: str
    statement: SqlStatement
    served_by: tuple[tuple[str, Span], ...] = ()
    target_ms: float | None = None


class Migration(Fact, frozen=True, kw_only=True):
    """A named migration: its statements forward and, where the document gives them, back."""

    name: str
    forward: tuple[SqlStatement, ...]
    rollback: tuple[SqlStatement, ...] = ()
    rollback_span: Span | None = None
