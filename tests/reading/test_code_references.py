"""The reference documents: every fence of code in them is read or known to be prose, each fact as a person reads it."""

from collections import Counter
from pathlib import Path

import pytest
from code_reading import of, readings

from asbuilt.model.chapters import AccessOperation, CacheKey, SeedRow, ValidationRule
from asbuilt.model.entities import EntityMention, IndexMention

SHARED = Path(__file__).parents[2] / "../shared"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason="the reference documents are not here")


def text_of(name: str) -> str:
    [path] = sorted(SHARED.glob(f"*/{name}*"))
    return path.read_text(encoding="utf-8")


DOCUMENTS = {
    "000": {"CacheKey": 3, "AccessOperation": 8},
    "001": {"EntityMention": 2, "IndexMention": 5, "PrimaryKeyMention": 1, "EnumMention": 2, "CacheKey": 4},
    "002": {"AccessOperation": 2, "ValidationRule": 8},
    "003": {},
    "004": {"SeedRow": 2},
    "momei-database": {},
    "enterprise-auth-architecture": {
        "CacheKey": 10,
        "EntityMention": 9,
        "IndexMention": 4,
        "EnumMention": 1,
        "RelationshipMention": 3,
    },
}


@pytest.mark.parametrize("name", list(DOCUMENTS))
def test_every_fact_and_nothing_else(name: str) -> None:
    found = readings(text_of(name))
    assert Counter(type(f).__name__ for _, reading in found for f in reading.facts) == DOCUMENTS[name]
    assert [span for _, reading in found for span in reading.unread] == []


def test_caches_and_operations_of_the_first_template() -> None:
    text = text_of("000")
    assert [(k.name, k.pattern, k.parameters, k.ttl_seconds) for k in of(text, CacheKey)] == [
        ("userSession", "user:${userId}:session", ("userId",), 3600),
        ("resource", "resource:${resourceId}", ("resourceId",), 1800),
        ("settings", "settings:${key}", ("key",), 7200),
    ]
    assert [(o.entity, o.operation, o.by) for o in of(text, AccessOperation)] == [
        ("User", "create", ()),
        ("User", "get", ("id",)),
        ("User", "update", ("id",)),
        ("User", "delete", ("id",)),
        ("Resource", "create", ()),
        ("Resource", "list", ("userId",)),
        ("Resource", "update", ("id",)),
        ("Resource", "delete", ("id",)),
    ]


def test_document_stores_of_the_second_template() -> None:
    text = text_of("001")
    assert [(e.name, e.store.value, len(e.fields)) for e in of(text, EntityMention)] == [
        ("User", "mongodb", 15),
        ("Users", "dynamodb", 7),
    ]
    assert [(i.name, [k.text for k in i.keys]) for i in of(text, IndexMention)] == [
        (None, ["email"]),
        (None, ["addresses.city"]),
        (None, ["createdAt"]),
        ("EmailIndex", ["email"]),
        ("CreatedDateIndex", ["yearMonth", "createdAt"]),
    ]
    assert [(k.name, k.ttl_seconds, k.invalidation) for k in of(text, CacheKey)] == [
        ("User cache", 3600, "On user update"),
        ("User by email", 3600, "On user update"),
        ("Query cache", 300, "On any user change"),
        ("getUser", 3600, None),
    ]


def test_validation_and_seeds() -> None:
    rules = [(r.field, r.rule, r.bound) for r in of(text_of("002"), ValidationRule) if r.entity == "User"]
    assert ("name", "max", "50") in rules
    assert ("age", "min", "13") in rules
    assert [r.values for r in of(text_of("004"), SeedRow)] == [
        (("email", "user1@example.com"), ("name", "User 1")),
        (("email", "user2@example.com"), ("name", "User 2")),
    ]


def test_the_architecture_document() -> None:
    text = text_of("enterprise-auth-architecture")
    assert {e.name: len(e.fields) for e in of(text, EntityMention)} == {
        "users": 29,
        "user_sessions": 12,
        "user_login_history": 11,
        "user_roles": 5,
        "role_permissions": 4,
        "roles": 11,
        "permissions": 10,
        "policy_rules": 10,
        "Session": 11,
    }
    found = {k.pattern: k.ttl_seconds for k in of(text, CacheKey)}
    assert found["mfa_setup:{user_id}"] == 3600
    assert found["sms_code:{user_id}"] == 300
    assert found["permission:{user_id}:{resource}:{action}"] == 300
