"""Two places give one cache key different times to live.

**Why it matters.** Code written after one of them serves values that the other calls stale.

**Example.** `user:{userId}` with a TTL of 1 hour in the caching chapter, and 5 minutes in the table of keys.

**What to do.** Decide, and correct the other place.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, contradiction
from asbuilt.model.chapters import CacheKey
from asbuilt.model.design import Design

_HOLE = re.compile(r"\{[^}]*\}|\$\{[^}]*\}|<[^>]*>")


def check(design: Design) -> Iterator[Diagnostic]:
    first: dict[str, CacheKey] = {}
    for key in design.of(CacheKey):
        if key.ttl_seconds is None or key.ttl_span is None:
            continue
        known = first.setdefault(_HOLE.sub("{}", key.pattern.strip()).lower(), key)
        if known.ttl_span and known.ttl_seconds != key.ttl_seconds and known.ttl_span != key.ttl_span:
            message = f"`{key.pattern}` lives {key.ttl_seconds} seconds here, and {known.ttl_seconds} there"
            here, there = Label(key.ttl_span, "here"), Label(known.ttl_span, "there")
            yield contradiction("ttl_contradiction", message, here, there, help="decide, and correct the other place")
