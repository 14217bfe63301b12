"""Facts of the chapters around the schema. Quantities are in base units: seconds, bytes, rows, a ratio per year.

A quantity that the document leaves open is None; `text` keeps the words.
"""

from dataclasses import dataclass

from asbuilt.model.fact import Fact
from asbuilt.text import Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Property(Fact):
    """A key and a value of the document or a section (`**Primary Database**: PostgreSQL 15.4`, front matter)."""

    chapter: str
    key: str
    value: str
    value_span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLogEntry(Fact):
    """A line of the change log. `date` is as written."""

    version: str
    date: str
    changes: str
    author: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecklistItem(Fact):
    """A box and whether it is ticked."""

    text: str
    is_checked: bool
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Fact):
    """Rows of an entity at a time: `after_years` 0 is now. `growth_per_year` is a factor (50x/year: 50.0)."""

    entity: str
    entity_span: Span
    rows: int | None
    after_years: float = 0.0
    growth_per_year: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target(Fact):
    """A stated bound: `metric` (`latency`, `availability`, `throughput`, …), `percentile` 95.0 for p95."""

    subject: str
    metric: str
    value: float | None
    unit: str
    percentile: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheKey(Fact):
    """A cache entry: `pattern` as written (`user:{userId}`), `parameters` its holes."""

    name: str
    pattern: str
    pattern_span: Span
    parameters: tuple[str, ...]
    ttl_seconds: int | None = None
    ttl_span: Span | None = None
    invalidation: str | None = None
    invalidation_span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessOperation(Fact):
    """An access pattern: `operation` (create, get, update, delete, list, search, page, …) on `entity`."""

    entity: str
    operation: str
    by: tuple[str, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationRule(Fact):
    """A rule for a value on its way in (zod's `min(2)`); `rule` in words, `bound` its number or pattern."""

    entity: str
    field: str
    rule: str
    bound: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalField(Fact):
    """A field that holds personal data; `field` is `*` for all of an entity."""

    entity: str
    field: str
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataClass(Fact):
    """A class of data (public, internal, confidential, restricted) and what belongs to it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention(Fact):
    """How long something is kept, in seconds."""

    subject: str
    seconds: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption(Fact):
    """`scope`: at rest, in transit, application level, or a field (`users.email`)."""

    scope: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRule(Fact):
    """Who may do what: a role, a row level rule, a masking, in words."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(Fact):
    """Something that happens again and again: `every_seconds` None is continuous or not said; `cron` as written."""

    subject: str
    chapter: str
    every_seconds: int | None
    text: str
    cron: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryObjective(Fact):
    """`name` is RTO or RPO, in seconds."""

    name: str
    seconds: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric(Fact):
    """Something to watch."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert(Fact):
    """Something to be told of; `threshold` in `unit` (ms, %, …), None where not said."""

    name: str
    threshold: float | None
    unit: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario(Fact):
    """A test data scenario: `rows` an entity, None where it is not a number (edge cases)."""

    name: str
    rows: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRow(Fact):
    """A row given in the document as an object of a host language or JSON: (field, value as text) pairs."""

    entity: str
    values: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component(Fact):
    """A box of an architecture diagram; `kind` database, cache, queue, … or empty."""

    id: str
    label: str
    kind: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed(Fact):
    """An arrow of an architecture diagram: `origin` feeds `target` (ids of components)."""

    origin: str
    target: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSource(Fact):
    """Where data comes from, or a stage that it goes through."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step(Fact):
    """A numbered step of a procedure in words (`subject`: the procedure)."""

    subject: str
    number: int
    text: str
    chapter: str
