"""Merging: one entity from many mentions, and an assumption for whatever nobody says."""

import random
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asbuilt.model.design import Design
from asbuilt.model.entities import (
    Cardinality,
    EntityMention,
    EnumMention,
    EnumValue,
    FieldMention,
    ForeignKeyMention,
    IndexKey,
    IndexMention,
    Reference,
    RelationshipMention,
    Store,
    UniqueMention,
)
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.merging import merge
from asbuilt.model.revising import revised
from asbuilt.model.sql import Migration, Need, ObjectName, QueryPattern, Role, SqlStatement
from asbuilt.model.types import type_name
from asbuilt.text import Excerpt, Source, Span

_OFFSETS = count(step=100)
_ONE, _MANY, _MAYBE = Cardinality.ONE, Cardinality.ZERO_OR_MORE, Cardinality.ZERO_OR_ONE


def at() -> Span:
    start = next(_OFFSETS)
    return Span(start, start + 10)


def field(name: str, type: str | None = None, **stated: Any) -> FieldMention:
    span = at()
    found = type_name(type) if type else None
    values = {key: Stated(value, at()) for key, value in stated.items()}
    return FieldMention(span=span, name=name, name_span=span, type=Stated(found, at()) if found else None, **values)


def entity(
    name: str, *fields: FieldMention, form: Form = Form.SQL, is_complete: bool = True, **more: Any
) -> EntityMention:
    span = at()
    own = tuple(revised(f, form=form) for f in fields)
    return EntityMention(
        span=span, form=form, name=name, name_span=span, fields=own, is_complete=is_complete, **more
    )  # fmt: skip


def drawn(name: str, *fields: FieldMention) -> EntityMention:
    return entity(name, *fields, form=Form.DIAGRAM, is_complete=False)


def related(
    left: str, right: str, left_count: Cardinality, right_count: Cardinality, **more: Any
) -> RelationshipMention:
    return RelationshipMention(
        span=at(), form=Form.DIAGRAM, left=left, right=right, left_span=at(), right_span=at(),
        left_count=left_count, right_count=right_count, **more,
    )  # fmt: skip


def design(*facts: Fact) -> Design:
    return merge(Source("design.md", ""), facts)


def names(found: Design) -> list[str]:
    return [e.name for e in found.entities]


def key() -> FieldMention:
    return field("id", "UUID", is_primary=True)


def test_the_name_in_sql_is_the_tables() -> None:
    found = design(drawn("User", key()), entity("users", key()), entity("Users Table", key(), form=Form.TABLE))
    assert names(found) == ["users"]
    assert set(found.entities[0].names) == {"users", "User", "Users Table"}
    assert found.assumptions == ()


def test_the_documents_convention_names_what_sql_does_not() -> None:
    singular = design(entity("app_user", key()), entity("sales_order", key()), drawn("OrderItem", key()))
    assert "order_item" in names(singular)
    pascal = design(entity("Users", key()), entity("Orders", key()), drawn("OrderItem", key()))
    assert "OrderItems" in names(pascal)


def test_without_a_convention_names_are_snake_case_plural_and_assumed() -> None:
    found = design(drawn("OrderItem", key()))
    assert names(found) == ["order_items"]
    assert [(a.subject, a.assumed) for a in found.assumptions] == [("OrderItem", "order_items")]


def test_an_index_in_sql_gives_the_spelling() -> None:
    index = IndexMention(span=at(), form=Form.SQL, entity="user", name="i", keys=(IndexKey("created_at", at()),))
    found = design(entity("User", key(), field("createdAt", "timestamp"), form=Form.TABLE), index)
    assert names(found) == ["user"]
    assert [f.name for f in found.entities[0].fields] == ["id", "created_at"]
    assert found.entities[0].indexes[0].keys[0].text == "created_at"


def test_sql_counts_more_than_the_table_and_the_table_more_than_the_diagram() -> None:
    table = entity("users", field("email", "String(100)", default="'x'"), form=Form.TABLE)
    found = design(drawn("User", field("email", "int")), table)
    assert found.entities[0].fields[0].type.value.raw == "String(100)"
    found = design(drawn("User", field("email", "int")), table, entity("users", field("email", "TEXT")))
    email = found.entities[0].fields[0]
    assert email.type.value.raw == "TEXT"
    assert email.default is None
    assert [m.form for m in email.mentions] == [Form.SQL, Form.TABLE, Form.DIAGRAM]


def test_a_later_alter_overrules_the_definition() -> None:
    table = entity("users", key(), field("phone", "VARCHAR(20)"))
    alter = entity("users", field("phone", "TEXT", is_nullable=False), is_complete=False)
    found = design(table, alter)
    phone = found.entities[0].field("phone")
    assert phone.type.value.raw == "TEXT"
    assert phone.is_nullable.value is False


def test_what_sql_defines_has_the_fields_that_sql_gives_it() -> None:
    table = entity("users", key(), field("balance", "Decimal(10,2)"), form=Form.TABLE)
    alter = entity("users", field("phone", "TEXT"), is_complete=False)
    found = design(entity("users", key(), field("email", "TEXT")), table, alter)
    assert [f.name for f in found.entities[0].fields] == ["id", "email", "phone"]


def test_without_sql_the_fields_of_all_places_count() -> None:
    found = design(
        drawn("User", key(), field("email", "string")), entity("users", key(), field("age"), form=Form.TABLE)
    )
    assert {f.name for f in found.entities[0].fields} == {"id", "age", "email"}


def test_a_name_cut_to_fit_a_box_adds_no_field() -> None:
    box = entity("users", field("id"), field("password"), field("duration_sec"), form=Form.BOX, is_complete=False)
    found = design(entity("users", key(), field("password_hash", "TEXT"), field("duration_seconds", "INT")), box)
    assert [f.name for f in found.entities[0].fields] == ["id", "password_hash", "duration_seconds"]
    assert len(found.entities[0].field("password_hash").mentions) == 2


def test_a_field_table_without_a_name_joins_the_entity_that_it_describes() -> None:
    anonymous = entity("", field("id", "UUID"), field("email", "String(99)"), field("balance"), form=Form.TABLE)
    found = design(entity("users", key(), field("email", "TEXT")), entity("tags", key()), anonymous)
    assert names(found) == ["users", "tags"]
    assert len(found.entities[0].field("email").mentions) == 2
    ambiguous = entity("", field("id", "UUID"), form=Form.TABLE)
    assert all(len(e.mentions) == 1 for e in design(entity("users", key()), entity("tags", key()), ambiguous).entities)


def test_stores_are_kept_apart() -> None:
    found = design(entity("users", key()), entity("users", field("_id"), form=Form.EXAMPLE, store=Store.MONGODB))
    assert [(e.store, len(e.fields)) for e in found.entities] == [(Store.RELATIONAL, 1), (Store.MONGODB, 1)]


def test_an_entity_that_only_relationships_name_is_assumed_with_a_key_of_the_documents_habit() -> None:
    orders = entity("orders", field("id", "BIGINT", is_primary=True))
    found = design(orders, related("Order", "Parcel", _ONE, _MANY))
    parcel = found.entity("parcels")
    assert parcel.is_assumed
    assert parcel.primary_key == ("id",)
    assert parcel.field("id").type.value.sql == "bigint"
    assert [(k.columns, k.target, k.target_columns) for k in parcel.foreign_keys] == [
        (("order_id",), "orders", ("id",))
    ]
    assert "parcels.order_id" in {a.subject for a in found.assumptions}


def test_the_key_of_an_assumed_entity_has_the_type_of_the_column_that_references_it() -> None:
    reference = field("role_id", "INTEGER", references=Reference("roles", ("id",)))
    found = design(entity("user_roles", key(), reference))
    assert found.entity("roles").is_assumed
    assert found.entity("roles").field("id").type.value.sql == "integer"


def test_many_to_many_needs_a_joining_table_only_once() -> None:
    users, roles = entity("users", key()), entity("roles", key())
    found = design(users, roles, related("User", "Role", _MANY, _MANY, attributes=("assigned_at",)))
    joining = found.entity("user_roles")
    assert joining.is_assumed
    assert joining.primary_key == ("user_id", "role_id")
    assert [f.name for f in joining.fields] == ["user_id", "role_id", "assigned_at"]
    written = entity(
        "grants",
        field("user_id", "UUID", references=Reference("users", ("id",))),
        field("role_id", "UUID", references=Reference("roles", ("id",))),
    )
    assert design(users, roles, written, related("User", "Role", _MANY, _MANY)).entity("user_roles") is None


def test_a_marked_key_finds_its_target_by_its_name_or_by_the_relationship() -> None:
    order = drawn("Order", key(), field("user_id", "uuid", is_foreign_key=True))
    post = drawn("Post", key(), field("author_id", "uuid", is_foreign_key=True))
    found = design(drawn("User", key()), order, post, related("User", "Post", _ONE, _MANY, verb="authors"))
    assert found.entity("orders").foreign_keys[0].target == "users"
    assert found.entity("posts").foreign_keys[0].target == "users"
    assert {"orders.user_id", "posts.author_id"} <= {a.subject for a in found.assumptions}


def test_keys_of_all_forms_are_gathered_once_with_the_names_of_the_database() -> None:
    users = entity("users", key())
    orders = entity("Order", key(), field("userId", "uuid", references=Reference("User")), form=Form.TABLE)
    clause = ForeignKeyMention(
        span=at(), form=Form.SQL, entity="orders", columns=("user_id",), target="users", target_span=at(),
        target_columns=("id",), on_delete=Stated("CASCADE", at()),
    )  # fmt: skip
    keys = design(users, orders, clause).entity("orders").foreign_keys
    assert [(k.columns, k.target, k.on_delete.value) for k in keys] == [(("user_id",), "users", "CASCADE")]


def test_in_a_bare_list_of_names_the_name_alone_makes_a_key() -> None:
    def listed(name: str, *fields: str) -> EntityMention:
        return entity(name, *map(field, fields), form=Form.LISTING, is_complete=False)

    lists = (
        listed("Posts", "id", "user_id"),
        listed("Users", "id"),
        listed("Tags", "name"),
        listed("PostTags", "post_id", "tag_id"),
    )
    found = design(*lists, related("Campaign", "Post", _ONE, _MANY))
    keys = {k.columns: k.target for k in found.entity("posts").foreign_keys}
    assert keys == {("user_id",): "users", ("campaign_id",): "campaigns"}
    assert found.entity("post_tags").primary_key == ("post_id", "tag_id")
    assert found.entity("tags").primary_key == ("id",)
    assert [f.name for f in found.entity("tags").fields] == ["id", "name"]


def test_a_relationship_uses_the_key_that_is_short_for_its_parent() -> None:
    links = entity("friend_links", key(), field("category_id", "UUID"), form=Form.TABLE)
    parents = entity("friend_link_categories", key(), form=Form.TABLE), entity("categories", key(), form=Form.TABLE)
    found = design(links, *parents, related("FriendLinkCategory", "FriendLink", _ONE, _MANY))
    assert [(k.columns, k.target) for k in found.entity("friend_links").foreign_keys] == [
        (("category_id",), "friend_link_categories")
    ]


def test_types_are_assumed_by_name_with_a_reason() -> None:
    fields = ("created_at", "is_active", "price", "quantity", "email", "birth_date", "metadata", "avatar_url", "notes")
    found = design(entity("items", key(), *map(field, fields), form=Form.LISTING, is_complete=False))
    types = {f.name: f.type.value.sql for f in found.entities[0].fields}
    assert types == {
        "id": "uuid", "created_at": "timestamp with time zone", "is_active": "boolean", "price": "numeric(12, 2)",
        "quantity": "integer", "email": "character varying(255)", "birth_date": "date", "metadata": "jsonb",
        "avatar_url": "text", "notes": "text",
    }  # fmt: skip
    assert all(a.reason for a in found.assumptions)
    assert {f"items.{name}" for name in fields} <= {a.subject for a in found.assumptions}


def test_unique_marks_and_clauses_meet_in_the_field() -> None:
    clause = UniqueMention(span=at(), form=Form.SQL, entity="users", columns=("email",))
    found = design(entity("users", key(), field("email", "TEXT"), field("name", "TEXT")), clause)
    assert [f.is_unique for f in found.entities[0].fields] == [False, True, False]


def test_an_enumeration_is_found_by_type_and_by_name() -> None:
    def enum(name: str) -> EnumMention:
        return EnumMention(span=at(), form=Form.SQL, name=name, name_span=at(), values=(EnumValue("open", at()),))

    found = design(
        enum("mood"), enum("UserStatus"), entity("users", key(), field("feels", "mood"), field("status", "TEXT"))
    )
    assert found.enum("user_status").name == "UserStatus"
    assert found.enum_of(found.entities[0].field("feels")).name == "mood"
    assert found.enum_of(found.entities[0].field("status")).name == "UserStatus"
    assert found.enum_of(found.entities[0].field("id")) is None


def test_a_platforms_table_is_external_and_never_assumed() -> None:
    found = design(
        entity("profiles", field("id", "UUID", is_primary=True, references=Reference("auth.users", ("id",))))
    )
    assert found.entity("auth.users").is_external
    assert [e.name for e in found.tables()] == ["profiles"]
    assert found.entity("profiles").foreign_keys[0].target == "auth.users"


def test_a_rollback_in_another_block_belongs_to_the_migration_before_it() -> None:
    def statement(role: Role) -> SqlStatement:
        span = at()
        text = Excerpt.at("SELECT 1", span.start)
        return SqlStatement(span=span, text=text, kind="select", role=role, run=text)

    forward, back = statement(Role.MIGRATION), statement(Role.ROLLBACK)
    migration = Migration(span=forward.span, name="v1 → v2", forward=(forward,))
    undone = Migration(span=back.span, name="Rollback", forward=(), rollback=(back,), rollback_span=back.span)
    found = design(forward, migration, back, undone).of(Migration)
    assert len(found) == 1
    assert found[0].rollback == (back,)
    assert found[0].rollback_span == back.span


def test_what_a_plan_for_the_future_adds_is_no_field_yet() -> None:
    planned = entity("users", field("nickname", "TEXT"), form=Form.TABLE, is_planned=True)
    found = design(entity("users", key(), form=Form.TABLE), planned, entity("wishes", key(), is_planned=True))
    assert [f.name for f in found.entity("users").fields] == ["id"]
    assert found.entity("wishes").is_planned


@given(st.lists(st.sampled_from(["User", "users", "Order", "order_items", "OrderItem", ""]), max_size=8), st.randoms())
def test_merging_is_pure_and_never_fails(entities: list[str], dice: random.Random) -> None:
    fields = ["id", "user_id", "name", "order_id", "created_at"]
    facts: list[Fact] = []
    for name in entities:
        mentioned = [field(f, is_foreign_key=f.endswith("_id")) for f in dice.sample(fields, dice.randint(0, 5))]
        facts.append(entity(name, *mentioned, form=dice.choice(list(Form)), is_complete=dice.random() < 0.5))
        facts.append(related(name or "User", dice.choice(entities) or "Order", *dice.choices(list(Cardinality), k=2)))
    assert design(*facts) == design(*facts)
    for found in design(*facts).tables():
        assert found.fields == () or all(f.type is not None for f in found.fields)


@pytest.mark.parametrize("size", [1000])
def test_a_thousand_entities_merge(size: int) -> None:
    facts: list[Fact] = []
    for number in range(size):
        reference = field("parent_ref", "UUID", references=Reference(f"thing{max(number - 1, 0)}s", ("id",)))
        facts.append(entity(f"thing{number}s", key(), reference))
    found = design(*facts)
    assert len(found.entities) == size
    assert all(len(e.foreign_keys) == 1 for e in found.entities)


def test_a_query_names_a_table_that_nothing_else_names() -> None:
    span = at()
    need = Need(ObjectName("table", "Player"), span)
    text = Excerpt.at("SELECT 1", span.start)
    statement = SqlStatement(span=span, text=text, kind="select", role=Role.QUERY, run=text, needs=(need,))
    query = QueryPattern(span=span, title="", statement=statement)
    assert names(design(entity("Player", key(), form=Form.LISTING), query)) == ["Player"]
    assert names(design(entity("players", key(), form=Form.LISTING), query)) == ["players"]


def test_what_a_comment_says_of_a_view_or_a_type_makes_no_entity() -> None:
    def statement(kind: str, *creates: ObjectName) -> SqlStatement:
        span = at()
        text = Excerpt.at(kind, span.start)
        return SqlStatement(span=span, text=text, kind=kind, role=Role.SCHEMA, run=text, creates=creates)

    facts: list[Fact] = [
        statement("create view", ObjectName("view", "v")),
        statement("create type", ObjectName("type", "pair")),
    ]
    for name in ("v", "pair", "users"):
        comment = statement("comment")
        mention = revised(entity(name, field("id"), form=Form.SQL, is_complete=False), span=comment.span)
        facts += [comment, mention]
    assert names(design(*facts)) == ["users"]
