"""DDL for what no SQL states, and the order of statements: no server is needed for these."""

import pytest

from asbuilt.document import parse
from asbuilt.engines.base import Step
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.foreign_keys import cut_foreign_keys
from asbuilt.engines.postgres.ordering import Node, ordered
from asbuilt.engines.postgres.quoting import identifier
from asbuilt.model.merging import merge
from asbuilt.model.sql import ObjectName
from asbuilt.reading import read
from asbuilt.text import Excerpt, Source, Span


def built(markdown: str) -> dict[str, str]:
    """Return what is built for a document, by subject, white space evened out."""
    source = Source("design.md", markdown)
    design = merge(source, read(parse(source)).facts)
    steps = POSTGRES.steps(design)
    assert all(step.causes for step in steps)
    return {step.subject: " ".join(step.sql.split()) for step in steps}


def column(row: str) -> str:
    """Return the definition of the column that a row of a field table states."""
    table = f"## users\n\n| Column | Type | Null | Default | Description |\n| --- | --- | --- | --- | --- |\n| id | uuid | no | | PK |\n{row}\n"
    sql = built(table)["table users"]
    return sql.removeprefix("CREATE TABLE users ( id uuid, ").removesuffix(", PRIMARY KEY (id) )")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("| email | varchar(255) | no | | unique |", "email character varying(255) NOT NULL UNIQUE"),
        ("| price | Decimal(10,2) | yes | 0.00 | |", "price numeric(10, 2) DEFAULT 0.00"),
        ("| made | timestamptz | no | NOW() | |", "made timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL"),
        ("| day | date | no | now() | |", "day date DEFAULT CURRENT_DATE NOT NULL"),
        ("| active | boolean | no | true | |", "active boolean DEFAULT true NOT NULL"),
        ("| code | varchar(9) | no | 'x''y' | |", "code character varying(9) DEFAULT 'x''y' NOT NULL"),
        ("| extra | jsonb | yes | {} | |", "extra jsonb DEFAULT '{}'"),
        ("| token | uuid | no | gen_random_uuid() | |", "token uuid DEFAULT gen_random_uuid() NOT NULL"),
        ("| number | bigint | no | auto increment | |", "number bigserial NOT NULL"),
        ("| state | varchar(20) | no | active | one of: 'active', 'blocked' |", "state character varying(20) DEFAULT 'active' NOT NULL "
         "CONSTRAINT users_state_check CHECK (state IN ('active', 'blocked'))"),
        ("| note | text | yes | - | |", "note text"),
        ("| order | integer | yes | | |", '"order" integer'),
        ("| userName | text | yes | | |", '"userName" text'),
        ("| tags | text[] | yes | | |", "tags text[]"),
    ],
)  # fmt: skip
def test_a_row_of_a_field_table_becomes_a_column(row: str, expected: str) -> None:
    assert column(row) == expected


def test_what_stands_beside_the_fields_is_built_once() -> None:
    steps = built("""
## users

| Column | Type | Null | Description |
| --- | --- | --- | --- |
| id | uuid | no | PK |
| email | varchar(255) | no | unique |

## orders

| Column | Type | Null | Description |
| --- | --- | --- | --- |
| id | uuid | no | PK |
| user_id | uuid | no | FK → users.id |
| state | varchar(20) | no | |
""")
    assert [subject for subject in steps if subject.startswith("table")] == ["table users", "table orders"]
    assert steps["foreign key orders to users"] == "ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users (id)"
    assert not [subject for subject in steps if subject.startswith("unique")]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("users", "users"), ("user", '"user"'), ("order", '"order"'), ("userId", '"userId"'), ("a b", '"a b"'),
        ('say "hi"', '"say ""hi"""'), ("_x$1", "_x$1"), ("1st", '"1st"'), ("name", "name"), ("naïve", '"naïve"'),
    ],
)  # fmt: skip
def test_a_name_is_quoted_only_when_needed(name: str, written: str) -> None:
    assert identifier(name) == written


def cut(sql: str, *targets: str) -> tuple[str, list[str]]:
    step, later = cut_foreign_keys(Step(sql, "table", (Span(0, len(sql)),), Excerpt.at(sql, 0)), frozenset(targets))
    assert len(step.sql) == len(sql)
    assert all(sql[addition.causes[0].start : addition.causes[0].end].strip() for _, addition in later)
    return " ".join(step.sql.split()), [addition.sql for _, addition in later]


@pytest.mark.parametrize(
    ("sql", "left", "added"),
    [
        ("CREATE TABLE a (id int, b int REFERENCES b (id) ON DELETE CASCADE NOT NULL)",
         "CREATE TABLE a (id int, b int NOT NULL)",
         "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b (id) ON DELETE CASCADE "),
        ("CREATE TABLE a (id int, b int CONSTRAINT k REFERENCES b DEFERRABLE INITIALLY DEFERRED)",
         "CREATE TABLE a (id int, b int )",
         "ALTER TABLE a ADD CONSTRAINT k FOREIGN KEY (b) REFERENCES b DEFERRABLE INITIALLY DEFERRED"),
        ("CREATE TABLE a (id int DEFAULT 1, FOREIGN KEY (id, x) REFERENCES b (p, q), x text DEFAULT ',)')",
         "CREATE TABLE a (id int DEFAULT 1 , x text DEFAULT ',)')",
         "ALTER TABLE a ADD FOREIGN KEY (id, x) REFERENCES b (p, q)"),
        ("CREATE TABLE s.a (CONSTRAINT k FOREIGN KEY (id) REFERENCES b, id int)",
         "CREATE TABLE s.a ( id int)",
         "ALTER TABLE s.a ADD CONSTRAINT k FOREIGN KEY (id) REFERENCES b"),
        ("CREATE TABLE a (\"é\" int DEFAULT 'ü', -- , REFERENCES )\n b int REFERENCES b)",
         "CREATE TABLE a (\"é\" int DEFAULT 'ü', -- , REFERENCES ) b int )",
         "ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b"),
    ],
)  # fmt: skip
def test_a_foreign_key_is_cut_out_and_all_else_stays_in_place(sql: str, left: str, added: str) -> None:
    remaining, additions = cut(sql, "b")
    assert remaining == left
    assert [addition.strip() for addition in additions] == [added.strip()]


def test_a_foreign_key_to_another_table_stays() -> None:
    sql = "CREATE TABLE a (b int REFERENCES b, c int REFERENCES c)"
    assert cut(sql, "c") == (
        "CREATE TABLE a (b int REFERENCES b, c int )",
        ["ALTER TABLE a ADD FOREIGN KEY (c) REFERENCES c"],
    )


def node(name: str, *needs: str) -> Node:
    return Node(Step(name, name, ()), (ObjectName("table", name),), tuple(ObjectName("table", need) for need in needs))


def test_the_documents_order_is_kept_where_it_works() -> None:
    nodes = [node("d"), node("c", "d"), node("a", "z"), node("b"), node("z", "y"), node("y")]
    assert [n.step.subject for n in ordered(nodes)] == ["d", "c", "y", "z", "a", "b"]


def test_what_nobody_makes_and_what_makes_itself_stops_nothing() -> None:
    assert [n.step.subject for n in ordered([node("a", "a", "nowhere"), node("b", "a")])] == ["a", "b"]


def test_a_circle_that_cannot_be_opened_is_still_run() -> None:
    assert {n.step.subject for n in ordered([node("a", "b"), node("b", "a")])} == {"a", "b"}
