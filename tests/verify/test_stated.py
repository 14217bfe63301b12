"""What no machine checks yet is claimed all the same: one claim a fact, with the chapter that will prove it."""

from asbuilt.evidence import Chapter, Verdict
from asbuilt.model import chapters
from asbuilt.model.design import Design
from asbuilt.model.fact import Fact, Statement
from asbuilt.text import Source, Span
from asbuilt.verify.queries import numbered
from asbuilt.verify.stated import PROMISES, stated

AT = Span(0, 4)


def claims_of(*facts: Fact) -> list[tuple[str, str, str, str]]:
    found = stated(Design(Source("d.md", "text"), facts))
    assert all(e.verdict == Verdict.STATED and e.reason and e.claim.spans == (AT,) for e in found)
    return [(e.claim.kind, e.claim.chapter.value, e.claim.subject, e.claim.expected) for e in found]


def test_quantities_are_told_in_words() -> None:
    facts = (
        chapters.Volume(span=AT, entity="users", entity_span=AT, rows=1000, after_years=1.0),
        chapters.CacheKey(
            span=AT, name="user", pattern="user:{id}", pattern_span=AT, parameters=("id",), ttl_seconds=60
        ),
    )
    assert claims_of(*facts) == [
        ("volume", "volume", "users", "1000 rows after 1 years"),
        ("cache_key", "cache", "user", "user:{id}, kept 60 seconds"),
    ]


def test_the_same_said_twice_is_two_claims_with_ids_of_their_own() -> None:
    fact = chapters.Metric(span=AT, name="connections")
    found = stated(Design(Source("d.md", "text"), (fact, fact)))
    assert len({e.claim.id for e in found}) == 2


def test_an_unknown_chapter_is_the_overview() -> None:
    assert claims_of(Statement(span=AT, chapter="nowhere", subject="", text="be kind"))[0][1] == Chapter.OVERVIEW


def test_every_kind_has_a_word_of_its_own() -> None:
    assert len({promise.kind for promise in PROMISES}) == len(PROMISES)


def test_parameters_of_every_spelling_become_numbers() -> None:
    assert (
        numbered("SELECT ? , ':x', \"?\", a::text FROM t WHERE b = ?;")
        == "SELECT $1 , ':x', \"?\", a::text FROM t WHERE b = $2"
    )
    assert numbered("SELECT 1 WHERE a = :id AND b = :name AND c = :id") == "SELECT 1 WHERE a = $1 AND b = $2 AND c = $1"
    assert numbered("SELECT 1 WHERE data ?| array['a'] AND x = $1") == "SELECT 1 WHERE data ?| array['a'] AND x = $1"
