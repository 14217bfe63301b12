"""How long what a change would destroy is kept, in the words of documents."""

import pytest
from tests.reading.chapter_reading import facts

from asbuilt.model.chapters import KeptAside, Retention, Step

DAY = 86_400


@pytest.mark.parametrize(
    ("heading", "line", "days"),
    [
        ("Migration Strategy", "- Keep the old column for 30 days", 30),
        ("Migration Strategy", "- Keep old columns for 2 weeks after the switch, then drop them", 14),
        ("Migration Strategy", "- Drop after 2 weeks", 14),
        ("Migration Strategy", "- **Rollback window**: 7 days", 7),
        ("Operations", "- Rollback window: 10 days", 10),
        ("Rollback Plan", "- Retain backup tables for 14 days", 14),
        ("Rollback Plan", "Old tables must be kept for 1 month.", 30),
        ("Schema changes", "- Remove deprecated fields after 90 days", 90),
        ("迁移策略", "- 旧字段保留 30 天", 30),
    ],
)
def test_a_time_for_what_is_old_is_read(heading: str, line: str, days: int) -> None:
    assert [fact.seconds for fact in facts(f"## {heading}\n\n{line}\n", KeptAside)] == [days * DAY]


@pytest.mark.parametrize(
    ("heading", "line"),
    [
        ("Data retention", "- Delete old records after 30 days"),
        ("Data retention", "- Audit logs: keep 7 years"),
        ("Backup", "- Daily full backup, kept 30 days"),
        ("Migration Strategy", "- Keep the old column until nobody reads it"),
        ("Migration Strategy", "- The migration takes 2 hours"),
    ],
)
def test_other_times_are_not(heading: str, line: str) -> None:
    assert not facts(f"## {heading}\n\n{line}\n", KeptAside)


def test_it_is_no_retention_of_data_and_a_step_stays_one() -> None:
    document = "## Migration\n\n1. Add the column\n2. Drop the old column after 2 weeks\n"
    assert [fact.seconds for fact in facts(document, KeptAside)] == [14 * DAY]
    assert len(facts(document, Step)) == 2
    assert not facts(document, Retention)
