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


LETTERS = "CREATE TABLE letters (id int PRIMARY KEY, author name); INSERT INTO letters VALUES (1, 'Emma')"
SECURED = "ALTER TABLE letters ENABLE ROW LEVEL SECURITY"
OWN = "CREATE POLICY own ON letters FOR SELECT USING (author = current_user)"
SHUT = "CREATE POLICY shut ON letters AS RESTRICTIVE USING (id > 0)"


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((), (SECURED,), ["rows_hidden: row level security of letters is switched on: everybody but its owner sees no row"]),
        ((), (OWN, SECURED), ["rows_hidden: row level security of letters is switched on: everybody but its owner sees only what a policy lets through (own, for public)"]),
        ((OWN, SECURED), (OWN, SECURED, f"{SECURED.replace('ENABLE', 'FORCE')}"), ["rows_hidden: row level security of letters is switched on: everybody, its owner included, sees only what a policy lets through (own, for public)"]),
        ((SECURED,), (OWN, SECURED), ["permission_widened: policy own on letters lets rows through"]),
        ((OWN, SECURED), (SECURED,), ["rows_hidden: policy own on letters lets no rows through any more"]),
        ((OWN, SECURED), (OWN, SHUT, SECURED), ["rows_hidden: policy shut on letters holds rows back"]),
        ((OWN, SHUT, SECURED), (OWN, SECURED), ["permission_widened: policy shut on letters holds no rows back any more"]),
        ((OWN, SECURED), (OWN,), ["permission_widened: row level security of letters is switched off"]),
        ((), (OWN,), []),
    ],
)  # fmt: skip
def test_row_level_security_says_who_sees_more_and_who_sees_less(
    before: tuple[str, ...], after: tuple[str, ...], told: list[str]
) -> None:
    with scratch_database() as origin, scratch_database() as url:
        for where, statements in ((origin, after), (url, before)):
            with POSTGRES.connect(where) as session:
                session.execute("; ".join([LETTERS, *statements]))
        plan = sync_plan(origin, url)
        risks = [r for step in plan.steps for r in step.risks if r.is_real]
        assert [f"{r.danger.hazard}: {r.danger.text}" for r in risks] == told
        assert plan.proof.is_proved


def test_no_row_vanishes_between_the_switch_and_its_policies() -> None:
    with scratch_database() as open_, scratch_database() as secured:
        for where, statements in ((open_, ()), (secured, (OWN, SECURED))):
            with POSTGRES.connect(where) as session:
                session.execute("; ".join([LETTERS, *statements]))
        there, back = sync_plan(secured, open_), sync_plan(open_, secured)
        switched = "switch row level security of letters"
        assert [step.title for step in there.steps] == ["create policy letters.own", f"{switched} on"]
        assert [step.title for step in back.steps] == [f"{switched} off", "drop policy letters.own"]


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
