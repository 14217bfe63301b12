"""A cache key does not say when it is invalidated.

**Why it matters.** Readers see what was true up to a whole TTL ago.

**Example.** `Key: user:{userId}` and `TTL: 3600` without an `Invalidate:` line.

**What to do.** State what invalidates it (`Invalidate: on user update`), or that expiry is enough
(`Invalidate: on expiry`). Nothing is reported for keys that live for five minutes or less.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.chapters import CacheKey
from asbuilt.model.design import Design
from asbuilt.rules.lookup.cache_keys import lacking

_SHORT = 300


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in lacking(design, _is_kept_true):
        message = f"nothing says when `{fact.pattern}` is invalidated"
        label = Label(fact.pattern_span)
        help = "state what invalidates it"
        yield Diagnostic("cache_key_without_invalidation", Severity.INFO, message, (label,), help)


def _is_kept_true(key: CacheKey) -> bool:
    is_short = key.ttl_seconds is not None and key.ttl_seconds <= _SHORT
    return is_short or key.invalidation is not None or key.invalidation_span is not None
