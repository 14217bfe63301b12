"""Facts of the chapters around the schema. Quantities are in base units: seconds, bytes, rows, a ratio per year.

A quantity that the document leaves open is None; `text` keeps the words.
"""

from asbuilt.model.fact import Fact
from asbuilt.text import Span


class Property(Fact, frozen=True, kw_only=True):
    """A key and a value of the document or a section (`**Primary Database**: PostgreSQL 15.4`, front matter)."""

    chapter: str
    key: str
    value: str
    value_span: Span


class ChangeLogEntry(Fact, frozen=True, kw_only=True):
    """A line of the change log. `date` is as written."""

    version: str
    date: str
    changes: str
    author: str = ""


class ChecklistItem(Fact, frozen=True, kw_only=True):
    """A box and whether it is ticked."""

    text: str
    is_checked: bool
    subject: str = ""


class Volume(Fact, frozen=True, kw_only=True):
    """Rows of an entity at a time: `after_years` 0 is now. `growth_per_year` is a factor (50x/year: 50.0)."""

    entity: str
    entity_span: Span
    rows: int | None
    after_years: float = 0.0
    growth_per_year: float | None = None
    text: str = ""


class Target(Fact, frozen=True, kw_only=True):
    """A stated bound: `metric` (`latency`, `availability`, `throughput`, …), `percentile` 95.0 for p95."""

    subject: str
    metric: str
    value: float | None
    unit: str
    percentile: float | None = None
    text: str = ""


class CacheKey(Fact, frozen=True, kw_only=True):
    """A cache entry: `pattern` as written (`user:{userId}`), `parameters` its holes."""

    name: str
    pattern: str
    pattern_span: Span
    parameters: tuple[str, ...]
    ttl_seconds: int | None = None
    ttl_span: Span | None = None
    invalidation: str | None = None
    invalidation_span: Span | None = None


class AccessOperation(Fact, frozen=True, kw_only=True):
    """An access pattern: `operation` (create, get, update, delete, list, search, page, …) on `entity`."""

    entity: str
    operation: str
    by: tuple[str, ...] = ()
    text: str = ""


class ValidationRule(Fact, frozen=True, kw_only=True):
    """A rule for a value on its way in (zod's `min(2)`); `rule` in words, `bound` its number or pattern."""

    entity: str
    field: str
    rule: str
    bound: str = ""


class PersonalField(Fact, frozen=True, kw_only=True):
    """A field that holds personal data; `field` is `*` for all of an entity."""

    entity: str
    field: str
    category: str = ""


class DataClass(Fact, frozen=True, kw_only=True):
    """A class of data (public, internal, confidential, restricted) and what belongs to it."""

    name: str
    text: str


class Retention(Fact, frozen=True, kw_only=True):
    """How long something is kept, in seconds; None: for ever.

    `fate` is what becomes of it then: `dropped`, `archived`, `stays` (rows only change, or the time is the least), empty where unsaid.
    """

    subject: str
    seconds: int | None
    text: str
    chapter: str = ""
    fate: str = ""


class PartitionsAhead(Fact, frozen=True, kw_only=True):
    """How far ahead partitions are made: in `seconds`, or so many `periods`. `subject` names the table, or is the line that may."""

    subject: str
    text: str
    seconds: int | None = None
    periods: int | None = None


class KeptAside(Fact, frozen=True, kw_only=True):
    """How long what a change would destroy is kept for the way back, in seconds."""

    seconds: int
    text: str


class Encryption(Fact, frozen=True, kw_only=True):
    """`scope`: at rest, in transit, application level, or a field (`users.email`)."""

    scope: str
    text: str


class AccessRule(Fact, frozen=True, kw_only=True):
    """Who may do what: a role, a row level rule, a masking, in words."""

    subject: str
    text: str


class Schedule(Fact, frozen=True, kw_only=True):
    """Something that happens again and again: `every_seconds` None is continuous or not said; `cron` as written."""

    subject: str
    chapter: str
    every_seconds: int | None
    text: str
    cron: str | None = None


class RecoveryObjective(Fact, frozen=True, kw_only=True):
    """`name` is RTO or RPO, in seconds."""

    name: str
    seconds: int | None
    text: str


class Metric(Fact, frozen=True, kw_only=True):
    """Something to watch."""

    name: str


class Alert(Fact, frozen=True, kw_only=True):
    """Something to be told of; `threshold` in `unit` (ms, %, …), None where not said."""

    name: str
    threshold: float | None
    unit: str
    text: str


class Scenario(Fact, frozen=True, kw_only=True):
    """A test data scenario: `rows` an entity, None where it is not a number (edge cases)."""

    name: str
    rows: int | None


class SeedRow(Fact, frozen=True, kw_only=True):
    """A row given in the document as an object of a host language or JSON: (field, value as text) pairs."""

    entity: str
    values: tuple[tuple[str, str], ...]


class Component(Fact, frozen=True, kw_only=True):
    """A box of an architecture diagram; `kind` database, cache, queue, … or empty."""

    id: str
    label: str
    kind: str = ""
    group: str = ""


class Feed(Fact, frozen=True, kw_only=True):
    """An arrow of an architecture diagram: `origin` feeds `target` (ids of components)."""

    origin: str
    target: str
    label: str = ""


class DataSource(Fact, frozen=True, kw_only=True):
    """Where data comes from, or a stage that it goes through."""

    name: str
    text: str


class Step(Fact, frozen=True, kw_only=True):
    """A numbered step of a procedure in words (`subject`: the procedure)."""

    subject: str
    number: int
    text: str
    chapter: str
