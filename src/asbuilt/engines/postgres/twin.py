"""A twin: the structure of a live database, dumped and restored on the scratch server, where things may be tried."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote, urlsplit, urlunsplit

from asbuilt.engines.base import Failure, Step
from asbuilt.engines.postgres import places
from asbuilt.engines.postgres.ordering import Node
from asbuilt.engines.postgres.running import run
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.session import LOCK_SECONDS, PostgresSession, connect, place, without_password
from asbuilt.errors import ServerRefused, ServerUnavailable
from asbuilt.model.sql import ObjectName

_META = re.compile(r"^\\(?:un)?restrict .*\n", re.MULTILINE)
_SCHEMA = re.compile(r"^\s*(?:--[^\n]*\n|\s)*CREATE SCHEMA (\"[^\"]+\"|\w+)")
_DUMP_SECONDS = 300
_OPTIONS = ("--schema-only", "--no-owner", "--no-publications", "--no-subscriptions", "--no-security-labels",
            "--no-tablespaces", "--exclude-schema=asbuilt", "--exclude-schema=asbuilt_kept_*")  # fmt: skip


class Twin(PostgresSession):
    """A session in a twin. `gaps` are what of the target could not be restored; `stubs` what stands in for it."""

    gaps: tuple[Failure, ...] = ()
    stubs: tuple[str, ...] = ()


@contextmanager
def twin(url: str) -> Iterator[Twin]:
    """Open a session in a copy of the structure of `url`; the copy is gone at the end."""
    with connect(url, read_only=True):
        pass  # who cannot connect is told so in our words, not in those of pg_dump
    statements = _statements(dump(url))
    with scratch_database() as copy_url, connect(copy_url) as session:
        copy = Twin(session.connection, f"twin of {place(url)}")
        _restore(copy, statements)
        yield copy


def dump(url: str) -> str:
    """Return the structure of a database as SQL. What the server says against it is ServerRefused."""
    bare, environment = _without_secret(url)
    patience = f"--lock-wait-timeout={LOCK_SECONDS * 1000}"
    command = [str(places.binaries() / "pg_dump"), *_OPTIONS, patience, "--dbname", bare]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=_DUMP_SECONDS,
            env=environment,
            encoding="utf-8",
        )
    except subprocess.TimeoutExpired:
        raise ServerUnavailable(place(url), f"pg_dump takes more than {_DUMP_SECONDS} seconds") from None
    if done.returncode:
        raise _dump_error(without_password(done.stderr.strip(), url), url)
    return _META.sub("", done.stdout)


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


def _dump_error(reason: str, url: str) -> ServerRefused | ServerUnavailable:
    line = reason.splitlines()[0] if reason else "no reason given"
    if "permission denied" in reason:
        return ServerRefused(
            f"cannot read the structure of {place(url)}: {line}",
            sqlstate="42501",
            help="grant the role `pg_read_all_data`, or USAGE on the schemas and SELECT on the tables",
        )
    if "connection to server" in reason:
        return ServerUnavailable(place(url), line.removeprefix("pg_dump: error: "))
    return ServerRefused(f"cannot read the structure of {place(url)}: {line}")


def _statements(sql: str) -> list[str]:
    import postgast

    return list(postgast.split(sql))


def _restore(copy: Twin, statements: list[str]) -> None:
    """Run the dump at one go; only where that fails, statement by statement, noting what fails."""
    copy.execute("SET check_function_bodies = off")
    try:
        with copy.transaction():
            copy.execute(";\n".join(statements))
    except ServerRefused:
        with copy.transaction():
            done = run(copy, [_node(sql) for sql in statements if not _is_about_public(sql)])
        copy.gaps = tuple(done.failures)
        copy.stubs = tuple(done.stubs)
    copy.execute("RESET ALL")


def _node(sql: str) -> Node:
    """A statement of a dump; the schemas that it brings along need no stand-in."""
    made = _SCHEMA.search(sql)
    creates = (ObjectName("schema", made[1].strip('"')),) if made else ()
    return Node(Step(sql, sql.strip()[:60], ()), creates)


def _is_about_public(sql: str) -> bool:
    return bool(re.search(r"^\s*(?:--[^\n]*\n|\s)*CREATE SCHEMA public\b", sql))
