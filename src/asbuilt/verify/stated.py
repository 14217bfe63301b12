"""Every other promise of a document: claims that no machine checks yet, with the chapter that will."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model import chapters, entities
from asbuilt.model.design import Design
from asbuilt.model.fact import Fact, Statement
from asbuilt.model.sql import Migration, Role, SqlStatement
from asbuilt.text import Span


@dataclass(frozen=True, slots=True)
class Promise:
    """A kind of fact that promises something: where it belongs, and how it is told."""

    fact: type[Fact]
    kind: str
    chapter: Chapter | Callable[[Any], str]
    subject: Callable[[Any], str]
    words: Callable[[Any], str]


def _number(value: object, before: str = "", after: str = "") -> str:
    return (
        "" if value is None else f"{before}{value:g}{after}" if isinstance(value, float) else f"{before}{value}{after}"
    )


def _volume(fact: chapters.Volume) -> str:
    rows = _number(fact.rows, after=" rows") or fact.text or "rows not said"
    return f"{rows}{f' after {fact.after_years:g} years' if fact.after_years else ' now'}"


def _target(fact: chapters.Target) -> str:
    percentile = _number(fact.percentile, "p")
    return fact.text or " ".join(filter(None, [fact.metric, percentile, _number(fact.value), fact.unit]))


def _key(fact: chapters.CacheKey) -> str:
    ttl = _number(fact.ttl_seconds, ", kept ", " seconds")
    return f"{fact.pattern}{ttl}{f', dropped on {fact.invalidation}' if fact.invalidation else ''}"


def _relationship(fact: entities.RelationshipMention) -> str:
    return f"{fact.left_count} {fact.left} to {fact.right_count} {fact.right}"


PROMISES: tuple[Promise, ...] = (
    Promise(chapters.Volume, "volume", Chapter.VOLUME, lambda f: f.entity, _volume),
    Promise(chapters.Target, "target", Chapter.VOLUME, lambda f: f.subject, _target),
    Promise(chapters.CacheKey, "cache_key", Chapter.CACHE, lambda f: f.name or f.pattern, _key),
    Promise(
        chapters.AccessOperation, "access_operation", Chapter.ACCESS, lambda f: f.entity, lambda f: f.text or f.operation
    ),
    Promise(
        chapters.ValidationRule, "validation", Chapter.ACCESS, lambda f: f"{f.entity}.{f.field}",
        lambda f: f"{f.rule} {f.bound}".strip(),
    ),
    Promise(
        chapters.PersonalField, "personal_field", Chapter.PRIVACY, lambda f: f"{f.entity}.{f.field}",
        lambda f: f"personal data{f', {f.category}' if f.category else ''}",
    ),
    Promise(chapters.DataClass, "data_class", Chapter.PRIVACY, lambda f: f.name, lambda f: f.text),
    Promise(chapters.Retention, "retention", Chapter.PRIVACY, lambda f: f.subject, lambda f: f.text),
    Promise(chapters.PartitionsAhead, "partitions_made_ahead", Chapter.VOLUME, lambda f: "partitions", lambda f: f.text),
    Promise(chapters.KeptAside, "kept_aside", Chapter.MIGRATION, lambda f: "what changes would destroy", lambda f: f.text),
    Promise(chapters.Encryption, "encryption", Chapter.SECURITY, lambda f: f.scope, lambda f: f.text),
    Promise(chapters.AccessRule, "access_rule", Chapter.SECURITY, lambda f: f.subject, lambda f: f.text),
    Promise(chapters.Schedule, "schedule", lambda f: f.chapter, lambda f: f.subject, lambda f: f.text),
    Promise(chapters.RecoveryObjective, "recovery_objective", Chapter.BACKUP, lambda f: f.name, lambda f: f.text),
    Promise(chapters.Metric, "metric", Chapter.MONITORING, lambda f: f.name, lambda f: "is measured"),
    Promise(chapters.Alert, "alert", Chapter.MONITORING, lambda f: f.name, lambda f: f.text),
    Promise(chapters.Scenario, "scenario", Chapter.SEEDING, lambda f: f.name, lambda f: _number(f.rows, after=" rows")),
    Promise(chapters.SeedRow, "seed_row", Chapter.SEEDING, lambda f: f.entity, lambda f: _pairs(f.values)),
    Promise(chapters.Feed, "feed", Chapter.FLOW, lambda f: f.origin, lambda f: f"feeds {f.target}"),
    Promise(chapters.DataSource, "data_source", Chapter.FLOW, lambda f: f.name, lambda f: f.text),
    Promise(chapters.Step, "step", lambda f: f.chapter, lambda f: f"{f.subject} {f.number}", lambda f: f.text),
    Promise(chapters.ChecklistItem, "checklist_item", Chapter.CHECKLIST, lambda f: f.subject or f.text, lambda f: f.text),
    Promise(
        entities.DenormalizedMention, "denormalized_column", Chapter.INTEGRITY, lambda f: f"{f.entity}.{f.column}",
        lambda f: f"repeats {f.origin or 'another value'}, kept true by {f.keeper or 'something not said'}",
    ),
    Promise(
        entities.RelationshipMention, "cardinality", Chapter.ENTITIES, lambda f: f"{f.left} and {f.right}", _relationship
    ),
    Promise(entities.UniversalRule, "universal_rule", Chapter.ENTITIES, lambda f: ", ".join(f.columns), lambda f: f.text),
    Promise(Migration, "migration", Chapter.MIGRATION, lambda f: f.name, lambda f: f"{len(f.forward)} statements forward"),
    Promise(Statement, "statement", lambda f: f.chapter, lambda f: f.subject, lambda f: f.text),
)  # fmt: skip
_UNPROVED = {
    "statement": "said in words: no machine can check it as it stands",
    "cardinality": "no foreign key of the document holds just this",
    "kept_aside": "plans keep it so long; `asbuilt history` says until when, and `asbuilt maintain` purges it then",
    "volume": "no table goes by this name",
    "target": "`asbuilt verify --measure` measures it where it is how long a stated query takes",
}
_OPERATIONS = {
    Role.PURGE: ("purge", Chapter.PRIVACY),
    Role.HEALTH: ("health_query", Chapter.MONITORING),
    Role.MAINTENANCE: ("maintenance", Chapter.MONITORING),
    Role.BACKFILL: ("backfill", Chapter.MIGRATION),
    Role.SETTING: ("setting", Chapter.OVERVIEW),
}
_NAMES = {
    Chapter.ENTITIES: "the comparison of a rule for all tables with each of them",
    Chapter.INTEGRITY: "the integrity chapter",
    Chapter.CHECKLIST: "the checklist, once its boxes are tied to claims",
}


def stated_claims(design: Design, claimed: Collection[Span] = ()) -> list[Claim]:
    """Return one claim for each fact that promises something and that nothing else claims: no relationship in `claimed`."""
    found = [_claim(promise, fact) for promise in PROMISES for fact in design.of(promise.fact)]
    found = [claim for claim in found if claim.kind != "cardinality" or claim.spans[0] not in claimed]
    found += [_operation(statement) for statement in design.of(SqlStatement) if statement.role in _OPERATIONS]
    return _apart(found)


def stated(design: Design, claimed: Collection[Span] = ()) -> list[Evidence]:
    """Return the stated claims with the reason why nothing checks them yet."""
    return [Evidence(claim, Verdict.STATED, reason=_reason(claim)) for claim in stated_claims(design, claimed)]


def _claim(promise: Promise, fact: Fact) -> Claim:
    chapter = promise.chapter if isinstance(promise.chapter, Chapter) else _chapter(promise.chapter(fact))
    subject = " ".join(promise.subject(fact).split()) or promise.kind.replace("_", " ")
    return Claim(promise.kind, chapter, subject, (fact.span,), promise.words(fact) or subject, (subject,))


def _operation(statement: SqlStatement) -> Claim:
    kind, chapter = _OPERATIONS[statement.role]
    text = " ".join(statement.sql.split())
    return Claim(kind, chapter, text[:60], (statement.span,), text, (text[:60],))


def _chapter(name: str) -> Chapter:
    try:
        return Chapter(name)
    except ValueError:
        return Chapter.OVERVIEW


def _apart(claims: list[Claim]) -> list[Claim]:
    """Give claims about the same subject a number each, in the order of the document, so that ids stay apart."""
    seen: dict[tuple[str, str], int] = {}
    found = []
    for claim in claims:
        number = seen[claim.kind, claim.subject] = seen.get((claim.kind, claim.subject), 0) + 1
        key = claim.key if number == 1 else (*claim.key, str(number))
        found.append(Claim(claim.kind, claim.chapter, claim.subject, claim.spans, claim.expected, key))
    return found


def _pairs(values: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values[:4])


def _reason(claim: Claim) -> str:
    if claim.kind in _UNPROVED:
        return _UNPROVED[claim.kind]
    return f"proved by {_NAMES.get(claim.chapter, f'the {claim.chapter} chapter')}, which is not built yet"
