"""A design tried out and built on the real server."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sql_designs import design

from asbuilt.diagnostics import Severity, apply_edits
from asbuilt.engines.postgres.diagnosing import diagnose
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.server import EmbeddedServer, remove
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.errors import ServerRefused, TargetNotEmpty
from asbuilt.model.design import Design
from asbuilt.model.sql import Role


def refused(session: PostgresSession, sql: str) -> list[tuple[str, str]]:
    """Return the code of each finding and the text that it points at."""
    found = design(sql)
    return [(d.code, sql[d.span.start : d.span.end]) for d in diagnose(POSTGRES.trial(found, session), found)]


def test_what_is_needed_first_is_made_first(session: PostgresSession) -> None:
    trial = POSTGRES.trial(
        design("""
            CREATE INDEX idx ON users (mood);
            CREATE VIEW names AS SELECT name FROM users;
            CREATE TABLE orders (id int PRIMARY KEY, user_id int REFERENCES users (id));
            CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
            CREATE TABLE users (id int PRIMARY KEY, name text, mood mood);
            CREATE TYPE mood AS ENUM ('ok');
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        """),
        session,
    )
    assert trial.failures == ()
    assert set(trial.state.tables) == {"orders", "users"}


def test_a_circle_of_foreign_keys_is_opened_and_ends_as_if_it_had_never_been(session: PostgresSession) -> None:
    circle = design("""
        CREATE TABLE a (id int PRIMARY KEY, b_id int NOT NULL REFERENCES b (id) ON DELETE CASCADE DEFERRABLE UNIQUE, x text);
        CREATE TABLE b (id int PRIMARY KEY, c_id int, CONSTRAINT to_c FOREIGN KEY (c_id) REFERENCES c, y text DEFAULT 'é, (');
        CREATE TABLE c (FOREIGN KEY (id) REFERENCES a (id), id int PRIMARY KEY, parent int REFERENCES c);
    """)
    trial = POSTGRES.trial(circle, session)
    assert trial.failures == ()
    assert {
        (table.name, c.name, c.definition)
        for table in trial.state.tables.values()
        for c in table.constraints
        if c.kind not in ("primary key", "not null")
    } == {
        ("a", "a_b_id_fkey", "FOREIGN KEY (b_id) REFERENCES b(id) ON DELETE CASCADE DEFERRABLE"),
        ("a", "a_b_id_key", "UNIQUE (b_id)"),
        ("b", "to_c", "FOREIGN KEY (c_id) REFERENCES c(id)"),
        ("c", "c_id_fkey", "FOREIGN KEY (id) REFERENCES a(id)"),
        ("c", "c_parent_fkey", "FOREIGN KEY (parent) REFERENCES c(id)"),
    }


def test_a_long_chain_in_the_wrong_order_is_built(session: PostgresSession) -> None:
    links = [f"CREATE TABLE t{i} (id int PRIMARY KEY, next int REFERENCES t{i + 1});" for i in range(300)]
    trial = POSTGRES.trial(design("\n".join([*links, "CREATE TABLE t300 (id int PRIMARY KEY);"])), session)
    assert trial.failures == ()
    assert len(trial.state.tables) == 301


def test_the_same_ddl_twice_is_run_once_and_other_ddl_is_not_swallowed(session: PostgresSession) -> None:
    twice = "CREATE TABLE t (id int); -- first\nCREATE TABLE  t (id int);\n"
    assert refused(session, twice) == []
    assert refused(session, "CREATE TABLE u (id int);\nCREATE TABLE u (id bigint);")[0][0] == "statement_refused"


def test_an_index_is_built_without_concurrently(session: PostgresSession) -> None:
    trial = POSTGRES.trial(design("CREATE TABLE t (id int); CREATE INDEX CONCURRENTLY i ON t (id);"), session)
    assert trial.failures == ()
    assert [index.name for index in trial.state.tables["t"].indexes] == ["i"]


def test_a_guarded_drop_drops_nothing_that_is_pulled_forward(session: PostgresSession) -> None:
    sql = """
        CREATE TABLE a (id int PRIMARY KEY, b_id int REFERENCES b);
        DROP TABLE IF EXISTS b CASCADE;
        CREATE TABLE b (id int PRIMARY KEY);
        CREATE TABLE old (id int);
        DROP TABLE IF EXISTS old;
    """
    trial = POSTGRES.trial(design(sql), session)
    assert trial.failures == ()
    assert set(trial.state.tables) == {"a", "b"}
    assert len(trial.state.tables["a"].constraints) == 2


@pytest.mark.parametrize("role", [Role.ROLLBACK, Role.QUERY, Role.SETTING, Role.SEED, Role.EXAMPLE, Role.PURGE])
def test_what_builds_nothing_is_not_run(role: Role) -> None:
    assert POSTGRES.steps(design("DROP TABLE users;", role)) == ()


@pytest.mark.parametrize(
    ("sql", "code", "at"),
    [
        ("CREATE TABLE t (id moood);", "type_undefined", "moood"),
        ("CREATE TABLE t (id int DEFAULT nowhere());", "function_undefined", "nowhere"),
        ("CREATE TABLE t (id int REFERENCES nowhere);", "relation_undefined", "nowhere"),
        ("CREATE TABLE t (id int); CREATE INDEX i ON t (nothing);", "column_undefined", "nothing"),
        ("CREATE TABLE t (id int, CHECK (nothing > 0));", "column_undefined", "nothing"),
        ("CREATE TABLE t (at timestamptz); CREATE INDEX i ON t ((at::date));", "not_immutable", "CREATE INDEX i ON t ((at::date))"),
        ("CREATE TABLE t (at timestamptz); CREATE INDEX i ON t (at) WHERE at > now();", "not_immutable", "now"),
        ("CREATE TABLE t (at date, id int PRIMARY KEY) PARTITION BY RANGE (at);", "primary_key_without_partition_key", "PRIMARY"),
        ("CREATE TABLE t (at date, id int, UNIQUE (id)) PARTITION BY RANGE (at);", "primary_key_without_partition_key", "UNIQUE"),
        ("CREATE TABLE t (at date); CREATE TABLE u PARTITION OF t FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');",
         "partition_of_unpartitioned", "t"),
        ("CREATE TABLE t (id int); CREATE TRIGGER g AFTER UPDATE ON t EXECUTE FUNCTION nowhere();", "trigger_function_missing", "nowhere"),
        ("CREATE TABLE t (id int); ALTER TABLE t ALTER COLUMN id TYPE uuid USING id::uuid;", "statement_refused", "::uuid"),
    ],
)  # fmt: skip
def test_what_the_server_refuses_is_told_at_its_place(session: PostgresSession, sql: str, code: str, at: str) -> None:
    (found,) = refused(session, sql)
    assert found[0] == code
    assert found[1].startswith(at)


def test_what_only_follows_from_a_failure_is_held_back(session: PostgresSession) -> None:
    sql = """
        CREATE TABLE users (id moood PRIMARY KEY);
        CREATE TABLE orders (id int, user_id int REFERENCES users (id));
        CREATE INDEX idx ON orders (user_id);
        CREATE VIEW all_users AS SELECT * FROM users;
        CREATE INDEX other ON nowhere (id);
    """
    found = design(sql)
    trial = POSTGRES.trial(found, session)
    assert [(f.step.subject, f.follows) for f in trial.failures] == [
        ("table users", None), ("table orders", 0), ("index idx", 0), ("view all_users", 0), ("index other", None),
    ]  # fmt: skip
    assert [d.code for d in diagnose(trial, found)] == ["type_undefined", "relation_undefined"]


def test_the_fix_for_a_missing_trigger_function_makes_it_work(session: PostgresSession, other: PostgresSession) -> None:
    found = design("CREATE TABLE t (id int);\n\nCREATE TRIGGER g AFTER UPDATE ON t EXECUTE FUNCTION nowhere();\n")
    (diagnostic,) = diagnose(POSTGRES.trial(found, session), found)
    (fix,) = diagnostic.fixes
    assert not fix.is_safe
    assert POSTGRES.trial(design(apply_edits(found.source, fix.edits)), other).failures == ()


def test_a_slip_is_corrected(session: PostgresSession, other: PostgresSession) -> None:
    found = design("CREATE TABLE customers (id int PRIMARY KEY);\nCREATE VIEW v AS SELECT * FROM custmers;\n")
    (diagnostic,) = diagnose(POSTGRES.trial(found, session), found)
    fixed = apply_edits(found.source, diagnostic.fixes[0].edits)
    assert "FROM customers;" in fixed
    assert POSTGRES.trial(design(fixed), other).failures == ()


def test_stand_ins_for_extensions_work_and_are_named(session: PostgresSession) -> None:
    trial = POSTGRES.trial(
        design("""
            CREATE EXTENSION IF NOT EXISTS "uuid-ossp";
            CREATE EXTENSION IF NOT EXISTS pgcrypto;
            CREATE EXTENSION IF NOT EXISTS citext;
            CREATE TABLE t (id uuid PRIMARY KEY DEFAULT uuid_generate_v4(), salt bytea DEFAULT gen_random_bytes(40), email citext);
        """),
        session,
    )
    assert trial.failures == ()
    assert trial.stubs == ("extension citext", "extension pgcrypto", "extension uuid-ossp")
    assert trial.state.tables["t"].columns[0].default == "uuid_generate_v4()"
    session.execute("INSERT INTO t DEFAULT VALUES")
    assert session.rows("SELECT length(salt), id IS NOT NULL FROM t") == [(40, True)]


def test_stand_ins_compute_what_the_real_ones_do(session: PostgresSession) -> None:
    session.execute('CREATE EXTENSION "uuid-ossp"; CREATE EXTENSION pgcrypto')
    assert session.rows("SELECT uuid_generate_v3(uuid_ns_dns(), 'www.widgets.com')::text") == [
        ("3d813cbb-47fb-32ba-91df-831e1593ac29",)
    ]
    assert session.rows("SELECT encode(digest('abc', 'sha256'), 'hex')") == [
        ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",)
    ]
    assert session.rows("SELECT encode(hmac('what do ya want for nothing?', 'Jefe', 'sha256'), 'hex')") == [
        ("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",)
    ]
    with pytest.raises(ServerRefused, match="not there on the embedded server"):
        session.rows("SELECT crypt('secret', gen_salt('bf'))")


def test_a_missing_extension_is_no_error_and_what_needs_it_follows(session: PostgresSession) -> None:
    found = design("""
        CREATE EXTENSION pg_trgm;
        CREATE TABLE t (name text);
        CREATE INDEX fuzzy ON t USING gin (name gin_trgm_ops);
    """)
    trial = POSTGRES.trial(found, session)
    assert [(f.step.subject, f.follows) for f in trial.failures] == [("extension pg_trgm", None), ("index fuzzy", 0)]
    (diagnostic,) = diagnose(trial, found)
    assert (diagnostic.code, diagnostic.severity) == ("extension_unavailable", Severity.INFO)


def test_an_extension_that_nobody_creates_is_offered(session: PostgresSession, other: PostgresSession) -> None:
    found = design("CREATE TABLE t (id uuid DEFAULT uuid_generate_v4());\n")
    (diagnostic,) = diagnose(POSTGRES.trial(found, session), found)
    assert diagnostic.code == "function_undefined"
    assert POSTGRES.trial(design(apply_edits(found.source, diagnostic.fixes[0].edits)), other).failures == ()


PLATFORM = """
    CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE, name text);
    ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON profiles FOR SELECT TO authenticated USING (auth.uid() = id);
    GRANT SELECT ON profiles TO anon;
"""


def test_what_a_platform_provides_is_stubbed_named_and_not_counted(session: PostgresSession) -> None:
    trial = POSTGRES.trial(design(PLATFORM), session)
    assert trial.failures == ()
    assert trial.stubs == ("schema auth", "auth.users", "auth.uid()", "role authenticated", "role anon")
    assert set(trial.state.tables) == {"profiles"}
    assert trial.state.objects == {}
    assert trial.state.tables["profiles"].policies[0].roles == ("authenticated",)


def test_a_schema_of_the_documents_own_is_no_platform(session: PostgresSession) -> None:
    trial = POSTGRES.trial(design("CREATE SCHEMA auth; CREATE TABLE auth.users (id int PRIMARY KEY);"), session)
    assert (trial.failures, trial.stubs) == ((), ())
    assert set(trial.state.tables) == {"auth.users"}


@pytest.fixture(scope="module")
def target(own_cache: Path) -> Iterator[EmbeddedServer]:
    folder = own_cache / "target"
    yield EmbeddedServer.start(folder, durable=True)
    remove(folder)


@pytest.fixture
def empty(target: EmbeddedServer) -> Iterator[str]:
    """The URL of an empty database on a durable server."""
    with POSTGRES.connect(target.url("postgres")) as session:
        session.execute("CREATE DATABASE shop")
        yield target.url("shop")
        session.execute("DROP DATABASE shop WITH (FORCE)")


def test_a_build_leads_to_the_state_of_the_trial_and_a_second_one_is_refused(
    empty: str, session: PostgresSession
) -> None:
    found: Design = design(PLATFORM)
    with POSTGRES.connect(empty) as live:
        result = POSTGRES.build(live, found)
        assert result.state == POSTGRES.trial(found, session).state
        assert next(step.subject for step in result.steps) == "table profiles"
        assert all(step.causes for step in result.steps)
        with pytest.raises(TargetNotEmpty, match="table profiles"):
            POSTGRES.build(live, found)


def test_a_build_that_fails_leaves_nothing_and_names_the_line(empty: str) -> None:
    with POSTGRES.connect(empty) as live:
        with pytest.raises(ServerRefused, match=r"table u \(line 2\): type") as caught:
            POSTGRES.build(live, design("CREATE TABLE t (id int);\nCREATE TABLE u (id moood);"))
        assert caught.value.sqlstate == "42704"
        assert live.inspect().is_empty


def test_a_build_goes_on_without_an_extension_that_the_embedded_server_lacks(empty: str) -> None:
    sql = "CREATE EXTENSION pg_trgm; CREATE TABLE t (name text); CREATE INDEX f ON t USING gin (name gin_trgm_ops);"
    with POSTGRES.connect(empty) as live:
        result = POSTGRES.build(live, design(sql))
    assert [failure.step.subject for failure in result.skipped] == ["extension pg_trgm", "index f"]
    assert [step.subject for step in result.steps] == ["table t"]


def test_a_twin_has_the_structure_and_takes_what_the_target_never_sees(empty: str) -> None:
    sql = PLATFORM + 'CREATE EXTENSION "uuid-ossp"; CREATE TABLE "Odd name" (id uuid DEFAULT uuid_generate_v4());'
    with POSTGRES.connect(empty) as live:
        state = POSTGRES.build(live, design(sql)).state
        with POSTGRES.twin(empty) as twin:
            assert twin.gaps == ()
            assert twin.inspect() == state
            twin.execute('INSERT INTO "Odd name" DEFAULT VALUES')
            assert twin.rows('SELECT count(*) FROM "Odd name"') == [(1,)]
        assert live.rows('SELECT count(*) FROM "Odd name"') == [(0,)]


def test_a_twin_of_what_a_role_may_not_read_is_refused_with_the_reason(empty: str, target: EmbeddedServer) -> None:
    with POSTGRES.connect(empty) as live:
        live.execute("CREATE TABLE secret (id int)")
        live.execute("CREATE ROLE poor LOGIN PASSWORD 'word'")
        url = f"postgresql://poor:word@127.0.0.1:{target.port}/shop"
        with pytest.raises(ServerRefused, match="permission denied for table secret") as caught, POSTGRES.twin(url):
            pass
        live.execute("DROP OWNED BY poor; DROP ROLE poor")
    assert "SELECT" in caught.value.help
    assert "word" not in str(caught.value)


def test_a_role_that_nobody_made_is_not_made_on_a_server_of_others(
    monkeypatch: pytest.MonkeyPatch, session: PostgresSession
) -> None:
    monkeypatch.setattr("asbuilt.engines.postgres.running.CLUSTER_NAME", "somebody else's")
    trial = POSTGRES.trial(design("CREATE TABLE t (id int); GRANT SELECT ON t TO nobody_knows;"), session)
    assert [f.message for f in trial.failures] == ['role "nobody_knows" does not exist']
    assert trial.stubs == ()


def test_seed_statements_come_as_they_stand() -> None:
    (step,) = POSTGRES.seed_steps(design("INSERT INTO t VALUES (1);", Role.SEED))
    assert step.sql == "INSERT INTO t VALUES (1)"
