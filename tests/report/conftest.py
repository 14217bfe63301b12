"""A document with a bit of everything, checked, and a run over it with one claim of each verdict; no server needed."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.project import CheckResult, Project
from asbuilt.text import Source, Span
from asbuilt.verify import Run

TEXT = """# Shop </script><script>alert(1)</script> {{ x }} \x00

### members

| Field | Type | Required | Constraints |
| --- | --- | --- | --- |
| id | BIGINT | yes | PK |
| manager_id | BIGINT | no | FK → members.id |
| price | FLOAT | no | |

```sql
CREATE TABLE orders (
  id BIGINT PRIMARY KEY,
  member_id INT REFERENCES members(id),
  note TEXT DEFAULT '</pre><img src=x onerror=alert(2)>'
);
```
"""
TAKEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def place(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words))


FLOAT = Diagnostic(
    "money_in_float",
    Severity.WARNING,
    "`members.price` holds money in `FLOAT`",
    (Label(place("FLOAT")),),
    help="use `NUMERIC`",
    fixes=(Fix("write `NUMERIC(12, 2)`", (Edit(place("FLOAT"), "NUMERIC(12, 2)"),)),),
)
MISMATCH = Diagnostic(
    "foreign_key_type_mismatch",
    Severity.ERROR,
    "`orders.member_id` is `INT`, but `members.id` is `BIGINT`",
    (Label(place("INT REF"), "declared here"), Label(place("BIGINT | yes"), "the referenced field")),
)
UNINDEXED = Diagnostic(
    "foreign_key_without_index",
    Severity.INFO,
    "100% of `orders (member_id)` has no index",
    (Label(place("REFERENCES members(id)")),),
    fixes=(Fix("add the index", (Edit(Span(len(TEXT), len(TEXT)), "\nCREATE INDEX …\n"),), is_safe=True),),
)
UNKEYED = tuple(
    Diagnostic(
        "missing_primary_key", Severity.WARNING, f"`{name}` has no primary key", (Label(place(words)),), "add one"
    )
    for name, words in (("orders", "orders ("), ("note", "note TEXT"), ("members", "### members"))
)


@pytest.fixture
def project() -> Project:
    return Project(Source("shop.md", TEXT), Path("shop.md"))


@pytest.fixture
def result(project: Project) -> CheckResult:
    """A check with findings of our own, so that what is shown does not change with the rules."""
    return replace(project.check(is_tried=False), diagnostics=(FLOAT, MISMATCH, UNINDEXED, *UNKEYED))


@pytest.fixture
def run() -> Run:
    return Run(TAKEN, 1.5, "PostgreSQL 18.0 (<here>)", "shop.md", "0", tuple(evidence()), ("undocumented table <b>",))


def evidence() -> list[Evidence]:
    """One claim of each verdict, each on a line of its own."""
    return [
        _seen("| id | BIGINT", Verdict.HOLDS, Chapter.ENTITIES, "members.id", observed="bigint"),
        _seen("member_id INT", Verdict.BROKEN, Chapter.INTEGRITY, "orders.member_id", observed="<i>none</i>"),
        _seen("note TEXT", Verdict.UNKNOWN, Chapter.ENTITIES, "orders.note", reason="may not be read"),
        _seen("| price", Verdict.STATED, Chapter.PRIVACY, "members.price", reason="not checked yet"),
    ]


def _seen(
    words: str, verdict: Verdict, chapter: Chapter, subject: str, observed: str = "", reason: str = ""
) -> Evidence:
    claim = Claim("column_type", chapter, subject, (place(words),), "as written")
    return Evidence(
        claim, verdict, observed, reason, statement="SELECT '<b>'", reproduce="psql -c 'SELECT 1 < 2'", taken_at=TAKEN
    )
