"""Spans of OpenTelemetry, by its conventions for clients of databases, where its API is installed and a provider of tracers is set.

Values are in no span: statements have holes for them, and literals of statements by hand are left out.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from opentelemetry.trace import Span, SpanContext

_PARTS = re.compile(
    r"""(?P<literal>[eE]'(?:[^'\\]|\\.|'')*'|[a-zA-Z]?&?'(?:[^']|'')*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$|\d[\w.]*)"""
    r"""|(?P<kept>"(?:[^"]|"")*"|\$\d+|[^\W\d]\w*)"""
    r"""|--[^\n]*|/\*.*?\*/""",
    re.DOTALL,
)
_PAUSE = 0.1
_OPERATION = re.compile(r"[\s(]*(\w+)")
_INNER = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)
_NAME = r'((?:"(?:[^"]|"")+"|\w+)(?:\.(?:"(?:[^"]|"")+"|\w+))*)'
_MAIN = re.compile(_NAME + r" AS t0\b")
_COLLECTION = re.compile(rf"\b(?:FROM|INTO|UPDATE|COPY|TABLE)\s+(?:ONLY\s+)?{_NAME}(?![\w(])", re.IGNORECASE)


class Described(NamedTuple):
    """A statement as a span tells it."""

    operation: str
    collection: str
    text: str

    @property
    def summary(self) -> str:
        return f"{self.operation} {self.collection}".rstrip()


@lru_cache(maxsize=2000)
def described(sql: str) -> Described:
    """Return what a statement does, to which table, and its text without literals and comments."""
    text = _PARTS.sub(_without_literals, sql).strip()
    first = _OPERATION.match(text)
    operation = first[1].upper() if first else ""
    if operation == "WITH":
        inner = _INNER.search(text)
        operation = inner[1].upper() if inner else "SELECT"
    found = _MAIN.search(text) or _COLLECTION.search(text)
    return Described(operation, found[1].replace('"', "") if found else "", text)


def _without_literals(part: "re.Match[str]") -> str:
    return part["kept"] or ("?" if part["literal"] else " ")


class Spans:
    """Spans of what one server is asked. `place` are the attributes that tell which."""

    def __init__(self, place: Mapping[str, str | int]) -> None:
        from opentelemetry import trace
        from opentelemetry.trace import status

        self._trace = trace
        self._failed = status.Status(status.StatusCode.ERROR)
        self._tracer = trace.get_tracer("asbuilt")
        self._place = place
        self._is_on = False
        self._asked_again = 0.0

    @property
    def is_on(self) -> bool:
        """Whether anybody takes spans. A provider that is set stays, and one is looked for now and then until there is one."""
        if self._is_on:
            return True
        now = time.monotonic()
        if now < self._asked_again:
            return False
        self._asked_again = now + _PAUSE
        self._is_on = not isinstance(self._trace.get_tracer_provider(), self._trace.ProxyTracerProvider)
        return self._is_on

    def statement(self, sql: str) -> "Span":
        """Begin the span of a statement."""
        told = described(sql)
        attributes: dict[str, Any] = {
            **self._place,
            "db.query.text": told.text,
            "db.query.summary": told.summary,
            "db.operation.name": told.operation,
        }
        if told.collection:
            attributes["db.collection.name"] = told.collection
        links = [self._trace.Link(asker) for asker in _askers.get()]
        return self._tracer.start_span(
            told.summary or "statement", kind=self._trace.SpanKind.CLIENT, attributes=attributes, links=links
        )

    def end(self, span: "Span", rows: int, reads: int, failure: BaseException | None) -> None:
        """End a span; `reads` is how many asked for what the statement gave."""
        if failure is None:
            span.set_attribute("db.response.returned_rows", rows)
        else:
            self._fail(span, failure)
        if reads > 1:
            span.set_attribute("asbuilt.reads", reads)
        span.end()

    def _fail(self, span: "Span", failure: BaseException) -> None:
        state = getattr(failure.__cause__, "sqlstate", None) or getattr(failure, "sqlstate", None)
        if state:
            span.set_attribute("db.response.status_code", state)
        span.set_attribute("error.type", state or type(failure).__qualname__)
        span.set_status(self._failed)

    @contextmanager
    def read(self, key: str, count: int = 1) -> Iterator[None]:
        """Be the span of a read by way of the cache, under a key as the document states it."""
        attributes: dict[str, str | int] = {"asbuilt.cache.key": key}
        if count > 1:
            attributes["asbuilt.cache.keys"] = count
        with self._tracer.start_as_current_span(f"cache {key}", attributes=attributes, record_exception=False):
            yield

    def note(self, result: str) -> None:
        """Tell the span of a read where its answer came from: near, redis, loaded or another's load."""
        self._trace.get_current_span().set_attribute("asbuilt.cache.result", result)

    @contextmanager
    def asked(self, operation: str, count: int = 1) -> Iterator[None]:
        """Be the span of a question to the server that a program asks without a text."""
        attributes: dict[str, Any] = {**self._place, "db.operation.name": operation}
        if count > 1:
            attributes["db.operation.batch.size"] = count
        kind = self._trace.SpanKind.CLIENT
        with self._tracer.start_as_current_span(operation, kind=kind, attributes=attributes, record_exception=False):
            yield

    def here(self) -> "SpanContext | None":
        """Return the span that is under way, to be linked to what is done for it elsewhere."""
        context = self._trace.get_current_span().get_span_context()
        return context if context.is_valid else None


_askers: ContextVar[Sequence["SpanContext"]] = ContextVar("askers", default=())


@contextmanager
def asked_by(askers: Sequence["SpanContext"]) -> Iterator[None]:
    """Link the spans of what is done inside to those who asked for it."""
    token = _askers.set(askers)
    try:
        yield
    finally:
        _askers.reset(token)


def spans_of(system: str, address: Callable[[], tuple[str, int | None, str]]) -> Spans | None:
    """Return the spans of a server at an address, a host, a port and a database; None where OpenTelemetry is not installed."""
    if find_spec("opentelemetry") is None or find_spec("opentelemetry.trace") is None:
        return None
    host, port, database = address()
    place: dict[str, str | int] = {"db.system.name": system, "server.address": host}
    if port is not None:
        place["server.port"] = port
    if database:
        place["db.namespace"] = database
    return Spans(place)
