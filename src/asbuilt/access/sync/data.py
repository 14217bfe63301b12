"""A database as its document describes it: its tables by name, transactions, raw SQL."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any, Self, TypeVar, overload

import msgspec

from asbuilt.access.compiled import Compiled, Compiler
from asbuilt.access.options import Isolation
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.rows import RowTypes, row_types
from asbuilt.access.schema import Schema, Table
from asbuilt.access.seen import Seen
from asbuilt.access.servers import ServerState, label_of, spans_at
from asbuilt.access.sync.driver import Link, connected
from asbuilt.access.sync.entities import Entity
from asbuilt.access.sync.keeping import Keeping, Place, Rows
from asbuilt.access.sync.loading import Loader
from asbuilt.access.sync.pool import Pool, PoolState
from asbuilt.access.sync.replicas import Replicas, position_of, replica_at
from asbuilt.access.sync.running import Runner
from asbuilt.access.sync.sessions import SessionStore
from asbuilt.access.telling import of_given, only_reads, written_by
from asbuilt.access.validating import Validation
from asbuilt.cache.keys import Written
from asbuilt.cache.options import CacheOptions
from asbuilt.cache.plan import CachePlan, Key
from asbuilt.cache.sync.cache import cache_of
from asbuilt.model.names import did_you_mean

T = TypeVar("T")
CONNECT_SECONDS, FOLLOWING_SECONDS = 10.0, 2.0
_LIMIT = "SELECT set_config('statement_timeout', $1, true)"


class Data:
    """The data of a document. Open it once a program, with `with`, and share it among all threads.

    `size` is the most connections, `wait` how many seconds a statement waits for one, `statement_seconds` how long one
    may run. `secret` signs cursors, so that nobody can make one up; give all processes the same. `has_pooler` tells that
    the URL leads to pgbouncer or the like, which may give each transaction another connection to the server.

    `replicas` are the URLs of servers that follow the one at `url`, which reads go to outside transactions; none that is more
    than `replica_lag` seconds behind, nor one that lacks what the reading task has written.

    `plan` is the cache that the document states, `cache` where it is: the address of a Redis (`redis://…`), or `"near"` for
    this process alone, which must then be the only one that writes; None: nowhere. `cache_options` bound it.
    """

    def __init__(
        self,
        schema: Schema,
        url: str,
        *,
        types: RowTypes | None = None,
        size: int = 10,
        wait: float = 10,
        statement_seconds: float | None = None,
        secret: bytes | None = None,
        has_pooler: bool = False,
        replicas: Sequence[str] = (),
        replica_lag: float = 10,
        plan: CachePlan | None = None,
        cache: str | None = None,
        cache_options: CacheOptions | None = None,
    ) -> None:
        self.schema = schema
        self.plan = plan or CachePlan()
        self._cache = cache_of(self.plan, cache, cache_options) if cache is not None else None
        self.secret = hashlib.blake2s(secret or schema.digest.encode()).digest()
        self.validation = Validation(schema)
        told = self.plan.told_of if self._cache is not None else {}
        self.compiler = Compiler(schema, types or row_types(schema), told)
        if has_pooler and statement_seconds is not None:
            raise QueryRefused(
                "a pooler gives no time limit on to the server",
                help="set one for the role: `ALTER ROLE … SET statement_timeout = '5s'`",
            )
        connect = partial(
            connected, seconds=CONNECT_SECONDS, statement_seconds=statement_seconds, has_pooler=has_pooler
        )  # fmt: skip
        self._pool = Pool(partial(connect, url), size, wait=wait)
        self._name = label_of(url) if replicas else ""
        self.runner = Runner(schema, self._pool, self._cache, self._name, spans_at(url))
        self._replicas = self._following(connect, url, replicas, replica_lag, size, wait) if replicas else None
        self.reader: Runner | Replicas = self._replicas or self.runner
        self.loader = Loader(self.runner, self.reader)
        for table in schema.tables:
            setattr(self, table.accessor, Entity(self, table))

    def _following(
        self, connect: Callable[..., Link], url: str, urls: Sequence[str], lag: float, size: int, wait: float
    ) -> Replicas:
        """Return what reads from replicas."""
        if isinstance(urls, str):
            raise QueryRefused("replicas are several URLs, in a list", help='replicas=["postgresql://…"]')
        connect = partial(connect, seconds=FOLLOWING_SECONDS)  # others can be asked meanwhile
        watched = partial(connect, statement_seconds=None)
        following = []
        for one in urls:
            name = label_of(one)
            runner = partial(self.runner.beside, name, spans_at(one))
            following.append((replica_at(name, partial(connect, one), runner, size, wait), partial(watched, one)))
        return Replicas(self.runner, self._name, partial(watched, url), following, lag)

    def __enter__(self) -> Self:
        self._pool.give(self._pool.take())
        try:
            if self._replicas is not None:
                self._replicas.open()
            if self._cache is not None:
                self._cache.open()
        except BaseException:
            if self._replicas is not None:
                self._replicas.close()
            self._pool.close()
            raise
        return self

    def __exit__(self, *failure: object) -> None:
        try:
            if self.runner.doubts is not None:
                self.runner.doubts.close()
            if self._cache is not None:
                self._cache.close()
        finally:
            if self._replicas is not None:
                self._replicas.close()
            self._pool.close()

    @property
    def pool(self) -> PoolState:
        return self._pool.state

    @property
    def cache(self) -> Keeping[Any]:
        """What the document's cache has done so far, and what can be done to it."""
        if self._cache is None:
            raise QueryRefused("the data is open without a cache", help='name one: cache="redis://…", or cache="near"')
        return Keeping(self._cache, self._warmed)

    @property
    def session_store(self) -> SessionStore[Any, Any]:
        """The sessions of the document: begun, found by their token, revoked everywhere."""
        plan = self.plan.sessions
        if plan is None or plan.table not in self.schema.by_name:
            raise QueryRefused(
                f"{self.schema.document or 'the document'} has no table of sessions",
                help="one is named so, and has a token, a user and a time to expire",
            )
        table = self.schema.by_name[plan.table]
        return SessionStore(plan, Entity(self, table), table, truth=self.on_primary)

    @property
    def servers(self) -> tuple[ServerState, ...]:
        """How each server stands that is read from: the primary, then the replicas."""
        return self._replicas.states() if self._replicas is not None else ()

    def on_primary(self) -> AbstractContextManager[None]:
        """Read from the primary inside: `with data.on_primary(): …`."""
        return self._replicas.after("", is_primary=True) if self._replicas is not None else nullcontext()

    def after(self, position: str = "") -> AbstractContextManager[None]:
        """Read no older state inside than at a position, such as that of the request before: `with data.after(cookie): …`.

        What is written inside, by tasks that begin there too, is seen by all that is read there.
        """
        return self._replicas.after(position) if self._replicas is not None else nullcontext()

    def position(self) -> str:
        """Return the position behind all that this task has written, to be given to `after` by another process; empty: nothing."""
        return self._replicas.position() if self._replicas is not None else position_of(self.runner)

    def remembering(self) -> AbstractContextManager[None]:
        """Load each thing once inside: `with data.remembering(): …` around a request. A write in it lets all of that go."""
        return self.loader.remembering()

    def on_statement(self, tell: Callable[[Seen], object] | None) -> None:
        """Tell of every statement that is run; None: of none any more."""
        self.runner.on_statement = tell
        if self._replicas is not None:
            self._replicas.tell(tell)

    @contextmanager
    def transaction(self, isolation: Isolation | None = None, *, is_read_only: bool = False) -> Iterator[None]:
        """Do all of it or nothing: what fails takes everything back. Inside another one, a savepoint.

        `isolation` is read committed, repeatable read or serializable.
        """
        try:
            with self.runner.transaction(isolation, is_read_only=is_read_only):
                yield
        finally:
            if not is_read_only:
                self._wrote()

    def repeat(self, work: Callable[[], T], *, isolation: Isolation = "serializable", tries: int = 5) -> T:
        """Do work in a transaction, and again, at most `tries` times, where others were in its way."""
        try:
            return self.runner.repeated(work, isolation, tries)
        finally:
            self._wrote()

    def within(self, seconds: float, work: Callable[[], T]) -> T:
        """Do reads that may take `seconds` each; raises `Unanswered` where one takes longer."""
        with self.runner.transaction(None, is_read_only=False):
            [before] = self.runner.row("SELECT current_setting('statement_timeout')", ())
            self.runner.row(_LIMIT, (f"{seconds * 1000:.0f}",))
            done = work()
            self.runner.row(_LIMIT, (before,))  # a transaction around this one goes on with its own limit
            return done

    @overload
    def sql(self, statement: str, *values: Any, into: type[T], writes: Sequence[str] = ()) -> list[T]: ...
    @overload
    def sql(self, statement: str, *values: Any, writes: Sequence[str] = ()) -> list[dict[str, Any]]: ...
    def sql(self, statement: str, *values: Any, into: type[Any] | None = None, writes: Sequence[str] = ()) -> list[Any]:
        """Run a statement with numbered holes (`$1`); return its rows: as `into`, made by name, or as dictionaries.

        The cache lets all go that hangs on the tables that a statement names which does more than read. Those that it writes
        without naming them, by a function or a trigger, are for `writes`, by their accessors.
        """
        written = self._by_hand(statement, writes) if self._cache is not None else ()
        if not written and only_reads(statement):
            rows = self.reader.named(statement, values)
        else:
            try:
                rows = self.runner.named(statement, values, written)
            finally:
                self._wrote()
        return rows if into is None else _made(rows, into)

    def _by_hand(self, statement: str, writes: Sequence[str]) -> list[Written]:
        """Return what a statement by hand may write of what the cache has to be told of."""
        for name in writes:
            if name not in self.schema.by_accessor:
                raise self._unknown(name)
        told = self.compiler.told
        named = (self.schema.by_accessor[name].name for name in writes)
        return [Written(name) for name in {*written_by(statement, frozenset(told)), *named} if name in told]

    def write(self, compiled: Compiled, values: Sequence[Any]) -> list[Any]:
        """Run a write and return the rows that it returns."""
        try:
            if compiled.tell is None:
                records = self.runner.rows(compiled.sql, values)
            else:
                records = self.runner.write(compiled.sql, values, compiled.table, compiled.tell)
        finally:
            self._wrote()
        return compiled.decode_all(records)

    def copy(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
        """Copy rows into a table; return how many there were."""
        told = self.compiler.told.get(table.name)
        written = of_given(table, told, rows) if told is not None else ()
        copying = self.compiler.copying(table, tuple(rows[0]), is_endless=Link.is_endless)
        try:
            return self.runner.copy(copying, rows, written)
        finally:
            self._wrote()

    def _wrote(self) -> None:
        """Let what is read from now on be as it was written just now."""
        self.loader.forget()
        if self._replicas is not None:
            self._replicas.wrote()

    def kept_rows(self, table: Table) -> dict[frozenset[str], Rows[Any]]:
        """Return the rows of a table by each unique key of which the document says that they are kept."""
        if self._cache is None:
            return {}
        found = {}
        for (name, columns), key in self.plan.by_columns.items():
            if name == table.name:
                given = table.primary_key if set(columns) == set(table.primary_key) else columns
                compiled = self.compiler.by_columns(table, given)
                rows: Rows[Any] = Rows(self._cache, self.runner, key, table, given, compiled)
                found[frozenset(rows.attributes)] = rows
        return found

    def kept(self, place: Place, sql: str, values: Sequence[Any]) -> list[Any]:
        """Return the records that a question gives, by way of the cache where there is one."""
        if self._cache is None or self.runner.current.get() is not None:
            return self.reader.rows(sql, values)
        found: list[Any] = place.answer(self._cache, (sql, *values), lambda: self.runner.rows(sql, values))
        return found

    def _warmed(self, key: Key, values: tuple[Any, ...]) -> Any:
        table = self.schema.by_name[str(key.table)]
        entity: Entity[Any] = getattr(self, table.accessor)
        return entity.find(**{table.by_name[c].attribute: v for c, v in zip(key.columns, values, strict=True)})

    def _unknown(self, name: str) -> QueryRefused:
        near = did_you_mean(name, self.schema.by_accessor)
        return QueryRefused(f"{self.schema.document} has no `{name}`", help=f"did you mean `{near}`?" if near else "")

    def validate(self, table: Table, values: Mapping[str, Any], *, is_change: bool = False) -> None:
        """Refuse values that the document does not allow: raise `InvalidRow` with all that is wrong."""
        self.validation.check(table, values, is_change=is_change)

    def validate_all(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Refuse rows with values that the document does not allow."""
        self.validation.check_all(table, rows)


class AnyData(Data):
    """The data of a document that was read just now: what tables there are, nobody knows before."""

    def __getattr__(self, name: str) -> Any:
        near = did_you_mean(name, self.schema.by_accessor)
        raise AttributeError(f"{self.schema.document} has no `{name}`" + (f"; did you mean `{near}`?" if near else ""))


def _made(rows: list[dict[str, Any]], into: type[T]) -> list[T]:
    """Return rows as values of a type, made by name."""
    try:
        return msgspec.convert(rows, list[into])  # type: ignore[valid-type]
    except msgspec.ValidationError as error:
        raise QueryRefused(
            f"the rows are no {getattr(into, '__name__', into)}: {error}",
            help="name and cast the columns as its fields are: `SELECT … AS …`",
        ) from error
