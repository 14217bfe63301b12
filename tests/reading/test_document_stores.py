"""MongoDB, DynamoDB and Firestore."""

from code_reading import entities, facts, fence, fields, of, said

from asbuilt.document import parse
from asbuilt.model.entities import EntityMention, IndexMention, PrimaryKeyMention, Store
from asbuilt.reading import read
from asbuilt.text import Source


def test_a_collection_has_dotted_fields() -> None:
    text = fence(
        "javascript",
        "// User collection\n{\n  _id: ObjectId,\n  email: { type: String, unique: true, required: true }, // login\n"
        "  profile: { bio: String, seen: Date },\n  addresses: [{ type: { type: String, enum: ['home', 'work'] }, city: String }],\n  tags: [String]\n}\n"
        "db.users.createIndex({ email: 1 }, { unique: true })\ndb.users.createIndex({ 'addresses.city': -1 })",
        "## MongoDB Schema",
    )
    user = entities(text)["User"]
    assert (user.store, user.is_complete) == (Store.MONGODB, True)
    assert {name: said(field) for name, field in fields(user).items()} == {
        "_id": {"type": "uuid", "is_primary": True},
        "email": {"type": "character varying", "is_unique": True, "is_nullable": False},
        "profile": {"type": "jsonb"},
        "profile.bio": {"type": "character varying"},
        "profile.seen": {"type": "timestamp with time zone"},
        "addresses": {"type": "jsonb[]"},
        "addresses.type": {"type": "character varying", "values": ("home", "work")},
        "addresses.city": {"type": "character varying"},
        "tags": {"type": "character varying[]"},
    }
    assert [
        (i.entity, i.store, i.is_unique, [(k.text, k.is_descending) for k in i.keys]) for i in of(text, IndexMention)
    ] == [
        ("users", Store.MONGODB, True, [("email", False)]),
        ("users", Store.MONGODB, False, [("addresses.city", True)]),
    ]


def test_mongoose_and_validators() -> None:
    text = fence(
        "js",
        "const userSchema = new mongoose.Schema({ name: { type: String, maxlength: 50, required: [true, 'x'] } }, { timestamps: true });\n"
        "userSchema.index({ name: 'text' });\nmodule.exports = mongoose.model('User', userSchema);\n"
        'db.createCollection("orders", { validator: { $jsonSchema: { required: ["total"], properties: {\n'
        '  total: { bsonType: "decimal" }, kind: { enum: ["a", "b"] }, to: { bsonType: "object", properties: { city: { bsonType: "string" } } } } } } })',
    )
    found = entities(text)
    assert said(fields(found["User"])["name"]) == {"type": "character varying", "max_length": 50, "is_nullable": False}
    assert {name: said(field) for name, field in fields(found["orders"]).items()} == {
        "total": {"type": "numeric", "is_nullable": False},
        "kind": {"values": ("a", "b")},
        "to": {"type": "jsonb"},
        "to.city": {"type": "character varying"},
    }
    [index] = of(text, IndexMention)
    assert (index.entity, index.method) == ("User", "text")


def test_a_dynamodb_table() -> None:
    text = fence(
        "yaml",
        "Table: Users\nPartitionKey: userId (String)\nSortKey: none\n\nGlobalSecondaryIndexes:\n  - IndexName: ByMonth\n    PartitionKey: month (String)\n"
        "    SortKey: createdAt (Number)\n    Projection: KEYS_ONLY\n\nAttributes:\n  userId: String\n  ttl: Number (optional, for expiration)\n",
    )
    users = entities(text)["Users"]
    assert (users.store, users.is_complete) == (Store.DYNAMODB, True)
    assert {name: said(field) for name, field in fields(users).items()} == {
        "userId": {"type": "character varying"},
        "ttl": {"type": "numeric", "is_nullable": True},
    }
    assert [k.columns for k in of(text, PrimaryKeyMention)] == [("userId",)]
    [index] = of(text, IndexMention)
    assert (index.name, [k.text for k in index.keys], index.store) == (
        "ByMonth",
        ["month", "createdAt"],
        Store.DYNAMODB,
    )


def test_cloudformation() -> None:
    text = fence(
        "yaml",
        "UsersTable:\n  Type: AWS::DynamoDB::Table\n  Properties:\n    TableName: users\n    AttributeDefinitions:\n      - AttributeName: pk\n        AttributeType: S\n"
        "    KeySchema:\n      - AttributeName: pk\n        KeyType: HASH\n      - AttributeName: sk\n        KeyType: RANGE\n",
    )
    users = entities(text)["users"]
    assert (list(fields(users)), users.is_complete) == (["sk", "pk"], False)
    assert [k.columns for k in of(text, PrimaryKeyMention)] == [("pk", "sk")]


def test_firestore_paths() -> None:
    text = fence(
        "", "users/{userId}\n  name: string\n  posts/{postId}:\n    title: string # max 80 chars\n", "## Firestore"
    )
    found = {m.name: m for m in of(text, EntityMention)}
    assert {m.store for m in found.values()} == {Store.FIRESTORE}
    assert said(fields(found["posts"])["title"]) == {"type": "character varying", "max_length": 80}


def test_examples_of_calls_are_prose() -> None:
    assert facts(fence("mongodb", "db.users.find({ age: { $gt: 3 } })")) == []


def test_a_schema_without_a_model_is_about_what_its_name_says() -> None:
    for code in ("new mongoose.Schema({ name: String })", "{\n  _id: ObjectId,\n  name: String\n}"):
        text = fence("js", f"const userSchema = {code};")
        [user] = of(text, EntityMention)
        assert (user.name, text[user.name_span.start : user.name_span.end]) == ("user", "user")


def test_field_tables_of_a_document_that_speaks_of_mongodb_only_are_collections() -> None:
    def user(words: str) -> EntityMention:
        table = "| Field | Type |\n|---|---|\n| _id | ObjectId |\n| roles | [String] |\n"
        text = f"# Data\n\n{words}\n\n## Users collection\n\n{table}"
        [mention] = [f for f in read(parse(Source("d", text))).facts if isinstance(f, EntityMention)]
        return mention

    found = user("We use MongoDB.")
    assert (found.store, [f.name for f in found.fields]) == (Store.MONGODB, ["_id", "roles"])
    assert user("MongoDB for logs, PostgreSQL for the rest.").store == Store.RELATIONAL
