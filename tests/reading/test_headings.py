"""Which entity a heading names, in the spellings and languages of real documents."""

import pytest

from asbuilt.reading.headings import entity_named, names_a_part, names_plainly
from asbuilt.text import Excerpt


def named(heading: str) -> str | None:
    plain = heading.replace("`", "").replace("**", "")
    found = entity_named(Excerpt.at(plain, 0), heading)
    return found.text if found else None


@pytest.mark.parametrize(
    ("heading", "entity"),
    [
        ("Users", "Users"),
        ("Users Table", "Users"),
        ("2.1 users - 用户表", "users"),
        ("4.8 AITask（额度与计费治理）", "AITask"),
        ("用户表（users）", "users"),
        ("상품 (products)", "products"),
        ("Kullanıcılar (kullanicilar)", "kullanicilar"),
        ("表 1: `authors` - 作者表", "authors"),
        ("Table 1: Subscription", "Subscription"),
        ("Table: order_items", "order_items"),
        ("Tabel pesanan", "pesanan"),
        ("`public.faqs` 컬럼 명세", "public.faqs"),
        ("수정된 orders 테이블", "orders"),
        ("3. OrderItem", "OrderItem"),
        ("User Sessions", "User Sessions"),
        ("backup_jobs", "backup_jobs"),
        ("`audit_log`", "audit_log"),
        ("Roles", "Roles"),
    ],
)
def test_a_heading_names_its_entity(heading: str, entity: str) -> None:
    assert named(heading) == entity


@pytest.mark.parametrize(
    "heading",
    [
        "Core Entities", "Backup Strategy", "Indexes", "Technology Stack", "Self-Referencing", "One-to-Many", "Uniqueness",
        "MongoDB", "DynamoDB Schema", "PII", "Documentation Links", "Standard CRUD Operations", "数据库设计", "Data Storage Design",
        "Row-Level Security", "Entity 1: [Entity Name]", "", "2.1",
    ],
)  # fmt: skip
def test_a_section_names_none(heading: str) -> None:
    assert named(heading) is None


def test_a_noun_or_backticks_leave_no_doubt() -> None:
    assert names_plainly("Users table:")
    assert names_plainly("order_items")
    assert not names_plainly("Validation Examples:")


def test_parts_belong_to_the_entity_above() -> None:
    assert names_a_part("Fields")
    assert names_a_part("2.1.1 索引")
    assert not names_a_part("Users")
