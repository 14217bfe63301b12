"""A cache key has no time to live.

**Why it matters.** What is never invalidated by mistake stays for ever; memory only grows.

**Example.** `Key: user:{userId}` without a `TTL:` line.

**What to do.** State a TTL, or that the key does not expire (`TTL: none`).
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Fix, Label, Severity
from asbuilt.model.chapters import CacheKey
from asbuilt.model.design import Design
from asbuilt.rules.lookup.cache_keys import lacking, promised
from asbuilt.rules.lookup.cache_lines import ttl_written


def check(design: Design) -> Iterator[Diagnostic]:
    for fact in lacking(design, _has_ttl):
        message = f"`{fact.pattern}` has no time to live"
        label = Label(fact.pattern_span)
        fixes = _fixes(design, fact)
        yield Diagnostic("cache_key_without_ttl", Severity.WARNING, message, (label,), "state a TTL", fixes)


def _fixes(design: Design, fact: CacheKey) -> tuple[Fix, ...]:
    written = ttl_written(design.source, fact, promised(design))
    return (Fix(f"write `{written.text}`, or how long it may live", (written.edit,)),) if written else ()


def _has_ttl(key: CacheKey) -> bool:
    return key.ttl_seconds is not None or key.ttl_span is not None
