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

_SHORT = 300


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in design.of(CacheKey):
        is_short = fact.ttl_seconds is not None and fact.ttl_seconds <= _SHORT
        if fact.invalidation is None and fact.invalidation_span is None and not is_short:
            message = f"nothing says when `{fact.pattern}` is invalidated"
            label = Label(fact.pattern_span)
            yield Diagnostic(
                "cache_key_without_invalidation", Severity.INFO, message, (label,), "state what invalidates it"
            )
