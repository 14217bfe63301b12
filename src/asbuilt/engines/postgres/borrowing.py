"""Temporary databases on a server that is not ours: the target's, where ours lacks what it has, or one that the user names.

Only such databases are made and dropped there. Their names begin with `asbuilt_scratch_` and hold the time at which they were
made: one that nobody is connected to any more was left by a run that was killed, and the next run drops it.
"""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from asbuilt.engines.postgres.session import connect, refused
from asbuilt.errors import AsbuiltError
from asbuilt.server_url import place

if TYPE_CHECKING:
    import psycopg

    from asbuilt.engines.base import Row

PREFIX = "asbuilt_scratch_"
_NAME = re.compile(rf"{PREFIX}(\d+)_[0-9a-f]+\Z")
_LEFT_SECONDS = 60
"""How old a database has to be before it counts as left behind where nobody is connected to it."""
_server: ContextVar[str] = ContextVar("the server that scratch databases are made on", default="")

_LOCALE = """
SELECT pg_encoding_to_char(encoding), datcollate, datctype, to_jsonb(d) ->> 'datlocprovider',
       coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale')
FROM pg_database d WHERE datname = current_database()
"""
_LEFT = f"""
SELECT d.datname FROM pg_database d
WHERE d.datname LIKE '{PREFIX.replace("_", chr(92) + "_")}%' AND pg_has_role(d.datdba, 'MEMBER')
  AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.datid = d.oid)
"""


def lender() -> str:
    """Return the server on which scratch databases are made now; empty where that is our own."""
    return _server.get()


@contextmanager
def borrowing(url: str) -> Iterator[None]:
    """Make scratch databases on the server of `url` meanwhile."""
    token = _server.set(url)
    try:
        yield
    finally:
        _server.reset(token)


@contextmanager
def borrowed_database(url: str) -> Iterator[str]:
    """Make an empty database on the server of `url`, of the same encoding and locale, and give its URL; it is dropped at the end."""
    import psycopg

    name = f"{PREFIX}{int(time.time())}_{secrets.token_hex(4)}"
    with connect(url) as session:
        connection = session.connection
        _drop_left(connection)
        try:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0 {_as_here(connection)}")
        except psycopg.Error as error:
            raise _cannot_make(refused(error, "CREATE DATABASE", place(url))) from error
        try:
            with connect(beside(url, name)):  # whoever looks for what was left behind sees that somebody is here
                yield beside(url, name)
        finally:
            _drop(connection, url, name)


def _cannot_make(error: AsbuiltError) -> AsbuiltError:
    error.help = error.help or "name a server where the role may make databases: --scratch URL"
    return error


def _drop(connection: "psycopg.Connection[Row]", url: str, name: str) -> None:
    """Drop a database, by another connection where the first was lost."""
    import psycopg

    statement = f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"
    try:
        connection.execute(statement)
    except psycopg.Error:
        with suppress(AsbuiltError), connect(url) as again:
            again.execute(statement)


def _drop_left(connection: "psycopg.Connection[Row]") -> None:
    import psycopg

    for (name,) in connection.execute(_LEFT).fetchall():
        made = _NAME.match(name)
        if made and time.time() - int(made[1]) > _LEFT_SECONDS:
            with suppress(psycopg.Error):
                connection.execute(f"DROP DATABASE IF EXISTS {name}")


def _as_here(connection: "psycopg.Connection[Row]") -> str:
    """Return the options that give a new database the encoding and the locale of this one."""
    [(encoding, collate, ctype, provider, locale)] = connection.execute(_LOCALE).fetchall()
    options = [f"ENCODING {_text(encoding)}", f"LC_COLLATE {_text(collate)}", f"LC_CTYPE {_text(ctype)}"]
    if provider == "i":
        options += ["LOCALE_PROVIDER icu", f"ICU_LOCALE {_text(locale)}"]
    elif provider == "b":
        options += ["LOCALE_PROVIDER builtin", f"BUILTIN_LOCALE {_text(locale)}"]
    return " ".join(options)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def beside(url: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    if "://" in url:
        return urlunsplit(urlsplit(url)._replace(path=f"/{quote(database, safe='')}"))
    from psycopg.conninfo import make_conninfo

    return make_conninfo(url, dbname=database)


def is_borrowed(database: str) -> bool:
    return bool(_NAME.match(database))
