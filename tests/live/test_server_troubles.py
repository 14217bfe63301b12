"""What goes wrong around a server: a full disk, missing rights, a kill between two commands, many commands at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

import asbuilt
from asbuilt.engines.postgres.dumping import back_up
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database, scratch_server
from asbuilt.engines.postgres.server import EmbeddedServer, is_postgres, remove
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.errors import CannotWrite, ServerRefused, ServerUnavailable

DOCUMENT = "# Notes database\n\n**Database**: PostgreSQL 16\n\n```sql\nCREATE TABLE notes (id int PRIMARY KEY);\n```\n"
pytestmark = pytest.mark.xdist_group("server troubles")


@pytest.fixture
def small_disk(request: pytest.FixtureRequest, own_cache: Path) -> Iterator[Path]:
    folder = own_cache / "small"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={request.param}m,mode=711", "tmpfs", str(folder)]
    try:
        is_mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        is_mounted = False
    if not is_mounted:
        folder.rmdir()
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)
    folder.rmdir()


@pytest.fixture
def project(own_cache: Path) -> Iterator[asbuilt.Project]:
    folder = own_cache / f"documents-{time.monotonic_ns()}"
    folder.mkdir()
    (folder / "notes.md").write_text(DOCUMENT, encoding="utf-8")
    found = asbuilt.load(folder / "notes.md")
    yield found
    found.down(with_data=True)


def kill(server: EmbeddedServer) -> None:
    os.kill(server.pid, signal.SIGKILL)
    while is_postgres(server.pid):
        time.sleep(0.01)


@pytest.mark.parametrize("small_disk", [8], indirect=True)
def test_a_full_disk_is_told_in_a_line(own_cache: Path, small_disk: Path) -> None:
    scratch_server()
    with pytest.raises(ServerUnavailable, match="the disk is full") as caught:
        EmbeddedServer.start(small_disk / "server", durable=True)
    assert "ASBUILT_CACHE" in caught.value.help
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("small_disk", [72], indirect=True)
def test_a_disk_that_fills_up_on_the_way_is_told(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (small_disk / "notes.md").write_text(DOCUMENT, encoding="utf-8")
    project = asbuilt.load(small_disk / "notes.md")

    def fill_up(url: str, rows: int, **_: object) -> None:
        with suppress(OSError), (small_disk / "filler").open("wb") as file:
            while True:
                file.write(bytes(2**20))
        kill(EmbeddedServer.find(project.home / "server"))
        with POSTGRES.connect(url):
            pass

    monkeypatch.setattr(project, "seed", fill_up)
    try:
        with pytest.raises(ServerUnavailable, match="the disk is full"):
            project.up()
    finally:
        project.down(with_data=True)


@pytest.mark.parametrize("small_disk", [1], indirect=True)
def test_a_disk_that_is_full_during_a_dump_is_told_and_no_half_of_one_is_left(
    small_disk: Path, session: PostgresSession
) -> None:
    session.execute("CREATE TABLE t AS SELECT md5(i::text) AS hash FROM generate_series(1, 100000) AS i")
    path = small_disk / "t.sql.gz"
    with pytest.raises(CannotWrite, match="no space left") as caught:
        back_up(str(session.connection.info.dsn), ["t"], path)
    assert str(path) in str(caught.value)
    assert caught.value.help == "free some space"
    assert not path.exists()


@pytest.mark.usefixtures("server")
def test_data_that_may_not_be_read_is_told(own_cache: Path) -> None:
    folder = own_cache / f"rights-{time.monotonic_ns()}"
    server = EmbeddedServer.start(folder, durable=False)
    server.stop()
    path = server.home / "data" / "global" / "pg_control"
    owner = path.stat()
    os.chown(path, os.geteuid(), os.getegid())
    path.chmod(0o000)
    try:
        with pytest.raises(ServerUnavailable, match="may not be read") as caught:
            EmbeddedServer.start(folder, durable=False)
        assert "rights" in caught.value.help
    finally:
        os.chown(path, owner.st_uid, owner.st_gid)
        path.chmod(0o600)
        remove(folder)


def test_a_server_killed_between_two_commands_is_started_again_with_its_data(project: asbuilt.Project) -> None:
    url = project.start()
    project.build(url)
    found = EmbeddedServer.find(project.home / "server")
    assert found is not None
    kill(found)
    assert EmbeddedServer.find(project.home / "server") is None
    assert project.verify(project.start()).is_fine
    again = EmbeddedServer.find(project.home / "server")
    assert again is not None
    assert again.pid != found.pid


@pytest.mark.usefixtures("server")
def test_a_killed_scratch_server_is_started_again() -> None:
    first = scratch_server()
    kill(first)
    with POSTGRES.scratch() as session:
        assert session.rows("SELECT 1") == [(1,)]
    assert scratch_server().pid != first.pid


def test_processes_that_start_the_scratch_server_at_once_share_it(own_cache: Path) -> None:
    own = own_cache / "many"
    own.mkdir(mode=0o711)
    program = (
        "import psycopg\n"
        "from asbuilt.engines.postgres.scratch import scratch_database, scratch_server\n"
        "with scratch_database() as url, psycopg.connect(url) as c: print(scratch_server().pid)"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "ASBUILT_CACHE": str(own)},
        )
        for _ in range(3)
    ]  # fmt: skip
    results = [process.communicate() for process in started]
    pids = {out.strip() for out, _ in results}
    try:
        assert [error for _, error in results] == ["", "", ""]
        assert len(pids) == 1
        assert is_postgres(int(pids.copy().pop()))
    finally:
        for home in own.glob("scratch-*"):
            remove(home)


@pytest.mark.usefixtures("server")
def test_a_session_cut_off_in_the_middle_is_told_and_the_next_works(project: asbuilt.Project) -> None:
    with scratch_database() as url, POSTGRES.connect(url) as session:
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )
        with pytest.raises(ServerUnavailable, match=r"terminat|closed|lost"):
            session.rows("SELECT 1")
    assert project.check().trial is not None


def test_a_connection_lost_before_an_attempt_is_told_as_lost() -> None:
    with (  # noqa: PT012
        scratch_database() as url,
        POSTGRES.connect(url) as other,
        pytest.raises(ServerUnavailable),
        POSTGRES.connect(url) as session,
    ):
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        session.inspect()


def test_a_server_that_is_too_old_is_told_with_those_that_are_not(
    session: PostgresSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("asbuilt.engines.postgres.session.OLDEST", session.version[0] + 1)
    told = rf"PostgreSQL {session.version[0]}\.\d+ \(.*\) is too old"
    with (
        pytest.raises(ServerRefused, match=told) as caught,
        POSTGRES.connect(str(session.connection.info.dsn)),
    ):
        pass
    assert caught.value.help == f"use PostgreSQL {session.version[0] + 1} to 18"
