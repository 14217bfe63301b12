"""The scratch server: one a user, started when it is needed, used again by the next command, gone when idle."""

import os
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from asbuilt.engines.postgres import places
from asbuilt.engines.postgres.borrowing import borrowed_database, lender
from asbuilt.engines.postgres.server import EmbeddedServer, settings_hash

if TYPE_CHECKING:
    import psycopg

_DATABASE = re.compile(r"asbuilt_(\d+)_[0-9a-f]+\Z")


def scratch_folder() -> Path:
    """Return the folder of the scratch server; another release or other settings have another."""
    return places.private_folder() / f"scratch-{places.wheel_version()}-{settings_hash()}"


def scratch_server() -> EmbeddedServer:
    """Return the user's scratch server, started unless it runs; a watcher stops it when nobody uses it any more."""
    folder = scratch_folder()
    home = places.data_home(folder)
    places.make_folder(home)
    (home / "used").touch()
    known = EmbeddedServer.find(folder)
    server = EmbeddedServer.start(folder, durable=False)
    if known is None or known.pid != server.pid:
        _watch(folder, server.pid)
    return server


def _watch(folder: Path, pid: int) -> None:
    subprocess.Popen(
        ["sh", "-c", '"$@" & ', "sh", sys.executable, "-m", "asbuilt.engines.postgres.reaping", str(folder), str(pid)],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, cwd="/",
    ).wait()  # fmt: skip


@contextmanager
def scratch_database() -> Iterator[str]:
    """Make an empty database on the scratch server and give its URL; it is dropped at the end.

    The scratch server is the user's own, or one that lends us the room.
    """
    if url := lender():
        with borrowed_database(url) as borrowed:
            yield borrowed
        return
    import psycopg

    server = scratch_server()
    name = f"asbuilt_{os.getpid()}_{secrets.token_hex(4)}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        _drop_orphans(connection)
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy")
        try:
            yield server.url(name)
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def available_extensions() -> frozenset[str]:
    """Return the extensions that our own scratch server has, stand-ins included."""
    import psycopg

    with psycopg.connect(scratch_server().url("postgres"), autocommit=True) as connection:
        return frozenset(row[0] for row in connection.execute("SELECT name FROM pg_available_extensions"))


def _drop_orphans(connection: "psycopg.Connection") -> None:
    """Drop the databases of processes that were killed before they could."""
    for (name,) in connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'asbuilt%'").fetchall():
        made_by = _DATABASE.match(name)
        if made_by and not _is_alive(int(made_by[1])):
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
