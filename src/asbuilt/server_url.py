"""The URL of a server: where it points at, what it must not tell, and what to do where nothing can be reached there."""

import re
from urllib.parse import urlsplit

_CANNOT_CONNECT = (
    ("password authentication failed", "look at the user and the password in the URL"),
    ("no password supplied", "put the password into the URL, or into ~/.pgpass"),
    ("does not exist", "create it first, or look at the name in the URL"),
    ("permission denied", "grant the role CONNECT on the database, or connect as another role"),
    ("no pg_hba.conf entry", "allow this user and address in the server's pg_hba.conf"),
    ("refused", "start the server, or look at the host and the port in the URL"),
    ("could not translate host name", "look at the host in the URL"),
    ("failed to resolve host", "look at the host in the URL"),
    ("name or service not known", "look at the host in the URL"),
    ("timeout", "look whether the server can be reached from here"),
    ("took too long", "look whether the server can be reached from here"),
    ("no such file or directory", "start the server, or look at the folder of its socket and the port in the URL"),
    ("starting up", "wait until it is up, then try again"),
    ("shutting down", "start it again, then try again"),
    ("recovery mode", "wait until it is up, then try again"),
    ("closed the connection", "look into the server's log, and whether it is up"),
    ("too many clients", "close other connections, or raise max_connections"),
)
_PREAMBLE = re.compile(
    r"connection (?:failed|is bad): (?:connection to server (?:at|on socket) .*? failed: )?(?:FATAL: *)?"
)
_SHAPE = "write the URL as postgresql://user:password@host:port/database"
_TELLING = 6


def why_not(url: str, told: str) -> tuple[str, str]:
    """Return why the server at a URL cannot be used, of what a driver told, and what to do about it."""
    reason = _PREAMBLE.sub("", without_password(first_line(told), url))
    if reason.startswith(('missing "="', "invalid DSN")):
        reason = "it does not name a PostgreSQL database"
    return reason, next((help for sign, help in _CANNOT_CONNECT if sign in reason.lower()), _SHAPE)


def first_line(text: str) -> str:
    """Return the first line of what a driver told that has something in it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[0] if lines else "no reason given"


def place(url: str) -> str:
    """Return where `url` points at, without user and password."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "the given URL"
    database = parts.path.lstrip("/")
    if parts.scheme not in ("postgresql", "postgres"):
        return "the given URL"
    if not host:
        return f"{database} on the local socket"
    return f"{host}:{port or 5432}/{database}"


def without_password(text: str, url: str) -> str:
    """Return `text` with the password of `url` masked; one that is as short as a word's part, only where it is a password."""
    found = re.search(r"://[^:/@?]*:([^@/]+)@", url) or re.search(r"password=([^&\s]+)", url)
    if not found:
        return text
    secret = re.escape(found[1])
    return re.sub(
        secret if len(found[1]) >= _TELLING else rf"(?<=:){secret}(?=@)|(?<=password=){secret}\b", "***", text
    )
