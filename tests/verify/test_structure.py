"""Structural claims on states made by hand: what is compared, what follows from what, where it is said."""

from dataclasses import replace

import pytest

from asbuilt.document import parse
from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, IndexState, ObjectState, TableState
from asbuilt.evidence import Verdict
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.text import Source
from asbuilt.verify.described import KINDS
from asbuilt.verify.structure import check_structure, structural_claims, undocumented

DOCUMENT = """# Shop

### users

| Field | Type | Constraints |
|-------|------|-------------|
| id | UUID | PK |
| email | VARCHAR(40) | NOT NULL, UNIQUE |
"""
DESIGN = merge(Source("shop.md", DOCUMENT), read(parse(Source("shop.md", DOCUMENT))).facts)
USERS = TableState(
    "users",
    "table",
    (
        ColumnState("id", 0, "uuid", False),
        ColumnState("email", 1, "character varying(40)", False, default="'x'::character varying"),
    ),
    (
        ConstraintState("users_pkey", "primary key", ("id",), "PRIMARY KEY (id)"),
        ConstraintState("users_email_key", "unique", ("email",), "UNIQUE (email)"),
    ),
    (IndexState("idx_users_email", "users", "CREATE INDEX idx_users_email ON users USING btree (email)", ("email",)),),
)
STATE = DatabaseState(
    (18, 0), {"users": USERS}, {("view", "v"): ObjectState("view", "v", " SELECT users.id\n   FROM users;")}
)
CLAIMS = structural_claims(DESIGN, STATE)


def verdicts(actual: DatabaseState) -> dict[str, Verdict]:
    return {f"{e.claim.kind} {e.claim.subject}": e.verdict for e in check_structure(CLAIMS, actual, 18)}


def changed(**values: object) -> DatabaseState:
    return replace(STATE, tables={"users": replace(USERS, **values)})


def test_a_state_keeps_its_own_claims() -> None:
    assert set(verdicts(STATE).values()) == {Verdict.HOLDS}
    assert len(CLAIMS) == len({claim.id for claim in CLAIMS})


def test_claims_stand_where_the_document_says_so() -> None:
    said = {f"{c.kind} {c.subject}": DESIGN.source[c.spans[0]] for c in CLAIMS}
    assert said["table_exists users"] == "users"
    assert said["column_type users.email"] == "VARCHAR(40)"
    assert said["column_nullability users.email"] == "NOT NULL"
    assert said["table_columns users"] == "users"


def test_what_lives_in_a_missing_table_is_unknown() -> None:
    found = verdicts(DatabaseState((18, 0), {}, STATE.objects))
    assert found.pop("table_exists users") == Verdict.BROKEN
    assert found.pop("view v") == Verdict.HOLDS
    assert set(found.values()) == {Verdict.UNKNOWN}


def test_a_missing_column_breaks_its_type_and_hides_the_rest() -> None:
    found = verdicts(changed(columns=USERS.columns[:1]))
    assert found["column_type users.email"] == found["table_columns users"] == Verdict.BROKEN
    assert found["column_nullability users.email"] == found["column_default users.email"] == Verdict.UNKNOWN


def test_a_constraint_that_the_server_named_may_bear_another_name() -> None:
    other = replace(USERS.constraints[1], name="users_email_key1")
    assert verdicts(changed(constraints=(USERS.constraints[0], other)))["unique users.users_email_key"] == Verdict.HOLDS


def test_views_of_older_servers_name_tables_more_often() -> None:
    view = ObjectState("view", "v", "SELECT id FROM users;")
    older = replace(STATE, version=(15, 4), objects={("view", "v"): view})
    assert verdicts(older)["view v"] == Verdict.HOLDS
    assert verdicts(replace(older, version=(18, 0)))["view v"] == Verdict.BROKEN


def test_what_nobody_documented_is_told() -> None:
    more = replace(STATE, tables={**STATE.tables, "rogue": replace(USERS, name="rogue")})
    assert undocumented(STATE, more) == ["undocumented table rogue"]


@pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)
def test_every_kind_shows_how_to_look(kind: object) -> None:
    show = kind.show.format("'a'", "'b'", "'c'")  # type: ignore[attr-defined]
    assert show.startswith("SELECT ")
