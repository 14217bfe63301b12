"""Redis' protocol in pieces of any size, addresses, and what a hit costs."""

import asyncio
import statistics
import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cache.plans import ID, PLAN

from asbuilt.cache.address import Address, address_of
from asbuilt.cache.aio.cache import Cache
from asbuilt.cache.envelope import opened, sealed
from asbuilt.cache.resp import Push, Reader, Refused, encoded
from asbuilt.errors import AsbuiltError

ANSWERS = (
    b"+OK\r\n$3\r\na\r\n\r\n$-1\r\n_\r\n:-5\r\n#t\r\n,1.5\r\n(123\r\n*2\r\n$1\r\nx\r\n*0\r\n%1\r\n+role\r\n$6\r\nmaster\r\n"
    b">2\r\n$10\r\ninvalidate\r\n*1\r\n$3\r\nkey\r\n>2\r\n+invalidate\r\n_\r\n-ERR no\r\n!5\r\nERR x\r\n"
)


@given(st.lists(st.integers(1, 20), min_size=1))
def test_answers_are_read_in_pieces_of_any_size(sizes: list[int]) -> None:
    reader, found, at, turn = Reader(), [], 0, 0
    while at < len(ANSWERS):
        size = sizes[turn % len(sizes)]
        found += reader.feed(ANSWERS[at : at + size])
        at, turn = at + size, turn + 1
    assert found[:10] == [b"OK", b"a\r\n", None, None, -5, True, 1.5, 123, [b"x", []], {b"role": b"master"}]
    assert found[10:12] == [Push([b"invalidate", [b"key"]]), Push([b"invalidate", None])]
    assert isinstance(found[10], Push)
    assert [str(one) for one in found[12:]] == ["ERR no", "ERR x"]
    assert all(isinstance(one, Refused) for one in found[12:])


@given(st.lists(st.binary() | st.text() | st.integers(), min_size=1))
def test_a_command_is_read_as_it_was_written(command: list[bytes | str | int]) -> None:
    [found] = Reader().feed(encoded(command))
    assert found == [part if isinstance(part, bytes) else str(part).encode() for part in command]


def test_what_does_not_speak_the_protocol_is_told() -> None:
    with pytest.raises(ValueError, match="does not speak"):
        Reader().feed(b"HTTP/1.1 400 Bad Request\r\n")


@given(st.none() | st.binary(), st.floats(0, 100), st.integers(0, 10**9))
def test_a_content_is_opened_as_it_was_sealed(value: bytes | None, delta: float, left: int) -> None:
    kept = opened(sealed(b"n" * 12, b"s" * 8, value, delta), left)
    assert (kept.nonce, kept.stamp, kept.value) == (b"n" * 12, b"s" * 8, value)
    assert kept.delta == pytest.approx(delta, abs=0.001)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("redis://", Address()),
        ("redis://cache", Address("cache")),
        ("valkey://cache:7000/3", Address("cache", 7000, number=3)),
        ("rediss://ada:s%40x@cache:6380", Address("cache", 6380, user="ada", password="s@x", has_tls=True)),
        ("unix:///run/redis.sock?db=2", Address(path="/run/redis.sock", number=2)),
        ("unix://:secret@/run/redis.sock", Address(path="/run/redis.sock", password="secret")),
    ],
)
def test_addresses(url: str, address: Address) -> None:
    assert address_of(url) == address
    assert address.password == "" or address.password not in str(address)


@pytest.mark.parametrize("url", ["cache:6379", "http://cache", "redis://:secret@cache:port", "redis://cache/one"])
def test_what_is_no_address_is_told_without_its_password(url: str) -> None:
    with pytest.raises(AsbuiltError, match="no address of a Redis") as error:
        address_of(url)
    assert "secret" not in str(error.value)
    assert "redis://host:6379/0" in error.value.help


def test_a_near_hit_costs_two_microseconds_at_most() -> None:
    async def load() -> bytes | None:
        return b"x" * 200

    async def run() -> float:
        async with Cache(PLAN) as cache:
            values = [(UUID(int=n).int % 1000,) for n in range(1000)]
            for one in values:
                await cache.read("users", ID, one, load)
            times = []
            for _ in range(15):
                began = time.process_time()
                for one in values:
                    await cache.read("users", ID, one, load)
                times.append(time.process_time() - began)
            assert cache.state.near_hits == 15_000
        return statistics.median(times) / 1000

    assert asyncio.run(run()) < 2e-6
