"""The embedded PostgreSQL 18: started, found again, stopped.

A server belongs to a folder and outlives the process that started it: whoever comes next finds it by its
`postmaster.pid`, and stops it by the number that stands there.
"""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2s
from pathlib import Path
from typing import Self
from urllib.parse import quote

from asbuilt.engines.postgres import places
from asbuilt.engines.postgres.shims import extension_folder
from asbuilt.errors import AsbuiltError, ServerUnavailable

SUPERUSER = "postgres"
CLUSTER_NAME = "asbuilt"
"""By this the embedded server is known for what it is, whoever connects to it."""
_START_SECONDS = 30.0
_STOP_SECONDS = 20.0
_POLL_SECONDS = 0.01
_SOCKET_PORT = 5432
_INITDB = (
    "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--auth-local=trust",
    "--auth-host=scram-sha-256", f"--username={SUPERUSER}", "--no-sync", "--no-instructions", "--wal-segsize=1",
)  # fmt: skip
_SETTINGS = {
    "timezone": "UTC", "log_timezone": "UTC", "lc_messages": "C", "max_connections": "64",
    "max_locks_per_transaction": "1024", "shared_buffers": "64MB", "jit": "off", "cluster_name": CLUSTER_NAME,
}  # fmt: skip
_SCRATCH_SETTINGS = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal",
    "max_wal_senders": "0", "autovacuum": "off", "max_wal_size": "512MB", "checkpoint_timeout": "1h",
    "io_method": "sync", "max_parallel_workers": "0",
}  # fmt: skip
_FATAL = re.compile(r"FATAL:|PANIC:|error while loading|\A(?:sh|postgres):")
_CAUSE = re.compile(r"LOG:  could not|\Abut could not")
_LEAST_ROOM = 16 * 2**20
_REASONS = (
    ("No space left on device", "the disk is full", "free some space, or set ASBUILT_CACHE to a folder on another disk"),
    ("Permission denied", "one of its files may not be read or written", "give your user the rights to {home}"),
    ("Address already in use", "its port is taken", "leave out the port, or name a free one"),
    ("could not create shared memory", "there is too little shared memory", "raise the machine's limit of shared memory"),
    ("incompatible with server", "the data was made by another version", "remove {home}; `asbuilt down --data` does"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a server writes into its `postmaster.pid`."""

    pid: int
    port: int
    socket_folder: Path
    is_ready: bool

    @classmethod
    def read(cls, data: Path) -> Self | None:
        """Return what stands in the file; None where there is none, or not all of it yet."""
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
            return cls(int(lines[0]), int(lines[3]), Path(lines[4]), lines[7].strip() == "ready")
        except (OSError, ValueError, IndexError):
            return None

    @property
    def answers(self) -> bool:
        """Whether somebody listens on the socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(2.0)
            try:
                probe.connect(str(self.socket_folder / f".s.PGSQL.{self.port}"))
            except OSError:
                return False
        return True


@dataclass(frozen=True, slots=True)
class EmbeddedServer:
    """A running server. `port` is its port on 127.0.0.1; a scratch server listens on its socket only (None)."""

    home: Path
    pid: int
    socket_folder: Path
    port: int | None = None
    password: str = field(default="", repr=False)

    @classmethod
    def start(cls, folder: Path, *, durable: bool, port: int | None = None) -> Self:
        """Return the server of `folder`, started unless it runs.

        A durable one keeps its data safe and listens on a port of 127.0.0.1 too: `port`, the one it had, or a free one.
        """
        try:
            home = places.data_home(folder.absolute())
            with places.locked(home / "lock"):
                return cls.find(folder) or cls._start(home, durable, port)
        except shutil.Error as error:
            raise unavailable(folder, str(error.args[0][0][-1])) from error
        except OSError as error:
            raise unavailable(folder, str(error)) from error

    @classmethod
    def find(cls, folder: Path) -> Self | None:
        """Return the server of `folder` if it runs."""
        home = places.data_home(folder.absolute())
        found = Postmaster.read(home / "data")
        if found is None or not found.is_ready or not found.answers:
            return None
        is_on_port = found.port != _SOCKET_PORT
        return cls(home, found.pid, found.socket_folder, found.port if is_on_port else None, _kept(home / "password"))

    @classmethod
    def _start(cls, home: Path, durable: bool, port: int | None) -> Self:
        data = home / "data"
        sockets = places.socket_folder(home)
        _clear_stale(data, sockets)
        if not (data / "PG_VERSION").exists():
            _fill(data)
        chosen = _choose_port(home, port) if durable else None
        _make_socket_folder(sockets, data)
        _launch(home, sockets, chosen, settings(durable))
        server = cls(home, _wait_until_ready(home).pid, sockets, chosen, _kept(home / "password"))
        return server._with_password() if durable else server

    def _with_password(self) -> Self:
        """Give the server the password that its port asks for, unless it has one."""
        if self.password:
            return self
        import psycopg

        password = secrets.token_urlsafe(12)
        with psycopg.connect(self.socket_url("postgres"), autocommit=True) as connection:
            connection.execute(f"ALTER ROLE {SUPERUSER} PASSWORD '{password}'")
        _keep(self.home / "password", password)
        return type(self)(self.home, self.pid, self.socket_folder, self.port, password)

    def url(self, database: str) -> str:
        """Return the URL that any client takes; the password of a port stands in it."""
        if self.port is None:
            return self.socket_url(database)
        return f"postgresql://{SUPERUSER}:{self.password}@127.0.0.1:{self.port}/{quote(database, safe='')}"

    def socket_url(self, database: str) -> str:
        """Return the URL by the socket, which only this user can open."""
        port = self.port or _SOCKET_PORT
        return f"postgresql://{SUPERUSER}@/{quote(database, safe='')}?host={quote(str(self.socket_folder))}&port={port}"

    def ensure_database(self, name: str) -> str:
        """Make the database `name` unless it is there; return its URL."""
        import psycopg
        from psycopg import sql

        with psycopg.connect(self.socket_url("postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                with suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def stop(self) -> None:
        """Stop the server and wait until it is gone; open sessions are cut off."""
        stop_process(self.pid, self.home / "data")


def settings(durable: bool) -> dict[str, str]:
    """Return what a server is started with; a scratch server may lose everything and is fast."""
    own = {"extension_control_path": f"$system:{extension_folder()}"}
    return {**_SETTINGS, **own, **({} if durable else _SCRATCH_SETTINGS)}


def settings_hash() -> str:
    """Return a short name for the scratch server's settings, so that one started with others is not taken for it."""
    return blake2s(repr(sorted(settings(False).items())).encode(), digest_size=4).hexdigest()


def unavailable(where: Path, reason: str) -> ServerUnavailable:
    """Return the error for what the server or the machine said, with what to do about it."""
    for sign, meaning, help in _REASONS:
        if sign in reason:
            said = next(line for line in reason.splitlines() if sign in line)
            told = f"{meaning} ({said.strip()})" if said.strip() != sign else meaning
            return ServerUnavailable(f"{where}", told, help=help.format(home=where))
    return ServerUnavailable(f"{where}", reason, help="set a server of your own with --to postgresql://…")


def stop_process(pid: int, data: Path) -> None:
    """Stop the server with this number if it is still the one of `data`: fast first, then at once."""
    for number in (signal.SIGINT, signal.SIGQUIT):
        found = Postmaster.read(data)
        if found is None or found.pid != pid or not is_postgres(pid):
            return
        os.kill(pid, number)
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline:
            if not is_postgres(pid):
                return
            time.sleep(_POLL_SECONDS)
    raise ServerUnavailable(str(data), f"process {pid} does not stop", help=f"look at it, then run `kill -9 {pid}`")


def is_postgres(pid: int) -> bool:
    """Tell whether a process with this number runs and is a PostgreSQL server."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    shown = subprocess.run(["ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, command = shown.stdout.strip().partition(" ")
    return bool(state) and not state.startswith("Z") and "postgres" in command


def _clear_stale(data: Path, sockets: Path) -> None:
    """Take away the lock files of a server that is no more; wait for one that is still on its way up or down."""
    deadline = time.monotonic() + _STOP_SECONDS
    while (found := Postmaster.read(data)) is not None and is_postgres(found.pid):
        if time.monotonic() > deadline:
            raise unavailable(data, f"process {found.pid} holds it and does not answer")
        if found.is_ready and not found.answers:
            stop_process(found.pid, data)
        time.sleep(_POLL_SECONDS)
    for path in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
        path.unlink(missing_ok=True)


def _fill(data: Path) -> None:
    """Make a new data folder: a copy of the template, which is made on first use."""
    template = _template()
    with tempfile.TemporaryDirectory(dir=data.parent, prefix="new-") as scratch:
        made = Path(shutil.copytree(template, Path(scratch) / "data", symlinks=True))
        made.chmod(0o700)
        places.give(made, places.account())
        if data.exists():
            shutil.rmtree(data)
        made.rename(data)


def _template() -> Path:
    folder = places.private_folder()
    template = folder / f"template-{places.wheel_version()}"
    if not (template / "PG_VERSION").exists():
        with tempfile.TemporaryDirectory(dir=folder, prefix="new-") as scratch:
            user = places.account()
            places.give(Path(scratch), user)
            made = Path(scratch) / "data"
            run_program("initdb", *_INITDB, "-D", str(made))
            places.rename_unless_there(made, template)
    return template


def run_program(name: str, *arguments: str) -> None:
    """Run one of the server's programs under its user; what it says on failure becomes the error."""
    user = places.account()
    command = [str(places.binaries() / name), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, **(user.options if user else {})
    )
    if done.returncode:
        raise unavailable(places.private_folder(), f"{name} failed: {done.stderr.strip()}")


def _choose_port(home: Path, wanted: int | None) -> int:
    """Return the port to listen on, and keep it for the next start."""
    if wanted is not None and not _is_free(wanted):
        raise ServerUnavailable(f"127.0.0.1:{wanted}", "the port is taken", help="name another port, or none")
    kept = _kept(home / "port")
    if wanted is None and kept.isdecimal() and _is_free(int(kept)):
        return int(kept)
    chosen = wanted or _free_port()
    _keep(home / "port", str(chosen))
    return chosen


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _make_socket_folder(sockets: Path, data: Path) -> None:
    if sockets != data:
        sockets.mkdir(parents=True, exist_ok=True)
        sockets.chmod(0o700)
        places.give(sockets, places.account())


def _launch(home: Path, sockets: Path, port: int | None, settings: dict[str, str]) -> None:
    """Start the server apart from us, so that neither our end nor a Ctrl-C takes it along."""
    given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    listen = ["-h", "127.0.0.1" if port else "", "-p", str(port or _SOCKET_PORT), "-k", str(sockets)]
    command = [str(places.binaries() / "postgres"), "-D", str(home / "data"), *listen, *given]
    user = places.account()
    with (home / "server.log").open("ab") as log:
        log.truncate(0)
        subprocess.Popen(
            ["sh", "-c", '"$@" & ', "sh", *command],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, **(user.options if user else {}),
        ).wait()  # fmt: skip


def _wait_until_ready(home: Path) -> Postmaster:
    """Return the server's own word that it is ready, or raise what its log says."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        found = Postmaster.read(home / "data")
        if found is not None and found.is_ready and found.answers:
            return found
        is_dead = found is None or not is_postgres(found.pid)
        if is_dead and (reason := _fatal(home / "server.log")):
            raise unavailable(home, reason)
        time.sleep(_POLL_SECONDS)
    raise unavailable(home, f"it does not become ready within {_START_SECONDS:.0f} seconds; see {home / 'server.log'}")


def _fatal(log: Path) -> str:
    """Return the line of the log that says why the server does not start, with its hint."""
    lines = log.read_text(errors="replace").splitlines()
    fatal = next((line for line in reversed(lines) if _FATAL.search(line)), "")
    cause = next((line for line in lines if _CAUSE.search(line)), "") if fatal else ""
    return "; ".join(line.split(":  ", 1)[-1] for line in (fatal, cause) if line)


def why_gone(folder: Path) -> ServerUnavailable | None:
    """Return why the server of `folder` went down by itself: what its log says, or that there was no room left, even for that."""
    home = places.data_home(folder.absolute())
    log = home / "server.log"
    lines = log.read_text(errors="replace").splitlines() if log.exists() else []
    panic = next((line for line in reversed(lines) if "PANIC:" in line), "")
    if not panic and home.exists() and shutil.disk_usage(home).free < _LEAST_ROOM:
        panic = "No space left on device"
    return unavailable(home, panic.split(":  ", 1)[-1]) if panic else None


def _kept(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def _keep(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text)


def remove(folder: Path) -> bool:
    """Stop the server of `folder` if it runs, and remove its data; tell whether there was any."""
    home = places.data_home(folder.absolute())
    had_data = (home / "data").exists()
    with places.locked(home / "lock"):
        if server := EmbeddedServer.find(folder):
            server.stop()
        try:
            shutil.rmtree(home)
        except OSError as error:
            raise AsbuiltError(f"cannot remove {home}: {error}", help="remove the folder by hand") from error
    return had_data
