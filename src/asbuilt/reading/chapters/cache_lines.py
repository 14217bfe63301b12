"""What one line, or one cell, says of a cache entry: its pattern, how long it lives, what makes it invalid."""

import re

from msgspec import Struct

from asbuilt.model.chapters import CacheKey
from asbuilt.model.fact import Form
from asbuilt.model.revising import revised
from asbuilt.reading.chapters.cache_patterns import parameters_of
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.phrases.quantities import seconds
from asbuilt.text import Excerpt, Span

_PIECE = r"(?:\$?\{[^{}\s]+\}|<[\w. -]+>|\[[\w.-]+\]|\*|[\w.@-]++|(?<=:):\w++)+"
PATTERN = re.compile(rf"(?<![\w/:.])(?P<pattern>[A-Za-z_{{][\w.{{}}-]*+(?::{_PIECE})+)(?![\w/])")
_NO_PATTERN = re.compile(
    r"^(?:https?|redis|postgres\w*|mysql|mongodb|ftp|TTL|Key|\w+@)\b:|^\d|^[A-Za-z]+:\d+$", re.IGNORECASE
)
_TTL = re.compile(
    r"\b(?:TTL|expir(?:es?|y|ation)(?:\s+(?:in|after|time))?|cached\s+for|lives?\s+for|lifetime|EX)\b\s*[:=]?\s*\(?(?P<value>[^,;()|\n]+)|"
    r"(?:有效期|过期时间|过期|缓存)\s*[:：]?\s*(?P<cn>\d[^,;，；()（）|\n]*)",
    re.IGNORECASE,
)
_LOOSE_TTL = re.compile(
    r"(?<![\w.])\d+(?:\.\d+)?\s*(?:s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|weeks?|分钟|小时|天|秒)(?![\w])",
    re.IGNORECASE,
)
_INVALIDATION = re.compile(
    r"\b(?:invalidat\w+|evict\w*|clear(?:ed)?|purged|deleted|delete|flush(?:ed)?)\b\s*(?:[:=]\s*)?(?P<value>(?:on|when|by|after|if|upon|at)?\b[^|;\n]*)|"
    r"(?:失效|清除)(?:条件|时机)?\s*[:：]?\s*(?P<cn>[^|;；\n]+)",
    re.IGNORECASE,
)


class Ttl(Struct, frozen=True):
    """How long an entry lives; None seconds where the words give no number."""

    seconds: int | None
    span: Span


def key_in(text: Excerpt, name: Excerpt | str = "", form: Form = Form.LISTING) -> CacheKey | None:
    """Return the cache entry that `text` states in one line, or None where no key stands in it."""
    match = next((m for m in PATTERN.finditer(text.text) if is_pattern(m["pattern"])), None)
    if match is None:
        return None
    pattern = text.cut(*match.span("pattern"))
    entry = key_of(pattern, name, text.span(), form)
    rest = text.cut(match.end(), len(text.text))
    ttl = stated_ttl(rest) or loose_ttl(rest)
    if ttl is not None:
        entry = revised(entry, ttl_seconds=ttl.seconds, ttl_span=ttl.span)
    return with_invalidation(entry, stated_invalidation(rest))


def is_pattern(text: str) -> bool:
    """Tell whether `text` is a key's pattern: `user:{id}`, but no URL, no time of day and no `TTL:60`."""
    found = PATTERN.fullmatch(text)
    return found is not None and not _NO_PATTERN.match(text) and not is_placeholder(text)


def key_of(pattern: Excerpt, name: Excerpt | str, span: Span, form: Form) -> CacheKey:
    """Return an entry for `pattern`; without a name of its own it goes by what is fixed in it."""
    written = (name if isinstance(name, str) else name.text).strip(" :*`")
    fixed = ":".join(part for part in pattern.text.split(":") if re.fullmatch(r"[\w.-]+", part))
    return CacheKey(
        span=span,
        form=form,
        name=written or fixed or pattern.text,
        pattern=pattern.text,
        pattern_span=pattern.span(),
        parameters=parameters_of(pattern.text),
    )


def with_invalidation(entry: CacheKey, found: Excerpt | None) -> CacheKey:
    return revised(entry, invalidation=found.text, invalidation_span=found.span()) if found else entry


def ttl_value(text: Excerpt) -> Ttl | None:
    """Return the time that a TTL's value states; a bare number counts seconds."""
    text = text.strip()
    bare = re.match(r"^(\d{1,10})(?:\s*(?:$|[#(/]))", text.text)
    value = int(bare[1]) if bare else seconds(text.text)
    return Ttl(value, text.span()) if text.text and not is_placeholder(text.text) else None


def stated_ttl(text: Excerpt) -> Ttl | None:
    """Return the time behind a word for it (`TTL: 1h`, `expires after 5 minutes`)."""
    match = _TTL.search(text.text)
    if match is None:
        return None
    return ttl_value(text.cut(*match.span("value" if match["value"] else "cn")))


def loose_ttl(text: Excerpt) -> Ttl | None:
    """Return a time that stands in the line without a word for it (`user:{id} → profile, 5 min`)."""
    match = _LOOSE_TTL.search(text.text)
    return ttl_value(text.cut(*match.span())) if match else None


def stated_invalidation(text: Excerpt) -> Excerpt | None:
    match = _INVALIDATION.search(text.text)
    if match is None:
        return None
    found = text.cut(*match.span("value" if match["value"] is not None else "cn")).strip()
    end = len(found.text.rstrip(" .)"))
    return found.cut(0, end) if end and not is_placeholder(found.text) else None
