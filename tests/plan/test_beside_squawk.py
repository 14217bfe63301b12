"""squawk as an oracle: what it warns of in a statement, the table says is seen here, and over a large table it is."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from asbuilt.document import parse
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.rules import check
from asbuilt.text import Source
from plan.test_what_others_warn_of import findings, rows

SQUAWK = shutil.which("squawk")
LARGE = "## Data volume\n\n| Table | Rows |\n|---|---|\n| orders | 900,000,000 |\n\n"
STATEMENTS = {
    "adding-field-with-default": "ALTER TABLE orders ADD COLUMN code uuid DEFAULT gen_random_uuid();",
    "adding-foreign-key-constraint": "ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users (id);",
    "adding-not-null-field": "ALTER TABLE orders ALTER COLUMN note SET NOT NULL;",
    "adding-primary-key-constraint": "ALTER TABLE orders ADD PRIMARY KEY (id);",
    "ban-truncate-cascade": "TRUNCATE orders CASCADE;",
    "changing-column-type": "ALTER TABLE orders ALTER COLUMN user_id TYPE BIGINT;",
    "constraint-missing-not-valid": "ALTER TABLE orders ADD CONSTRAINT c CHECK (user_id > 0);",
    "disallow-unique-constraint": "ALTER TABLE orders ADD CONSTRAINT u UNIQUE (user_id);",
    "require-concurrent-index-creation": "CREATE INDEX idx_user ON orders (user_id);",
    "require-timeout-settings": "ALTER TABLE orders ADD COLUMN more TEXT;",
    "require-enum-value-ordering": "ALTER TYPE status ADD VALUE 'x'; UPDATE orders SET status = 'x' WHERE id = 1;",
}
LATER_NAMES = {
    "adding-not-nullable-field": "adding-not-null-field",
    "adding-serial-primary-key-field": "adding-primary-key-constraint",
    "disallowed-unique-constraint": "disallow-unique-constraint",
    "prefer-timestamp-tz": "prefer-timestamptz",
    "require-lock-timeout": "require-timeout-settings",
    "require-statement-timeout": "require-timeout-settings",
}
"""What some versions of squawk call its checks."""
IN_TABLES = {
    "ban-char-field": "code CHAR(10)",
    "prefer-bigint-over-int": "id INTEGER PRIMARY KEY",
    "prefer-bigint-over-smallint": "id SMALLINT PRIMARY KEY",
    "prefer-timestamptz": "at TIMESTAMP",
    "identifier-too-long": f"{'a' * 70} TEXT",
}


def found_here(text: str) -> set[str]:
    source = Source("design.md", text)
    reading = read(parse(source))
    return {finding.code for finding in check(merge(source, reading.facts), reading.diagnostics)}


def migration(sql: str) -> str:
    table = "```sql\nCREATE TYPE status AS ENUM ('a');\nCREATE TABLE users (id INT PRIMARY KEY);\nCREATE TABLE orders (id INT, user_id INT, note TEXT, status status);\n```\n\n"  # fmt: skip
    return f"# Schema\n\n{table}{{volume}}## Migrations\n\n```sql\n-- Migration: 002_more\n{sql}\n\n-- Rollback\nSELECT 1;\n```\n"


def warned(sql: str, folder: Path) -> set[str]:
    path = folder / "change.sql"
    path.write_text(sql, encoding="utf-8")
    assert SQUAWK
    done = subprocess.run([SQUAWK, "--reporter", "json", str(path)], capture_output=True, text=True, check=False)
    names = [violation["rule_name"] for violation in json.loads(done.stdout)]
    return {LATER_NAMES.get(name, name) for name in names}


@pytest.mark.skipif(SQUAWK is None, reason="squawk is not installed")
@pytest.mark.parametrize("rule", STATEMENTS | IN_TABLES)
def test_squawk_warns_of_it(rule: str, tmp_path: Path) -> None:
    sql = STATEMENTS.get(rule) or f"CREATE TABLE orders (\n    {IN_TABLES[rule]}\n);"
    assert rule in warned(sql, tmp_path)


@pytest.mark.skipif(SQUAWK is None, reason="squawk is not installed")
def test_whatever_it_warns_of_has_its_line(tmp_path: Path) -> None:
    known = {name for name, _ in rows()}
    for sql in STATEMENTS.values():
        assert warned(sql, tmp_path) <= known


@pytest.mark.parametrize("rule", STATEMENTS)
def test_it_is_found_over_a_large_table_and_not_over_a_small_one(rule: str) -> None:
    text = migration(STATEMENTS[rule])
    named = findings(rule)
    assert named & found_here(text.replace("{volume}", LARGE))
    about_size = {code for code in named if code.startswith("migration_")} - {"migration_truncates_cascade"}
    assert not about_size & found_here(text.replace("{volume}", ""))


@pytest.mark.parametrize("rule", IN_TABLES)
def test_it_is_found_in_a_table(rule: str) -> None:
    text = f"# Schema\n\n```sql\nCREATE TABLE orders (\n    {IN_TABLES[rule]}\n);\n```\n\n{LARGE}"
    assert findings(rule) & found_here(text)
