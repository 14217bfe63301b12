"""Field tables: columns in any order, wording and language, and what only looks like one."""

import pytest
from schema_reading import entity, facts, field, readings, said

from asbuilt.model.entities import EntityMention, Reference, Store, UniqueMention
from asbuilt.text import Source


def table(*rows: str, under: str = "### users") -> str:
    width = rows[0].count("|") - 1
    return "\n".join([under, "", rows[0], "|" + "---|" * width, *rows[1:], ""])


def one(constraints: str, type: str = "varchar(100)", name: str = "f") -> dict[str, object]:
    found = said(field(table("| Field | Type | Constraints |", f"| {name} | {type} | {constraints} |")))
    if type == "varchar(100)":
        assert found.pop("type") == "character varying(100)"
    return found


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (
            ("| 字段名 | 类型 | 是否必填 | 默认值 | 说明 |", "| status | TINYINT | 是 | 1 | 状态 |"),
            {"type": "smallint", "is_nullable": False, "default": "1"},
        ),
        (
            ("| 字段 | 类型 | 约束/默认值 | 说明 |", "| views | integer | default 0 | 阅读量 |"),
            {"type": "integer", "default": "0"},
        ),
        (
            ("| Поле | Тип | Ограничения | Описание |", "| id | INTEGER | NOT NULL | Первичный ключ |"),
            {"type": "integer", "is_nullable": False, "is_primary": True},
        ),
        (
            ("| 컬럼명 | 타입 | NULL 허용 | 키 | 설명 |", "| id | UUID | X | PK | 기본 키 |"),
            {"type": "uuid", "is_nullable": False, "is_primary": True},
        ),
        (
            ("| カラム名 | データ型 | 必須 | デフォルト | 説明 |", "| user_id | bigint | ✓ | | 外部キー → users.id |"),
            {"type": "bigint", "is_nullable": False, "references": Reference("users", ("id",)), "is_foreign_key": True},
        ),
        (
            ("| Coluna | Tipo | Nulo | Padrão | Descrição |", "| email | varchar(120) | não | | único |"),
            {"type": "character varying(120)", "is_nullable": False, "is_unique": True},
        ),
        (
            ("| Campo | Tipo de dato | Obligatorio | Descripción |", "| factura_id | int | Sí | FK a facturas(id) |"),
            {
                "type": "integer",
                "is_nullable": False,
                "references": Reference("facturas", ("id",)),
                "is_foreign_key": True,
            },
        ),
        (
            ("| Alan | Tip | Zorunlu | Açıklama |", "| ad | varchar(50) | Hayır | adı |"),
            {"type": "character varying(50)", "is_nullable": True},
        ),
        (
            ("| Kolom | Tipe Data | Wajib | Keterangan |", "| id | int | Ya | kunci utama |"),
            {"type": "integer", "is_nullable": False, "is_primary": True},
        ),
    ],
)
def test_the_words_of_many_languages(rows: tuple[str, str], expected: dict[str, object]) -> None:
    assert said(field(table(*rows))) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("PK", {"is_primary": True}),
        ("PRIMARY KEY, NOT NULL", {"is_primary": True, "is_nullable": False}),
        ("NOT\u00a0NULL", {"is_nullable": False}),
        ("NULL", {"is_nullable": True}),
        ("nullable", {"is_nullable": True}),
        ("FK", {"is_foreign_key": True}),
        ("FK, indexed, nullable", {"is_foreign_key": True, "is_indexed": True, "is_nullable": True}),
        ("FK → customers.id", {"is_foreign_key": True, "references": Reference("customers", ("id",))}),
        ("FK users(id)", {"is_foreign_key": True, "references": Reference("users", ("id",))}),
        ("FK (users.id)", {"is_foreign_key": True, "references": Reference("users", ("id",))}),
        ("references `users`", {"is_foreign_key": True, "references": Reference("users")}),
        ("FOREIGN KEY REFERENCES users(id)", {"is_foreign_key": True, "references": Reference("users", ("id",))}),
        (
            "FK -> users.id ON DELETE SET NULL ON UPDATE CASCADE",
            {"is_foreign_key": True, "references": Reference("users", ("id",), "SET NULL", "CASCADE")},
        ),
        ("unique, not null", {"is_unique": True, "is_nullable": False}),
        ("唯一", {"is_unique": True}),
        ("default 'x'", {"default": "'x'"}),
        ("default zh-CN", {"default": "zh-CN"}),
        ("DEFAULT now()", {"default": "now()"}),
        ("默认值：0", {"default": "0"}),
        ("@default(cuid()) @id", {"default": "cuid()", "is_primary": True}),
        ("Max 255 chars", {"max_length": 255}),
        ("max 80", {"max_length": 80}),
        ("min 3 chars, max 10 chars", {"check": "char_length(f) >= 3", "max_length": 10}),
        ("'a', 'b'", {"values": ("a", "b")}),
        ("active \\| inactive", {"values": ("active", "inactive")}),
        ("one of: new, paid, sent", {"values": ("new", "paid", "sent")}),
        ("enum(a, b)", {"values": ("a", "b")}),
        ("draft/published/archived", {"values": ("draft", "published", "archived")}),
        ("CHECK (f <> '')", {"check": "f <> ''"}),
        ("GENERATED ALWAYS AS (lower(g)) STORED", {"generated": "lower(g)"}),
        ("Default=False", {"default": "False"}),
        ('Default: `"free"`', {"default": "free"}),
        ("NOT NULL, CHECK in (`active`, `on_hold`)", {"is_nullable": False, "values": ("active", "on_hold")}),
        ("CHECK IN ('a', 'b')", {"values": ("a", "b")}),
        ("REFERENCES `handles(id)`", {"is_foreign_key": True, "references": Reference("handles", ("id",))}),
        ("`topics(id)`", {"is_foreign_key": True, "references": Reference("topics", ("id",))}),
        ("可为 NULL", {"is_nullable": True}),
        ("UNIQUE (f)", {"is_unique": True}),
        ("ON UPDATE CURRENT_TIMESTAMP", {}),
        ("-", {}),
        ("—", {}),
        ("", {}),
        ("[e.g., unique]", {}),
        ("auto-generated", {}),
    ],
)
def test_a_constraint_cell(cell: str, expected: dict[str, object]) -> None:
    assert one(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (">= 0", "f >= 0"),
        ("≥ 1", "f >= 1"),
        ("between 1 and 5", "f BETWEEN 1 AND 5"),
        ("range 0-100", "f BETWEEN 0 AND 100"),
        ("positive", "f > 0"),
        ("max 10", "f <= 10"),
        (">= 0, <= 100", "f >= 0 AND f <= 100"),
    ],
)
def test_a_bound_on_a_number(cell: str, expected: str) -> None:
    assert one(cell, "int") == {"type": "integer", "check": expected}


def test_a_camel_case_name_is_quoted_in_its_condition() -> None:
    assert one("> 0", "int", "totalPrice")["check"] == '"totalPrice" > 0'


def test_email_is_a_format() -> None:
    assert str(one("UNIQUE, NOT NULL, EMAIL")["check"]).startswith("f ~*")


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("INTEGER PRIMARY KEY", {"type": "integer", "is_primary": True}),
        ("VARCHAR(255) NOT NULL", {"type": "character varying(255)", "is_nullable": False}),
        ("String @unique", {"type": "character varying", "is_unique": True}),
        ("string?", {"type": "character varying", "is_nullable": True}),
        ("timestamp with time zone", {"type": "timestamp with time zone"}),
        ("text[]", {"type": "text[]"}),
        ("enum('open','closed')", {"type": "enum", "values": ("open", "closed")}),
        ("ENUM: open, closed", {"type": "enum", "values": ("open", "closed")}),
        ("UUID/ObjectId", {"type": "uuid"}),
        ("datetime/timestamptz", {"type": "timestamp with time zone"}),
        ("UUID FK → users.id", {"type": "uuid", "is_foreign_key": True, "references": Reference("users", ("id",))}),
        ("BIGINT UNSIGNED", {"type": "bigint"}),
        ("String(PK)", {"type": "character varying", "is_primary": True}),
        ("`uuid` (PK)", {"type": "uuid", "is_primary": True}),
        ("Int (FK → user.id)", {"type": "integer", "is_foreign_key": True, "references": Reference("user", ("id",))}),
        ("DateTime(TZ)", {"type": "timestamp with time zone"}),
        ("Json?", {"type": "json", "is_nullable": True}),
    ],
)
def test_a_type_cell_holds_more_than_a_type(cell: str, expected: dict[str, object]) -> None:
    assert one("", cell) == expected


def test_an_integer_that_counts_up_is_serial() -> None:
    for cell in ("auto-increment", "@default(autoincrement())", "自增"):
        found = field(table("| Field | Type | Constraints |", f"| id | int | {cell} |"))
        assert found.type is not None
        assert found.type.value.is_serial, cell


@pytest.mark.parametrize(
    ("header", "cell", "is_nullable"),
    [
        ("Required", "Yes", False), ("Required", "✗", True), ("Required", "Y", False), ("Required", "x", False),
        ("必填", "否", True), ("Nullable", "NO", False), ("Nullable", "✓", True), ("Nullable", "NOT NULL", False),
        ("Null", "YES", True), ("NULL 허용", "O", True), ("NULL 허용", "X", False), ("Обязательно", "нет", True),
        ("是否为空", "是", True), ("Nullable", "NULL", True), ("Required", "optional", True),
    ],
)  # fmt: skip
def test_required_and_nullable_are_opposites(header: str, cell: str, is_nullable: bool) -> None:
    found = field(table(f"| Field | Type | {header} |", f"| f | text | {cell} |"))
    assert found.is_nullable is not None
    assert found.is_nullable.value is is_nullable


def test_columns_in_any_order_and_without_a_telling_header() -> None:
    found = entity(
        table("| What it is for | ??? | !!! |", "| log in | varchar(20) | email |", "| be found | uuid | id |")
    )
    assert [(f.name, said(f)["type"]) for f in found.fields] == [("email", "character varying(20)"), ("id", "uuid")]


def test_pk_under_default_and_references_under_a_column_of_their_own() -> None:
    text = table("| Field | Type | Default | References |", "| id | uuid | PK | - |", "| org_id | uuid | | orgs.id |")
    assert [said(f) for f in entity(text).fields] == [
        {"type": "uuid", "is_primary": True},
        {"type": "uuid", "is_foreign_key": True, "references": Reference("orgs", ("id",))},
    ]


def test_a_description_states_only_what_fills_a_piece_of_it() -> None:
    text = table(
        "| Field | Type | Description |", "| f | text | the default language, unique to a user; not null in spirit |"
    )
    assert said(field(text)) == {"type": "text"}
    listed = table("| Field | Type | Description |", "| f | text | Primary key, FK to users.id, one of: a, b |")
    assert said(field(listed)) == {
        "type": "text",
        "is_primary": True,
        "is_foreign_key": True,
        "references": Reference("users", ("id",)),
        "values": ("a", "b"),
    }


def test_values_in_backticks_side_by_side() -> None:
    text = table(
        "| Field | Type | Description |", "| f | text | `new`, `paid` |", "| g | text | see `users` and then `orders` |"
    )
    assert [said(f).get("values") for f in entity(text).fields] == [("new", "paid"), None]


@pytest.mark.parametrize(
    ("type", "words", "values"),
    [
        ("ENUM", "Client, Editor, Admin", ("Client", "Editor", "Admin")),
        ("enum", "Роли: student, teacher", ("student", "teacher")),
        ("text", "Client, Editor, Admin", None),
        ("text", "`active/disabled`", ("active", "disabled")),
        ("text", '`"private"` \\| `"group"` \\| `"public"`，决定缓存', ("private", "group", "public")),
        ("text", "Enum: norole/system/user", ("norole", "system", "user")),
        ("text", "and/or", None),
    ],
)
def test_values_in_a_description(type: str, words: str, values: tuple[str, ...] | None) -> None:
    assert said(field(table("| Field | Type | Description |", f"| f | {type} | {words} |"))).get("values") == values


def test_a_shortened_name_is_not_guessed() -> None:
    text = table(
        "| Field | Type |", "| id | uuid |", "| ship_from/to | date |", "| created_at, updated_at | timestamptz |"
    )
    ((_, reading),) = readings(text)
    assert [f.name for f in entity(text).fields] == ["id", "created_at", "updated_at"]
    assert [Source("d", text)[span] for span in reading.unread] == ["| ship_from/to | date |"]
    assert not entity(text).is_complete


def test_unique_with_another_field_is_a_constraint_of_the_entity() -> None:
    text = table(
        "| 字段 | 类型 | 约束 |",
        "| slug | text | unique with language, nullable |",
        "| language | text | unique with slug |",
    )
    found = facts(text)
    assert [f.columns for f in found if isinstance(f, UniqueMention)] == [("slug", "language")]
    assert not any(f.is_unique for f in found[0].fields)  # type: ignore[attr-defined]
    assert found[0].fields[0].is_nullable.value  # type: ignore[attr-defined]


def test_every_span_holds_its_text() -> None:
    text = table("| Field | Type | Notes |", "| `user\\_id` | `bigint` NOT NULL | FK → users.id, default 7 |")
    source = Source("design.md", text)
    found = field(text)
    assert found.type is not None
    assert found.references is not None
    assert source[found.name_span] == "user\\_id"
    assert source[found.type.span] == "bigint"
    assert source[found.references.span] == "FK → users.id"
    assert source[entity(text).name_span] == "users"


@pytest.mark.parametrize(
    "heading", ["### users", "### 2.1 users - 用户表", "### Users Table", "### `users`", "#### Table: users"]
)
def test_the_heading_names_the_entity(heading: str) -> None:
    found = entity(table("| Field | Type |", "| id | uuid |", "| email | text |", under=heading))
    assert found.name.lower() == "users"
    assert found.is_complete


def test_without_an_entity_the_name_is_left_open() -> None:
    text = table("| Field | Type | Default |", "| id | UUID | - |", under="### Field Specifications")
    found = entity(text)
    assert (found.name, found.is_complete) == ("", False)
    assert Source("d", text)[found.name_span] == "| Field | Type | Default |"


def test_a_column_names_the_entity_of_each_row() -> None:
    text = table(
        "| Table | Column | Type | Constraints |",
        "| users | id | uuid | PK |",
        "| | email | text | unique |",
        "| orders | id | uuid | PK |",
        under="## All columns",
    )
    found = [f for f in facts(text) if isinstance(f, EntityMention)]
    assert [(e.name, [f.name for f in e.fields]) for e in found] == [("users", ["id", "email"]), ("orders", ["id"])]


def test_rows_of_placeholders_and_empty_rows_state_nothing() -> None:
    text = table("| Field | Type |", "| id | uuid |", "| [field1] | VARCHAR(255) |", "| | |")
    assert [f.name for f in entity(text).fields] == ["id"]
    ((_, reading),) = readings(table("| Attribute | Type |", "| | |"))
    assert reading.facts == ()


def test_a_planned_section_and_another_store_are_said() -> None:
    found = entity("## Phase 4 (planned)\n\n" + table("| Field | Type |", "| id | uuid |"))
    assert found.is_planned
    found = entity("## MongoDB\n\n" + table("| Field | Type |", "| id | ObjectId |"))
    assert found.store == Store.MONGODB


def test_of_two_dialects_only_postgresql_is_read() -> None:
    rows = "| Field | Type |\n|---|---|\n| id | {} |\n\n"
    text = "### users\n\n**PostgreSQL:**\n\n" + rows.format("uuid") + "**SQLite:**\n\n" + rows.format("text")
    found = [fact for fact in facts(text) if isinstance(fact, EntityMention)]
    assert [said(field)["type"] for mention in found for field in mention.fields] == ["uuid"]


TRAPS = {
    "API schema": "### POST /users request body\n\n| Field | Type | Required |\n|---|---|---|\n| email | string | yes |\n",
    "query parameters": "### users\n\n| Parameter | Type | Description |\n|---|---|---|\n| page | int | page |\n",
    "constants": "### users\n\n| Constant | Value |\n|---|---|\n| MAX_USERS | 10 |\n",
    "environment": "### Environment variables\n\n| Name | Type | Default |\n|---|---|---|\n| PORT | int | 3000 |\n",
    "sample rows": "### users\n\n| id | name | email |\n|---|---|---|\n| 1 | Ann | a@b.c |\n",
    "problems": "### users\n\n| Problem | Type | Solution |\n|---|---|---|\n| slow | perf | index |\n",
    "files": "### users\n\n| File | Type | Description |\n|---|---|---|\n| users.sql | sql | all |\n",
    "commands": "### users\n\n| Command | Description |\n|---|---|\n| migrate | runs |\n",
    "change log": "## Change Log\n\n| Version | Date | Changes |\n|---|---|---|\n| 1.0 | 2024-01-01 | first |\n",
    "volumes": "## Entities\n\n| Entity | Initial Volume | 1 Year |\n|---|---|---|\n| User | 1K | 5K |\n",
    "technology": "## Stack\n\n| 层级 | 技术选择 | 理由 |\n|---|---|---|\n| API | Kong | x |\n",
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS.keys())
def test_what_only_looks_like_a_field_table_is_declined(trap: str) -> None:
    assert not [fact for fact in facts(trap) if isinstance(fact, EntityMention)]


@pytest.mark.parametrize(
    ("constraints", "type", "expected"),
    [
        ("NULL 可, `f IS NULL OR f >= 0`", "integer", "f IS NULL OR f >= 0"),
        ("NOT NULL, `cardinality(f) > 0`", "text[]", "cardinality(f) > 0"),
        ("> 0", "integer", "f > 0"),
        ("NOT NULL DEFAULT 1, f > 0", "integer", "f > 0"),
    ],
)
def test_a_condition_is_read_whole(constraints: str, type: str, expected: str) -> None:
    assert one(constraints, type)["check"] == expected
