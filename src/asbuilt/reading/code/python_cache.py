"""Cache keys in Python: what calls of a Redis client name (`setex(f"sms_code:{user_id}", 300, …)`)."""

import ast
import re
from collections.abc import Iterator

from msgspec import Struct

from asbuilt.model.chapters import CacheKey
from asbuilt.model.fact import Form
from asbuilt.model.revising import revised
from asbuilt.reading.chapters.cache_patterns import parameters_of
from asbuilt.reading.code.python_places import Places, keyword, last_name, number_of
from asbuilt.text import Span

_CLIENT = re.compile(r"redis|cache|memcache|valkey|pipe", re.IGNORECASE)
_METHODS = frozenset(
    {"get", "set", "setex", "psetex", "setnx", "hset", "hget", "hgetall", "hmset", "hdel", "sadd", "srem", "smembers", "sismember", "expire",
     "incr", "incrby", "lpush", "rpush", "lrange", "zadd", "zrange", "zcard", "zremrangebyscore", "delete", "unlink", "exists", "ttl",
     "getex", "delete_pattern"}
)  # fmt: skip
_DELETES = frozenset({"delete", "unlink", "delete_pattern"})


class _Key(Struct, frozen=True):
    """A key as a string or an f-string: its content, and where it stands."""

    pattern: str
    span: Span


def cache_keys(module: ast.Module, places: Places) -> Iterator[CacheKey]:
    """Yield one entry for each pattern; what several calls say of it (a TTL, a deletion) adds up."""
    if not _CLIENT.search(places.text.text):
        return
    found: dict[str, CacheKey] = {}
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield from _decorated(function, places)
        assigned, calls = _assigned_and_called(function, places)
        for call in calls:
            key = _key_of(call.args[0], assigned, places)
            if key is not None:
                found[key.pattern] = _with_call(found.get(key.pattern), key, call, function.name, places, module)
    yield from found.values()


_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _assigned_and_called(function: _Function, places: Places) -> tuple[dict[str, _Key], list[ast.Call]]:
    """Return the keys that the function names first (`cache_key = f"…"`), and its calls of a client in the order of the text."""
    assigned: dict[str, _Key] = {}
    calls: list[ast.Call] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            key = _literal(node.value, places)
            if key is not None and ":" in key.pattern:
                assigned[node.targets[0].id] = key
        elif isinstance(node, ast.Call) and _is_of_client(node):
            calls.append(node)
    return assigned, sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _is_of_client(call: ast.Call) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in _METHODS or not call.args:
        return False
    return _CLIENT.search(last_name(function.value)) is not None


def _literal(node: ast.AST, places: Places) -> _Key | None:
    is_text = isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
    if not is_text:
        return None
    start, end = places.range(node)
    match = re.fullmatch(r"[rRbBfFuU]{0,2}(\"\"\"|'''|\"|')(.*)\1", places.text.text[start:end], re.DOTALL)
    if match is None or not match[2].strip() or "\n" in match[2]:
        return None
    return _Key(match[2], places.text.span(start + match.start(2), start + match.end(2)))


def _key_of(node: ast.AST, assigned: dict[str, _Key], places: Places) -> _Key | None:
    return assigned.get(node.id) if isinstance(node, ast.Name) else _literal(node, places)


def _with_call(
    known: CacheKey | None, key: _Key, call: ast.Call, function: str, places: Places, module: ast.Module
) -> CacheKey:
    span = places.span(call)
    entry = known or CacheKey(
        span=span if key.span in span else key.span,
        form=Form.CLASS,
        name=function.lstrip("_"),
        pattern=key.pattern,
        pattern_span=key.span,
        parameters=parameters_of(key.pattern),
    )
    method = last_name(call.func)
    if method in _DELETES and entry.invalidation is None:
        return revised(entry, invalidation=function.lstrip("_"), invalidation_span=span)
    ttl = _ttl(call, method, module, places)
    if ttl is None or entry.ttl_seconds is not None:
        return entry
    if ttl[0] is None:
        return revised(entry, ttl_span=ttl[1])
    own = key.span in span
    return revised(
        entry,
        span=span if own else entry.span,
        ttl_seconds=ttl[0],
        ttl_span=ttl[1],
        pattern_span=key.span if own else entry.pattern_span,
    )


def _ttl(call: ast.Call, method: str, module: ast.Module, places: Places) -> tuple[int | None, Span] | None:
    """Return the seconds and where they stand, None for a number that only the running code knows.

    `setex(key, 300, …)`, `expire(key, 60)`, `set(key, value, ex=60)`; a name for the number is looked up in the code.
    """
    node: ast.expr | None = keyword(call, "ex", "ttl", "time", "timeout")
    if node is None and method in ("setex", "expire") and len(call.args) > 1:
        node = call.args[1]
    if node is None:
        return None
    value = number_of(node)
    if value is not None:
        return value, places.span(node)
    name = last_name(node)
    found = next(
        (n.value for n in ast.walk(module) if isinstance(n, ast.Assign) and last_name(n.targets[0]) == name and name),
        None,
    )
    value = number_of(found)
    return (value, places.span(found)) if found is not None and value is not None else (None, places.span(node))


def _decorated(function: _Function, places: Places) -> Iterator[CacheKey]:
    """Yield what `@cached(ttl=300, key_prefix="users")` states."""
    for node in function.decorator_list:
        if not isinstance(node, ast.Call) or "cache" not in last_name(node.func).lower():
            continue
        prefix, ttl = keyword(node, "key_prefix", "prefix", "key"), keyword(node, "ttl", "timeout", "expire")
        key = _literal(prefix, places) if prefix is not None else None
        if key is not None:
            yield CacheKey(
                span=places.span(node),
                form=Form.CLASS,
                name=function.name,
                pattern=key.pattern,
                pattern_span=key.span,
                parameters=parameters_of(key.pattern),
                ttl_seconds=number_of(ttl),
                ttl_span=places.span(ttl) if ttl is not None else None,
            )
