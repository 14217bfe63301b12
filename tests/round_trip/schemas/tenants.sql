-- Several schemas with tables of one name, row level security, grants, default privileges, owners.
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'trip_app') THEN CREATE ROLE trip_app; END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'trip reader') THEN CREATE ROLE "trip reader"; END IF;
END $$;
CREATE SCHEMA app;
CREATE SCHEMA audit;
CREATE SCHEMA "Billing Data";
COMMENT ON SCHEMA audit IS 'who did what';
GRANT USAGE ON SCHEMA app TO trip_app, "trip reader";
CREATE TYPE app.status AS ENUM ('new', 'done');
CREATE TYPE audit.status AS ENUM ('seen', 'unseen', 'done');
CREATE FUNCTION app.tenant() RETURNS uuid STABLE LANGUAGE sql AS $$ SELECT nullif(current_setting('app.tenant', true), '')::uuid $$;
REVOKE EXECUTE ON FUNCTION app.tenant() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.tenant() TO trip_app;
CREATE TABLE app.users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    tenant_id uuid NOT NULL DEFAULT app.tenant(),
    email text NOT NULL,
    status app.status NOT NULL DEFAULT 'new',
    UNIQUE (tenant_id, email)
);
ALTER TABLE app.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.users FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON app.users TO trip_app USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());
CREATE POLICY only_done ON app.users AS RESTRICTIVE FOR UPDATE TO trip_app, "trip reader" USING (status <> 'done');
GRANT SELECT, INSERT, UPDATE ON app.users TO trip_app WITH GRANT OPTION;
GRANT SELECT (id, email), UPDATE (email) ON app.users TO "trip reader";
CREATE TABLE audit.users (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES app.users ON DELETE CASCADE,
    status audit.status,
    said jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_users_user ON audit.users (user_id);
CREATE TABLE users (id int PRIMARY KEY, email text);
CREATE INDEX users_email ON users (email);
CREATE TABLE "Billing Data"."Invoice Lines" (
    "Line Id" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    "user" uuid NOT NULL REFERENCES app.users,
    "Größe" numeric(12, 2) NOT NULL CHECK ("Größe" > 0),
    "a""b" text COLLATE "C"
);
CREATE INDEX "by user" ON "Billing Data"."Invoice Lines" ("user", "Größe" DESC);
ALTER TABLE "Billing Data"."Invoice Lines" OWNER TO trip_app;
CREATE VIEW app.everyone AS SELECT id, email FROM app.users UNION ALL SELECT NULL, email FROM users;
GRANT SELECT ON app.everyone TO "trip reader";
CREATE VIEW audit.everyone WITH (security_invoker = true) AS SELECT u.email, a.said FROM audit.users a JOIN app.users u ON u.id = a.user_id;
CREATE SEQUENCE app.numbers;
GRANT USAGE ON SEQUENCE app.numbers TO trip_app;
