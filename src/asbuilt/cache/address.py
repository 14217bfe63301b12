"""Where a Redis is: `redis://user:password@host:port/number`, `rediss://` with TLS, `unix:///path/to/socket?db=number`."""

from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct

from asbuilt.errors import AsbuiltError

_SCHEMES = ("redis", "rediss", "valkey", "valkeys", "unix")
_HELP = "write it as redis://host:6379/0, rediss://… for TLS, or unix:///path/to/socket; `near` is this process alone"


class Address(Struct, frozen=True):
    """`path` is a socket's, empty where host and port are used."""

    host: str = "localhost"
    port: int = 6379
    path: str = ""
    number: int = 0
    user: str = ""
    password: str = ""
    has_tls: bool = False

    def __str__(self) -> str:
        """The address without a password."""
        return (
            f"unix://{self.path}" if self.path else f"redis{'s' * self.has_tls}://{self.host}:{self.port}/{self.number}"
        )


def address_of(url: str) -> Address:
    """Return what a URL says; raises `AsbuiltError` where it is none of Redis'."""
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES:
        raise AsbuiltError(f"`{_without_password(url)}` is no address of a Redis", help=_HELP)
    said = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    is_socket = parts.scheme == "unix"
    number = said.get("db", "") or ("" if is_socket else parts.path.strip("/")) or "0"
    try:
        port = parts.port or 6379
        return Address(
            host=parts.hostname or "localhost",
            port=port,
            path=unquote(parts.path) if is_socket else "",
            number=int(number),
            user=unquote(parts.username or said.get("username", "")),
            password=unquote(parts.password or said.get("password", "")),
            has_tls=parts.scheme in ("rediss", "valkeys"),
        )
    except ValueError as error:
        raise AsbuiltError(f"`{_without_password(url)}` is no address of a Redis: {error}", help=_HELP) from None


def _without_password(url: str) -> str:
    before, at, after = url.rpartition("@")
    return f"{before.partition('://')[0]}://…@{after}" if at else url
