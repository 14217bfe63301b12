"""Questions that run: each step gives a new one, and nothing is asked before an answer is waited for."""

from collections.abc import AsyncIterator
from operator import index
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from msgspec.structs import replace

from asbuilt.access.aio.keeping import Place
from asbuilt.access.aio.loading import Lists
from asbuilt.access.compiling.writing import deleted_where, marked_where, updated_where
from asbuilt.access.conditions import Condition, Expression, Order
from asbuilt.access.misfits import of_condition, of_key
from asbuilt.access.paging import Page
from asbuilt.access.queries import Asked, Question, Values, including, limited, narrowed, ordered, picking
from asbuilt.access.refusals import DataError, InvalidRow, QueryRefused, RowNotFound, Unanswered
from asbuilt.access.schema import Table
from asbuilt.access.types import JSON
from asbuilt.access.valuing import parted

if TYPE_CHECKING:
    from asbuilt.access.aio.data import Data

R = TypeVar("R", covariant=True)
_AT_ONCE = 500
"""Rows that a stream takes from the server at a time."""
_COUNT_SECONDS = 2.0


class Answers(Generic[R]):
    """Rows, or values of them, that can be waited for."""

    __slots__ = ("_asked", "_data", "_place", "_table")

    def __init__(self, data: "Data", table: Table, asked: Asked, place: Place | None = None) -> None:
        self._data = data
        self._table = table
        self._asked = asked
        self._place = place

    def _with(self, asked: Asked) -> "Query[Any]":
        return Query(self._data, self._table, asked, self._place)

    def _limited(self, most: int) -> "Query[R]":
        return self._with(limited(self._data.compiler.memo, self._asked, index(most)))

    async def all(self) -> list[R]:
        return await self._answers(*self._asked)

    async def _answers(self, question: Question, values: Values) -> list[Any]:
        compiled = self._data.compiler.select(question)
        flat = values.flat()
        try:
            if question.lock:
                records = await self._data.runner.rows(compiled.sql, flat)
            elif self._place is None:
                records = await self._data.reader.rows(compiled.sql, flat)
            else:
                records = await self._data.kept(self._place, compiled.sql, flat)
        except (InvalidRow, QueryRefused) as refused:
            raise self._misfit(refused) from refused.__cause__
        return compiled.decode_all(records)

    def _misfit(self, refused: DataError) -> DataError:
        """Return what is wrong with a value of this question, where it is seen; else what was refused."""
        question, values = self._asked
        return of_condition(self._data.schema, self._table, question.where, values.where) or refused

    async def first(self) -> R | None:
        """The first row, None where there is none."""
        rows = await self._limited(1).all()
        return rows[0] if rows else None

    async def one(self) -> R:
        """The only row; refused where there is none, or several."""
        rows = await self._limited(2).all()
        if not rows:
            raise RowNotFound(self._table.entity, help="`first` returns None where there is none")
        if len(rows) > 1:
            raise QueryRefused(f"{self._table.accessor}: several rows fulfil these conditions, one was asked for")
        return rows[0]

    async def count(self) -> int:
        question, values = self._asked
        bare = Question(
            question.table, question.where, is_searched=question.is_searched, with_deleted=question.with_deleted
        )
        compiled = self._data.compiler.count(bare)
        given = replace(values, picked=(), included=(), order=(), offset=None)
        try:
            if self._place is None:
                return int((await self._data.reader.row(compiled.sql, given.flat()))[0])
            return int((await self._data.kept(self._place, compiled.sql, given.flat()))[0][0])
        except (InvalidRow, QueryRefused) as refused:
            raise self._misfit(refused) from refused.__cause__

    async def exists(self) -> bool:
        return await self._with(picking(self._asked, (Expression(("one",)),), is_distinct=False)).first() is not None

    async def stream(self, *, at_once: int = _AT_ONCE) -> AsyncIterator[R]:
        """Yield the rows in bounded memory, whatever there are; in a transaction of its own unless one is under way."""
        question, values = self._asked
        related_by = question.related_by or "row"  # by set, the server would read all before it gave the first
        compiled = self._data.compiler.select(replace(question, related_by=related_by))
        async for records in self._data.reader.stream(compiled.sql, values.flat(), at_once):
            for record in records:
                yield compiled.decode(record)

    async def page(
        self, size: int, *, after: str | None = None, total: "Literal['exact', 'estimated'] | None" = None
    ) -> Page[R]:
        """A page of `size` rows, after the row that the cursor `after` comes from."""
        if size < 1:
            raise QueryRefused(f"a page has one row at least, {size} were asked for")
        question, values = self._asked
        compiler = self._data.compiler
        paging = compiler.paging(question, self._data.secret)
        answers = await self._answers(*paging.asked(compiler.memo, values, after, index(size)))
        counted = await self._total(total) if total else None
        return paging.page(answers[:size], is_last=len(answers) <= size, total=counted)

    async def _total(self, how: str) -> int | None:
        if how == "estimated":
            return await self._estimate()
        if how != "exact":
            raise QueryRefused(
                f"rows are counted exact or estimated, not {how!r}", help='total="exact", or "estimated"'
            )
        try:
            return await self._data.within(_COUNT_SECONDS, self.count)  # in a transaction: never from the cache
        except Unanswered:
            return None

    async def _estimate(self) -> int:
        """What the server's planner expects, from its statistics; nothing is read for it."""
        question, values = self._asked
        compiled = self._data.compiler.select(replace(question, order=(), included=(), limit=None, has_offset=False))
        given = replace(values, order=(), included=(), offset=None)
        [[plan]] = await self._data.runner.explained(compiled.sql, given.flat(), "FORMAT JSON")
        return int(plan["Plan"]["Plan Rows"])

    async def explain(self, *, analyze: bool = False) -> str:
        """The statement, and how the server carries it out; run for that where `analyze`."""
        question, values = self._asked
        compiled = self._data.compiler.select(question)
        lines = await self._data.runner.explained(compiled.sql, values.flat(), "ANALYZE, BUFFERS" if analyze else "")
        return "\n".join([compiled.sql, *lines])


class Reading(Answers[R], Generic[R]):
    """What can be asked of the rows of a table, or of some of them."""

    __slots__ = ()

    def where(self, *conditions: Condition, **equal: Any) -> "Query[R]":
        """Only rows that fulfil all conditions and have these values."""
        return self._with(narrowed(self._data.compiler.memo, self._asked, self._table, conditions, equal))

    async def load_all(self, **equal: Any) -> list[R]:
        """The rows that have these values: `data.orders.order("-id").limit(3).load_all(user_id=5)`.

        What tasks load within one turn of the loop is one statement, with the limit and the order for each of their values.
        """
        question, _ = self._asked
        if question.lock or self._place is not None or not equal:
            raise QueryRefused("rows are loaded by values, neither locked nor cached", help="ask by where(…)")
        columns = [self._table.by_attribute.get(name) for name in equal]
        if None in equal.values() or any(c is None or c.type in JSON or c.type.endswith("[]") for c in columns):
            return await self.where(**equal).all()
        names, values = tuple(c.name for c in columns if c), tuple(equal.values())
        lists: Lists[R] = Lists(self._data.reader, self._data.compiler, self._asked, names)
        try:
            found: list[R] = await self._data.loader.load(lists, values)
        except (InvalidRow, QueryRefused) as refused:
            raise of_key(self._data.schema, self._table, names, values) or refused from refused.__cause__
        return list(found)

    def order(self, *by: "str | Order | Expression[Any]") -> "Query[R]":
        """In this order; `-` before a name goes down."""
        return self._with(ordered(self._data.compiler.memo, self._asked, self._table, by))

    def include(self, *names: str, **related: "Query[Any]") -> "Query[Any]":
        """With the related rows: of a relation, along a path of them, or those that a query asks for."""
        compiler = self._data.compiler
        asked = {name: query._asked for name, query in related.items()}
        return self._with(including(compiler.memo, self._asked, compiler.schema, names, asked))

    def select(self, *fields: Expression[Any]) -> "Query[Any]":
        """Tuples of these values; those of many rows together are told apart by the others."""
        return self._with(picking(self._asked, fields, is_distinct=False))

    def related_by(self, how: "Literal['row', 'set']") -> "Query[R]":
        """Have included rows read by `row`, for each row by itself, or by `set`, for all together; else the compiler chooses."""
        if how not in ("row", "set"):
            raise QueryRefused(f"related rows are read by row or by set, not by `{how}`")
        question, values = self._asked
        return self._with((replace(question, related_by=how), values))

    def cached(self, key: str, **values: Any) -> "Query[R]":
        """The same, its answer kept under a key of the document: `cached("users:page:{pageNum}", pageNum=3)`.

        It is kept as long as the document says, until a write that it names; `get` and `find` need not be told.
        """
        return Query(self._data, self._table, self._asked, Place(self._data.plan, key, values))

    def distinct(self) -> "Query[R]":
        """Each answer once."""
        question, values = self._asked
        return self._with((replace(question, is_distinct=True), values))

    def search(self, words: str) -> "Query[R]":
        """Only rows that suit the words, by the document's full-text index; the best first, unless an order is given."""
        question, values = self._asked
        return self._with((replace(question, is_searched=True), replace(values, search=words)))

    def limit(self, most: int) -> "Query[R]":
        return self._limited(most)

    def offset(self, rows: int) -> "Query[R]":
        question, values = self._asked
        return self._with((replace(question, has_offset=True), replace(values, offset=rows)))

    def with_deleted(self) -> "Query[R]":
        """Rows that are marked as deleted, too."""
        question, values = self._asked
        return self._with((replace(question, with_deleted=True), values))

    def for_update(self, *, skip_locked: bool = False) -> "Query[R]":
        """Lock the rows until the end of the transaction."""
        question, values = self._asked
        lock = f"FOR UPDATE OF t0{' SKIP LOCKED' if skip_locked else ''}"
        return self._with((replace(question, lock=lock), values))


class Query(Reading[R], Generic[R]):
    """Some rows of a table: to be read, or changed all together."""

    __slots__ = ()

    async def update(self, **changes: Any) -> int:
        """Change all these rows; return how many there were. A value may be reckoned: `stock=products.stock - 1`."""
        self._data.validate(self._table, changes, is_change=True)
        sets, given = parted(self._table, changes)
        question, values = self._written()
        compiled = self._data.compiler.change(
            ("update", *sets.items(), question), self._table, sets,
            lambda former: updated_where(self._data.schema, question, sets, former),
        )  # fmt: skip
        return len(await self._data.write(compiled, (*given, *values.flat())))

    async def delete(self, *, for_good: bool = False) -> int:
        """Delete all these rows, or mark them where the document says so; return how many there were."""
        compiler, schema, table = self._data.compiler, self._data.schema, self._table
        question, values = self._written()
        if table.deleted is None or for_good:
            compiled = compiler.delete(("delete", question), table, lambda: deleted_where(schema, question))
        else:
            sets, shape = (table.deleted,), ("mark", question)
            compiled = compiler.change(shape, table, sets, lambda former: marked_where(schema, question, former))
        return len(await self._data.write(compiled, values.flat()))

    def _written(self) -> Asked:
        """Return the question about rows that are to be written."""
        question, values = self._asked
        if question.where is None:
            raise QueryRefused("rows are written by their conditions", help="say which, with where(…)")
        if (
            question.order
            or question.limit is not None
            or question.has_offset
            or question.included
            or question.is_searched
        ):
            raise QueryRefused("rows are written by their conditions alone", help="leave order, limit and include out")
        return question, values
