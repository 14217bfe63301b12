"""Data with a cache: every case awaited and as calls that block, with Redis and near alone."""

import asyncio
import inspect
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest
from scripts.threads import made
from tests.access.cases import caching
from tests.access.conftest import stated
from tests.cache.servers import Redis

from asbuilt.access import Seen
from asbuilt.access.aio import AnyData, Data
from asbuilt.access.deriving import OWN
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Schema
from asbuilt.access.sync import AnyData as AnySyncData
from asbuilt.cache.plan import EVENTS, CachePlan, Drop
from asbuilt.errors import AsbuiltError
from asbuilt.generating.python import python

pytestmark = pytest.mark.live
Ground = tuple[str, Schema, CachePlan]
NAMES = [
    name
    for name, case in vars(caching).items()
    if inspect.iscoroutinefunction(case) and name not in ("misses", "person", "read_twice")
]
EMPTY = "TRUNCATE members, orders, users RESTART IDENTITY"
BLOCKING: dict[str, Any] = {"__name__": "blocking"}


def awaited(name: str, kept: Ground, place: str) -> None:
    url, schema, plan = kept

    async def run() -> None:
        async with (
            AnyData(schema, url, plan=plan, cache=place, statement_seconds=20) as one,
            AnyData(schema, url, plan=plan, cache=place, statement_seconds=20) as other,
        ):
            await one.sql(EMPTY)
            await getattr(caching, name)(one, one if place == "near" else other)

    asyncio.run(run())


def blocking(name: str, kept: Ground, place: str) -> None:
    url, schema, plan = kept
    if len(BLOCKING) == 1:
        exec(compile(made(inspect.getsource(caching)), f"{caching.__file__}, blocking", "exec"), BLOCKING)
    with (
        AnySyncData(schema, url, plan=plan, cache=place, statement_seconds=20) as one,
        AnySyncData(schema, url, plan=plan, cache=place, statement_seconds=20) as other,
    ):
        one.sql(EMPTY)
        BLOCKING[name](one, one if place == "near" else other)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("run", [awaited, blocking])
def test_with_redis(name: str, run: Any, kept: Ground, redis: Redis) -> None:
    run(name, kept, redis.url)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("run", [awaited, blocking])
def test_near_alone(name: str, run: Any, kept: Ground) -> None:
    run(name, kept, "near")


def test_a_generated_client_keeps_what_the_document_says(kept: Ground, tmp_path: Path) -> None:
    url, schema, plan = kept
    (tmp_path / "kept_client.py").write_text(python(schema, plan, is_async=False))
    spec = spec_from_file_location("kept_client", tmp_path / "kept_client.py")
    assert spec is not None
    assert spec.loader is not None
    client = module_from_spec(spec)
    spec.loader.exec_module(client)
    with client.Data(url, cache="near") as data:
        data.sql(EMPTY)
        ada = data.users.create(email="ada@x", name="Ada")
        assert data.users.get(ada.id) == data.users.get(ada.id) == ada
        page = data.users.order("id").cached("users:active:page:{pageNum}", pageNum=1)
        assert page.all() == page.all() == [ada]
        told = data.cache.statistics()
        assert (told.misses, told.near_hits) == (2, 2)
        assert data.users.update(ada.id, name="New") == data.users.get(ada.id) == page.all()[0]


def test_without_a_cache_all_is_read_and_that_is_told(kept: Ground) -> None:
    url, schema, plan = kept
    with AnySyncData(schema, url, plan=plan) as data:
        data.sql(EMPTY)
        ada = data.users.create(email="ada@x", name="Ada")
        assert data.users.order("id").cached("users:active:page:{pageNum}", pageNum=1).all() == [ada]
        with pytest.raises(QueryRefused, match="open without a cache"):
            data.cache  # noqa: B018 - a property that is refused
    with pytest.raises(AsbuiltError, match="is no address of a Redis"):
        AnySyncData(schema, url, plan=plan, cache="here")


def test_a_thousand_readers_of_one_row_are_one_load(kept: Ground, redis: Redis) -> None:
    url, schema, plan = kept

    async def run(place: str) -> None:
        async with AnyData(schema, url, plan=plan, cache=place) as data:
            await data.sql(EMPTY)
            ada = await data.users.create(email="ada@x", name="Ada")
            seen: list[Seen] = []
            data.on_statement(seen.append)
            found = await asyncio.gather(*(data.users.get(ada.id) for _ in range(1000)))
            assert set(found) == {ada}
            assert len(seen) == 1

    asyncio.run(run(redis.url))
    asyncio.run(run("near"))


def test_no_table_takes_a_name_that_data_has() -> None:
    schema = Schema(())
    data = AnyData(schema, "postgresql:///none")
    own = {name for name in (*dir(Data), *vars(data)) if not name.startswith("_")}
    assert own == OWN


TOTALS = """# Totals

```sql
CREATE TABLE carts (id bigint PRIMARY KEY, total integer NOT NULL DEFAULT 0);
CREATE TABLE lines (id bigint PRIMARY KEY, cart_id bigint NOT NULL REFERENCES carts (id), price integer NOT NULL);
CREATE TABLE notes (id bigint PRIMARY KEY, words text);

CREATE FUNCTION add_up() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE carts SET total = total + NEW.price WHERE id = NEW.cart_id;
    RETURN NEW;
END $$;

CREATE TRIGGER lines_add_up AFTER INSERT ON lines FOR EACH ROW EXECUTE FUNCTION add_up();
```

## Caching

```yaml
Key: cart:{cartId}
TTL: 60 seconds
Invalidate: On cart update
```
"""


def test_what_a_trigger_writes_goes_along(tmp_path: Path) -> None:
    path = tmp_path / "totals.md"
    path.write_text(TOTALS)
    with stated(path) as (url, schema, plan):
        drops = plan.by_pattern["cart:{cartId}"].drops
        assert drops == (Drop("carts", EVENTS, ("id",)), Drop("lines", ("insert",)))
        with AnySyncData(schema, url, plan=plan, cache="near") as data:
            data.carts.create(id=1)
            assert [data.carts.get(1).total for _ in range(2)] == [0, 0]
            data.lines.create(id=1, cart_id=1, price=5)
            assert data.carts.get(1).total == 5
