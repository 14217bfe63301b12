"""PostgreSQL servers beside the embedded one: those that are installed, and those that `ASBUILT_TEST_SERVERS` lists."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from asbuilt.engines.postgres import places

WANTED = (14, 15, 16, 17, 18)
_INSTALLED = "/usr/lib/postgresql/*/bin"
_LISTED = "ASBUILT_TEST_SERVERS"
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True)
class Programs:
    """The folder `bin` of a PostgreSQL, and its major version."""

    folder: Path
    major: int


def _folders() -> Iterator[Path]:
    """Yield the folders that the environment lists, then those that Debian installs."""
    yield from (Path(name) for name in os.environ.get(_LISTED, "").split(os.pathsep) if name)
    yield from sorted(Path("/").glob(_INSTALLED.removeprefix("/")))


def _found() -> dict[int, Programs]:
    found: dict[int, Programs] = {}
    for folder in _folders():
        said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        major = int(_VERSION.search(said)[1])
        found.setdefault(major, Programs(folder, major))
    return found


_FOUND = _found()


def of_version(major: int) -> Any:
    """Return, as a parameter of a fixture, the programs of a version; skipped by name where there are none."""
    missing = f"PostgreSQL {major} is neither installed nor in {_LISTED}"
    marks = [
        pytest.mark.xdist_group(f"PostgreSQL {major}"),
        pytest.mark.skipif(major not in _FOUND, reason=missing),
    ]
    return pytest.param(_FOUND.get(major), id=str(major), marks=marks)


EACH = [of_version(major) for major in WANTED]


class Target:
    """A server that belongs to somebody else."""

    def __init__(self, folder: Path, major: int) -> None:
        self.folder = folder
        self.major = major
        self.made = 0

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}&port=5433"

    def execute(self, sql: str, database: str = "postgres") -> None:
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            connection.execute(sql)

    def offers(self, extension: str) -> bool:
        with psycopg.connect(self.url("postgres")) as connection:
            asked = "SELECT count(*) FROM pg_available_extensions WHERE name = %s"
            return connection.execute(asked, [extension]).fetchone() == (1,)

    def empty_database(self) -> str:
        self.made += 1
        self.execute(f"CREATE DATABASE design_{self.made}")
        return f"design_{self.made}"


@contextmanager
def running(programs: Programs, cache: Path) -> Iterator[Target]:
    """Start a server in a folder of the run's own; it is stopped at the end."""
    folder = Path(tempfile.mkdtemp(dir=cache, prefix=f"target-{programs.major}-"))
    user = places.account()
    binaries = programs.folder
    if not places.is_reachable(binaries / "postgres", user):
        shutil.copytree(binaries.parent, folder / "programs", symlinks=True)
        binaries = folder / "programs" / "bin"
    if user is not None:
        os.chown(folder, user.uid, user.gid)

    def run(program: str, *arguments: str) -> None:
        command = [str(binaries / program), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **(user.options if user else {}))

    options = f"-p 5433 -k {folder} -c listen_addresses='' -c fsync=off -c shared_buffers=32MB -c autovacuum=off"
    run("initdb", "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
    run("pg_ctl", "start", "-w", "-l", str(folder / "log"), "-o", options)
    try:
        yield Target(folder, programs.major)
    finally:
        run("pg_ctl", "stop", "-m", "immediate")
