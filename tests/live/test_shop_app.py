"""The demo's third act: an application on the client that is generated from the shop's document, with Redis and without."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

import asbuilt
from asbuilt.cli import main

EXAMPLES = Path(__file__).parents[2] / "examples"
NO_REDIS = """from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def local_redis() -> Iterator[str | None]:
    yield None
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder with the shop's programs and its generated client, and the address of its database."""
    folder = tmp_path_factory.mktemp("shop")
    for name in ("shop.md", "shop_app.py", "trips.py", "local_redis.py"):
        shutil.copy(EXAMPLES / name, folder)
    document = asbuilt.load(folder / "shop.md")
    try:
        url = document.up(rows=3).url
        made = ["generate", "-q", "python", str(folder / "shop.md"), "-o", str(folder / "shop_data.py")]
        assert CliRunner().invoke(main, made).exit_code == 0
        yield folder, url
    finally:
        document.down(with_data=True)


@pytest.mark.parametrize("has_redis", [True, False])
def test_the_shop_sells_what_it_has_and_reads_from_its_cache(shop: tuple[Path, str], has_redis: bool) -> None:
    folder, url = shop
    if not has_redis:
        (folder / "local_redis.py").write_text(NO_REDIS)
    with psycopg.connect(url, autocommit=True) as connection:
        before = _sold(connection)
        done = subprocess.run([sys.executable, "shop_app.py"], cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        orders, items, reserved = (now - then for now, then in zip(_sold(connection), before, strict=True))
    told = re.search(r"(\d+) customers at once placed (\d+) orders", done.stdout)
    assert told
    assert orders == int(told[2]) > int(told[1])
    assert items == 2 * orders
    assert reserved == 3 * orders
    trips = re.search(r"([\d,]+) to the database: median [\d.]+ ms, 95 of 100 within [\d.]+ ms", done.stdout)
    assert trips
    assert int(trips[1].replace(",", "")) > orders
    hits = re.search(r"(\d+)% of ([\d,]+) reads by key were hits; (.*)", done.stdout)
    assert hits
    assert int(hits[1]) > 90
    assert hits[3] == ("near in the process, Redis behind it" if has_redis else "near in the process")


def _sold(connection: psycopg.Connection) -> tuple[int, int, int]:
    query = "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_items), (SELECT sum(reserved) FROM stock_levels)"
    found = connection.execute(query).fetchone()
    assert found is not None
    return int(found[0]), int(found[1]), int(found[2])
