"""What only looks like a statement of the schema, and what hides where nobody looks."""

from pathlib import Path

import pytest
from expecting import Expectation, expectations

from asbuilt.project import Project
from asbuilt.text import Source


@pytest.mark.parametrize("expected", expectations("traps"), ids=lambda expected: expected.title)
def test_a_trap_is_not_stepped_into(expected: Expectation) -> None:
    assert expected.missing() == []


SHARED = (
    "# Design\n\nAll tables have `id` (uuid), `created_at` and `updated_at`.\n\n## tags\n\n- `name`: string, unique\n"
)
LABELS = "\n## labels\n\n```sql\nCREATE TABLE labels (id UUID PRIMARY KEY, created_at TIMESTAMPTZ);\n```\n"
USERS = "# Design\n\n## users\n\n```sql\nCREATE TABLE users (id UUID PRIMARY KEY, email TEXT NOT NULL, password_hash TEXT);\n```\n"
INTERFACE = "\n```typescript\ninterface User {{\n  id: string;\n  {field}: string;\n}}\n```\n"


def codes(text: str) -> list[str]:
    return [d.code for d in Project(Source("design.md", text), Path("design.md")).check(is_tried=False).diagnostics]


def test_shared_columns_are_expanded_and_then_checked() -> None:
    design = Project(Source("design.md", SHARED), Path("design.md")).design
    tags = design.entity("tags")
    assert tags is not None
    assert {"id", "name", "created_at", "updated_at"} == {field.name for field in tags.fields}
    assert codes(SHARED) == []
    assert codes(SHARED + LABELS) == ["universal_rule_not_kept"]


def test_a_host_type_leaves_fields_out_on_purpose_but_does_not_make_them_up() -> None:
    assert codes(USERS + INTERFACE.format(field="email")) == []
    assert codes(USERS + INTERFACE.format(field="nickname")) == ["column_only_in_one_form"]


def test_front_matter_that_is_to_be_filled_in_is_no_fact() -> None:
    text = "---\ntitle: [Project Name]\nowner: Ada\nstatus: [Draft | Final]\n---\n\n# Design\n"
    coverage = Project(Source("design.md", text), Path("design.md")).reading.coverage
    assert [kind.value for kind in coverage.lines[:5]] == ["prose", "placeholder", "fact", "placeholder", "prose"]
