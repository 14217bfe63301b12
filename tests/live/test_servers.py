import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from asbuilt.engines.postgres import places
from asbuilt.engines.postgres.reaping import reap_if_idle
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.server import EmbeddedServer, is_postgres, remove
from asbuilt.errors import ServerUnavailable


@pytest.fixture
def folder(own_cache: Path) -> Iterator[Path]:
    """A project's folder below the run's own, where the server's user can go; its server is gone at the end."""
    found = own_cache / f"project-{time.monotonic_ns()}"
    yield found
    remove(found)


def test_a_durable_server_answers_on_a_port_and_asks_for_its_password(folder: Path) -> None:
    server = EmbeddedServer.start(folder, durable=True)
    with psycopg.connect(server.url("postgres")) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        assert connection.execute("SHOW timezone").fetchone() == ("UTC",)
        assert connection.execute("SHOW server_encoding").fetchone() == ("UTF8",)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(f"postgresql://postgres:wrong@127.0.0.1:{server.port}/postgres")
    assert server.password not in repr(server)


def test_a_server_is_found_again_and_keeps_data_port_and_password(folder: Path) -> None:
    first = EmbeddedServer.start(folder, durable=True)
    with psycopg.connect(first.url("postgres"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    assert EmbeddedServer.find(folder) == first
    assert EmbeddedServer.start(folder, durable=True) == first
    first.stop()
    assert EmbeddedServer.find(folder) is None
    assert not is_postgres(first.pid)
    again = EmbeddedServer.start(folder, durable=True)
    assert (again.port, again.password) == (first.port, first.password)
    with psycopg.connect(again.url("postgres")) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_what_was_removed_is_gone_and_removing_nothing_is_no_error(folder: Path) -> None:
    server = EmbeddedServer.start(folder, durable=False)
    assert remove(folder)
    assert not is_postgres(server.pid)
    assert not server.home.exists()
    assert not remove(folder)


def test_a_killed_server_leaves_a_pid_file_that_stops_nobody(folder: Path) -> None:
    first = EmbeddedServer.start(folder, durable=False)
    os.kill(first.pid, signal.SIGKILL)
    while is_postgres(first.pid):
        time.sleep(0.01)
    assert (first.home / "data" / "postmaster.pid").exists()
    assert EmbeddedServer.find(folder) is None
    assert EmbeddedServer.start(folder, durable=False).pid != first.pid


def test_a_pid_file_that_names_somebody_else_stops_nobody(folder: Path) -> None:
    first = EmbeddedServer.start(folder, durable=False)
    first.stop()
    stale = f"{os.getpid()}\n{first.home / 'data'}\n0\n5432\n{first.socket_folder}\n\n0 0\nready\n"
    (first.home / "data" / "postmaster.pid").write_text(stale)
    assert EmbeddedServer.find(folder) is None
    assert EmbeddedServer.start(folder, durable=False).pid != os.getpid()


def test_many_who_start_at_once_get_the_same_server(folder: Path) -> None:
    found: list[EmbeddedServer] = []
    threads = [
        threading.Thread(target=lambda: found.append(EmbeddedServer.start(folder, durable=False))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len({server.pid for server in found}) == 1


def test_a_server_outlives_a_killed_parent_and_is_found_by_the_next(folder: Path) -> None:
    program = (
        "import sys, os, signal; from pathlib import Path; from asbuilt.engines.postgres.server import EmbeddedServer;"
        "print(EmbeddedServer.start(Path(sys.argv[1]), durable=False).pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL
    found = EmbeddedServer.find(folder)
    assert found is not None
    assert found.pid == int(done.stdout)


def test_an_idle_server_is_reaped_and_one_in_use_is_not(folder: Path) -> None:
    server = EmbeddedServer.start(folder, durable=False)
    (server.home / "used").touch()
    assert not reap_if_idle(folder, idle_seconds=3600)
    with psycopg.connect(server.url("postgres")):
        assert not reap_if_idle(folder, idle_seconds=-1)
    while not reap_if_idle(folder, idle_seconds=-1):
        time.sleep(0.01)
    assert not is_postgres(server.pid)


def test_a_database_of_any_name_is_made_once(folder: Path) -> None:
    server = EmbeddedServer.start(folder, durable=True)
    assert server.ensure_database('Odd "name"/1') == server.ensure_database('Odd "name"/1')
    with psycopg.connect(server.ensure_database('Odd "name"/1')) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ('Odd "name"/1',)


def test_a_port_that_is_taken_is_told(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ServerUnavailable, match="the port is taken") as caught:
            EmbeddedServer.start(folder, durable=True, port=port)
    assert "another port" in caught.value.help


def test_data_of_another_version_is_told(folder: Path) -> None:
    server = EmbeddedServer.start(folder, durable=False)
    server.stop()
    (server.home / "data" / "PG_VERSION").write_text("9.6\n")
    with pytest.raises(ServerUnavailable, match="another version") as caught:
        EmbeddedServer.start(folder, durable=False)
    assert "remove" in caught.value.help


def test_a_folder_that_is_a_file_is_told(own_cache: Path) -> None:
    (own_cache / "file").write_text("")
    with pytest.raises(ServerUnavailable):
        EmbeddedServer.start(own_cache / "file" / "inside", durable=False)


def test_a_long_path_gets_a_short_socket(own_cache: Path) -> None:
    folder = own_cache / ("long" * 20) / ("longer" * 10)
    try:
        server = EmbeddedServer.start(folder, durable=False)
        assert len(str(server.socket_folder)) < 90
        with psycopg.connect(server.url("postgres")) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        remove(folder)


@pytest.mark.usefixtures("server")
def test_databases_of_killed_processes_are_dropped(own_cache: Path) -> None:
    program = (
        "import os, signal; from asbuilt.engines.postgres.scratch import scratch_database\n"
        "with scratch_database() as url: print(url, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    orphan = done.stdout.strip()
    assert "asbuilt_" in orphan
    with scratch_database() as url, psycopg.connect(url) as connection:
        names = {row[0] for row in connection.execute("SELECT datname FROM pg_database").fetchall()}
    assert orphan.partition("?")[0].rpartition("/")[2] not in names


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for the server")
def test_as_root_the_server_runs_as_another_user_and_opens_no_folder_of_ours(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    folder.chmod(0o700)
    server = EmbeddedServer.start(folder, durable=False)
    assert places.data_home(folder).is_relative_to(places.private_folder())
    assert (server.home / "data").stat().st_uid != 0
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_it_all_works_for_a_user_without_rights(tmp_path_factory: pytest.TempPathFactory) -> None:
    user = places.account()
    assert user is not None
    home = Path("/tmp") / f"asbuilt-user-{time.monotonic_ns()}"
    home.mkdir()
    os.chown(home, user.uid, user.gid)
    # the interpreter may lie where only root can go: it starts as root, loads what is needed, and becomes the user
    program = (
        "import sys, os, psycopg, secrets, shutil, tempfile, signal, subprocess; from pathlib import Path\n"
        "from asbuilt.engines.postgres.server import EmbeddedServer, remove\n"
        "psycopg.connect, psycopg.pq.__impl__, psycopg.adapters, 'x'.encode('idna')\n"
        "os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[3])); os.chdir('/')\n"
        "folder = Path(sys.argv[1]); server = EmbeddedServer.start(folder, durable=True)\n"
        "with psycopg.connect(server.url('postgres')) as c: print(c.execute('SELECT 41 + 1').fetchone()[0])\n"
        "remove(folder)"
    )
    environment = {k: v for k, v in os.environ.items() if k != "ASBUILT_CACHE"} | {"HOME": str(home)}
    arguments = [str(home / "project"), str(user.gid), str(user.uid)]
    try:
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False, env=environment
        )
    finally:
        subprocess.run(["rm", "-r", str(home)], check=False)
    assert done.stdout.strip() == "42", done.stderr
