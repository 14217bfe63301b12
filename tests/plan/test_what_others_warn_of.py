"""The table of what other tools warn of is whole, and what it names is there."""

import re
from pathlib import Path

import pytest

from asbuilt.engines.changes import Hazard
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.project.changes import sync_plan
from asbuilt.rules import PAGES

PAGE = (Path(__file__).parents[2] / "docs" / "changes.md").read_text(encoding="utf-8")
SQUAWK = """
adding-field-with-default adding-foreign-key-constraint adding-not-null-field adding-primary-key-constraint adding-required-field
ban-alter-domain-with-add-constraint ban-char-field ban-concurrent-index-creation-in-transaction ban-create-domain-with-constraint
ban-drop-column ban-drop-database ban-drop-not-null ban-drop-table ban-duplicate-column-assignments ban-truncate-cascade
ban-uncommitted-transaction changing-column-type constraint-missing-not-valid disallow-unique-constraint identifier-too-long
prefer-bigint-over-int prefer-bigint-over-smallint prefer-identity prefer-repack prefer-robust-stmts prefer-text-field
prefer-timestamptz renaming-column renaming-table require-concurrent-index-creation require-concurrent-index-deletion
require-concurrent-partition-detach require-concurrent-reindex require-enum-value-ordering require-table-schema
require-timeout-settings transaction-nesting
""".split()


def rows() -> list[tuple[str, str]]:
    found = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", PAGE, flags=re.MULTILINE)
    return [(check, here) for check, here in found if check != "Check"]


def findings(check: str) -> set[str]:
    """Return the findings of ours that stand for a check of others."""
    return set(re.findall(r"finding `(\w+)`", dict(rows())[check]))


def test_every_check_of_squawk_has_its_line() -> None:
    assert [check for check, _ in rows()][: len(SQUAWK)] == SQUAWK


def test_every_line_says_where() -> None:
    for check, here in rows():
        for part in here.split("; "):
            assert re.match(r"by itself: .|hazard `|finding `", part), (check, part)


def test_what_is_named_is_there() -> None:
    assert set(re.findall(r"hazard `(\w+)`", PAGE)) <= {str(hazard) for hazard in Hazard}
    assert set(re.findall(r"finding `(\w+)`", PAGE)) <= set(PAGES)


BEFORE = """
CREATE DOMAIN email AS text;
CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL, email email);
"""
AFTER = BEFORE.replace("name text NOT NULL", "name text").replace("AS text", "AS text CHECK (VALUE LIKE '%@%')")


@pytest.mark.parametrize(
    ("rows", "hazards"),
    [
        ("", set()),
        ("INSERT INTO users VALUES (1, 'one', 'a@b')", {Hazard.APPLICATION_BREAKS}),
        (
            "INSERT INTO users VALUES (1, 'one', 'none')",
            {Hazard.APPLICATION_BREAKS, Hazard.CONSTRAINT_OVER_EXISTING_ROWS},
        ),
    ],
)
def test_an_empty_table_raises_no_alarm(rows: str, hazards: set[Hazard]) -> None:
    with scratch_database() as origin, scratch_database() as url:
        for where, sql in ((origin, AFTER), (url, BEFORE + rows)):
            with POSTGRES.connect(where) as session:
                session.execute(sql)
        assert set(sync_plan(origin, url).hazards) == hazards
