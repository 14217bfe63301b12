"""What stands in a database and is not compared is named: nothing is passed over in silence."""

from pathlib import Path

import pytest

from asbuilt.engines.changes import Hazard
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.session import PostgresSession
from asbuilt.engines.postgres.unread import unread
from asbuilt.project import Project
from asbuilt.project.changes import plan_for, sync_plan
from asbuilt.project.initial import init
from asbuilt.text import Source

SCHEMA = """
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (id serial PRIMARY KEY, name text NOT NULL);
CREATE INDEX t_lower ON t (lower(name));
CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FOREIGN DATA WRAPPER w;
CREATE SERVER s FOREIGN DATA WRAPPER w;
"""
MAPPED = "CREATE USER MAPPING FOR PUBLIC SERVER s OPTIONS (user 'reader', password 'never said')"
NAMED = (
    (MAPPED, "1 user mapping"),
    ("CREATE SUBSCRIPTION sub CONNECTION 'host=nowhere password=secret' PUBLICATION p WITH (connect = false)", "1 subscription"),
    ("CREATE CONVERSION c FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1", "1 conversion"),
    ("CREATE TRANSFORM FOR int LANGUAGE plpgsql (FROM SQL WITH FUNCTION prsd_lextype(internal))", "1 transform"),
    ("CREATE LANGUAGE another HANDLER plpgsql_call_handler", "1 language"),
    ("CREATE ACCESS METHOD rows TYPE TABLE HANDLER heap_tableam_handler", "1 access method"),
    (
        "CREATE ACCESS METHOD rows TYPE TABLE HANDLER heap_tableam_handler; CREATE TABLE u (id int) USING rows",
        "1 table with another access method",
    ),
    (
        "CREATE TEXT SEARCH PARSER p (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype)",
        "1 text search parser",
    ),
    ("CREATE TEXT SEARCH TEMPLATE x (LEXIZE = dsimple_lexize)", "1 text search template"),
    ("CREATE TYPE shell", "1 base type"),
    ("SELECT lo_create(0), lo_create(0)", "2 large objects"),
    ("CREATE TABLE typed OF pair", "1 table of a type"),
    ("ALTER SEQUENCE t_id_seq SET UNLOGGED", "1 sequence logged otherwise than its table"),
    ("ALTER INDEX t_lower ALTER COLUMN 1 SET STATISTICS 7", "1 statistics target of an index"),
    ("COMMENT ON CONSTRAINT t_name_not_null ON t IS 'named'", "1 comment on a NOT NULL constraint"),
    ("ALTER FUNCTION f() DEPENDS ON EXTENSION plpgsql", "1 dependency declared on an extension"),
    ("GRANT MAINTAIN ON t TO PUBLIC", "1 relation with MAINTAIN granted"),
    ("REVOKE DELETE ON t FROM CURRENT_USER", "1 relation whose owner lacks rights"),
)  # fmt: skip


def test_a_usual_database_has_nothing_that_is_not_read(session: PostgresSession) -> None:
    session.execute(SCHEMA)
    assert unread(session) == ()


@pytest.mark.parametrize(("sql", "words"), NAMED)
def test_what_is_not_compared_is_named(session: PostgresSession, sql: str, words: str) -> None:
    session.execute(SCHEMA)
    with session.attempt():
        session.execute(sql)
        assert words in unread(session)


def test_plans_and_written_documents_name_it_and_say_no_password(tmp_path: Path) -> None:
    with scratch_database() as url:
        with POSTGRES.connect(url) as session:
            session.execute(f"{SCHEMA}; {MAPPED}")
        draft = init(url)
        assert "**Not written**: 1 user mapping; no plan" in draft.text
        assert draft.is_fine
        plan = plan_for(Project(Source("design.md", draft.text), tmp_path / "design.md"), url).plan
        assert (plan.steps, plan.notes) == ((), ("there too, and not compared: 1 user mapping",))
        assert sync_plan(url, url).notes == plan.notes
        assert "never said" not in f"{draft.text}{plan}"


def test_a_server_that_somebody_is_mapped_to_is_not_dropped_unawares() -> None:
    with scratch_database() as url, scratch_database() as other:
        with POSTGRES.connect(url) as session, POSTGRES.connect(other) as wanted:
            session.execute(f"{SCHEMA}; CREATE SERVER free FOREIGN DATA WRAPPER w; {MAPPED}")
            wanted.execute(SCHEMA)
            wanted.execute("DROP SERVER s")
        plan = sync_plan(other, url)
        assert [(step.title, [risk.danger.hazard for risk in step.risks if risk.is_real]) for step in plan.steps] == [
            ("drop server free", []),
            ("drop server s", [Hazard.DEPENDENCY_NOT_TRACEABLE]),
        ]
