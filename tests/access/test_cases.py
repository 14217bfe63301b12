"""Every case, awaited and as calls that block: the same source."""

import asyncio
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from scripts.threads import made
from tests.access.cases import reading, refusing, transacting, writing

from asbuilt.access.aio import AnyData
from asbuilt.access.schema import Schema
from asbuilt.access.sync import AnyData as AnySyncData

MODULES = (reading, writing, transacting, refusing)
EMPTY = "TRUNCATE author_pages, post_tags, tags, post_comments, posts, authors RESTART IDENTITY"


def cases(module: ModuleType) -> list[str]:
    return [
        name
        for name, thing in vars(module).items()
        if inspect.iscoroutinefunction(thing) and thing.__module__ == module.__name__ and name != "filled"
    ]


ALL = [(module, name) for module in MODULES for name in cases(module)]
BLOCKING: dict[str, dict[str, Any]] = {}


def blocking(module: ModuleType, name: str) -> Callable[[AnySyncData], None]:
    """Return a case with nothing awaited in it."""
    if module.__name__ not in BLOCKING:
        names: dict[str, Any] = {"__name__": module.__name__}
        exec(compile(made(inspect.getsource(module)), f"{module.__file__}, blocking", "exec"), names)
        BLOCKING[module.__name__] = names
    case: Callable[[AnySyncData], None] = BLOCKING[module.__name__][name]
    return case


@pytest.mark.parametrize(("module", "name"), ALL, ids=[name for _, name in ALL])
def test_awaited(module: ModuleType, name: str, blog: tuple[str, Schema]) -> None:
    url, schema = blog

    async def run() -> None:
        async with AnyData(schema, url, statement_seconds=20) as data:
            await data.sql(EMPTY)
            await getattr(module, name)(data)

    asyncio.run(run())


@pytest.mark.parametrize(("module", "name"), ALL, ids=[name for _, name in ALL])
def test_blocking(module: ModuleType, name: str, blog: tuple[str, Schema]) -> None:
    url, schema = blog
    with AnySyncData(schema, url, statement_seconds=20) as data:
        data.sql(EMPTY)
        blocking(module, name)(data)
