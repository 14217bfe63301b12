"""Personal data, classes of data, encryption, roles: from lines, tables and sentences to facts."""

import pytest
from chapter_reading import facts, texts

from asbuilt.model.chapters import AccessRule, DataClass, Encryption, PersonalField
from asbuilt.model.fact import Statement


def personal(markdown: str) -> list[tuple[str, str]]:
    return [(p.entity, p.field) for p in facts(markdown, PersonalField)]


def test_a_list_of_personal_fields() -> None:
    text = "### PII Fields\n\n⚠️ **Contains PII:**\n\n- `users.email` - Personal identifier\n- `addresses.*` - Location data\n"
    assert personal(text) == [("users", "email"), ("addresses", "*")]
    assert [p.category for p in facts(text, PersonalField)] == ["Personal identifier", "Location data"]
    assert texts(text, PersonalField)[0] == "`users.email` - Personal identifier"


@pytest.mark.parametrize(
    "heading", ["Personal data", "个人信息", "개인정보", "Персональные данные", "個人情報", "Dados pessoais"]
)
def test_personal_fields_in_many_languages(heading: str) -> None:
    assert personal(f"## {heading}\n\n- `users.email`\n") == [("users", "email")]


def test_fields_under_an_entity() -> None:
    assert personal("## Personal data\n\n- users: email, phone\n") == [("users", "email"), ("users", "phone")]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("PII columns (first_name, email, users.phone) require encryption.", ["first_name", "email", "phone"]),
        ("PII fields: email, phone_number", ["email", "phone_number"]),
        ("敏感字段（email、phone）需要加密。", ["email", "phone"]),
    ],
)
def test_a_sentence_that_lists_fields(sentence: str, expected: list[str]) -> None:
    assert [field for _, field in personal(f"# Shop\n\n{sentence}\n")] == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "PII (personal information of all kinds) is encrypted.",
        "Personal data: ask the owner of the table.",
        "No PII is stored.",
    ],
)
def test_a_sentence_without_a_list_names_no_field(sentence: str) -> None:
    assert personal(f"# Shop\n\n{sentence}\n") == []


def test_a_table_of_personal_fields() -> None:
    text = "## PII\n\n| Table | Columns | Why |\n|---|---|---|\n| users | email, phone | contact |\n\n"
    text += "| Field | Category |\n|---|---|\n| customers.phone | contact |\n"
    assert personal(text) == [("users", "email"), ("users", "phone"), ("customers", "phone")]


@pytest.mark.parametrize(
    ("heading", "line", "name"),
    [
        ("Data Classification", "**Confidential**: payments", "Confidential"),
        ("Data Classification", "Public: the catalogue", "Public"),
        ("数据分级", "**机密**：订单", "机密"),
        ("데이터 분류", "내부: 보고서", "내부"),
    ],
)
def test_classes_of_data(heading: str, line: str, name: str) -> None:
    assert [c.name for c in facts(f"## Security\n\n### {heading}\n\n- {line}\n", DataClass)] == [name]


def test_public_is_no_class_elsewhere() -> None:
    assert facts("## Schemas\n\n- **Public**: all tables\n", DataClass) == []


@pytest.mark.parametrize(
    ("line", "scope"),
    [
        ("Data at Rest", "at rest"),
        ("**In Transit**: TLS 1.3", "in transit"),
        ("Hash passwords with bcrypt (cost factor: 12)", "application level"),
        ("`users.email`: AES-256-GCM", "users.email"),
        ("传输加密", "in transit"),
        ("Пароли хешируются", "application level"),
    ],
)
def test_encryption(line: str, scope: str) -> None:
    assert [e.scope for e in facts(f"## Security\n\n### Encryption\n\n- {line}\n", Encryption)] == [scope]


def test_what_is_no_encryption_stays_a_statement() -> None:
    text = "## Security\n\n### Data Encryption\n\n- Use parameterized queries to prevent SQL injection\n"
    assert facts(text, Encryption) == []
    assert [s.subject for s in facts(text, Statement)] == ["Data Encryption"]


def test_access_rules() -> None:
    text = "## Security\n\n### Access Control\n\n- Row-level security policies\n- **reader**: may select\n- Audit logging\n"
    assert [a.subject for a in facts(text, AccessRule)] == ["Access Control", "reader"]
    assert [s.text for s in facts(text, Statement)] == ["Audit logging"]


@pytest.mark.parametrize("header", ["| Role | Permissions |", "| 角色 | 权限 |", "| Роль | Права |", "| 역할 | 권한 |"])
def test_a_table_of_roles(header: str) -> None:
    found = facts(f"{header}\n|---|---|\n| admin | all |\n| [Role name] | [Rights] |\n", AccessRule)
    assert [a.subject for a in found] == ["admin"]
    assert found[0].text.endswith(": all")


def test_a_line_may_name_two_scopes() -> None:
    found = facts("# Data\n\n- PII: encrypted at rest (volume level) and in transit (TLS)\n", Encryption)
    assert sorted(e.scope for e in found) == ["at rest", "in transit"]


def test_retention_under_privacy_names_no_personal_field() -> None:
    text = "## Privacy\n\n- `users.email` - contact\n\n### Retention\n\n- `users.deleted_at` - purged after 30 days\n"
    assert personal(text) == [("users", "email")]


def test_a_table_of_classes() -> None:
    text = "## Data classification\n\n| Class | Data | Protection |\n|---|---|---|\n| Public | catalogue | none |\n| 机密 | orders | encrypted |\n"
    assert [(c.name, c.text) for c in facts(text, DataClass)] == [
        ("Public", "catalogue; none"),
        ("机密", "orders; encrypted"),
    ]
