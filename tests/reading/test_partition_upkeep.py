"""What documents say of partitions in time: how long they are kept, how far ahead they are made."""

import pytest

from asbuilt.document import parse
from asbuilt.model.chapters import PartitionsAhead, Retention
from asbuilt.reading import read
from asbuilt.text import Source

DAY = 86_400


def facts(kind: type, text: str) -> list:  # type: ignore[type-arg]
    return [fact for fact in read(parse(Source("d.md", text))).facts if isinstance(fact, kind)]


@pytest.mark.parametrize(
    ("line", "subject", "days", "fate"),
    [
        ("Partitions older than 12 months are dropped", "Partitions", 360, "dropped"),
        ("Archive orders older than 2 years", "orders", 730, "archived"),
        ("Keep orders for 2 years", "orders", 730, ""),
        ("Drop old partitions after 90 days", "old partitions", 90, "dropped"),
        ("Old partitions of `events` are detached and dropped after 6 months.", "Old partitions of events", 180, "dropped"),
        ("Partitions that are older than 1 year are detached", "Partitions", 365, ""),
        ("orders are deleted after 3 years", "orders", 1095, "dropped"),
        ("orders older than 1 year must never be deleted", "orders", 365, "archived"),
        ("Keep orders for at least 2 years", "orders", 730, "stays"),
        ("orders older than 30 days are soft-deleted", "orders", 30, "stays"),
    ],
)  # fmt: skip
def test_what_goes_once_it_is_old(line: str, subject: str, days: int, fate: str) -> None:
    for text in (f"## Maintenance\n\n- {line}\n", f"## Maintenance\n\n{line}\n"):
        [found] = facts(Retention, text)
        assert (found.subject, found.seconds, found.fate) == (subject, days * DAY, fate)


def test_a_row_says_what_becomes_of_it_in_any_of_its_cells() -> None:
    rows = facts(
        Retention,
        "## Retention\n\n| Data | Retention | Then |\n| --- | --- | --- |\n| a | 2 years | Archive |\n| b | 7 days | Drop |\n",
    )
    assert [(row.subject, row.fate) for row in rows] == [("a", "archived"), ("b", "dropped")]


@pytest.mark.parametrize(
    ("line", "days", "periods"),
    [
        ("Create partitions 3 months ahead", 90, None),
        ("Partitions are created 2 weeks in advance by a cron job", 14, None),
        ("Partitions for the next 4 months are created ahead of time.", 120, None),
        ("The next three partitions are created in advance", None, 3),
        ("提前创建 3 个月的分区", 90, None),
    ],
)
def test_how_far_ahead_partitions_are_made(line: str, days: int | None, periods: int | None) -> None:
    [found] = facts(PartitionsAhead, f"## Maintenance\n\n- {line}\n")
    assert (found.seconds, found.periods) == (days * DAY if days else None, periods)


@pytest.mark.parametrize(
    "line", ["Plan sprints 3 months ahead", "Partitions are created by hand", "Old partitions go after 3 months"]
)
def test_what_makes_no_partitions_ahead(line: str) -> None:
    assert facts(PartitionsAhead, f"## Maintenance\n\n- {line}\n") == []


def test_a_list_about_the_partitions_of_a_table_speaks_of_that_table() -> None:
    text = (
        "### Partitioning\n\n- **Table**: log\n- **Partition Key**: at\n- **Strategy**: Range by month\n"
        "- **Retention**: 24 months\n- Create partitions 3 months in advance\n"
    )
    assert [(fact.subject, fact.seconds) for fact in facts(Retention, text)] == [("log", 720 * DAY)]
    assert [(fact.subject, fact.seconds) for fact in facts(PartitionsAhead, text)] == [("log", 90 * DAY)]
    [kept] = facts(Retention, "### Partitioning\n\n- `orders`: RANGE (at), monthly, keep 24 months\n")
    assert (kept.subject, kept.seconds) == ("orders", 720 * DAY)
