"""Cache entries: configurations (`{ key, ttl }`), tables of keys, and calls of a Redis client."""

import re
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import CacheKey
from asbuilt.model.fact import Form
from asbuilt.model.revising import revised
from asbuilt.reading.chapters.cache_patterns import parameters_of
from asbuilt.reading.code.tokens import Code, Kind, Token
from asbuilt.reading.code.typescript.calls import Call, calls, enclosing, functions, number_at
from asbuilt.reading.code.typescript.declarations import Declaration, Member, Range, members
from asbuilt.reading.code.typescript.enums import inside
from asbuilt.reading.phrases.quantities import seconds
from asbuilt.reading.reader import Context
from asbuilt.text import Span

_KEYS = frozenset({"key", "pattern", "keypattern", "prefix", "cachekey"})
_TTLS = frozenset({"ttl", "expires", "expiry", "expiresin", "ttlseconds", "maxage", "expire", "expiration"})
_INVALIDATIONS = frozenset({"invalidate", "invalidateon", "invalidation", "invalidates", "invalidatedby"})
_CLIENT = re.compile(r"redis|cache|memcache|valkey|keyv|pipeline|multi|^client$|^kv$", re.IGNORECASE)
_READS = frozenset({"get", "getex", "getdel", "exists", "ttl", "incr", "incrby", "hget", "hgetall", "hset", "sadd", "smembers", "lpush", "rpush",
                    "lrange", "zadd", "zrange", "set", "setnx", "setex", "psetex", "expire", "pexpire", "remember", "wrap", "del", "unlink", "delete"})  # fmt: skip
_DEEPEST = 20
_DELETES = frozenset({"del", "unlink", "delete", "invalidate"})


def configured_keys(code: Code, declaration: Declaration, context: Context) -> Iterator[CacheKey]:
    """Yield the keys that a cache's configuration lists, however deep its objects are nested."""
    body = declaration.body if declaration.kind in ("interface", "class") else _object(code, declaration.value)
    if body is None:
        return
    named = re.search(r"cache|redis|keys?$", declaration.name, re.IGNORECASE) is not None
    yield from _within(code, body, named or context.chapter == Chapter.CACHE)


def _object(code: Code, place: Range | None) -> Range | None:
    if place is None or code.word(place[0]) != "{" or place[0] not in code.pairs:
        return None
    return place[0] + 1, code.pairs[place[0]]


def _within(code: Code, body: Range, is_cache: bool, depth: int = 0) -> Iterator[CacheKey]:
    for member in members(code, body):
        inner = _object(code, member.content)
        if inner is not None:
            entry = _entry(code, member, inner)
            if entry is not None:
                yield entry
            elif depth < _DEEPEST:
                yield from _within(code, inner, is_cache, depth + 1)
        elif is_cache and (token := _pattern_token(code, member.content)) and ":" in token.value:
            yield _key(code, member.name, token, code.span(*member.tokens))


def _entry(code: Code, member: Member, inner: Range) -> CacheKey | None:
    """`userSession: { key: `…`, ttl: 3600 }`."""
    parts = {re.sub(r"[_-]", "", m.name).lower(): m for m in members(code, inner)}
    pattern = next((t for name in parts if name in _KEYS and (t := _pattern_token(code, parts[name].content))), None)
    if pattern is None:
        return None
    entry = _key(code, member.name, pattern, code.span(*member.tokens))
    ttl = next((parts[n].content for n in parts if n in _TTLS), None)
    if ttl is not None and (found := _seconds(code, ttl)):
        entry = revised(entry, ttl_seconds=found[0], ttl_span=found[1])
    by = next((parts[n].content for n in parts if n in _INVALIDATIONS), None)
    if by is not None:
        text = ", ".join(
            code.tokens[i].value for i in range(*by) if code.tokens[i].kind in (Kind.STRING, Kind.TEMPLATE)
        )
        entry = revised(entry, invalidation=text or code.text(*by), invalidation_span=code.span(*by))
    return entry


def _seconds(code: Code, place: Range) -> tuple[int, Span] | None:
    found = number_at(code, place)
    if found is not None:
        return found
    token = code.tokens[place[0]]
    value = seconds(token.value) if token.kind == Kind.STRING else None
    return (value, inside(code, token)) if value is not None else None


def _pattern_token(code: Code, place: Range | None) -> Token | None:
    """Return the string that a key is: itself, or what an arrow function returns."""
    if place is None:
        return None
    start, end = place
    arrow = next((i for i in range(start, end) if code.word(i) == "=>"), None)
    at = start if arrow is None else arrow + 1
    if at >= end or code.tokens[at].kind not in (Kind.STRING, Kind.TEMPLATE) or end - at != 1:
        return None
    return code.tokens[at]


def _key(code: Code, name: str, pattern: Token, span: Span) -> CacheKey:
    return CacheKey(
        span=span,
        form=Form.INTERFACE,
        name=name,
        pattern=pattern.value,
        pattern_span=inside(code, pattern),
        parameters=parameters_of(pattern.value),
    )


class _Use(Struct, frozen=True):
    """A call that names a key."""

    call: Call
    pattern: Token
    function: str


def used_keys(code: Code) -> tuple[CacheKey, ...]:
    """Return one entry for each pattern that calls of a cache's client name; what they do with it adds up."""
    found: dict[str, CacheKey] = {}
    known = functions(code)
    for call in calls(code):
        pattern = _call_pattern(code, call)
        if pattern is not None:
            use = _Use(call, pattern, enclosing(known, call.start))
            found[pattern.value] = _with_use(code, found.get(pattern.value), use)
    return tuple(found.values())


def _call_pattern(code: Code, call: Call) -> Token | None:
    """Return the key that the call's first argument is: a literal, or a constant that holds one."""
    if call.method.lower() not in _READS or not any(_CLIENT.search(word) for word in call.receiver):
        return None
    first = next(code.split(*call.arguments), None)
    if first is None or first[1] - first[0] != 1:
        return None
    token = code.tokens[first[0]]
    if token.kind == Kind.WORD:
        token = next(
            (
                code.tokens[i + 2]
                for i in range(first[0] - 3, -1, -1)
                if code.word(i) == token.text and code.word(i + 1) == "="
            ),
            token,
        )
    return token if token.kind in (Kind.STRING, Kind.TEMPLATE) and token.value else None


def _with_use(code: Code, known: CacheKey | None, use: _Use) -> CacheKey:
    span = code.span(use.call.start, use.call.arguments[1] + 1)
    entry = known or _key(code, use.function or use.call.method, use.pattern, span)
    if use.call.method.lower() in _DELETES:
        if entry.invalidation is None:
            return revised(entry, invalidation=use.function or use.call.method, invalidation_span=span)
        return entry
    ttl = _call_ttl(code, use.call)
    if ttl is None or entry.ttl_seconds is not None:
        return entry
    return revised(
        entry, span=span, ttl_seconds=ttl[0], ttl_span=ttl[1], pattern_span=_pattern_span(code, use, entry, span)
    )


def _pattern_span(code: Code, use: _Use, entry: CacheKey, span: Span) -> Span:
    """The entry stands where its TTL is stated; so does its pattern, where the call spells it out."""
    own = inside(code, use.pattern)
    return own if own in span else entry.pattern_span


def _call_ttl(code: Code, call: Call) -> tuple[int, Span] | None:
    """`setex(key, 3600, …)`, `expire(key, 60)`, `set(key, value, 'EX', 60)`, `set(key, value, { EX: 60 })`."""
    given = list(code.split(*call.arguments))
    method = call.method.lower()
    if method in ("setex", "expire") and len(given) > 1:
        return number_at(code, given[1])
    if method in ("psetex", "pexpire") and len(given) > 1:
        found = number_at(code, given[1])
        return (found[0] // 1000, found[1]) if found else None
    for at in range(*call.arguments):
        if code.tokens[at].value.lower() in ("ex", "ttl") and code.word(at + 1) in (",", ":"):
            stop = next((e for s, e in code.split(at + 2, call.arguments[1]) if s == at + 2), at + 3)
            closing = next((i for i in range(at + 2, stop) if code.word(i) == "}"), stop)
            return number_at(code, (at + 2, closing))
    return None
