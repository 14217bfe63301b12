"""Classes of host languages, Prisma's schemas, migrations of frameworks, shapes in JSON and YAML, configuration."""

import pytest
from code_reading import entities, facts, fence, fields, of, readings, said

from asbuilt.model.chapters import Property, SeedRow
from asbuilt.model.entities import EnumMention, IndexMention, RelationshipMention, Store, UniqueMention
from asbuilt.model.fact import Form

STRING = "character varying"
INSTANT = "timestamp with time zone"
CLASSES = {
    "csharp": (
        '[Table("users")]\npublic class User : Base\n{\n    [Key]\n    public Guid Id { get; set; }\n    [Required]\n    [MaxLength(100)]\n'
        '    public string Name { get; set; } = "";\n    public string? Bio { get; set; } // max 500 chars\n    public virtual ICollection<Order> Orders { get; set; }\n}',
        "users",
        {"Id": {"type": "uuid", "is_primary": True}, "Name": {"type": STRING, "is_nullable": False, "max_length": 100},
         "Bio": {"type": STRING, "is_nullable": True, "max_length": 500}},
    ),
    "java": (
        '@Entity\n@Table(name = "users")\npublic class User {\n    @Id\n    private UUID id;\n    @Column(name = "user_name", nullable = false, unique = true, length = 50)\n'
        "    private String userName;\n    @ManyToOne\n    private Org org;\n    public UUID getId() { return id; }\n}",
        "users",
        {"id": {"type": "uuid", "is_primary": True}, "user_name": {"type": STRING, "is_nullable": False, "is_unique": True, "max_length": 50}},
    ),
    "kotlin": (
        "data class User(\n    @Id val id: UUID,\n    val bio: String? = null,\n)",
        "User",
        {"id": {"type": "uuid", "is_primary": True}, "bio": {"type": STRING, "is_nullable": True}},
    ),
    "go": (
        'type User struct {\n\tgorm.Model\n\tID uint `gorm:"primaryKey" json:"id"`\n\tEmail *string `gorm:"column:email_addr;unique;size:255"` // login\n\tTags []string\n}',
        "User",
        {"id": {"type": "bigint", "is_primary": True}, "email_addr": {"type": STRING, "is_nullable": True, "is_unique": True, "max_length": 255},
         "Tags": {"type": STRING + "[]"}},
    ),
    "dart": (
        "class User {\n  final String id;\n  final DateTime? seenAt;\n  User({required this.id});\n  factory User.fromJson(Map<String, dynamic> j) => User(id: j['id']);\n}",
        "User",
        {"id": {"type": STRING}, "seenAt": {"type": INSTANT, "is_nullable": True}},
    ),
    "rust": (
        '#[derive(Debug)]\npub struct User {\n    pub id: Uuid,\n    #[serde(rename = "x")]\n    pub email: Option<String>,\n    pub at: DateTime<Utc>,\n}',
        "User",
        {"id": {"type": "uuid"}, "email": {"type": STRING, "is_nullable": True}, "at": {"type": INSTANT}},
    ),
    "swift": (
        "struct User: Codable {\n    let id: UUID\n    var name: String?\n}",
        "User",
        {"id": {"type": "uuid"}, "name": {"type": STRING, "is_nullable": True}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", list(CLASSES))
def test_a_class_is_an_entity(language: str) -> None:
    code, name, expected = CLASSES[language]
    user = entities(fence(language, code))[name]
    assert {field: said(mention) for field, mention in fields(user).items()} == expected
    assert (user.form, user.is_complete) == (Form.CLASS, False)


def test_services_and_requests_are_prose() -> None:
    text = fence(
        "go",
        'type SessionCreateRequest struct {\n\tID string `json:"id"`\n}\ntype UserService struct {\n\tid string\n}\nfunc main() { x := 1 }',
    )
    [(_, reading)] = readings(text)
    assert (reading.facts, reading.unread) == ((), ())


def test_tags_tell_the_store() -> None:
    assert (
        entities(fence("go", 'type Session struct {\n\tID string `json:"id" redis:"id"`\n}'))["Session"].store
        == Store.REDIS
    )
    assert entities(fence("go", 'type Log struct {\n\tID string `bson:"_id"`\n}'))["Log"].store == Store.MONGODB


def test_enumerations() -> None:
    [enum] = of(fence("csharp", "public enum Status { Pending, Shipped = 2 }"), EnumMention)
    assert [v.value for v in enum.values] == ["Pending", "Shipped"]
    [enum] = of(fence("swift", 'enum Status: String {\n  case new = "NEW"\n  case done\n}'), EnumMention)
    assert enum.values[0].value == "NEW"


def test_prisma() -> None:
    text = fence(
        "prisma",
        'enum Role {\n  USER\n  ADMIN @map("admin")\n}\nmodel User {\n  id    String  @id @default(uuid()) @db.Uuid\n  email String  @unique @db.VarChar(255) // login\n'
        '  name  String?\n  role  Role    @default(USER)\n  at    DateTime @default(now()) @map("created_at")\n  posts Post[]\n  @@index([at(sort: Desc), name], map: "ix")\n'
        '  @@map("users")\n}\nmodel Post {\n  id       Int    @id @default(autoincrement())\n  authorId String @map("author_id") @db.Uuid\n'
        "  author   User   @relation(fields: [authorId], references: [id], onDelete: Cascade)\n  @@unique([authorId, id])\n}",
    )
    found = entities(text)
    assert {name: said(field) for name, field in fields(found["users"]).items()} == {
        "id": {"type": "uuid", "is_nullable": False, "is_primary": True, "default": "gen_random_uuid()"},
        "email": {"type": "character varying(255)", "is_nullable": False, "is_unique": True},
        "name": {"type": STRING, "is_nullable": True},
        "role": {"type": "enum", "is_nullable": False, "default": "'USER'", "values": ("USER", "admin")},
        "created_at": {"type": INSTANT, "is_nullable": False, "default": "now()"},
    }
    assert said(fields(found["Post"])["author_id"])["references"] == "users(id) CASCADE"
    [index] = of(text, IndexMention)
    assert (index.name, [(k.text, k.is_descending) for k in index.keys]) == (
        "ix",
        [("created_at", True), ("name", False)],
    )
    assert [u.columns for u in of(text, UniqueMention)] == [("author_id", "id")]
    [relation] = of(text, RelationshipMention)
    assert (relation.left, relation.right, relation.via, relation.left_count.is_many, relation.right_count.is_many) == (
        "Post",
        "users",
        "author_id",
        True,
        False,
    )


def test_a_prisma_model_that_does_not_close_is_reported() -> None:
    text = fence("prisma", "model User {\n  id Int @id\n")
    [(_, reading)] = readings(text)
    assert [text[s.start : s.end] for s in reading.unread] == ["model User {"]


def test_migrations_of_frameworks() -> None:
    php = fence(
        "php",
        "Schema::create('users', function (Blueprint $table) {\n    $table->id();\n    $table->string('name', 100)->nullable();\n"
        "    $table->foreignId('org_id')->constrained('orgs')->cascadeOnDelete();\n    $table->unique(['name', 'org_id']);\n});",
    )
    users = fields(entities(php)["users"])
    assert said(users["name"]) == {"type": "character varying(100)", "is_nullable": True}
    assert said(users["org_id"])["references"] == "orgs() CASCADE"
    assert [u.columns for u in of(php, UniqueMention)] == [("name", "org_id")]
    ruby = fence(
        "ruby",
        'create_table :users do |t|\n  t.string :name, null: false, default: "x"\n  t.index [:name], unique: true\nend',
    )
    assert said(fields(entities(ruby)["users"])["name"]) == {"type": STRING, "is_nullable": False, "default": '"x"'}
    assert [i.is_unique for i in of(ruby, IndexMention)] == [True]


def test_json_under_an_entity_shows_its_fields() -> None:
    user = entities(
        fence(
            "json",
            '{ "id": "uuid", "email": "a@b.c", "age": 3, "address": { "city": "X" }, "note": "string | null" }',
            "## Users",
        )
    )["Users"]
    assert (user.form, user.is_complete) == (Form.EXAMPLE, False)
    assert {name: said(field) for name, field in fields(user).items()} == {
        "id": {"type": "uuid"},
        "email": {},
        "age": {},
        "address": {"type": "jsonb"},
        "note": {"type": STRING, "is_nullable": True},
    }


@pytest.mark.parametrize("heading", ["## API Response", "### Create user request", "## Monitoring"])
def test_other_json_is_prose(heading: str) -> None:
    [(name, reading)] = readings(fence("json", '{ "id": "uuid", "email": "string" }', heading))
    assert (name, reading.facts) == ("read_json", ())


def test_json_seeds() -> None:
    [row] = of(fence("json", '{ "users": [ { "name": "A", "age": 3 } ] }', "## Seed Data"), SeedRow)
    assert (row.entity, row.values) == ("users", (("name", "A"), ("age", "3")))


def test_yaml_entities_environments_and_deployments() -> None:
    text = fence("yaml", "users:\n  fields:\n    id: uuid\n    name: varchar(50)  # unique\n")
    assert said(fields(entities(text)["users"])["name"]) == {"type": "character varying(50)", "is_unique": True}
    text = fence("yaml", "development:\n  host: localhost\nproduction:\n  pool: 20\n")
    assert [(p.key, p.value) for p in of(text, Property)] == [
        ("development.host", "localhost"),
        ("production.pool", "20"),
    ]
    assert facts(fence("yaml", "apiVersion: v1\nkind: ConfigMap\ndata:\n  id: uuid\n  name: text\n")) == []


@pytest.mark.parametrize("language", ["bash", "dockerfile", "nginx", "http", "toml"])
def test_commands_and_configuration_are_prose(language: str) -> None:
    [(name, reading)] = readings(fence(language, "run something # now"))
    assert (name, reading.facts, len(reading.prose)) == ("read_application_code", (), 1)
