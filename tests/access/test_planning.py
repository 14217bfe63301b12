"""What is read again and again is planned once: the server plans without values that lead to the same plan anyway."""

import asyncio
from typing import Any

from tests.access.cases import reading
from tests.access.test_cases import EMPTY

from asbuilt.access.aio import AnyData
from asbuilt.access.schema import Schema

_PLANS = "SELECT generic_plans AS once, custom_plans AS anew FROM pg_prepared_statements WHERE statement = $1"
_BEFORE = 5
"""Times that the server plans anew before it compares."""


async def planned(data: AnyData, ask: Any) -> list[dict[str, int]]:
    """Return how often the last statement of a question that is asked twenty times was planned."""
    seen: list[str] = []
    data.on_statement(lambda statement: seen.append(statement.sql))
    for _ in range(20):
        await ask()
    found: list[dict[str, int]] = await data.sql(_PLANS, seen[-1])
    return found


def test_pages_and_rows_by_some_keys_are_planned_once(blog: tuple[str, Schema]) -> None:
    url, schema = blog

    async def run() -> None:
        async with AnyData(schema, url, size=1) as data:
            await data.sql(EMPTY)
            await reading.filled(data)
            await data.sql("INSERT INTO tags (name) SELECT 't' || i FROM generate_series(1, 5000) AS i")
            await data.sql("ANALYZE")
            first = await data.tags.order("-name").page(3)
            once = [{"once": 20 - _BEFORE, "anew": _BEFORE}]
            assert await planned(data, lambda: data.tags.order("-name").page(3, after=first.next)) == once
            assert await planned(data, data.tags.where(data.tags.fields.id.is_in([7])).all) == once
            assert await planned(data, data.tags.where(data.tags.fields.name.is_in(["t7", "t8"])).all) == once

    asyncio.run(run())
