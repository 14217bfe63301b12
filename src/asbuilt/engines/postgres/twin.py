"""A twin: the structure of a live database, dumped and restored on the scratch server, where things may be tried."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from asbuilt import sql_parser
from asbuilt.engines.base import Failure, Step
from asbuilt.engines.postgres.dumping import pg_dump
from asbuilt.engines.postgres.ordering import Node
from asbuilt.engines.postgres.running import run
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.session import PostgresSession, connect
from asbuilt.engines.postgres.shims import fill_platform
from asbuilt.errors import ServerRefused
from asbuilt.model.sql import ObjectName
from asbuilt.server_url import place

_META = re.compile(r"^(?:\\(?:un)?restrict .*|SET transaction_timeout = 0;)\n", re.MULTILINE)
"""What is for psql, and what a server before 17 does not know and changes nothing."""
_SCHEMA = re.compile(r"^\s*(?:--[^\n]*\n|\s)*CREATE SCHEMA (\"[^\"]+\"|\w+)")
_OPTIONS = (
    "--schema-only",
    "--no-owner",
    "--no-publications",
    "--no-subscriptions",
    "--no-security-labels",
    "--no-tablespaces",
)
_OURS = ("--exclude-schema=asbuilt", "--exclude-schema=asbuilt_kept_*")


class Twin(PostgresSession):
    """A session in a twin. `gaps` are what of the target could not be restored; `stubs` what stands in for it."""

    gaps: tuple[Failure, ...] = ()
    stubs: tuple[str, ...] = ()
    url: str = ""


@contextmanager
def twin(url: str, *, is_whole: bool = False) -> Iterator[Twin]:
    """Open a session in a copy of the structure of `url`; the copy is gone at the end.

    Where it is not `is_whole`, what our plans keep in schemas of their own is left out.
    """
    with connect(url, read_only=True):
        pass  # who cannot connect is told so in our words, not in those of pg_dump
    statements = _statements(dump(url, is_whole=is_whole))
    with scratch_database() as copy_url, connect(copy_url) as session:
        copy = Twin(session.connection, f"twin of {place(url)}")
        copy.url = copy_url
        _restore(copy, statements)
        fill_platform(copy)
        yield copy


def dump(url: str, *, is_whole: bool = False) -> str:
    """Return the structure of a database as SQL. What the server says against it is ServerRefused."""
    return _META.sub("", pg_dump(url, (*_OPTIONS, *(() if is_whole else _OURS)), "the structure"))


def _statements(sql: str) -> list[str]:
    return list(sql_parser.split(sql))


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
