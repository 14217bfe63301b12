"""A cache key has no time to live.

**Why it matters.** What is never invalidated by mistake stays for ever; memory only grows.

**Example.** `Key: user:{userId}` without a `TTL:` line.

**What to do.** State a TTL, or that the key does not expire (`TTL: none`).
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.chapters import CacheKey
from asbuilt.model.design import Design


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in design.of(CacheKey):
        if fact.ttl_seconds is None and fact.ttl_span is None:
            message = f"`{fact.pattern}` has no time to live"
            label = Label(fact.pattern_span)
            yield Diagnostic("cache_key_without_ttl", Severity.WARNING, message, (label,), "state a TTL")
