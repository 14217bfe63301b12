"""Running statements: on a connection of the pool, or on that of the transaction that is under way."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Literal, NoReturn, TypeVar, get_args

from asbuilt.access.compiling.scopes import quoted
from asbuilt.access.copying.writing import Copying
from asbuilt.access.options import Isolation
from asbuilt.access.refusals import QueryRefused, Unanswered
from asbuilt.access.schema import Schema
from asbuilt.access.seen import Seen
from asbuilt.access.sync.doubts import Doubts
from asbuilt.access.sync.driver import Link, errors
from asbuilt.access.sync.pool import Pool
from asbuilt.access.sync.waiting import sleep, who
from asbuilt.access.telling import Tell
from asbuilt.access.translating import told_by, translated
from asbuilt.cache.keys import Written
from asbuilt.cache.sync.cache import Cache
from asbuilt.spans import Spans

T = TypeVar("T")
_REPEATED = frozenset({"40001", "40P01"})
"""A serialisation failure and a deadlock: nothing was done, and it may be tried again."""
_LEVELS = get_args(Isolation)


class Transaction:
    """What is under way on a connection of its own. `written` is what the cache is told once it is committed, `end` how it ended."""

    __slots__ = ("depth", "end", "link", "owner", "written")

    def __init__(self, link: Link, owner: object) -> None:
        self.link = link
        self.owner = owner
        self.depth = 0
        self.written: list[Written] = []
        self.end: Literal["taken back", "in doubt", "committed"] = "taken back"


class Runner:
    """Runs statements for one `Data`; what the server refuses comes back as one of `refusals`.

    `current` is the transaction under way, `server` what the server is called where there are several. `cache` is told what writes have made untrue, once they stand.
    """

    def __init__(
        self, schema: Schema, pool: Pool, cache: Cache | None = None, server: str = "", spans: Spans | None = None
    ) -> None:
        self._schema = schema
        self.spans = spans
        self._server = server
        self.pool = pool
        self.current: ContextVar[Transaction | None] = ContextVar("transaction", default=None)
        self.on_statement: Callable[[Seen], object] | None = None
        self.doubts = Doubts(cache, self._aside) if cache is not None else None

    def beside(self, server: str, spans: Spans | None, pool: Pool) -> "Runner":
        """Return what runs statements on another server that has the same tables."""
        return Runner(self._schema, pool, server=server, spans=spans)

    @property
    def is_watched(self) -> bool:
        """Whether anybody is told of statements."""
        return self.on_statement is not None or (self.spans is not None and self.spans.is_on)

    def rows(self, sql: str, values: Sequence[Any]) -> list[Any]:
        if self.is_watched or self.current.get() is not None:
            return list(self._told(sql, values, Link.rows, len))
        pool = self.pool
        link = pool.at_once() or pool.take()
        try:
            found: list[Any] = link.rows(sql, values)
        except BaseException as error:
            self._fail(link, error)
        pool.give(link)
        return found

    def row(self, sql: str, values: Sequence[Any]) -> Any:
        if self.is_watched or self.current.get() is not None:
            return self._told(sql, values, Link.row, one)
        pool = self.pool
        link = pool.at_once() or pool.take()
        try:
            found = link.row(sql, values)
        except BaseException as error:
            self._fail(link, error)
        pool.give(link)
        return found

    def on(self, link: Link, work: Any, sql: str, values: Sequence[Any]) -> Any:
        """Run a statement on a connection that was taken, and give that back."""
        try:
            found = work(link, sql, values)
        except BaseException as error:
            self._fail(link, error)
        self.pool.give(link)
        return found

    def named(self, sql: str, values: Sequence[Any], writes: Sequence[Written] = ()) -> list[dict[str, Any]]:
        """Return rows by the names of their columns; `writes` are what the statement may write."""
        if not writes:
            return list(self._told(sql, values, Link.named, len))
        return self._standing(lambda doubt: self._told(sql, values, Link.named, len, doubt), writes)

    def write(self, sql: str, values: Sequence[Any], table: str, tell: Tell) -> list[Any]:
        """Run a write, and tell the cache of it."""
        perhaps = (Written(table),)
        return self._standing(lambda doubt: self._told(sql, values, Link.rows, len, doubt), perhaps, tell)

    def copy(self, copying: Copying, rows: Sequence[Mapping[str, Any]], writes: Sequence[Written] = ()) -> int:
        """Copy rows into a table; `writes` are what is to be told of them."""
        perhaps = (Written(copying.table),) if writes else ()
        return self._standing(
            lambda doubt: self.told(
                f"COPY {quoted(copying.table)} FROM STDIN",
                (),
                lambda: self.on_link(lambda link: link.copy(copying, rows), doubt),
                int,
            ),
            perhaps,
            lambda _: writes,
        )

    def _standing(
        self,
        work: Callable[[Sequence[Written]], T],
        perhaps: Sequence[Written],
        tell: Callable[[T], Sequence[Written]] | None = None,
    ) -> T:
        """Do a write, and tell the cache of it once it stands; of all that it may `perhaps` have written where nobody knows."""
        done = work(perhaps)
        written = perhaps if tell is None else tell(done)
        if (current := self._mine()) is not None:
            current.written += written
        elif written and self.doubts is not None:
            self.doubts.stands(written)
        return done

    def explained(self, sql: str, values: Sequence[Any], options: str) -> list[Any]:
        """Return how the server carries a statement out, line by line."""
        listed = f" ({options})" if options else ""
        with self.transaction(None, is_read_only=False):
            return [record[0] for record in self.rows(f"EXPLAIN{listed} {sql}", values)]

    def stream(self, sql: str, values: Sequence[Any], size: int) -> Iterator[list[Any]]:
        """Yield the rows that a statement gives, `size` at a time, and tell of it at its end."""
        tell = self._begun(sql, values, 1)
        count = 0
        try:
            for records in self._streamed(sql, values, size):
                count += len(records)
                yield records
        except Exception as failure:
            tell(0, failure)
            raise
        except BaseException:
            tell(count, None)  # nobody wants the rest
            raise
        tell(count, None)

    def _streamed(self, sql: str, values: Sequence[Any], size: int) -> Iterator[list[Any]]:
        if (current := self._mine()) is not None:
            for records in current.link.stream(sql, values, size):
                yield records
            return
        link = self.pool.at_once() or self.pool.take()
        is_done = False
        try:
            self._control(link, "BEGIN READ ONLY")
            for records in link.stream(sql, values, size):
                yield records
            self._control(link, "COMMIT")
            is_done = True
        except errors() as error:
            raise translated(self._schema, error) from error
        finally:
            if is_done:
                self.pool.give(link)
            else:
                self.pool.drop(link)

    def _control(self, link: Link, sql: str) -> str:
        """Run what begins or ends a transaction or a part of it, and tell of it."""
        return self.told(sql, (), lambda: link.run(sql), lambda _: 0)

    def on_link(self, work: Callable[[Link], T], perhaps: Sequence[Written] = ()) -> T:
        """Do work on the connection of the transaction under way, or on one of the pool's; `perhaps` is what it may write."""
        if (current := self._mine()) is not None:
            try:
                return work(current.link)
            except errors() as error:
                raise translated(self._schema, error) from error
        link = self.pool.at_once() or self.pool.take()
        try:
            done = work(link)
        except BaseException as error:
            try:
                if perhaps and self.doubts is not None and _is_doubtful(link, error):
                    link.abandon()
                    self.doubts.raised(perhaps, link.pid)
            finally:
                self._fail(link, error)
        self.pool.give(link)
        return done

    def _told(
        self,
        sql: str,
        values: Sequence[Any],
        work: Any,
        count: Callable[[Any], int],
        perhaps: Sequence[Written] = (),
    ) -> Any:
        """Run a statement on whatever connection it has to be, and tell of it."""
        return self.told(sql, values, lambda: self.on_link(lambda link: work(link, sql, values), perhaps), count)

    def told(
        self,
        sql: str,
        values: Sequence[Any],
        work: Callable[[], T],
        count: Callable[[Any], int],
        reads: int = 1,
    ) -> T:
        """Do what runs a statement, and tell of it; `reads` is how many asked for what it gives."""
        if not self.is_watched:
            return work()
        tell = self._begun(sql, values, reads)
        try:
            found = work()
        except BaseException as failure:
            tell(0, failure)
            raise
        tell(count(found), None)
        return found

    def _begun(self, sql: str, values: Sequence[Any], reads: int) -> Callable[[int, BaseException | None], None]:
        """Return what is to be called with the rows that a statement which begins now has given, or with why it failed."""
        spans = self.spans if self.spans is not None and self.spans.is_on else None
        span = spans.statement(sql) if spans is not None else None
        began = time.perf_counter()

        def tell(rows: int, failure: BaseException | None) -> None:
            if spans is not None and span is not None:
                spans.end(span, rows, reads, failure)
            if self.on_statement is not None:
                error = "" if failure is None else str(failure) or type(failure).__name__
                seconds = time.perf_counter() - began
                self.on_statement(Seen(sql, tuple(values), seconds, rows, error, reads, self._server))

        return tell

    def _fail(self, link: Link, error: BaseException) -> NoReturn:
        """Put a connection away after a failure, and raise what that is to a program."""
        if _is_doubtful(link, error):
            self.pool.drop(link)
        else:
            self.pool.give(link)
        if isinstance(error, errors()):
            raise translated(self._schema, error) from error
        if isinstance(error, OSError):
            raise Unanswered(f"the connection was lost: {error}") from error
        raise error

    def _mine(self) -> Transaction | None:
        """Return the transaction under way; refuse it to another thread than the one that began it."""
        current = self.current.get()
        if current is not None and current.owner is not who():
            raise QueryRefused(
                "a transaction belongs to the thread that began it",
                help="begin another one in this thread, or do it one by one",
            )
        return current

    @contextmanager
    def transaction(self, isolation: str | None, *, is_read_only: bool) -> Iterator[Transaction]:
        """Do all of it or nothing; inside another one, a savepoint."""
        if (current := self._mine()) is not None:
            with self._savepoint(current):
                yield current
            return
        link = self.pool.at_once() or self.pool.take()
        current = Transaction(link, who())
        token = self.current.set(current)
        is_sound = False
        try:
            self._control(link, _begin(isolation, is_read_only=is_read_only))
            try:
                yield current
            except Exception:
                self._control(link, "ROLLBACK")
                is_sound = True
                raise
            is_kept = self._commit(current)
            is_sound = True
            if not is_kept:
                raise _taken_back()
        except errors() as error:
            is_sound = is_sound or not _is_doubtful(link, error)
            raise translated(self._schema, error) from error
        finally:
            self.current.reset(token)
            if is_sound:
                self.pool.give(link)
            else:
                self.pool.drop(link)
            self._tell(current)

    def _commit(self, current: Transaction) -> bool:
        """Commit; return False where the server took all of it back instead, since a statement had failed."""
        current.end = "in doubt"
        try:
            answer = self._control(current.link, "COMMIT")
        except errors() as error:
            if not _is_doubtful(current.link, error):
                current.end = "taken back"
                self._control(current.link, "ROLLBACK")
            raise
        current.end = "committed" if answer == "COMMIT" else "taken back"
        return answer == "COMMIT"

    def _tell(self, current: Transaction) -> None:
        """Tell the cache what a transaction has written, or may have."""
        if not current.written or self.doubts is None:
            return
        if current.end == "committed":
            self.doubts.stands(current.written)
        elif current.end == "in doubt":
            self.doubts.raised(current.written, current.link.pid)

    def _aside(self, sql: str, values: Sequence[Any]) -> Any:
        """Return a row on another connection than that of the transaction under way."""
        self.current.set(None)
        return self.row(sql, values)

    @contextmanager
    def _savepoint(self, current: Transaction) -> Iterator[None]:
        current.depth += 1
        name, mark = f"s{current.depth}", len(current.written)
        self._control(current.link, f"SAVEPOINT {name}")
        try:
            yield
        except Exception:
            del current.written[mark:]
            self._control(current.link, f"ROLLBACK TO SAVEPOINT {name}")
            raise
        finally:
            current.depth -= 1
        self._control(current.link, f"RELEASE SAVEPOINT {name}")

    def repeated(self, work: Callable[[], T], isolation: str | None, tries: int) -> T:
        """Do work in a transaction, again where others were in its way."""
        for left in reversed(range(tries)):
            try:
                with self.transaction(isolation, is_read_only=False):
                    return work()
            except Unanswered as error:
                if error.sqlstate not in _REPEATED or not left:
                    raise
                sleep(0.01 * 2 ** (tries - left))
        raise QueryRefused("a transaction is tried once at least")


def _is_doubtful(link: Link, error: BaseException) -> bool:
    """Tell whether nobody knows how a connection stands, nor whether the server has done what failed here.

    A server that shuts down says so in class 57P, and the connection ends a moment later.
    """
    if isinstance(error, errors()):
        state = told_by(error).state
        return link.is_lost or not state or state.startswith(("57P", "08"))
    return not isinstance(error, Exception) or isinstance(error, OSError)


def _taken_back() -> QueryRefused:
    return QueryRefused(
        "the transaction was taken back: a statement in it had failed, and its failure was passed over",
        help="let what may fail be a transaction inside this one: it is taken back alone",
    )


def _begin(isolation: str | None, *, is_read_only: bool) -> str:
    if isolation is not None and isolation not in _LEVELS:
        raise QueryRefused(f"there is no isolation level `{isolation}`", help=f"one of: {', '.join(_LEVELS)}")
    level = f" ISOLATION LEVEL {isolation.upper()}" if isolation else ""
    return f"BEGIN{level}{' READ ONLY' if is_read_only else ''}"


def one(row: Any) -> int:
    """Count a row that may be None."""
    return 0 if row is None else 1
