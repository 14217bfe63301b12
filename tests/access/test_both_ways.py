"""What is made of the asynchronous source is current, and what is written by hand on both sides offers the same."""

import ast
from pathlib import Path

import pytest
from scripts.threads import BY_HAND, ROOMS, files, made

TWINS = [room / "sync" / name for room in ROOMS for name in sorted(BY_HAND) if (room / "sync" / name).exists()]
OF_ASYNCIO = {"Guard", "Link.connection_made", "Link.connection_lost", "Link.data_received"}


def test_the_blocking_side_is_current() -> None:
    stale = [path.name for path, text in files().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make sync`"


@pytest.mark.parametrize("path", TWINS, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_what_is_written_twice_offers_the_same(path: Path) -> None:
    places = (path.parents[1] / "aio" / path.name, path)
    sides = [ast.parse(place.read_text(encoding="utf-8")) for place in places]
    aio, sync = ({n for n in _names(tree) if not n.split(".")[-1].startswith("_")} for tree in sides)
    assert aio - OF_ASYNCIO == sync - OF_ASYNCIO


def _names(tree: ast.Module) -> list[str]:
    found = []
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.append(node.name)
        if isinstance(node, ast.ClassDef):
            found += [
                f"{node.name}.{n.name}" for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
            ]
    return found


@pytest.mark.parametrize(
    ("awaited", "blocking"),
    [
        ("async def f(work: Callable[[], Awaitable[T]]) -> T:\n    return await work()\n", "def f(work: Callable[[], T]) -> T:\n    return work()\n"),
        ("async with a:\n    async for b in c:\n        await d\n", "with a:\n    for b in c:\n        d\n"),
    ],
)  # fmt: skip
def test_nothing_is_awaited_in_what_is_made(awaited: str, blocking: str) -> None:
    assert made(awaited) == blocking
