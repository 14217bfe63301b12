"""A primary and replicas that follow it by streaming replication: the embedded server's programs, in folders of their own."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from asbuilt.engines.postgres import places

_FIRST_PORT = 5433
_SETTINGS = (
    "-c listen_addresses='' -c fsync=off -c shared_buffers=16MB -c cluster_name={name} -c hot_standby_feedback=on"
)


class Server:
    """A server in a folder; killed and started again, its URL stays."""

    def __init__(self, folder: Path, name: str, port: int) -> None:
        self.name = name
        self.port = port
        self._folder = folder
        self.data = folder / name

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://postgres@/{database}?host={self._folder}&port={self.port}"

    def start(self) -> None:
        options = f"-p {self.port} -k {self._folder} {_SETTINGS.format(name=self.name)}"
        run("pg_ctl", "start", "-w", "-D", self.data, "-l", self._folder / f"{self.name}.log", "-o", options)

    def stop(self) -> None:
        run("pg_ctl", "stop", "-m", "immediate", "-D", self.data)

    @property
    def pid(self) -> int:
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def kill(self) -> None:
        """End it at once, with all that is under way there."""
        self.stop()

    def pause(self) -> None:
        """Let none of its processes say anything more, with all connections open."""
        for pid in self._processes():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self._processes():
            os.kill(pid, signal.SIGCONT)

    def _processes(self) -> list[int]:
        mine = self.pid
        found = [mine]
        for status in Path("/proc").glob("[0-9]*/stat"):
            try:
                text = status.read_text()
            except OSError:
                continue
            if int(text.rpartition(")")[2].split()[1]) == mine:
                found.append(int(status.parent.name))
        return found

    def ask(self, sql: str, database: str = "postgres") -> Any:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchone() if cursor.description else None

    def hold(self) -> None:
        """Replay nothing more of what the primary sends."""
        self.ask("SELECT pg_wal_replay_pause()")
        until(lambda: self.ask("SELECT pg_get_wal_replay_pause_state()") == ("paused",))

    def go_on(self) -> None:
        self.ask("SELECT pg_wal_replay_resume()")


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; fail where that takes a minute."""
    end = time.monotonic() + 60
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError("it does not come to be so")
        time.sleep(0.02)


def run(program: str, *arguments: object) -> None:
    user = places.account()
    command = [str(places.binaries() / program), *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **(user.options if user else {}))


@contextmanager
def replicated(cache: Path, replicas: int) -> Iterator[list[Server]]:
    """Yield a primary and servers that follow it."""
    folder = Path(tempfile.mkdtemp(dir=cache, prefix="replicated-"))
    places.give(folder, places.account())
    primary = Server(folder, "primary", _FIRST_PORT)
    run("initdb", "-D", primary.data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
    servers = [primary]
    try:
        primary.start()
        for n in range(1, replicas + 1):
            follower = Server(folder, f"replica{n}", _FIRST_PORT + n)
            run("pg_basebackup", "-D", follower.data, "-R", "-c", "fast", "--no-sync", "-d", primary.url())
            follower.start()
            servers.append(follower)
        yield servers
    finally:
        for server in reversed(servers):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
