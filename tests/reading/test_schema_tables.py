"""Tables of entities, relationships, foreign keys, indexes and values."""

from schema_reading import facts, readings

from asbuilt.model.entities import (
    Cardinality,
    EntityMention,
    EnumMention,
    ForeignKeyMention,
    IndexMention,
    RelationshipMention,
)
from asbuilt.text import Source

ONE, MANY = Cardinality.ONE, Cardinality.ZERO_OR_MORE


def relations(text: str) -> list[tuple[str, str, Cardinality, Cardinality]]:
    return [(f.left, f.right, f.left_count, f.right_count) for f in facts(text) if isinstance(f, RelationshipMention)]


def test_an_overview_lists_entities_with_their_key_fields() -> None:
    text = "## 表设计\n\n| 表 | 关键字段 | 说明 |\n|---|---|---|\n| setting | key, value, mask_type | 配置 |\n| `logs` | id, at | 日志 |\n"
    found = [f for f in facts(text) if isinstance(f, EntityMention)]
    assert [(e.name, [f.name for f in e.fields], e.is_complete) for e in found] == [
        ("setting", ["key", "value", "mask_type"], False),
        ("logs", ["id", "at"], False),
    ]
    assert Source("d", text)[found[0].fields[1].name_span] == "value"
    assert found[0].purpose == "配置"


def test_an_overview_names_several_entities_in_a_cell() -> None:
    text = "## 数据库结构\n\n| 模块 | 逻辑表 | 说明 |\n|---|---|---|\n| 认证 | user, account | x |\n"
    assert [f.name for f in facts(text) if isinstance(f, EntityMention)] == ["user", "account"]


def test_parent_and_child_are_one_to_many() -> None:
    text = "## Relationships\n\n| Parent | Child | Foreign Key | Description |\n|---|---|---|---|\n| User | Order | orders.user_id | places |\n"
    (found,) = (f for f in facts(text) if isinstance(f, RelationshipMention))
    assert (found.left_count, found.right_count, found.via, found.verb) == (ONE, MANY, "user_id", "places")


def test_two_entities_and_their_join_table() -> None:
    text = "### Many-to-Many Relationships\n\n| Entity 1 | Entity 2 | Join Table |\n|---|---|---|\n| Post | Tag | post_tags |\n"
    (found,) = (f for f in facts(text) if isinstance(f, RelationshipMention))
    assert (found.left_count, found.right_count, found.junction) == (MANY, MANY, "post_tags")


def test_the_heading_tells_how_many() -> None:
    text = "### One-to-One Relationships\n\n| Entity 1 | Entity 2 | Foreign Key |\n|---|---|---|\n| User | Profile | user_id |\n"
    assert relations(text) == [("User", "Profile", ONE, Cardinality.ZERO_OR_ONE)]


def test_from_to_and_arrows_with_a_cardinality() -> None:
    assert relations(
        "## 关系\n\n| From | To | Cardinality |\n|---|---|---|\n| User | Order | 1:N |\n| A | B | 多对多 |\n"
    ) == [
        ("User", "Order", ONE, MANY),
        ("A", "B", MANY, MANY),
    ]
    assert relations(
        "## Relationships\n\n| Relationship | Type |\n|---|---|\n| User → Order | One-to-Many |\n| a - b | N:1 |\n"
    ) == [
        ("User", "Order", ONE, MANY),
        ("a", "b", MANY, ONE),
    ]


def test_sources_and_targets_without_a_cardinality_are_no_relationship() -> None:
    assert relations("## Data flow\n\n| Source | Target |\n|---|---|\n| crm | users |\n") == []


def test_foreign_keys_with_their_actions() -> None:
    text = (
        "### Foreign Key Constraints\n\n| Table | Column | References | On Delete | On Update |\n|---|---|---|---|---|\n"
        "| orders | user_id | users(id) | CASCADE | NO ACTION |\n| [child] | [fk] | [parent]([pk]) | CASCADE | CASCADE |\n"
    )
    (found,) = (f for f in facts(text) if isinstance(f, ForeignKeyMention))
    assert (found.entity, found.columns, found.target, found.target_columns) == (
        "orders",
        ("user_id",),
        "users",
        ("id",),
    )
    assert found.on_delete is not None
    assert found.on_update is not None
    assert (found.on_delete.value, found.on_update.value) == ("CASCADE", "NO ACTION")
    assert Source("d", text)[found.target_span] == "users"
    assert Source("d", text)[found.on_delete.span] == "CASCADE"


def test_a_dotted_column_names_its_table() -> None:
    text = "## 外键约束\n\n| 外键 | 引用 | 删除规则 |\n|---|---|---|\n| orders.user_id | users.id | 级联删除 |\n"
    (found,) = (f for f in facts(text) if isinstance(f, ForeignKeyMention))
    assert (found.entity, found.on_delete and found.on_delete.value) == ("orders", "CASCADE")


def test_indexes_with_their_rationale() -> None:
    text = (
        "### Indexing Strategy\n\n| Table | Index Type | Columns | Purpose |\n|---|---|---|---|\n| users | B-tree | name | Fast lookups |\n"
        "| orders | Composite | (user_id, created_at DESC) | Feeds |\n| users | GIN | lower(email) | Search |\n"
    )
    found = [f for f in facts(text) if isinstance(f, IndexMention)]
    assert [(i.entity, [k.text for k in i.keys], i.method, i.rationale) for i in found] == [
        ("users", ["name"], "btree", "Fast lookups"),
        ("orders", ["user_id", "created_at"], None, "Feeds"),
        ("users", ["lower(email)"], "gin", "Search"),
    ]
    assert found[1].keys[1].is_descending
    assert found[2].keys[0].is_expression
    assert Source("d", text)[found[1].keys[0].span] == "user_id"


def test_an_index_names_its_table_in_its_columns() -> None:
    text = "## 索引\n\n| 索引名 | 字段 | 类型 |\n|---|---|---|\n| idx_users_email | users(email) | UNIQUE |\n"
    (found,) = (f for f in facts(text) if isinstance(f, IndexMention))
    assert (found.entity, found.name, found.is_unique) == ("users", "idx_users_email", True)


def test_values_under_the_heading_of_an_enumeration() -> None:
    text = "## Enums\n\n### OrderStatus\n\n| Value | Description |\n|---|---|\n| `pending` | x |\n| paid | y |\n"
    (found,) = (f for f in facts(text) if isinstance(f, EnumMention))
    assert (found.name, [v.value for v in found.values]) == ("OrderStatus", ["pending", "paid"])
    assert Source("d", text)[found.values[0].span] == "pending"


def test_placeholders_are_claimed_and_state_nothing() -> None:
    text = "### 4.1 One-to-Many Relationships\n\n| Parent | Child | Foreign Key |\n|---|---|---|\n| [Entity1] | [Entity2] | entity1_id |\n"
    ((name, reading),) = readings(text)
    assert (name, reading.facts) == ("read_schema_table", ())
