"""Behind pgbouncer, which gives each transaction whatever connection to the server is free."""

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from asbuilt.access.aio import AnyData
from asbuilt.access.refusals import QueryRefused
from asbuilt.access.schema import Schema
from asbuilt.access.sync import AnyData as AnySyncData

_POOLER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
_SETTINGS = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {free}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
{as_owner}
"""


@pytest.fixture
def pooled(new_blog: tuple[str, Schema]) -> Iterator[tuple[str, Schema]]:
    """A blog behind a pooler of its own, with two connections to the server."""
    if _POOLER is None:
        pytest.skip("pgbouncer is not installed")
    url, schema = new_blog
    to = conninfo_to_dict(url)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        settings = Path(folder, "pgbouncer.ini")
        owner = Path(str(to["host"])).owner()  # nobody else may come to the server's socket
        as_owner = f"user = {owner}" if os.geteuid() == 0 else ""
        told = _SETTINGS.format(host=to["host"], port=to["port"], user=to["user"], free=free, as_owner=as_owner)
        settings.write_text(told)
        pooler = subprocess.Popen([_POOLER, str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            found = f"postgresql://{to['user']}@127.0.0.1:{free}/{to['dbname']}"
            _answers(found)
            yield found, schema
        finally:
            pooler.terminate()
            pooler.wait(10)


def _answers(url: str) -> None:
    until = time.monotonic() + 10
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def test_many_tasks_share_the_two_connections_of_a_pooler(pooled: tuple[str, Schema]) -> None:
    url, schema = pooled

    async def run() -> None:
        async with AnyData(schema, url, size=8, has_pooler=True) as data:

            async def work(number: int) -> int:
                made = await data.authors.create(email=f"u{number}@example.com", name="Ada")
                for turn in range(5):
                    async with data.transaction():
                        await data.authors.update(made.id, name=f"Ada {turn}")
                    assert (await data.authors.get(made.id)).name == f"Ada {turn}"
                return len(await data.authors.where(email=f"u{number}@example.com").all())

            assert await asyncio.gather(*(work(number) for number in range(16))) == [1] * 16

    asyncio.run(run())


def test_calls_that_block_work_behind_a_pooler(pooled: tuple[str, Schema]) -> None:
    url, schema = pooled
    with AnySyncData(schema, url, size=4, has_pooler=True) as data, AnySyncData(schema, url, has_pooler=True) as other:
        made = data.authors.create(email="ada@example.com", name="Ada")
        for turn in range(20):
            with other.transaction():
                data.authors.update(made.id, name=f"Ada {turn}")
                assert other.authors.get(made.id).name == f"Ada {turn}"


def test_a_time_limit_that_a_pooler_does_not_pass_on_is_refused(blog: tuple[str, Schema]) -> None:
    with pytest.raises(QueryRefused, match="a pooler gives no time limit on"):
        AnyData(blog[1], blog[0], has_pooler=True, statement_seconds=1)
