"""Data access: what a document describes, used by an application. Typed rows, one statement a question, no object layer in between.

What a program imports from here: the functions that conditions and selections are made of, and the exceptions.
"""

from asbuilt.access.conditions import (
    Condition,
    Expression,
    count,
    distinct_count,
    greatest,
    highlight,
    least,
    mean_of,
    rank,
    sum_of,
)
from asbuilt.access.paging import Page
from asbuilt.access.refusals import (
    Conflict,
    DataError,
    Duplicate,
    InvalidRow,
    MissingReference,
    NotPermitted,
    PoolExhausted,
    Problem,
    QueryRefused,
    RowNotFound,
    StillReferenced,
    Unanswered,
)
from asbuilt.access.seen import Seen
from asbuilt.access.servers import ServerState
from asbuilt.cache.options import CacheOptions

__all__ = [
    "CacheOptions",
    "Condition",
    "Conflict",
    "DataError",
    "Duplicate",
    "Expression",
    "InvalidRow",
    "MissingReference",
    "NotPermitted",
    "Page",
    "PoolExhausted",
    "Problem",
    "QueryRefused",
    "RowNotFound",
    "Seen",
    "ServerState",
    "StillReferenced",
    "Unanswered",
    "count",
    "distinct_count",
    "greatest",
    "highlight",
    "least",
    "mean_of",
    "rank",
    "sum_of",
]
