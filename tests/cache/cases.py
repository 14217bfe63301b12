"""What a cache does, the same way awaited and as calls that block. `twins` are two caches of two programs and what they share."""

from collections.abc import Awaitable, Callable
from typing import Any

from tests.cache.plans import ID, MAIL, PLAN, Table, Written

Loaded = Callable[[], Awaitable[bytes | None]]


def loading(table: Table, id: int) -> Any:
    async def load() -> bytes | None:
        return table.value(id)

    return load


async def soon(cache: Any, settle: Any, *reads: int) -> None:
    """Read rows until they are near."""
    for id in reads:
        for _ in range(2):
            await cache.read("users", ID, (id,), loading(Table(), id))
    await settle()


async def a_second_read_is_a_hit(one: Any, other: Any, settle: Any) -> None:
    table = Table()
    for _ in range(3):
        assert await one.read("users", ID, (1,), loading(table, 1)) == b"ada@x"
    assert table.loads == 1
    assert one.state.misses == 1
    assert one.state.hit_ratio == 2 / 3


async def another_program_reads_what_one_has_filled(one: Any, other: Any, settle: Any) -> None:
    table = Table()
    await one.read("users", ID, (1,), loading(table, 1))
    assert await other.read("users", ID, (1,), loading(table, 1)) == b"ada@x"
    assert table.loads == 1
    assert other.state.redis_hits == 1


async def what_is_near_is_read_without_redis(one: Any, other: Any, settle: Any) -> None:
    table = Table()
    await one.read("users", ID, (1,), loading(table, 1))
    await settle()
    for _ in range(5):
        await one.read("users", ID, (1,), loading(table, 1))
        await settle()
    assert one.state.near_hits >= 3
    assert one.state.entries == 1


async def a_write_takes_out_its_row_and_no_other(one: Any, other: Any, settle: Any) -> None:
    table = Table()
    await soon(one, settle, 1, 2)
    await one.written([table.update(1, "new@x")])
    assert await one.read("users", ID, (1,), loading(table, 1)) == b"new@x"
    assert await one.read("users", ID, (2,), loading(table, 2)) == b"bob@x"
    assert table.loads == 1


async def a_write_is_seen_by_another_program(one: Any, other: Any, settle: Any) -> None:
    table = Table()
    for _ in range(3):
        await other.read("users", ID, (1,), loading(table, 1))
        await settle()
    await one.written([table.update(1, "new@x")])
    await settle()
    assert await other.read("users", ID, (1,), loading(table, 1)) == b"new@x"


async def the_key_before_and_the_key_after_are_taken_out(one: Any, other: Any, settle: Any) -> None:
    table = Table()

    async def nobody() -> bytes | None:
        return None

    assert await one.read("users", MAIL, ("ada@x",), loading(table, 1)) == b"ada@x"
    assert await one.read("users", MAIL, ("new@x",), nobody) is None
    await one.written([table.update(1, "new@x")])
    assert await one.read("users", MAIL, ("ada@x",), nobody) is None
    assert await one.read("users", MAIL, ("new@x",), loading(table, 1)) == b"new@x"


async def that_there_is_no_row_is_kept_until_there_is(one: Any, other: Any, settle: Any) -> None:
    table = Table()
    for _ in range(3):
        assert await one.read("users", ID, (3,), loading(table, 3)) is None
    assert table.loads == 1
    await one.written([table.update(3, "eve@x")])
    assert await one.read("users", ID, (3,), loading(table, 3)) == b"eve@x"
    await one.written([table.delete(3)])
    assert await one.read("users", ID, (3,), loading(table, 3)) is None


async def any_write_takes_out_all_pages(one: Any, other: Any, settle: Any) -> None:
    table = Table()
    for page in (1, 2):
        for _ in range(3):
            assert await one.kept("users:page:{n}", {"n": page}, loading(table, page)) is not None
            await settle()
    assert table.loads == 2
    await other.written([table.update(2, "new@x")])
    await settle()
    assert await one.kept("users:page:{n}", {"n": 1}, loading(table, 1)) == b"ada@x"
    assert await one.kept("users:page:{n}", {"n": 2}, loading(table, 2)) == b"new@x"
    assert table.loads == 4


async def a_write_of_unknown_rows_takes_out_all(one: Any, other: Any, settle: Any) -> None:
    table = Table()
    await soon(one, settle, 1, 2)
    table.rows = {1: "x", 2: "y"}
    await one.written([Written("users", None, None)])
    assert await one.read("users", ID, (1,), loading(table, 1)) == b"x"
    assert await one.read("users", ID, (2,), loading(table, 2)) == b"y"


async def a_fill_that_began_before_a_write_is_not_kept(one: Any, other: Any, settle: Any) -> None:
    table = Table()

    async def overtaken() -> bytes | None:
        old = table.value(1)
        await one.written([table.update(1, "new@x")])
        return old

    assert await one.read("users", ID, (1,), overtaken) == b"ada@x"
    assert await one.read("users", ID, (1,), loading(table, 1)) == b"new@x"
    assert one.state.dropped_fills == 1


async def a_fill_that_another_program_overtook_is_not_kept(one: Any, other: Any, settle: Any) -> None:
    table = Table()

    async def overtaken() -> bytes | None:
        old = table.value(1)
        await other.written([table.update(1, "new@x")])
        return old

    await one.read("users", ID, (1,), overtaken)
    for cache in (one, other):
        assert await cache.read("users", ID, (1,), loading(table, 1)) == b"new@x"


async def a_page_that_was_overtaken_is_not_kept(one: Any, other: Any, settle: Any) -> None:
    table = Table()

    async def overtaken() -> bytes | None:
        old = table.value(1)
        await one.written([table.update(1, "new@x")])
        return old

    await one.kept("users:page:{n}", {"n": 1}, overtaken)
    await settle()
    for cache in (one, other):
        assert await cache.kept("users:page:{n}", {"n": 1}, loading(table, 1)) == b"new@x"


async def a_load_may_read_what_it_loads(one: Any, other: Any, settle: Any) -> None:
    table = Table()

    async def turning() -> bytes | None:
        return await one.read("users", ID, (1,), loading(table, 1))

    assert await one.read("users", ID, (1,), turning) == b"ada@x"
    assert await one.read("users", ID, (1,), loading(table, 1)) == b"ada@x"
    assert table.loads == 1


async def a_load_that_fails_is_told_and_nothing_is_kept(one: Any, other: Any, settle: Any) -> None:
    async def failing() -> bytes | None:
        raise ZeroDivisionError

    for _ in range(2):
        try:
            await one.read("users", ID, (1,), failing)
        except ZeroDivisionError:
            continue
        raise AssertionError
    assert one.state.fills == 0


async def values_that_no_column_holds_are_not_kept(one: Any, other: Any, settle: Any) -> None:
    table = Table()
    for wrong in (1.5, None, "x", [1]):
        assert await one.read("users", ID, (wrong,), loading(table, 1)) == b"ada@x"
    assert one.state.fills == 0


async def stated_keys_are_warmed(one: Any, other: Any, settle: Any) -> None:
    table = Table()

    async def load(values: Any) -> bytes | None:
        return table.value(values["userId"])

    assert await one.warm("user:{userId}", [{"userId": 1}, {"userId": 2}, {"userId": 3}], load) == 2
    assert table.loads == 3
    await one.read("users", ID, (1,), loading(table, 1))
    assert table.loads == 3


async def what_is_forgotten_is_loaded_again(one: Any, other: Any, settle: Any) -> None:
    table = Table()
    await soon(one, settle, 1, 2)
    await one.forget("user:{userId}", {"userId": 1})
    await one.read("users", ID, (1,), loading(table, 1))
    await one.read("users", ID, (2,), loading(table, 2))
    assert table.loads == 1
    await one.forget("user:{userId}")
    await one.read("users", ID, (2,), loading(table, 2))
    assert table.loads == 2
    assert not PLAN.drops_of.get("orders")
