"""Findings that one cause makes at many places: told to people as one, and each place still there."""

import re
from pathlib import Path

import pytest

from asbuilt import rules
from asbuilt.diagnostics import Diagnostic, apply_edits
from asbuilt.document import parse
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.report.grouping import _HABITS, grouped
from asbuilt.rules import PAGES, check
from asbuilt.text import Source

_TABLES = "CREATE TABLE users (id BIGINT PRIMARY KEY);\n" + "".join(
    f"CREATE TABLE {name} (\n    id BIGINT PRIMARY KEY,\n    user_id BIGINT REFERENCES users (id)\n);\n"
    for name in ("orders", "carts", "notes", "posts")
)
_CODE = "foreign_key_without_index"


def found(text: str) -> tuple[Source, list[Diagnostic]]:
    source = Source("design.md", text)
    reading = read(parse(source))
    return source, grouped(check(merge(source, reading.facts), reading.diagnostics))


def fence(sql: str) -> str:
    return f"```sql\n{sql}```\n"


def test_one_cause_at_many_places_is_one_finding_that_knows_each() -> None:
    source, (finding,) = found(fence(_TABLES))
    assert finding.message == "the foreign key `orders (user_id)` has no index (and 3 more like it)"
    assert [source.line_at(d.span.start) for d in finding.each] == [5, 9, 13, 17]
    assert [label.text for label in finding.labels][1] == "`carts (user_id)`: references here"
    assert [label.span for label in finding.labels] == [d.span for d in finding.each]


def test_its_fix_mends_every_place() -> None:
    source, (finding,) = found(fence(_TABLES))
    (fix,) = finding.fixes
    assert fix.title == "add the index `idx_orders_user_id` (and 3 more like it)"
    assert fix.is_safe
    assert found(apply_edits(source, fix.edits))[1] == []


def test_two_places_stay_two_findings() -> None:
    _, findings = found(fence(_TABLES[: _TABLES.index("CREATE TABLE notes")]))
    assert [d.code for d in findings] == [_CODE, _CODE]
    assert not any(d.members for d in findings)


def test_a_comment_allows_one_place_of_many() -> None:
    allowed = "    -- asbuilt: allow foreign_key_without_index: short table\n    user_id"
    head, tail = _TABLES.split("CREATE TABLE carts")
    source, (finding,) = found(fence(head + "CREATE TABLE carts" + tail.replace("    user_id", allowed, 1)))
    assert [source.line_at(d.span.start) for d in finding.each] == [5, 14, 18]


def test_a_name_that_is_missing_at_many_places_is_one_finding() -> None:
    text = "".join(
        f"CREATE TABLE {name} (id BIGINT PRIMARY KEY, role_id BIGINT REFERENCES roles (id));\n"
        for name in ("keys", "logs", "tags")
    )
    (finding,) = (d for d in found(fence(text))[1] if d.code == "reference_undefined")
    assert len(finding.each) == 3


def test_names_that_are_missing_for_causes_of_their_own_stay_alone() -> None:
    text = "".join(
        f"CREATE TABLE {name} (id BIGINT PRIMARY KEY, x BIGINT REFERENCES {target} (id));\n"
        for name, target in (("keys", "roles"), ("logs", "teams"), ("tags", "posts"))
    )
    assert [d.code for d in found(fence(text))[1]].count("reference_undefined") == 3


def test_what_two_places_state_differently_is_never_grouped() -> None:
    table = "## users\n\n| Field | Type | Null |\n|---|---|---|\n| id | BIGINT PK | no |\n"
    table += "".join(f"| {name} | INT | no |\n" for name in "abcd")
    sql = "CREATE TABLE users (id BIGINT PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT);\n"
    _, findings = found(f"{table}\n{fence(sql)}")
    assert [d.code for d in findings].count("field_type_contradiction") == 4
    assert not any(d.members for d in findings)


@pytest.mark.parametrize("code", sorted(_HABITS))
def test_what_is_grouped_is_no_contradiction(code: str) -> None:
    assert code in PAGES
    path = Path(rules.__file__).parent / f"{code}.py"
    assert not path.exists() or not re.search(r"\bcontradiction\(", path.read_text())
