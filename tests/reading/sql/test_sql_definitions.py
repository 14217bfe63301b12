"""Data definition: tables, alterations, indexes, enums, comments."""

import pytest
from sql_reading import Read, read_fence

from asbuilt.model.chapters import PersonalField
from asbuilt.model.entities import (
    CheckMention,
    EntityMention,
    EnumMention,
    FieldMention,
    ForeignKeyMention,
    IndexMention,
    PartitioningMention,
    PrimaryKeyMention,
    UniqueMention,
)


def only_field(column: str) -> tuple[Read, FieldMention]:
    read = read_fence(f"CREATE TABLE t (\n  {column}\n);")
    (entity,) = read.of(EntityMention)
    (field,) = entity.fields
    return read, field


def test_a_table_states_its_columns_where_they_stand() -> None:
    read = read_fence(
        '-- 用户 table\nCREATE TABLE shop."Users" (\n  id UUID PRIMARY KEY,\n  名称 VARCHAR(20) NOT NULL\n);'
    )
    (entity,) = read.of(EntityMention)
    assert (entity.name, entity.schema, entity.is_complete, entity.purpose) == ("Users", "shop", True, "用户 table")
    assert read.at(entity.name_span) == '"Users"'
    assert [read.at(f.name_span) for f in entity.fields] == ["id", "名称"]
    assert [read.at(f.type.span) for f in entity.fields if f.type] == ["UUID", "VARCHAR(20)"]
    assert [read.at(f.span) for f in entity.fields] == ["id UUID PRIMARY KEY", "名称 VARCHAR(20) NOT NULL"]


@pytest.mark.parametrize(
    ("column", "attribute", "value", "place"),
    [
        ("a int NOT NULL", "is_nullable", False, "NOT NULL"),
        ("a int NULL", "is_nullable", True, "NULL"),
        ("a text DEFAULT 'x' || lower('Y') NOT NULL", "default", "'x' || lower('Y')", "'x' || lower('Y')"),
        ("a int CONSTRAINT d DEFAULT (1 + 2)", "default", "(1 + 2)", "(1 + 2)"),
        ("a uuid PRIMARY KEY", "is_primary", True, "PRIMARY KEY"),
        ("a int UNIQUE", "is_unique", True, "UNIQUE"),
        ("a int GENERATED ALWAYS AS (b * 2) STORED", "generated", "b * 2", "GENERATED ALWAYS AS (b * 2) STORED"),
        (
            "a int GENERATED ALWAYS AS IDENTITY",
            "generated",
            "GENERATED ALWAYS AS IDENTITY",
            "GENERATED ALWAYS AS IDENTITY",
        ),
        ("a text CHECK (a IN ('x', 'y'))", "values", ("x", "y"), "CHECK (a IN ('x', 'y'))"),
        (
            "a text CHECK (a = ANY (ARRAY['x'::text, 'y']))",
            "values",
            ("x", "y"),
            "CHECK (a = ANY (ARRAY['x'::text, 'y']))",
        ),
        ("a int CHECK (a > 0 AND (a < 9))", "check", "a > 0 AND (a < 9)", "CHECK (a > 0 AND (a < 9))"),
        ("a varchar(8)", "max_length", 8, "varchar(8)"),
        ("a text, -- 'x', 'y' or 'z'\n  b int", "values", ("x", "y", "z"), "'x', 'y' or 'z'"),
        ("a text -- NEW, OLD", "values", ("NEW", "OLD"), "NEW, OLD"),
    ],
)
def test_a_column_says_what_it_says(column: str, attribute: str, value: object, place: str) -> None:
    read = read_fence(f"CREATE TABLE t (\n  {column}\n);")
    field = read.of(EntityMention)[0].fields[0]
    stated = getattr(field, attribute)
    assert (stated.value, read.at(stated.span)) == (value, place)


@pytest.mark.parametrize("comment", ["e.g. 'a', 'b'", "encrypted, nullable", "first we try, then we ask", "a, b, ..."])
def test_not_every_list_in_a_comment_lists_the_values(comment: str) -> None:
    _, field = only_field(f"a text -- {comment}")
    assert field.values is None
    assert field.description == comment


def test_what_a_column_does_not_say_is_none() -> None:
    _, field = only_field("a int")
    assert (field.is_nullable, field.default, field.is_primary, field.description) == (None, None, None, "")


def test_constraints_are_mentions_whether_inline_or_not() -> None:
    read = read_fence(
        "CREATE TABLE t (\n  a int UNIQUE REFERENCES u(id) ON DELETE SET NULL,\n  b int CONSTRAINT pos CHECK (b > 0),\n"
        "  CONSTRAINT pk PRIMARY KEY (a, b),\n  FOREIGN KEY (a, b) REFERENCES s.v (x, y) ON UPDATE NO ACTION\n);"
    )
    assert [(u.columns, u.name) for u in read.of(UniqueMention)] == [(("a",), None)]
    assert [(p.columns, p.name, read.at(p.span)) for p in read.of(PrimaryKeyMention)] == [
        (("a", "b"), "pk", "CONSTRAINT pk PRIMARY KEY (a, b)")
    ]
    assert [(c.condition, c.columns, c.name) for c in read.of(CheckMention)] == [("b > 0", ("b",), "pos")]
    one, two = read.of(ForeignKeyMention)
    assert (one.columns, one.target, one.target_columns, read.at(one.target_span)) == (("a",), "u", ("id",), "u")
    assert one.on_delete is not None
    assert (one.on_delete.value, read.at(one.on_delete.span), one.on_update) == ("SET NULL", "SET NULL", None)
    assert (two.columns, two.target, two.target_columns, two.on_delete) == (("a", "b"), "s.v", ("x", "y"), None)
    assert two.on_update is not None
    assert two.on_update.value == "NO ACTION"
    fields = {f.name: f for f in read.of(EntityMention)[0].fields}
    assert fields["b"].is_primary is not None


def test_alterations_say_just_what_changes() -> None:
    read = read_fence(
        "ALTER TABLE t ADD COLUMN x int NOT NULL, ALTER COLUMN y SET NOT NULL, ALTER z TYPE bigint USING z::bigint,\n"
        "  ALTER COLUMN w SET DEFAULT now(), ADD CONSTRAINT k CHECK (s IN ('a', 'b')), DROP COLUMN gone;"
    )
    (entity,) = read.of(EntityMention)
    assert not entity.is_complete
    fields = {f.name: f for f in entity.fields}
    assert list(fields) == ["x", "y", "z", "w", "s"]
    assert fields["y"].is_nullable is not None
    assert read.at(fields["y"].is_nullable.span) == "ALTER COLUMN y SET NOT NULL"
    assert fields["z"].type is not None
    assert (fields["z"].type.value.sql, read.at(fields["z"].type.span)) == ("bigint", "bigint")
    assert fields["w"].default is not None
    assert fields["w"].default.value == "now()"
    assert fields["s"].values is not None
    assert fields["s"].values.value == ("a", "b")
    assert read.at(fields["s"].name_span) == "s"


def test_an_index_states_its_keys() -> None:
    read = read_fence(
        "CREATE UNIQUE INDEX CONCURRENTLY ix ON t USING gist (a DESC, lower(b) text_pattern_ops, (c || d)) INCLUDE (e) WHERE f IS NULL; -- fast lookup"
    )
    (index,) = read.of(IndexMention)
    assert (index.name, index.entity, index.method, index.is_unique) == ("ix", "t", "gist", True)
    assert [(k.text, k.is_expression, k.is_descending, k.opclass) for k in index.keys] == [
        ("a", False, True, None),
        ("lower(b)", True, False, "text_pattern_ops"),
        ("(c || d)", True, False, None),
    ]
    assert [read.at(k.span) for k in index.keys] == [k.text for k in index.keys]
    assert (index.predicate, index.include, index.rationale) == ("f IS NULL", ("e",), "fast lookup")


def test_enums_partitions_and_comments() -> None:
    read = read_fence(
        "CREATE TYPE mood AS ENUM ('sad', 'ok''ish');\nALTER TYPE mood ADD VALUE 'great';\n"
        "CREATE TABLE e (at date) PARTITION BY RANGE (at);\nCOMMENT ON TABLE e IS 'events';\nCOMMENT ON COLUMN e.at IS 'when';"
    )
    first, more = read.of(EnumMention)
    assert [v.value for v in first.values] == ["sad", "ok'ish"]
    assert [read.at(v.span) for v in (*first.values, *more.values)] == ["sad", "ok''ish", "great"]
    (partitioning,) = read.of(PartitioningMention)
    assert (partitioning.columns, partitioning.strategy, read.at(partitioning.span)) == (
        ("at",),
        "range",
        "PARTITION BY RANGE (at)",
    )
    _, table, column = read.of(EntityMention)
    assert (table.purpose, column.fields[0].description, read.at(column.fields[0].name_span)) == (
        "events",
        "when",
        "at",
    )


def test_what_a_platform_provides_is_external() -> None:
    read = read_fence(
        "CREATE TABLE auth.users (id uuid);\nCREATE INDEX i ON auth.users (id);\nCREATE TABLE users (id uuid);"
    )
    assert [e.is_external for e in read.of(EntityMention)] == [True, False]
    assert read.of(IndexMention)[0].entity == "auth.users"


def test_a_table_with_something_left_out_is_not_complete() -> None:
    read = read_fence("CREATE TABLE a (\n  id int,\n  -- ... other columns\n  b int\n);\nCREATE TABLE c (LIKE a);")
    assert [e.is_complete for e in read.of(EntityMention)] == [False, False]


def test_a_comment_marks_personal_data() -> None:
    read = read_fence("CREATE TABLE u (\n  mail text, -- PII, encrypted\n  note text -- free\n);")
    (personal,) = read.of(PersonalField)
    assert (personal.entity, personal.field, read.at(personal.span)) == ("u", "mail", "PII")


def test_a_foreign_table_states_its_columns_without_the_options_of_its_wrapper() -> None:
    read = read_fence(
        "CREATE FOREIGN TABLE old (id int OPTIONS (column_name 'ID') NOT NULL, name text) SERVER s OPTIONS (path '/a');"
    )
    (entity,) = read.of(EntityMention)
    assert (entity.name, entity.is_complete) == ("old", True)
    assert [(f.name, f.type and f.type.value.raw) for f in entity.fields] == [("id", "int"), ("name", "text")]
    assert [read.at(f.is_nullable.span) for f in entity.fields if f.is_nullable] == ["NOT NULL"]
