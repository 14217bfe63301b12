"""The data of a document, for an application: what the document says and what stands in the database, brought together."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from asbuilt.access.deriving import schema_of
from asbuilt.access.schema import Schema
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.project.facade import load

if TYPE_CHECKING:
    from asbuilt.access.aio import AnyData
    from asbuilt.access.sync import AnyData as AnySyncData


def schema_at(path: str | Path, url: str) -> Schema:
    """Return the tables at `url` as the document at `path` describes them; the database is read once."""
    design = load(path).design
    with POSTGRES.connect(url, read_only=True) as session:
        return schema_of(session.inspect(), design)


def open(path: str | Path, url: str, **options: Any) -> "AnyData":
    """Return the data of the document at `path` in the database at `url`, to be used with `async with`.

    `options` are those of `access.aio.Data`. Raises `DocumentUnreadable` and `ServerUnavailable`.
    """
    from asbuilt.access.aio import AnyData

    return AnyData(schema_at(path, url), url, **options)


def open_sync(path: str | Path, url: str, **options: Any) -> "AnySyncData":
    """Return the same for a program with threads, to be used with `with`."""
    from asbuilt.access.sync import AnyData

    return AnyData(schema_at(path, url), url, **options)
