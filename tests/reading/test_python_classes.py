"""Python: SQLAlchemy, Django, dataclasses, pydantic, enumerations, and the cache keys of services."""

from code_reading import entities, facts, fence, fields, of, readings, said

from asbuilt.model.chapters import CacheKey
from asbuilt.model.entities import EnumMention, IndexMention, RelationshipMention, UniqueMention


def test_sqlalchemy_declares_a_table() -> None:
    text = fence(
        "python",
        'class User(Base):\n    """Who logs in."""\n    __tablename__ = "users"\n\n'
        "    id = Column(UUID(as_uuid=True), primary_key=True, default=uuid.uuid4)\n"
        "    email = Column(String(255), unique=True, nullable=False, index=True)  # 邮箱\n"
        "    org_id: Mapped[int | None] = mapped_column(ForeignKey('orgs.id', ondelete='CASCADE'))\n"
        '    status = Column(String(20), default="new")\n'
        "    created = Column(DateTime, server_default=func.now())\n"
        "    roles = relationship('Role', secondary=user_roles)\n"
        "    __table_args__ = (UniqueConstraint('org_id', 'email', name='one'), Index('ix', 'status', 'email'))\n",
    )
    users = entities(text)["users"]
    assert users.is_complete
    assert users.purpose == "Who logs in."
    assert {name: said(field) for name, field in fields(users).items()} == {
        "id": {"type": "uuid", "is_primary": True, "default": "gen_random_uuid()"},
        "email": {"type": "character varying(255)", "is_unique": True, "is_nullable": False, "is_indexed": True},
        "org_id": {"type": "bigint", "is_nullable": True, "is_foreign_key": True, "references": "orgs(id) CASCADE"},
        "status": {"type": "character varying(20)", "default": "'new'"},
        "created": {"type": "timestamp with time zone", "default": "now()"},
    }
    assert fields(users)["email"].description == "邮箱"
    assert [(i.name, [k.text for k in i.keys], i.is_unique) for i in of(text, IndexMention)] == [
        (None, ["email"], True),
        ("ix", ["status", "email"], False),
    ]
    assert [(u.name, u.columns) for u in of(text, UniqueMention)] == [("one", ("org_id", "email"))]
    [roles] = of(text, RelationshipMention)
    assert (roles.left, roles.right, roles.junction) == ("users", "Role", "user_roles")


def test_an_association_table_is_an_entity() -> None:
    text = fence(
        "python",
        "user_roles = Table(\n    'user_roles',\n    Base.metadata,\n    Column('user_id', UUID, ForeignKey('users.id'), primary_key=True),\n)",
    )
    table = entities(text)["user_roles"]
    assert said(fields(table)["user_id"]) == {
        "type": "uuid",
        "is_primary": True,
        "is_foreign_key": True,
        "references": "users(id)",
    }
    assert text[table.name_span.start : table.name_span.end] == "user_roles"


def test_django_declares_columns_that_are_not_null() -> None:
    text = fence(
        "python",
        "class Post(models.Model):\n    title = models.CharField(max_length=100)\n    body = models.TextField(null=True)\n"
        "    author = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)\n"
        "    kind = models.CharField(max_length=1, choices=[('a', 'A'), ('b', 'B')])\n"
        "    class Meta:\n        db_table = 'posts'\n        unique_together = [('title', 'kind')]\n",
    )
    posts = entities(text)["posts"]
    assert {name: said(field) for name, field in fields(posts).items()} == {
        "title": {"type": "character varying(100)", "is_nullable": False},
        "body": {"type": "text", "is_nullable": True},
        "author_id": {"is_nullable": True, "is_foreign_key": True, "references": "User() SET NULL"},
        "kind": {"type": "character varying(1)", "is_nullable": False, "values": ("a", "b")},
    }
    assert [u.columns for u in of(text, UniqueMention)] == [("title", "kind")]


def test_dataclasses_and_pydantic_leave_fields_out_on_purpose() -> None:
    text = fence(
        "python",
        "@dataclass\nclass User:\n    id: UUID\n    name: Optional[str] = None\n    tags: list[str] = field(default_factory=list)\n    org: Org\n"
        "class Item(BaseModel):\n    id: int\n    kind: Literal['a', 'b'] = 'a'\n    name: str = Field(..., max_length=50)\n"
        "class CreateItemRequest(BaseModel):\n    name: str\n",
    )
    found = entities(text)
    assert list(found) == ["User", "Item"]
    assert not found["User"].is_complete
    assert {name: said(field) for name, field in fields(found["User"]).items()} == {
        "id": {"type": "uuid"},
        "name": {"type": "character varying", "is_nullable": True},
        "tags": {"type": "character varying[]"},
    }
    assert {name: said(field) for name, field in fields(found["Item"]).items()} == {
        "id": {"type": "bigint"},
        "kind": {"type": "enum", "values": ("a", "b"), "default": "'a'"},
        "name": {"type": "character varying", "max_length": 50},
    }


def test_enumerations() -> None:
    [enum] = of(
        fence("python", "class Status(str, Enum):\n    NEW = 'new'\n    DONE = 'done'\n\n    def label(self): ...\n"),
        EnumMention,
    )
    assert [(v.label, v.value) for v in enum.values] == [("NEW", "new"), ("DONE", "done")]


def test_services_are_prose_and_their_cache_keys_are_facts() -> None:
    text = fence(
        "python",
        "class CodeService:\n    def __init__(self):\n        self.ttl = 300  # 五分钟\n\n"
        '    async def send(self, user_id):\n        await self.redis_client.setex(\n            f"sms:{user_id}",\n            60 * 5,\n            code)\n\n'
        "    async def check(self, user_id):\n        key = f\"perm:{user_id}\"\n        await self.redis_client.setex(key, self.ttl, '1')\n\n"
        '    async def forget(self, user_id):\n        await self.redis_client.delete(f"sms:{user_id}")\n\n'
        "    @cached(ttl=600, key_prefix='roles')\n    async def roles(self): ...\n",
    )
    found = {key.pattern: key for key in of(text, CacheKey)}
    assert set(found) == {"sms:{user_id}", "perm:{user_id}", "roles"}
    assert (found["sms:{user_id}"].name, found["sms:{user_id}"].ttl_seconds, found["sms:{user_id}"].invalidation) == (
        "send",
        300,
        "forget",
    )
    assert found["perm:{user_id}"].ttl_seconds == 300
    assert found["roles"].ttl_seconds == 600
    assert all(text[k.pattern_span.start : k.pattern_span.end] == p for p, k in found.items())


def test_a_tree_of_files_is_prose_and_one_broken_class_does_not_hide_the_others() -> None:
    assert facts(fence("python", "# /app/\n├── main.py   # entry\n└── models/")) == []
    text = fence(
        "python",
        "class A(Base):\n    __tablename__ = 'a'\n    id = Column(Integer, primary_key=True\n\nclass B(Base):\n    __tablename__ = 'b'\n    id = Column(Integer)\n",
    )
    assert list(entities(text)) == ["b"]
    [(_, reading)] = readings(text)
    assert [text[s.start : s.end].startswith("class A") for s in reading.unread] == [True]


def test_a_stray_backslash_hides_nothing() -> None:
    text = fence("python", "class A(Base):\n    __tablename__ = 'a'\n    id = Column(Integer)\n\nP = '\\ '\n")
    assert list(entities(text)) == ["a"]
