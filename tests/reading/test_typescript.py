"""TypeScript and JavaScript: declarations to facts, application code to prose."""

from code_reading import entities, facts, fence, fields, of, readings, said

from asbuilt.model.chapters import AccessOperation, CacheKey, SeedRow, ValidationRule
from asbuilt.model.entities import EnumMention, IndexMention, RelationshipMention, UniqueMention
from asbuilt.reading.code.typescript import read_typescript


def test_enum_values_stand_where_they_are_written() -> None:
    text = fence(
        "typescript", "export enum UserStatus {\n  ACTIVE = 'active', // here\n  GONE = \"gone\",\n  PLAIN,\n}"
    )
    [enum] = of(text, EnumMention)
    assert enum.name == "UserStatus"
    assert [(v.label, v.value, text[v.span.start : v.span.end]) for v in enum.values] == [
        ("ACTIVE", "active", "active"),
        ("GONE", "gone", "gone"),
        ("PLAIN", "PLAIN", "PLAIN"),
    ]
    assert text[enum.span.start : enum.span.end].startswith("export enum UserStatus {")


def test_constants_unions_zod_and_drizzle_declare_enumerations_too() -> None:
    text = fence(
        "ts",
        "const ROLES = ['admin', 'user'] as const;\n"
        "const Kind = { A: 'a', B: 'b' } as const\n"
        "type Status = 'draft' | 'done' | null;\n"
        "const level = z.enum(['low', 'high'])\n"
        "export const mood = pgEnum('mood', ['sad', 'ok']);",
    )
    assert {e.name: [v.value for v in e.values] for e in of(text, EnumMention)} == {
        "ROLES": ["admin", "user"],
        "Kind": ["a", "b"],
        "Status": ["draft", "done"],
        "level": ["low", "high"],
        "mood": ["sad", "ok"],
    }


def test_an_interface_states_types_optionality_and_what_its_comments_say() -> None:
    text = fence(
        "typescript",
        "type PostStatus = 'draft' | 'published'\n"
        "export interface Post {\n"
        "  id: string;            // UUID, Primary Key\n"
        "  title: string;         // Max 255 chars, unique\n"
        "  author_id: string;     // FK -> users.id\n"
        "  status: PostStatus;    // default: 'draft'\n"
        "  published_at?: Date | null;\n"
        "  tags: string[]\n"
        "  author: User;\n"
        "  meta: Record<string, unknown>; level: 'a' | 'b'\n"
        "  rename(to: string): void;\n"
        "}",
    )
    # a method makes an interface one of operations
    assert "Post" not in entities(text)
    post = entities(text.replace("  rename(to: string): void;\n", ""))["Post"]
    assert not post.is_complete
    found = {name: said(field) for name, field in fields(post).items()}
    assert found == {
        "id": {"type": "uuid", "is_primary": True},
        "title": {"type": "character varying", "max_length": 255, "is_unique": True},
        "author_id": {"type": "character varying", "is_foreign_key": True, "references": "users(id)"},
        "status": {"type": "enum", "values": ("draft", "published"), "default": "'draft'"},
        "published_at": {"type": "timestamp with time zone", "is_nullable": True},
        "tags": {"type": "character varying[]"},
        "meta": {"type": "jsonb"},
        "level": {"type": "enum", "values": ("a", "b")},
    }


def test_requests_props_and_configurations_are_no_entities() -> None:
    code = "interface CreateUserRequest { name: string }\ntype UserProps = { id: string }\nclass UserService { id: string = '1' }"
    assert facts(fence("typescript", code)) == []
    # far from the entities only something with an identifier counts
    assert facts(fence("typescript", "interface Size { width: number }", "## Monitoring")) == []
    assert list(entities(fence("typescript", "interface Size { id: string; width: number }", "## Monitoring"))) == [
        "Size"
    ]


def test_placeholders_are_claimed_without_facts() -> None:
    [(name, reading)] = readings(
        fence("typescript", "interface [EntityName] {\n  id: string; // UUID\n  [field1]: string;\n}")
    )
    assert (name, reading.facts, reading.unread) == (read_typescript.__name__, (), ())
    assert facts(fence("typescript", "enum [EnumName] {\n  VALUE1 = 'value1'\n}")) == []


def test_an_interface_that_does_not_close_is_reported() -> None:
    text = fence("typescript", "interface User {\n  id: string;\n")
    [(_, reading)] = readings(text)
    assert [text[s.start : s.end] for s in reading.unread] == ["interface User"]


def test_typeorm_declares_a_table() -> None:
    text = fence(
        "typescript",
        "@Entity('users')\nexport class User {\n"
        "  @PrimaryGeneratedColumn('uuid')\n  id: string;\n"
        "  @Column({ type: 'varchar', length: 255, unique: true, nullable: true })\n  email: string;\n"
        "  @Column({ type: 'enum', enum: ['a', 'b'], default: 'a' }) kind: string;\n"
        "  @ManyToOne(() => Org, (o) => o.users, { onDelete: 'CASCADE' })\n  @JoinColumn({ name: 'org_id' })\n  org: Org;\n"
        "  @OneToMany(() => Post, (p) => p.author) posts: Post[];\n"
        "  fullName() { return this.email }\n}",
    )
    user = entities(text)["users"]
    assert user.is_complete
    assert {name: said(field) for name, field in fields(user).items()} == {
        "id": {"type": "uuid", "is_primary": True},
        "email": {"type": "character varying(255)", "is_unique": True, "is_nullable": True, "max_length": 255},
        "kind": {"type": "enum", "values": ("a", "b"), "default": "'a'", "is_nullable": False},
        "org_id": {"is_foreign_key": True, "references": "Org() CASCADE"},
    }
    org, posts = of(text, RelationshipMention)
    assert (org.right, org.left_count.is_many, org.right_count.is_many, org.via) == ("Org", True, False, "org_id")
    assert (posts.right, posts.left_count.is_many, posts.right_count.is_many) == ("Post", False, True)


def test_drizzle_declares_a_table_with_its_indexes() -> None:
    text = fence(
        "ts",
        "export const users = pgTable('users', {\n"
        "  id: uuid('id').primaryKey().defaultRandom(),\n"
        "  email: varchar('email', { length: 255 }).notNull().unique(),\n"
        "  orgId: integer('org_id').references(() => orgs.id, { onDelete: 'cascade' }),\n"
        "  createdAt: timestamp('created_at', { withTimezone: true }).defaultNow(),\n"
        "}, (t) => ({ byMail: uniqueIndex('ix_mail').on(t.email), pair: unique().on(t.orgId, t.email) }));",
    )
    users = entities(text)["users"]
    assert {name: said(field) for name, field in fields(users).items()} == {
        "id": {"type": "uuid", "is_primary": True, "is_nullable": False, "default": "gen_random_uuid()"},
        "email": {"type": "character varying(255)", "is_nullable": False, "is_unique": True},
        "org_id": {"type": "integer", "references": "orgs(id) cascade"},
        "created_at": {"type": "timestamp with time zone", "default": "now()"},
    }
    [index] = of(text, IndexMention)
    assert (index.name, [k.text for k in index.keys], index.is_unique) == ("ix_mail", ["email"], True)
    assert [u.columns for u in of(text, UniqueMention)] == [("org_id", "email")]


def test_zod_states_a_rule_for_each_link() -> None:
    text = fence(
        "typescript",
        "const CreateUserSchema = z.object({\n  name: z.string().min(2, 'short').regex(/^[a-z]+$/),\n  age: z.number().optional()\n})",
    )
    assert [(r.entity, r.field, r.rule, r.bound) for r in of(text, ValidationRule)] == [
        ("User", "name", "string", ""),
        ("User", "name", "min", "2"),
        ("User", "name", "regex", "/^[a-z]+$/"),
        ("User", "age", "number", ""),
        ("User", "age", "optional", ""),
    ]


def test_cache_configurations_and_calls_give_keys() -> None:
    text = fence(
        "typescript",
        "const CACHE = { session: { key: `user:${userId}:session`, ttl: 60 * 60 }, item: { key: 'item:{id}', ttl: '5m', invalidateOn: ['save'] } };\n"
        "async function getUser(id: string): Promise<User> {\n"
        "  const hit = await redis.get(`user:${id}`);\n"
        "  await redis.set(`user:${id}`, JSON.stringify(user), 'EX', 300);\n}\n"
        "async function saveUser(id: string) { await redis.del(`user:${id}`); }",
        "## Caching",
    )
    session, item, user = of(text, CacheKey)
    assert (session.name, session.pattern, session.parameters, session.ttl_seconds) == (
        "session",
        "user:${userId}:session",
        ("userId",),
        3600,
    )
    assert (item.ttl_seconds, item.invalidation) == (300, "save")
    assert (user.name, user.pattern, user.ttl_seconds, user.invalidation) == ("getUser", "user:${id}", 300, "saveUser")
    assert all(text[k.pattern_span.start : k.pattern_span.end] == k.pattern for k in (session, item, user))


def test_an_interface_of_operations_and_calls_of_a_client() -> None:
    text = fence(
        "typescript",
        "interface UserAccess {\n  create: (data: UserInput) => Promise<User>;\n  getById: (id: string) => Promise<User>;\n"
        "  getByTeam(teamId: string): Promise<User[]>;\n  delete: (id: string) => Promise<void>;\n}\n"
        "const posts = await prisma.post.findMany({ where: { userId }, include: { author: true } })",
        "## Data Access",
    )
    assert [(o.entity, o.operation, o.by) for o in of(text, AccessOperation)] == [
        ("User", "create", ()),
        ("User", "get", ("id",)),
        ("User", "list", ("teamId",)),
        ("User", "delete", ("id",)),
        ("post", "list", ("userId",)),
    ]


def test_seed_rows_keep_their_values() -> None:
    text = fence(
        "typescript",
        "const seedUsers = [\n  { email: 'a@b.c', age: 3, isAdmin: true, made: new Date('2024-01-01'), id: uuid() },\n];",
        "## Seeding",
    )
    [row] = of(text, SeedRow)
    assert row.entity == "Users"
    assert row.values == (("email", "a@b.c"), ("age", "3"), ("isAdmin", "true"), ("made", "2024-01-01"))


def test_application_code_is_prose() -> None:
    text = fence(
        "javascript",
        "const app = express();\napp.use(cors({ origin: '*' }));\napp.listen(3000, () => console.log('up'));",
    )
    [(_, reading)] = readings(text)
    assert reading.facts == ()
    assert [text[s.start : s.end] for s in reading.prose] == [text[text.index("```") :].rstrip("\n")]


def test_a_bare_shape_under_an_entitys_heading() -> None:
    text = fence(
        "typescript",
        "{\n  bearerToken: string;     // unique\n  seenAt?: Timestamp;\n  items: Array<{ name: string; at: Date }>;\n  kind: 'a' | 'b';\n}",
        "### `agents` (Agent Registry)",
    )
    agents = entities(text)["agents"]
    assert {name: said(field) for name, field in fields(agents).items()} == {
        "bearerToken": {"type": "character varying", "is_unique": True},
        "seenAt": {"type": "timestamp with time zone", "is_nullable": True},
        "items": {"type": "jsonb[]"},
        "kind": {"type": "enum", "values": ("a", "b")},
    }
    shape = entities(fence("js", "// users collection\n{\n  id: 'uuid',\n  name: 'string',\n  age: 3\n}"))["users"]
    assert {name: said(field) for name, field in fields(shape).items()} == {
        "id": {"type": "uuid"},
        "name": {"type": "character varying"},
        "age": {},
    }
    assert facts(fence("js", "{\n  id: 1\n}", "## Response")) == []


def test_firestores_index_definitions() -> None:
    code = '{\n  collectionGroup: "events",\n  fields: [\n    { fieldPath: "userId", order: "ASCENDING" },\n    { fieldPath: "at", order: "DESCENDING" }\n  ]\n}'
    [index] = of(fence("javascript", code, "## Indexing"), IndexMention)
    assert (index.entity, index.store.value) == ("events", "firestore")
    assert [(k.text, k.is_descending) for k in index.keys] == [("userId", False), ("at", True)]
