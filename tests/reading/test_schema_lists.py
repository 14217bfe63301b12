"""Bullets: relationships, constraints, indexes, partitions, values, fields, and rules about all tables."""

import pytest
from schema_reading import facts, readings, said

from asbuilt.model.entities import (
    Cardinality,
    CheckMention,
    EntityMention,
    EnumMention,
    ForeignKeyMention,
    IndexMention,
    PartitioningMention,
    PrimaryKeyMention,
    Reference,
    RelationshipMention,
    UniqueMention,
    UniversalRule,
)
from asbuilt.model.fact import Statement
from asbuilt.text import Source

ONE, MANY, ZERO_OR_ONE = Cardinality.ONE, Cardinality.ZERO_OR_MORE, Cardinality.ZERO_OR_ONE


def relations(text: str) -> list[RelationshipMention]:
    return [f for f in facts(text) if isinstance(f, RelationshipMention)]


@pytest.mark.parametrize(
    ("bullet", "expected"),
    [
        ("User 1:N Order", ("User", "Order", ONE, MANY)),
        ("User 1-N Order", ("User", "Order", ONE, MANY)),
        ("User N:M Role", ("User", "Role", MANY, MANY)),
        ("User has many Orders", ("User", "Orders", ONE, MANY)),
        ("User hasMany Post", ("User", "Post", ONE, MANY)),
        ("User hasOne Profile", ("User", "Profile", ONE, ZERO_OR_ONE)),
        ("Post belongs to User", ("Post", "User", MANY, ONE)),
        ("`users` → `posts` (one-to-many)", ("users", "posts", ONE, MANY)),
        ("**Post** ↔ **Tag**: many-to-many", ("Post", "Tag", MANY, MANY)),
        ("User 一对多 Order", ("User", "Order", ONE, MANY)),
        ("`Organization` 1:* `Card` (several)", ("Organization", "Card", ONE, MANY)),
        ("One-to-Many: Users -> Posts", ("Users", "Posts", ONE, MANY)),
        ("`Stock` → `Notice` (0..1 : N)", ("Stock", "Notice", ONE, MANY)),
        ("Board and Post: 1:N", ("Board", "Post", ONE, MANY)),
        ("Order (1) → (N) OrderItem: contains", ("Order", "OrderItem", ONE, MANY)),
    ],
)
def test_a_relationship_in_a_bullet(bullet: str, expected: tuple[object, ...]) -> None:
    (found,) = relations(f"## Relationships\n\n- {bullet}\n")
    assert (found.left, found.right, found.left_count, found.right_count) == expected


def test_the_heading_supplies_the_cardinality_and_nested_items_the_details() -> None:
    text = (
        "### One-to-Many Relationships\n\n- **User** → **Order**: places\n  - Foreign Key: `user_id` in Order\n"
        "  - Cascade Rules: ON DELETE CASCADE, ON UPDATE RESTRICT\n"
    )
    (found,) = relations(text)
    assert (found.left_count, found.right_count, found.via, found.verb) == (ONE, MANY, "user_id", "places")
    assert found.on_delete is not None
    assert found.on_update is not None
    assert (found.on_delete.value, found.on_update.value) == ("CASCADE", "RESTRICT")
    assert Source("d", text)[found.left_span] == "User"
    assert Source("d", text)[found.on_delete.span] == "CASCADE"


def test_a_junction_and_its_attributes() -> None:
    text = "### Many-to-Many\n\n- **Post** ↔ **Tag**: tagged\n  - Junction Table: `post_tags`\n  - Additional Attributes: position, added_at\n"
    (found,) = relations(text)
    assert (found.junction, found.attributes) == ("post_tags", ("position", "added_at"))


def test_relationships_of_the_entity_in_the_heading() -> None:
    text = "### orders\n\n**Relationships**:\n- One-to-Many with OrderItem (via `order_id`)\n- Many-to-Many with Tag (via `order_tags`)\n- belongs to User\n"
    found = relations(text)
    assert [(r.left, r.right, r.left_count, r.right_count) for r in found] == [
        ("orders", "OrderItem", ONE, MANY),
        ("orders", "Tag", MANY, MANY),
        ("orders", "User", MANY, ONE),
    ]
    assert (found[0].via, found[1].junction) == ("order_id", "order_tags")


def test_a_label_counts_for_every_pair_behind_it() -> None:
    text = "## Relationship Patterns\n\n- **One-to-Many**: User → Posts, Category → Products\n- **Self-Referencing**: Categories with parent_id\n"
    found = relations(text)
    assert [(r.left, r.right, r.via) for r in found] == [
        ("User", "Posts", None),
        ("Category", "Products", None),
        ("Categories", "Categories", "parent_id"),
    ]


def test_an_arrow_from_an_entity_to_itself() -> None:
    text = "### Self-referencing\n\n- **categories** → **categories**: has subcategories\n  - Foreign Key: `parent_id`\n  - Cascade Rules: ON DELETE SET NULL\n"
    (found,) = relations(text)
    assert (found.left_count, found.right_count, found.via) == (ZERO_OR_ONE, MANY, "parent_id")
    assert found.on_delete is not None
    assert found.on_delete.value == "SET NULL"


def test_a_polymorphic_pair() -> None:
    text = "### Polymorphic\n\n- Comments (commentable_type, commentable_id) → Post, Product\n"
    found = relations(text)
    assert [(r.left, r.right, r.via, r.type_field) for r in found] == [
        ("Post", "Comments", "commentable_id", "commentable_type"),
        ("Product", "Comments", "commentable_id", "commentable_type"),
    ]


def test_arrows_that_relate_nothing() -> None:
    assert relations("## Data Flow\n\n- Import → Validation\n- Validation → Storage\n") == []
    assert relations("## Enums\n\n### UserRole\n\n- `admin`: may all\n- `user`: may little\n") == []


def test_uniqueness_in_bullets() -> None:
    text = (
        "## Constraints\n\n- `users.email` must be unique\n- `orders.(user_id, sku)` must be unique together\n"
        "- user.email、user.phone 唯一。\n- category.slug + language、category.name + language 唯一。\n- UNIQUE (a, b) on seats\n"
    )
    found = [f for f in facts(text) if isinstance(f, UniqueMention)]
    assert [(u.entity, u.columns) for u in found] == [
        ("users", ("email",)),
        ("orders", ("user_id", "sku")),
        ("user", ("email",)),
        ("user", ("phone",)),
        ("category", ("slug", "language")),
        ("category", ("name", "language")),
        ("seats", ("a", "b")),
    ]
    assert Source("d", text)[found[3].span] == "user.phone"


@pytest.mark.parametrize(
    ("words", "condition"),
    [
        ("must be > 0", "x > 0"),
        ("must be greater than or equal to 0", "x >= 0"),
        ("must be at least 18", "x >= 18"),
        ("must be between 1 and 5", "x BETWEEN 1 AND 5"),
        ("must be one of: new, paid", "x IN ('new', 'paid')"),
        ("must be positive", "x > 0"),
        ("cannot be negative", "x >= 0"),
        ("cannot be greater than 5", "x <= 5"),
        ("must not be empty", None),
        ("must be after y", "x > y"),
        ("must match regex `^[a-z]+$`", "x ~ '^[a-z]+$'"),
        ("must be at most 20 characters", "char_length(x) <= 20"),
        ("必须大于 0", "x > 0"),
        ("must be in agreement with the contract", None),
    ],
)
def test_checks_in_bullets(words: str, condition: str | None) -> None:
    (found,) = (f for f in facts(f"## Check Constraints\n\n- `t.x` {words}\n") if isinstance(f, CheckMention))
    assert (found.entity, found.columns, found.condition) == ("t", ("x",), condition)
    assert found.text.startswith("t.x")


def test_a_foreign_key_in_a_bullet_and_what_stays_in_words() -> None:
    text = (
        "## Data Integrity\n\n- `orders.user_id` references `users.id` ON DELETE CASCADE\n- Orders are never deleted\n"
    )
    found = facts(text)
    assert isinstance(found[0], ForeignKeyMention)
    assert (found[0].target, found[0].on_delete and found[0].on_delete.value) == ("users", "CASCADE")
    assert isinstance(found[1], Statement)
    assert found[1].text == "Orders are never deleted"


def test_an_index_among_constraints_and_a_key_of_the_entity_in_the_heading() -> None:
    found = facts("### sessions\n\n- index on `email, unique: true`\n- `userId` references `users` table\n")
    assert isinstance(found[0], IndexMention)
    assert ([k.text for k in found[0].keys], found[0].is_unique) == (["email"], True)
    assert isinstance(found[1], ForeignKeyMention)
    assert (found[1].entity, found[1].columns, found[1].target) == ("sessions", ("userId",), "users")


def test_personal_fields_are_no_constraints() -> None:
    assert (
        facts("## PII Fields\n\n- `users.email` - Personal identifier\n- `users.name` - Personal information\n") == []
    )
    assert not [f for f in facts("## Integrity\n\n- `users.email` must be encrypted\n") if isinstance(f, CheckMention)]


def test_indexes_in_bullets() -> None:
    text = (
        "### orders\n\n**Indexes**:\n- `PRIMARY KEY (id)`\n- `UNIQUE INDEX idx_no ON orders(order_no)`\n- `INDEX idx_new ON orders(created_at DESC)`\n"
        "- idx_user (user_id) - for the account page\n- (user_id, created_at) for feeds\n- email (unique)\n- `status`\n"
    )
    found = facts(text)
    assert isinstance(found[0], PrimaryKeyMention)
    indexes = [f for f in found if isinstance(f, IndexMention)]
    assert [(i.name, [k.text for k in i.keys], i.is_unique, i.rationale) for i in indexes] == [
        ("idx_no", ["order_no"], True, ""),
        ("idx_new", ["created_at"], False, ""),
        ("idx_user", ["user_id"], False, "for the account page"),
        (None, ["user_id", "created_at"], False, "for feeds"),
        (None, ["email"], True, ""),
        (None, ["status"], False, ""),
    ]
    assert indexes[1].keys[0].is_descending


def test_a_line_lists_an_index_a_column_and_a_composite() -> None:
    text = "关键索引包括：\n\n- post：title、language，以及 (post_id, created_at)。\n- logs：at。\n"
    found = [f for f in facts(text) if isinstance(f, IndexMention)]
    assert [(i.entity, [k.text for k in i.keys]) for i in found] == [
        ("post", ["title"]),
        ("post", ["language"]),
        ("post", ["post_id", "created_at"]),
        ("logs", ["at"]),
    ]
    line = "### users\n\n**Indexes**: email (unique), (org_id, created_at)\n"
    assert [[k.text for k in f.keys] for f in facts(line) if isinstance(f, IndexMention)] == [
        ["email"],
        ["org_id", "created_at"],
    ]


def test_partitioning_by_keys_and_by_sentences() -> None:
    text = "### Partitioning Strategy\n\n- **Table**: events\n- **Partition Key**: created_at\n- **Strategy**: Range by month\n- **Rationale**: old data goes\n"
    (found,) = facts(text)
    assert isinstance(found, PartitioningMention)
    assert (found.entity, found.columns, found.strategy, found.rationale) == (
        "events",
        ("created_at",),
        "range",
        "old data goes",
    )
    (found,) = facts("### Partitioning\n\n- `orders`: RANGE (created_at), monthly\n")
    assert isinstance(found, PartitioningMention)
    assert (found.entity, found.columns, found.strategy) == ("orders", ("created_at",), "range")


def test_enumerations_in_lists() -> None:
    text = "## Enums\n\n- OrderStatus: pending, paid\n- Role: `admin` | `user`\n\n### Kind\n\n- `a`: first\n- `b`: second\n"
    found = [f for f in facts(text) if isinstance(f, EnumMention)]
    assert [(e.name, [v.value for v in e.values]) for e in found] == [
        ("OrderStatus", ["pending", "paid"]),
        ("Role", ["admin", "user"]),
        ("Kind", ["a", "b"]),
    ]


def test_fields_in_bullets() -> None:
    text = (
        "### orders\n\n- `id`: uuid, primary key\n- **user_id** (uuid, FK → users.id)\n- total: decimal(10,2) (required, >= 0) - what to pay\n"
        "- note?: text\n- status: enum('a','b'), default 'a'\n"
    )
    (found,) = (f for f in facts(text) if isinstance(f, EntityMention))
    assert [f.name for f in found.fields] == ["id", "user_id", "total", "note", "status"]
    assert said(found.fields[2]) == {"type": "numeric(10, 2)", "is_nullable": False, "check": "total >= 0"}
    assert found.fields[2].description == "what to pay"
    assert said(found.fields[3]) == {"type": "text", "is_nullable": True}
    assert said(found.fields[4]) == {"type": "enum", "values": ("a", "b"), "default": "'a'"}


def test_bullets_with_remarks_in_brackets_and_words_behind() -> None:
    text = (
        "### profiles\n\n- **id** (uuid, PK): References `auth.users.id`.\n- **role** (text: client, practitioner)\n- `kind`: String (log, metric)\n"
        "- `key`: String (Configuration key)\n- `agent_id`: Foreign key to agents table\n- `is_active`: Account status (boolean)\n"
        "- `email`: Unique email address (max 100 chars)\n- **created_at, updated_at** (timestamps)\n- `org` (uuid, FK auth.users)\n"
    )
    (found,) = (f for f in facts(text) if isinstance(f, EntityMention))
    assert {f.name: said(f) for f in found.fields} == {
        "id": {
            "type": "uuid",
            "is_primary": True,
            "is_foreign_key": True,
            "references": Reference("auth.users", ("id",)),
        },
        "role": {"type": "text", "values": ("client", "practitioner")},
        "kind": {"type": "character varying", "values": ("log", "metric")},
        "key": {"type": "character varying"},
        "agent_id": {"is_foreign_key": True, "references": Reference("agents")},
        "is_active": {"type": "boolean"},
        "email": {"is_unique": True, "max_length": 100},
        "created_at": {"type": "timestamp without time zone"},
        "updated_at": {"type": "timestamp without time zone"},
        "org": {"type": "uuid", "is_foreign_key": True, "references": Reference("auth.users")},
    }


def test_an_entity_told_in_labels() -> None:
    text = (
        "## Tables\n\n#### `users`\n\n- **Primary Key**: `user_id` (VARCHAR)\n- **Fields**: email (unique), name, last_login_at\n"
        "- **Indexes**: email, (provider, provider_id)\n- **Purpose**: who signs in\n"
    )
    found = facts(text)
    assert [type(fact).__name__ for fact in found] == [
        "PrimaryKeyMention",
        "EntityMention",
        "IndexMention",
        "IndexMention",
        "Statement",
    ]
    assert [f.name for f in found[1].fields] == ["email", "name", "last_login_at"]  # type: ignore[attr-defined]


def test_a_field_with_its_properties_nested_below() -> None:
    text = (
        "## Entity: Task\n\n### Attributes\n\n- **id** (UUID, Primary Key)\n  - Type: UUID\n  - Required: Yes\n\n"
        "- **title** (String)\n  - Type: String (max 255 characters)\n  - Required: No\n  - Unique: Yes\n  - Description: What to do\n"
    )
    (found,) = (f for f in facts(text) if isinstance(f, EntityMention))
    assert [said(f) for f in found.fields] == [
        {"type": "uuid", "is_nullable": False, "is_primary": True},
        {"type": "character varying", "is_nullable": True, "is_unique": True, "max_length": 255},
    ]
    assert found.fields[1].description == "What to do"


def test_entities_with_their_fields_nested_or_in_one_line() -> None:
    text = "## Entities\n\n- **users** — people\n  - id: uuid PK\n  - email: text unique\n- Orders: id, user_id, total (decimal)\n"
    found = [f for f in facts(text) if isinstance(f, EntityMention)]
    assert [(e.name, [f.name for f in e.fields]) for e in found] == [
        ("users", ["id", "email"]),
        ("Orders", ["id", "user_id", "total"]),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "## Technology Stack\n\n- Database: PostgreSQL\n- ORM: Prisma\n- Cache: Redis\n",
        "## Documentation Links\n\n- [Database Documentation]()\n- [Migration History]()\n",
        "### users\n\n- `POST /users`: creates\n- `GET /users`: lists\n",
        "## Backup\n\n- Type: full, incremental\n- Frequency: daily\n",
        "### users\n\n- Users sign up by mail\n- Passwords are hashed with bcrypt\n",
    ],
)
def test_lists_of_something_else_are_declined(text: str) -> None:
    assert readings(text) == []


@pytest.mark.parametrize(
    ("sentence", "columns", "exceptions"),
    [
        ("All tables have `id`, `created_at` and `updated_at`.", ("id", "created_at", "updated_at"), ()),
        (
            "Every table includes created_at, except audit_log and user_roles.",
            ("created_at",),
            ("audit_log", "user_roles"),
        ),
        ("所有表都包含 id、created_at 字段。", ("id", "created_at"), ()),
        ("Все таблицы содержат id и created_at.", ("id", "created_at"), ()),
        ("모든 테이블은 id, created_at 컬럼을 포함한다.", ("id", "created_at"), ()),
        ("Todas las tablas tienen id y created_at.", ("id", "created_at"), ()),
    ],
)
def test_rules_about_all_tables(sentence: str, columns: tuple[str, ...], exceptions: tuple[str, ...]) -> None:
    for text in (f"## Conventions\n\n{sentence}\n", f"## Conventions\n\n- {sentence}\n- Names are singular\n"):
        (found,) = (f for f in facts(text) if isinstance(f, UniversalRule))
        assert (found.columns, found.exceptions) == (columns, exceptions)


def test_a_list_that_is_to_be_filled_in_is_claimed_and_states_nothing() -> None:
    text = "### 6.1 Uniqueness Constraints\n\n- `[entity].[field]` must be unique\n- `[entity].([field1], [field2])` must be unique together\n"
    assert [(name, reading.facts) for name, reading in readings(text)] == [("read_schema_list", ())]


def test_indexes_are_named_in_one_line() -> None:
    text = "### sessions\n\n**インデックス**: `sessions_user_id_idx (user_id)`, `sessions_at_idx (expires_at DESC)`\n"
    found = [f for f in facts(text) if isinstance(f, IndexMention)]
    assert [(f.name, [key.text for key in f.keys]) for f in found] == [
        ("sessions_user_id_idx", ["user_id"]),
        ("sessions_at_idx", ["expires_at"]),
    ]


def test_a_table_whose_name_holds_the_word_key_is_no_index() -> None:
    text = "### Constraints\n\nUnique on purpose:\n\n- `ssh_public_keys.fingerprint`: no key twice\n"
    assert not [f for f in facts(text) if isinstance(f, IndexMention) and f.entity == "s"]


def test_marked_names_with_a_key_among_them_are_fields_without_a_type() -> None:
    text = (
        "### 3. **Player** - Spieler\n\n- `id` (UUID): Kennung\n- `name`: voller Name\n- Adresse: `street`, `city`\n"
        "- `minAge`, `maxAge`: Altersgrenzen\n- `teamId`: Mannschaft\n"
    )
    (found,) = [f for f in facts(text) if isinstance(f, EntityMention)]
    assert [f.name for f in found.fields] == ["id", "name", "street", "city", "minAge", "maxAge", "teamId"]


def test_fields_below_a_label_and_the_key_beside_it() -> None:
    text = (
        "### `Note` テーブル\n\n- **主キー**: `id`\n- **主な列**\n  - `ownerId` … 所有者\n  - `createdAt` / `updatedAt`\n"
        "- **補足**: 検索に使う。\n"
    )
    (found,) = [f for f in facts(text) if isinstance(f, EntityMention)]
    (key,) = [f for f in facts(text) if isinstance(f, PrimaryKeyMention)]
    assert [f.name for f in found.fields] == ["ownerId", "createdAt", "updatedAt", "id"]
    assert (key.entity, key.columns) == ("Note", ("id",))


def test_the_name_of_a_key_alone_is_no_column_with_an_index() -> None:
    text = "# 数据库与缓存设计\n\n### `rounds`\n\n索引与约束：\n\n- `fk_rounds_player`\n- `uk_rounds_entry (player_id, at)`\n"
    found = [f for f in facts(text) if isinstance(f, IndexMention)]
    assert [(f.name, f.is_unique) for f in found] == [("uk_rounds_entry", True)]
