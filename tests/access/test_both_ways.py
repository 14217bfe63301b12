"""What is made of the asynchronous source is current, and what is written by hand on both sides offers the same."""

import ast

import pytest
from scripts.threads import ACCESS, BY_HAND, files, made


def test_the_blocking_side_is_current() -> None:
    stale = [path.name for path, text in files().items() if path.read_text(encoding="utf-8") != text]
    assert stale == [], "run `make sync`"


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_what_is_written_twice_offers_the_same(name: str) -> None:
    sides = [ast.parse((ACCESS / side / name).read_text(encoding="utf-8")) for side in ("aio", "sync")]
    aio, sync = ({n for n in _names(tree) if not n.split(".")[-1].startswith("_")} for tree in sides)
    assert aio - {"Guard"} == sync - {"Guard"}


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
