"""Spans, taken by the SDK of OpenTelemetry itself: what they tell, whose children they are, and that no value is in them."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tests.access.cases.reading import filled
from tests.access.test_cases import EMPTY
from tests.cache.servers import Redis

from asbuilt.access.aio import AnyData
from asbuilt.access.refusals import Duplicate
from asbuilt.access.schema import Schema
from asbuilt.access.sync import AnyData as AnySyncData
from asbuilt.cache.plan import CachePlan
from asbuilt.spans import described

sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="the SDK of OpenTelemetry is not installed")


class Taken:
    """The spans that have ended."""

    def __init__(self) -> None:
        from opentelemetry.sdk.trace.export import SimpleSpanProcessor
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

        self._exporter = InMemorySpanExporter()
        self.provider = sdk.TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.tracer = self.provider.get_tracer("tests")

    def all(self) -> list[Any]:
        found = list(self._exporter.get_finished_spans())
        self._exporter.clear()
        return found


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Taken]:
    found = Taken()
    from opentelemetry import trace

    monkeypatch.setattr(trace, "_TRACER_PROVIDER", found.provider)
    yield found
    found.provider.shutdown()


def run(blog: tuple[str, Schema], case: Any, **options: Any) -> None:
    url, schema = blog

    async def main() -> None:
        async with AnyData(schema, url, **options) as data:
            await data.sql(EMPTY)
            await filled(data)
            await case(data)

    asyncio.run(main())


def test_a_statement_is_a_span_by_the_conventions(blog: tuple[str, Schema], taken: Taken) -> None:
    async def case(data: AnyData) -> None:
        taken.all()
        with taken.tracer.start_as_current_span("request") as request:
            await data.posts.where(title="Post 1").all()
        [span, outer] = taken.all()
        assert outer.name == "request"
        assert span.name == "SELECT posts"
        assert span.kind.name == "CLIENT"
        assert span.parent.span_id == request.get_span_context().span_id
        told = dict(span.attributes)
        assert told.pop("db.query.text").startswith('SELECT t0."id"')
        assert told.pop("server.address").startswith("/")
        assert isinstance(told.pop("server.port"), int)
        assert told.pop("db.namespace").startswith("asbuilt_")
        assert told == {
            "db.system.name": "postgresql",
            "db.query.summary": "SELECT posts",
            "db.operation.name": "SELECT",
            "db.collection.name": "posts",
            "db.response.returned_rows": 1,
        }
        assert "Post 1" not in str(span.attributes)
        assert (span.end_time - span.start_time) > 0

    run(blog, case)


def test_each_kind_of_statement_says_what_it_does(blog: tuple[str, Schema], taken: Taken) -> None:
    async def case(data: AnyData) -> None:
        taken.all()
        tag = await data.tags.create(name="one")
        await data.tags.update(tag.id, name="two")
        await data.tags.get(tag.id)
        await data.tags.create_many([{"name": "three"}])
        await data.tags.where(name="three").delete()
        assert len([each async for each in data.tags.stream()]) == 3
        async with data.transaction():
            await data.tags.delete(tag.id)
        names = [(span.name, span.attributes["db.response.returned_rows"]) for span in taken.all()]
        assert names == [
            ("INSERT tags", 1),
            ("UPDATE tags", 1),
            ("SELECT tags", 1),
            ("COPY tags", 1),
            ("DELETE tags", 1),
            ("BEGIN", 0),
            ("COMMIT", 0),
            ("SELECT tags", 3),
            ("BEGIN", 0),
            ("DELETE tags", 1),
            ("COMMIT", 0),
        ]

    run(blog, case)


def test_a_failure_is_told_by_its_state_without_values(blog: tuple[str, Schema], taken: Taken) -> None:
    async def case(data: AnyData) -> None:
        taken.all()
        with pytest.raises(Duplicate):
            await data.tags.create(name="old")
        [span] = taken.all()
        assert span.status.status_code.name == "ERROR"
        assert span.attributes["db.response.status_code"] == span.attributes["error.type"] == "23505"
        assert "old" not in span.to_json()

    run(blog, case)


def test_a_batch_is_one_span_linked_to_all_who_asked(blog: tuple[str, Schema], taken: Taken) -> None:
    async def case(data: AnyData) -> None:
        ids = [author.id for author in await data.authors.all()]
        taken.all()

        async def resolver(id: int) -> Any:
            with taken.tracer.start_as_current_span(f"resolver {id}") as span:
                await data.authors.load(id)
                return span.get_span_context().span_id

        askers = await asyncio.gather(*map(resolver, ids))
        batch, *others = taken.all()
        assert batch.name == "SELECT authors"
        assert sorted(link.context.span_id for link in batch.links) == sorted(askers)
        assert batch.parent.span_id == askers[0]
        assert sorted(other.context.span_id for other in others) == sorted(askers)

    run(blog, case)


def test_reads_that_wait_for_a_connection_are_counted(blog: tuple[str, Schema], taken: Taken) -> None:
    async def case(data: AnyData) -> None:
        ids = [author.id for author in await data.authors.all()]
        taken.all()
        await asyncio.gather(*(data.authors.get(id) for id in ids * 3))
        assert any(span.attributes.get("asbuilt.reads", 1) > 1 for span in taken.all())

    run(blog, case, size=1)


@pytest.mark.parametrize("place", ["near", "redis"])
def test_reads_by_way_of_the_cache(place: str, kept: tuple[str, Schema, CachePlan], redis: Redis, taken: Taken) -> None:
    url, schema, plan = kept
    with AnySyncData(schema, url, plan=plan, cache=redis.url if place == "redis" else "near") as data:
        data.sql("TRUNCATE members, orders, users RESTART IDENTITY")
        ada = data.users.create(email="ada@x", name="Ada")
        taken.all()
        data.users.get(ada.id)
        spans = {span.name: span for span in taken.all()}
        read = spans["cache user:{userId}"]
        assert dict(read.attributes) == {"asbuilt.cache.key": "user:{userId}", "asbuilt.cache.result": "loaded"}
        assert spans["SELECT users"].parent.span_id == read.context.span_id
        if place == "redis":
            asked = spans["EVALSHA"]
            assert asked.attributes["db.system.name"] == "redis"
            assert asked.parent.span_id == read.context.span_id
            data.users.get(ada.id)
            results = [span.attributes.get("asbuilt.cache.result") for span in taken.all()]
            assert results == [None, "redis"]
        data.users.get(ada.id)
        assert taken.all() == []
        data.users.get_many([ada.id, -1])
        [read] = [span for span in taken.all() if span.name.startswith("cache")]
        assert read.attributes["asbuilt.cache.key"] == "user:{userId}"


def test_where_nobody_takes_spans_none_is_made(blog: tuple[str, Schema]) -> None:
    async def case(data: AnyData) -> None:
        assert data.runner.spans is not None
        assert not data.runner.is_watched
        await data.tags.all()

    run(blog, case)


def test_without_opentelemetry_all_goes_on(blog: tuple[str, Schema]) -> None:
    program = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "from asbuilt.access.sync import AnyData\nfrom asbuilt.access.schema import Schema\n"
        f"with AnyData(Schema(()), {blog[0]!r}) as data:\n"
        "    assert data.runner.spans is None\n    assert data.sql('SELECT 1 AS n') == [{'n': 1}]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("sql", "operation", "collection", "text"),
    [
        ("SELECT 1", "SELECT", "", "SELECT ?"),
        ("select * from users where name = 'O''Hara' and id=-12", "SELECT", "users", "select * from users where name = ? and id=-?"),
        ("SELECT E'a\\'b', U&'x', b'1', $$s$$, $q$s$x$q$ FROM a.b", "SELECT", "a.b", "SELECT ?, ?, ?, ?, ? FROM a.b"),
        ('SELECT "a1", t1.x2, 1.5e3 FROM "order items" -- secret', "SELECT", "order items", 'SELECT "a1", t1.x2, ? FROM "order items"'),
        ("/* by: me */ DELETE FROM ONLY x WHERE y = $1", "DELETE", "x", "DELETE FROM ONLY x WHERE y = $1"),
        ("WITH a AS (SELECT 1) UPDATE t SET b = '2'", "UPDATE", "t", "WITH a AS (SELECT ?) UPDATE t SET b = ?"),
        ("INSERT INTO t (a) VALUES (1)", "INSERT", "t", "INSERT INTO t (a) VALUES (?)"),
        ("SELECT x FROM unnest($1::int[]) AS k, LATERAL (SELECT 1 FROM \"u\" AS t0) AS r", "SELECT", "u",
         "SELECT x FROM unnest($1::int[]) AS k, LATERAL (SELECT ? FROM \"u\" AS t0) AS r"),
        ("", "", "", ""),
    ],
)  # fmt: skip
def test_what_a_span_tells_of_a_statement(sql: str, operation: str, collection: str, text: str) -> None:
    assert described(sql) == (operation, collection, text)
