"""No text whatever makes a reader of code fail, and every fact's span holds what it states."""

import pytest
from code_reading import facts, fence, readings
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from asbuilt.model.chapters import CacheKey
from asbuilt.model.entities import EntityMention, EnumMention
from asbuilt.reading.chapters.cache_lines import key_in
from asbuilt.reading.code.host_types import host_type, sql_type
from asbuilt.reading.code.tokens import tokenize
from asbuilt.reading.code.yaml_lines import parse as parse_yaml
from asbuilt.reading.phrases.field_comments import remark_of
from asbuilt.text import Excerpt, Span

SAMPLES = {
    "typescript": "@Entity('u')\nexport class User {\n  @Column({ length: 5 })\n  name?: string | null; // max 255 chars, default: 'x'\n}\n"
    "enum Role { A = 'a' }\nconst S = z.object({ a: z.string().min(2) })\nconst c = { k: { key: `u:${id}`, ttl: 60 * 60 } };\n"
    "const users = pgTable('users', { id: uuid('id').primaryKey() }, (t) => ({ i: index('x').on(t.id) }));\n"
    "async function f(id: string) { await redis.setex(`u:${id}`, 5, x); await prisma.user.findMany({ where: { id } }) }\n"
    "const seedUsers = [{ a: 'b' }]; interface UserAccess { getById: (id: string) => Promise<User[]>; }",
    "python": "class U(Base):\n    __tablename__ = 'u'\n    id = Column(String(5), ForeignKey('a.b'), index=True)  # unique\n"
    "class E(Enum):\n    A = 'a'\n@dataclass\nclass D:\n    a: Optional[int] = 3\n"
    "class P(models.Model):\n    a = models.ForeignKey('X', on_delete=models.CASCADE)\n"
    "async def f(x):\n    k = f'a:{x}'\n    await redis.setex(k, 60 * 2, 1)\n",
    "prisma": "enum R {\n  A\n}\nmodel User {\n  id String @id @default(uuid()) @db.Uuid\n  r R @default(A)\n  p Post[]\n  @@index([id(sort: Desc)])\n"
    "  @@map(\"users\")\n}\nmodel Post {\n  uId String\n  u User @relation(fields: [uId], references: [id], onDelete: Cascade)\n}",
    "go": "type User struct {\n\tID uint `gorm:\"primaryKey\" json:\"id\"`\n\tName *string // max 5 chars\n}",
    "csharp": "[Table(\"u\")]\npublic class User {\n  [Key] public Guid Id { get; set; }\n  public string? Name { get; set; } = \"\";\n}\nenum A { B, C }",
    "java": "@Entity\n@Table(name = \"u\")\npublic class User { @Id private UUID id; @Column(name = \"n\", length = 5) String n; }",
    "kotlin": "data class User(@Id val id: UUID, val n: String? = null)",
    "rust": "pub struct User { #[x] pub id: Uuid, pub e: Option<String> }",
    "php": "Schema::create('u', function ($t) {\n  $table->string('a', 5)->nullable();\n  $table->unique(['a']);\n});",
    "ruby": "create_table :u do |t|\n  t.string :a, null: false\n  t.index [:a], unique: true\nend",
    "javascript": "// User collection\n{\n  _id: ObjectId,\n  a: { type: String, enum: ['x'], required: [true, 'm'] },\n  b: [{ c: Date }]\n}\n"
    "db.users.createIndex({ a: -1 }, { unique: true })\nconst s = new Schema({ a: Number });\nmongoose.model('S', s)\n"
    "db.createCollection('o', { validator: { $jsonSchema: { required: ['a'], properties: { a: { bsonType: 'string' } } } } })",
    "yaml": "Table: Users\nPartitionKey: id (String)\nSortKey: none\nGlobalSecondaryIndexes:\n  - IndexName: I\n    PartitionKey: e (String)\nAttributes:\n  id: String (optional)",
    "redis": "# User\nKey: user:{id}\nTTL: 60\nInvalidate: on update\n\nsession: { key: \"s:{id}\", ttl: 1h }\nSETEX a:{b} 60 x\nb:{c} → x (TTL: 1h)",
    "json": '{ "id": "uuid", "email": "string", "tags": ["a"], "n": null }',
    "yml": "development:\n  url: x\nusers:\n  fields:\n    id: uuid\n    name: varchar(5) # unique",
    "": "users/{userId}\n  name: string\n  posts/{postId}:\n    title: string",
}  # fmt: skip
HEADINGS = ("## Users", "## Caching", "## Seeding", "## MongoDB Schema", "# 1. X")


def spans_of(value: object) -> list[Span]:
    """Return every span in a fact, nested ones included."""
    if isinstance(value, Span):
        return [value]
    if isinstance(value, tuple):
        return [span for item in value for span in spans_of(item)]
    if isinstance(value, Struct):
        return [span for name in value.__struct_fields__ for span in spans_of(getattr(value, name))]
    return []


def check(text: str) -> None:
    for name, reading in readings(text):
        for fact in reading.facts:
            assert all(0 <= span.start <= span.end <= len(text) for span in spans_of(fact)), name
            assert fact.span.start < fact.span.end, name
            if isinstance(fact, EntityMention | EnumMention):
                assert text[fact.name_span.start : fact.name_span.end] == fact.name
            if isinstance(fact, CacheKey):
                assert text[fact.pattern_span.start : fact.pattern_span.end] == fact.pattern
            if isinstance(fact, EnumMention):
                assert all(
                    text[v.span.start : v.span.end] in (v.value, "auto()")
                    for v in fact.values
                    if v.span.end > v.span.start
                )


@pytest.mark.parametrize("language", list(SAMPLES))
def test_every_sample_is_read(language: str) -> None:
    heading = "## Users" if language == "json" else "## Entities"
    text = fence(language, SAMPLES[language], heading)
    assert facts(text)
    check(text)


@settings(max_examples=60)
@given(st.sampled_from(list(SAMPLES)), st.sampled_from(HEADINGS), st.text(max_size=200))
def test_random_text_is_no_error(language: str, heading: str, code: str) -> None:
    check(fence(language, code, heading))


@settings(max_examples=300)
@given(st.data())
def test_mutated_code_is_no_error(data: st.DataObject) -> None:
    language = data.draw(st.sampled_from(list(SAMPLES)))
    code = SAMPLES[language]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(code)))
        end = min(len(code), start + data.draw(st.integers(0, 12)))
        new = data.draw(st.one_of(st.text(max_size=3), st.text(alphabet="{}()[]<>:;,'\"`@#=$*\n \\/", max_size=4)))
        code = code[:start] + new + code[end:]
    check(fence(language, code, data.draw(st.sampled_from(HEADINGS))))


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_the_pieces_take_any_text(text: str) -> None:
    excerpt = Excerpt.at(text, 0)
    remark_of(excerpt)
    key_in(excerpt)
    parse_yaml(excerpt)
    tokenize(excerpt)
    host_type(text)
    sql_type(text)


DEEP = {
    "typescript": ("const a = ", "{ a: ["),
    "ts": ("const cache = ", "{ b: "),
    "javascript": ("{ _id: ObjectId, a: ", "{ b: "),
    "python": ("x = ", "("),
    "py": ("class A(Base):\n    __tablename__ = 'a'\n    a = Column(String(", "9 * "),
    "yaml": ("development:\n", " " * 3 + "- a: "),
    "json": ("", '{ "a": ['),
    "rust": ("struct User { id: ", "Option<"),
}


@pytest.mark.parametrize("language", list(DEEP))
def test_deep_nesting_is_no_error(language: str) -> None:
    before, opening = DEEP[language]
    for closing in ("", "}", "]}", ")", ">"):
        check(fence(language, before + opening * 3000 + closing * 3000, "## Users"))
