"""A cache key has a hole that no field of the document can fill.

**Why it matters.** The key cannot be built from a row, so it can be neither warmed nor invalidated.

**Example.** `user:{usrId}:profile`, and the document has `users.id`.

**What to do.** Name the hole after the field: `{userId}` for `users.id`, `{email}` for `users.email`. Holes for pages,
hashes, sessions, languages and the like are known.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.model.design import Design
from asbuilt.model.names import normal, words
from asbuilt.rules.lookup.cache_keys import promised
from asbuilt.rules.lookup.wording import not_found

_FREE = frozenset(
    [
        "page",
        "limit",
        "offset",
        "cursor",
        "size",
        "per",
        "num",
        "number",
        "query",
        "hash",
        "filter",
        "filters",
        "sort",
        "order",
        "session",
        "token",
        "locale",
        "lang",
        "language",
        "date",
        "day",
        "month",
        "year",
        "week",
        "hour",
        "time",
        "timestamp",
        "version",
        "key",
        "id",
        "uuid",
        "ip",
        "region",
        "tenant",
        "param",
        "params",
        "search",
        "q",
        "term",
        "name",
        "type",
        "env",
        "environment",
        "namespace",
        "prefix",
        "suffix",
        "args",
        "digest",
        "checksum",
        "endpoint",
        "method",
        "route",
        "path",
        "url",
        "host",
        "device",
        "client",
        "request",
        "job",
        "queue",
        "lock",
        "bucket",
        "window",
        "shard",
        "from",
        "to",
        "start",
        "end",
        "range",
        "lat",
        "lng",
    ]
)


def check(design: Design) -> Iterator[Diagnostic]:
    fields = {normal(f.name) for entity in design.entities for f in entity.fields}
    entities = {normal(name) for entity in design.entities for name in (*entity.names, entity.name)}
    known = sorted({f"{entity}_id" for entity in entities} | fields)
    for fact in promised(design):
        for parameter in fact.parameters if design.entities else ():
            if _is_known(parameter, fields, entities):
                continue
            message = f"nothing in the document fills `{{{parameter}}}`"
            severity = Severity.WARNING
            yield not_found(
                "cache_key_unknown_parameter", message, fact.pattern_span, parameter, known, design, severity=severity
            )


def _is_known(parameter: str, fields: set[str], entities: set[str]) -> bool:
    """Tell whether a hole is a field, an entity or its key, or one of the words that need no field."""
    parts = words(parameter)
    name = normal(parameter)
    if not parts or name in fields or name in entities or parts[-1] in _FREE - {"id", "uuid", "name", "type"}:
        return True
    if parts[-1] in ("id", "uuid", "key", "name", "slug", "email", "type"):
        stem = normal("_".join(parts[:-1])) if parts[:-1] else ""
        return not stem or stem in entities or any(e.endswith(f"_{stem}") for e in entities) or stem in _FREE
    return len(parts) == 1 and parts[0] in _FREE
