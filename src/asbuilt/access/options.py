"""How data is opened: what `Data` takes beside its address, by name, so that checkers and editors know it wherever it is passed on."""

from collections.abc import Sequence
from typing import Literal, TypedDict

from asbuilt.cache.options import CacheOptions

Isolation = Literal["read committed", "repeatable read", "serializable"]


class Options(TypedDict, total=False):
    """The options of `Data`, which says what each means."""

    size: int
    wait: float
    statement_seconds: float | None
    secret: bytes | None
    has_pooler: bool
    replicas: Sequence[str]
    replica_lag: float
    cache: str | None
    cache_options: CacheOptions | None
