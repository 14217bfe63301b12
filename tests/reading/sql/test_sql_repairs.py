"""Pseudo-SQL and other dialects: understood, reported, and fixed so that a second reading finds nothing."""

import pytest
from sql_reading import read_fence, read_markdown

from asbuilt.model.entities import EntityMention, IndexMention
from asbuilt.model.sql import Migration, UnreadableSql

INLINE = """CREATE TABLE c (
    id int PRIMARY KEY,
    kind text, -- 'a', 'b'
    INDEX idx_c (kind, id),
    UNIQUE KEY uq (kind)
);"""
MYSQL = """CREATE TABLE `users` (
  `id` INT(11) UNSIGNED NOT NULL AUTO_INCREMENT,
  `order` DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP COMMENT 'when',
  kind ENUM('a','bb') NOT NULL,
  PRIMARY KEY (`id`),
  KEY `idx` (`kind`(10))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;"""
CASES = {
    "inline_index": INLINE,
    "trailing_comma": "CREATE TABLE c (\n  id int,\n  kind text, -- last\n);",
    "single_dollar_body": "CREATE FUNCTION f() RETURNS trigger AS $\nBEGIN\n  RETURN NEW;\nEND;\n$ LANGUAGE plpgsql;",
    "pseudo_create_migration": "-- Example\nCREATE MIGRATION AddB\nBEGIN\n    ALTER TABLE t ADD b int;\n    CREATE INDEX i ON t (b);\nEND;",
    "mysql_syntax": MYSQL,
    "unquoted_name": "CREATE DATABASE shop-db;\nGRANT ALL ON DATABASE shop-db TO shop-user;",
}


@pytest.mark.parametrize("code", CASES)
def test_a_safe_fix_leaves_plain_sql(code: str) -> None:
    read = read_fence(CASES[code], "Migration Scripts" if "migration" in code else "Database Schema")
    found = [d for d in read.diagnostics if d.code == code]
    assert found
    assert all(f.is_safe for d in found for f in d.fixes)
    again = read_markdown(read.fixed(code))
    assert code not in again.codes
    assert not again.of(UnreadableSql)
    assert [s.kind for s in again.statements] == [s.kind for s in read.statements]


def test_an_inline_index_is_a_statement_of_its_own() -> None:
    read = read_fence(INLINE)
    assert [s.sql for s in read.statements[1:]] == [
        "CREATE INDEX idx_c ON c (kind, id)",
        "CREATE UNIQUE INDEX uq ON c (kind)",
    ]
    assert "INDEX" not in read.statements[0].sql
    assert all(s.is_repaired for s in read.statements)
    first, second = read.of(IndexMention)
    assert [read.at(k.span) for k in (*first.keys, *second.keys)] == ["kind", "id", "kind"]
    assert [f.name for f in read.of(EntityMention)[0].fields] == ["id", "kind"]


@pytest.mark.parametrize(
    "column", ["key varchar(100) UNIQUE", "index int", "key text NOT NULL", '"index" numeric(10, 2)']
)
def test_a_column_named_key_or_index_is_a_column(column: str) -> None:
    read = read_fence(f"CREATE TABLE t (id int, {column});")
    assert not read.diagnostics
    assert len(read.of(EntityMention)[0].fields) == 2


def test_mysql_is_understood_in_place() -> None:
    read = read_fence(MYSQL)
    assert read.codes == ["inline_index", "mysql_syntax"]
    (entity,) = read.of(EntityMention)
    fields = {f.name: f for f in entity.fields}
    assert [read.at(f.name_span) for f in entity.fields] == ["id", "`order`", "kind"]
    assert [f.type.value.sql for f in entity.fields if f.type] == [
        "integer",
        "timestamp without time zone",
        "character varying(2)",
    ]
    assert fields["kind"].values is not None
    assert fields["kind"].values.value == ("a", "bb")
    assert fields["order"].description == "when"


def test_in_a_mysql_document_there_is_nothing_to_report() -> None:
    read = read_fence(MYSQL, "MySQL Schema", "mysql")
    assert not read.diagnostics
    assert {s.dialect for s in read.statements} == {"mysql"}


def test_a_pseudo_migration_keeps_its_name_before_and_after_its_fix() -> None:
    read = read_fence(CASES["pseudo_create_migration"], "Migration Scripts")
    assert [(m.name, len(m.forward)) for m in read.of(Migration)] == [("AddB", 2)]
    again = read_markdown(read.fixed("pseudo_create_migration"))
    assert [(m.name, len(m.forward)) for m in again.of(Migration)] == [("AddB", 2)]


def test_what_is_left_out_is_told_and_the_rest_understood() -> None:
    read = read_fence(
        "[Include all CREATE TABLE statements from above]\n\nCREATE TABLE a (\n  id int,\n  ...\n  note text\n);\n..."
    )
    assert read.codes == ["elided_sql"] * 3
    (entity,) = read.of(EntityMention)
    assert [f.name for f in entity.fields] == ["id"]
    assert not entity.is_complete


def test_what_only_another_dialect_knows_is_kept_as_written(capsys: pytest.CaptureFixture[str]) -> None:
    sql = "ALTER TABLE users MODIFY COLUMN age BIGINT;\nSELECT a FROM users LIMIT 5, 10;\nPRAGMA foreign_keys = ON;"
    read = read_fence(sql, "MySQL Schema", "mysql")
    assert not read.of(UnreadableSql)
    assert [(s.kind, s.role.value) for s in read.statements] == [
        ("alter table", "example"),
        ("select", "example"),
        ("pragma", "setting"),
    ]
    assert read.statements[1].sql == "SELECT a FROM users LIMIT 10 OFFSET 5"
    assert capsys.readouterr() == ("", "")
