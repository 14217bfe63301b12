"""Row level security as documents write it: what policies read of their caller is found out, and both answers are seen."""

from pathlib import Path
from typing import Any

import pytest

import asbuilt
from asbuilt.engines.postgres.engine import POSTGRES
from asbuilt.engines.postgres.scratch import scratch_database
from asbuilt.engines.postgres.session import connect
from asbuilt.evidence import Evidence, Verdict

TEAMS = """# Teams database

**Database**: Supabase (PostgreSQL 15)

```sql
CREATE TABLE profiles (id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE, name text NOT NULL);
CREATE TABLE teams (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    created_by uuid NOT NULL REFERENCES profiles (id)
);
CREATE TABLE members (
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES profiles (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, user_id)
);
CREATE TABLE tasks (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    team_id uuid NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'done'))
);
CREATE TABLE papers (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), tenant_id bigint NOT NULL, body text);
CREATE TABLE jobs (id bigserial PRIMARY KEY, owner name NOT NULL DEFAULT current_user, what text NOT NULL);
CREATE TABLE settings (key text PRIMARY KEY, value jsonb NOT NULL);
CREATE TABLE flags (id int PRIMARY KEY, is_on boolean NOT NULL);
CREATE TABLE letters (id int PRIMARY KEY, author uuid, is_sent boolean NOT NULL);
CREATE TABLE riddles (id int PRIMARY KEY, body text NOT NULL);
CREATE TABLE things (
    id int PRIMARY KEY,
    team_id uuid NOT NULL REFERENCES teams (id),
    owner_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('open', 'done', 'left', 'sold', 'lost'))
);
CREATE TABLE ledgers (id int PRIMARY KEY, body text NOT NULL);

CREATE FUNCTION current_tenant() RETURNS bigint STABLE LANGUAGE sql
    AS $$ SELECT current_setting('app.tenant_id', true)::bigint $$;
CREATE FUNCTION is_member(t uuid) RETURNS boolean STABLE SECURITY DEFINER LANGUAGE sql AS $$
    SELECT EXISTS (SELECT 1 FROM members WHERE team_id = t AND user_id = auth.uid())
$$;

ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Own profile" ON profiles TO authenticated USING ((SELECT auth.uid()) = id);
ALTER TABLE teams ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Teams of mine" ON teams FOR SELECT
    USING (EXISTS (SELECT 1 FROM members m WHERE m.team_id = teams.id AND m.user_id = auth.uid()));
CREATE POLICY "Teams founded" ON teams FOR INSERT TO authenticated WITH CHECK (created_by = auth.uid());
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Tasks of members" ON tasks USING (is_member(team_id)) WITH CHECK (is_member(team_id) AND state = 'open');
ALTER TABLE papers ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON papers USING (tenant_id = current_tenant());
ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON jobs USING (owner = current_user);
ALTER TABLE settings ENABLE ROW LEVEL SECURITY;
CREATE POLICY admins ON settings USING (auth.jwt() -> 'app_metadata' ->> 'role' = 'admin');
CREATE POLICY signed_in ON settings FOR SELECT USING (auth.role() = 'authenticated');
ALTER TABLE flags ENABLE ROW LEVEL SECURITY;
CREATE POLICY flagged ON flags USING (current_setting('app.is_admin', true)::boolean OR is_on);
ALTER TABLE letters ENABLE ROW LEVEL SECURITY;
CREATE POLICY drafts ON letters
    USING (NOT is_sent AND author = (nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub')::uuid);
CREATE POLICY nothing_sent ON letters AS RESTRICTIVE USING (NOT is_sent);
ALTER TABLE things ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_members ON things FOR SELECT TO authenticated USING (is_member(team_id));
CREATE POLICY of_owners ON things FOR INSERT TO authenticated WITH CHECK (owner_id = auth.uid() AND is_member(team_id));
CREATE POLICY by_owners ON things FOR UPDATE TO authenticated USING (owner_id = auth.uid());
CREATE POLICY while_open ON things FOR DELETE TO authenticated USING (owner_id = auth.uid() AND state = 'open');
ALTER TABLE riddles ENABLE ROW LEVEL SECURITY;
CREATE POLICY solved ON riddles USING (md5(body) = 'x');
ALTER TABLE ledgers ENABLE ROW LEVEL SECURITY;
```
"""
COMMANDS = ("filters", "inserts", "updates", "deletes")
TABLES = ("profiles", "teams", "tasks", "papers", "jobs", "settings", "flags", "letters", "things", "ledgers")

pytestmark = pytest.mark.xdist_group("policies")


@pytest.fixture(scope="module")
def project(own_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> asbuilt.Project:
    path = tmp_path_factory.mktemp("policies") / "teams.md"
    path.write_text(TEAMS, encoding="utf-8")
    return asbuilt.load(path)


@pytest.fixture(scope="module")
def sound(project: asbuilt.Project) -> Any:
    return evidence(project, "SELECT 1")


def evidence(project: asbuilt.Project, sabotage: str) -> dict[tuple[str, str], Evidence]:
    """Return what is seen of row level security in a database that is built, and then changed by hand."""
    with scratch_database() as url:
        with connect(url) as session:
            POSTGRES.build(session, project.design)
            session.execute(sabotage)
        run = project.verify(url)
    found = (e for e in run.evidence if e.claim.kind.startswith("row_security_"))
    return {(e.claim.subject, e.claim.kind.removeprefix("row_security_")): e for e in found}


@pytest.mark.parametrize("table", TABLES)
def test_what_policies_let_through_and_what_they_refuse_is_seen(sound: Any, table: str) -> None:
    assert {command: sound[table, command].verdict for command in COMMANDS} == dict.fromkeys(COMMANDS, Verdict.HOLDS)
    for command in COMMANDS:
        assert " 0 of " in sound[table, command].observed or _admits_some(sound[table, command].observed)


def _admits_some(observed: str) -> bool:
    count, _, total = observed.rpartition(" of ")
    return 0 < int(count.split()[-1]) < int(total.split()[0]) or ", and 0 " in observed


def test_where_no_policy_is_for_a_command_nobody_may_do_it(sound: Any) -> None:
    assert sound["ledgers", "inserts"].observed.startswith("a role without rights of its own inserts 0 of ")
    assert sound["teams", "deletes"].observed.startswith("a role without rights of its own deletes 0 of ")


def test_a_condition_that_no_row_fulfils_is_unknown_and_says_which(sound: Any) -> None:
    for command in COMMANDS:
        found = sound["riddles", command]
        assert found.verdict == Verdict.UNKNOWN
        assert "no row was found that the policies let through: (md5(body) = 'x'::text)" in found.reason


def test_the_role_and_the_settings_are_told(sound: Any) -> None:
    told = sound["profiles", "inserts"].statement
    assert 'GRANT "authenticated" TO' in told
    assert "set_config('request.jwt.claims', '{\"sub\": " in told
    assert told.splitlines()[-1].startswith('INSERT INTO "profiles"')


@pytest.mark.parametrize(
    ("sabotage", "broken"),
    [
        (
            "CREATE OR REPLACE FUNCTION is_member(t uuid) RETURNS boolean STABLE LANGUAGE sql AS 'SELECT true'",
            {(table, command) for table in ("tasks", "things") for command in COMMANDS},
        ),
        (
            "CREATE OR REPLACE FUNCTION current_tenant() RETURNS bigint STABLE LANGUAGE sql AS 'SELECT 0::bigint'",
            {("papers", command) for command in COMMANDS},
        ),
        ('ALTER POLICY "Own profile" ON profiles TO anon', {("profiles", command) for command in COMMANDS}),
        ('ALTER POLICY "Own profile" ON profiles WITH CHECK (true)', {("profiles", "inserts")}),
        ("DROP POLICY nothing_sent ON letters", set()),
        ("ALTER POLICY while_open ON things USING (owner_id = auth.uid())", {("things", "deletes")}),
        ("ALTER POLICY of_owners ON things WITH CHECK (owner_id = auth.uid())", {("things", "inserts")}),
        ("ALTER TABLE ledgers DISABLE ROW LEVEL SECURITY", {("ledgers", command) for command in COMMANDS}),
    ],
)
def test_what_callers_may_do_is_more_than_what_policies_say(
    project: asbuilt.Project, sabotage: str, broken: set[tuple[str, str]]
) -> None:
    make = "DO $$ BEGIN CREATE ROLE anon; EXCEPTION WHEN duplicate_object THEN NULL; END $$; "
    found = evidence(project, make + sabotage)
    assert {key for key, e in found.items() if e.verdict == Verdict.BROKEN} == broken
