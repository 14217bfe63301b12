"""The data of a document, for an application: what the document says and what stands in the database, brought together."""

from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from asbuilt.access.deriving import schema_of
from asbuilt.access.options import Options
from asbuilt.access.schema import Schema
from asbuilt.cache.compiling import cache_plan
from asbuilt.cache.plan import CachePlan
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.project.facade import load

if TYPE_CHECKING:
    from asbuilt.access.aio import AnyData
    from asbuilt.access.sync import AnyData as AnySyncData


def ground_at(path: str | Path, url: str) -> tuple[Schema, CachePlan]:
    """Return the tables at `url` as the document at `path` describes them, and its cache; the database is read once."""
    design = load(path).design
    with POSTGRES.connect(url, read_only=True) as session:
        state = session.inspect()
    return schema_of(state, design), cache_plan(state, design)


def open(path: str | Path, url: str, **options: Unpack[Options]) -> "AnyData":
    """Return the data of the document at `path` in the database at `url`, to be used with `async with`.

    `options` are those of `access.aio.Data`: `cache="redis://…"` keeps what the document says where it says so.
    Raises `DocumentUnreadable` and `ServerUnavailable`.
    """
    from asbuilt.access.aio import AnyData

    schema, plan = ground_at(path, url)
    return AnyData(schema, url, plan=plan, **options)


def open_sync(path: str | Path, url: str, **options: Unpack[Options]) -> "AnySyncData":
    """Return the same for a program with threads, to be used with `with`."""
    from asbuilt.access.sync import AnyData

    schema, plan = ground_at(path, url)
    return AnyData(schema, url, plan=plan, **options)
