"""Dumps by `pg_dump`: of a structure, to be tried out, and of tables before something is done that could lose rows."""

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from asbuilt.engines.postgres import places
from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.postgres.session import LOCK_SECONDS, connect
from asbuilt.errors import CannotWrite, ServerRefused, ServerUnavailable
from asbuilt.server_url import place, without_password

_SECONDS = 300
_CANNOT_WRITE = re.compile(r"could not (?:write|open|close|flush)\b[^:]*file[^:]*: (?P<reason>.+)")


def back_up(url: str, tables: Sequence[str], path: Path) -> bool:
    """Write those of the tables that stand, with their rows, into a compressed SQL file; tell whether there were any."""
    with connect(url, read_only=True) as session:
        standing = [t for t in tables if session.rows("SELECT to_regclass(%s) IS NOT NULL", [relation(t)])[0][0]]
    if not standing:
        return False
    path.touch(mode=0o600)
    named = [f"--table-and-children={relation(table)}" for table in standing]
    try:
        pg_dump(url, (*named, "--no-owner", "--compress=6", f"--file={path.resolve()}"), "the tables", seconds=None)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, ServerRefused) and (found := _CANNOT_WRITE.search(str(error))):
            raise CannotWrite(str(path), found["reason"]) from error
        raise
    return True


def pg_dump(url: str, options: Sequence[str], what: str, *, seconds: int | None = _SECONDS) -> str:
    """Return what `pg_dump` writes. What the server says against it is `ServerRefused`; `what` is to be dumped, in words."""
    bare, environment = _without_secret(url)
    patience = f"--lock-wait-timeout={LOCK_SECONDS * 1000}"
    command = [str(places.binaries() / "pg_dump"), *options, patience, "--dbname", bare]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds,
            env=environment,
            encoding="utf-8",
        )
    except subprocess.TimeoutExpired:
        raise ServerUnavailable(place(url), f"pg_dump takes more than {seconds} seconds") from None
    if done.returncode:
        raise _dump_error(without_password(done.stderr.strip(), url), what, url)
    return done.stdout


def _without_secret(url: str) -> tuple[str, dict[str, str]]:
    """Return the URL without its password, which goes through the environment: a command line is public."""
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10", "PGCLIENTENCODING": "UTF8"}
    if "://" not in url:
        return url, environment
    parts = urlsplit(url)
    if parts.password is None:
        return url, environment
    user, _, host = parts.netloc.rpartition("@")
    bare = urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{host}"))
    return bare, {**environment, "PGPASSWORD": unquote(parts.password)}


def _dump_error(reason: str, what: str, url: str) -> ServerRefused | ServerUnavailable:
    line = reason.splitlines()[0] if reason else "no reason given"
    if "permission denied" in reason:
        return ServerRefused(
            f"cannot read {what} of {place(url)}: {line}",
            sqlstate="42501",
            help="grant the role `pg_read_all_data`, or USAGE on the schemas and SELECT on the tables",
        )
    if "connection to server" in reason:
        return ServerUnavailable(place(url), line.removeprefix("pg_dump: error: "))
    return ServerRefused(f"cannot read {what} of {place(url)}: {line}")
