-- One of each kind of thing, and tables whose making has an order: circles, inheritance, types that use each other.
CREATE TYPE pair AS (x int, "Y" text[]);
CREATE TYPE span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);
CREATE DOMAIN code AS text COLLATE "C" CHECK (VALUE ~ '^[A-Z]{3}$') CONSTRAINT code_known CHECK (VALUE <> 'XXX');
CREATE DOMAIN codes AS code[];
CREATE TABLE parts (id int PRIMARY KEY, made pair, all_made pair[], width span, code code DEFAULT 'AAA', codes codes);
CREATE TABLE a (id int PRIMARY KEY, b int);
CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a (id));
ALTER TABLE a ADD CONSTRAINT a_b FOREIGN KEY (b) REFERENCES b (id) NOT VALID;
CREATE INDEX ON a (b);
CREATE INDEX ON b (a);
CREATE TABLE plain (id int NOT NULL, at timestamptz DEFAULT now(), CHECK (id > 0) NO INHERIT);
CREATE TABLE child (extra text) INHERITS (plain);
ALTER TABLE plain ADD CHECK (id < 1000000000);
CREATE UNLOGGED TABLE cache (key text PRIMARY KEY, value bytea) WITH (fillfactor = 70, autovacuum_enabled = false);
CREATE TABLE rooms (
    room int NOT NULL, during tsrange NOT NULL, who point,
    EXCLUDE USING gist (during WITH &&) WHERE (room > 0),
    CONSTRAINT rooms_apart EXCLUDE USING gist (who WITH ~=) DEFERRABLE
);
CREATE TABLE nulls (a int, b int, UNIQUE NULLS NOT DISTINCT (a, b), UNIQUE (b) INCLUDE (a));
CREATE TABLE lists (id int, kind text) PARTITION BY LIST (kind);
CREATE TABLE lists_a PARTITION OF lists (CONSTRAINT lists_a_id CHECK (id > 5)) FOR VALUES IN ('a', 'it''s');
CREATE TABLE lists_rest PARTITION OF lists (id DEFAULT 7) DEFAULT;
CREATE TABLE intervals (
    d interval DEFAULT '1 day', n numeric DEFAULT 0, t time DEFAULT '10:00', b bit(3) DEFAULT B'101', j jsonb DEFAULT '[]',
    s smallint DEFAULT 1, f float8 DEFAULT 1.5, neg int DEFAULT -1, v varchar(3)[] DEFAULT ARRAY['a', 'b'], y bytea DEFAULT '\x00',
    doubled int GENERATED ALWAYS AS (s * 2) STORED, c char(2) DEFAULT 'DE', stamp timestamp(3) DEFAULT CURRENT_TIMESTAMP
);
CREATE SEQUENCE backwards INCREMENT -1 MINVALUE -500 MAXVALUE 500 START 400 CYCLE;
CREATE TABLE own_numbers (id int NOT NULL DEFAULT nextval('backwards'), other bigint);
CREATE SEQUENCE theirs AS int OWNED BY own_numbers.other;
CREATE RULE keep AS ON DELETE TO parts DO INSTEAD NOTHING;
CREATE VIEW v AS SELECT id, made FROM parts;
CREATE RULE through AS ON INSERT TO v DO INSTEAD INSERT INTO parts (id) VALUES (NEW.id);
CREATE FUNCTION noted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER v_in INSTEAD OF UPDATE ON v FOR EACH ROW EXECUTE FUNCTION noted();
CREATE TRIGGER each_statement AFTER INSERT ON parts REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION noted();
CREATE TRIGGER on_lists AFTER INSERT ON lists FOR EACH ROW EXECUTE FUNCTION noted();
ALTER TABLE parts ENABLE ALWAYS TRIGGER each_statement;
COMMENT ON TRIGGER each_statement ON parts IS 'for each statement';
CREATE POLICY seen ON plain USING (id > 5);
COMMENT ON POLICY seen ON plain IS 'all but the first';
CREATE TABLE large (id int PRIMARY KEY, body text, kind text, n numeric);
ALTER TABLE large ALTER body SET STORAGE EXTERNAL, ALTER body SET COMPRESSION pglz, ALTER kind SET STATISTICS 500;
ALTER TABLE large ALTER kind SET (n_distinct = -0.25), ALTER n SET STORAGE EXTERNAL;
CREATE FOREIGN DATA WRAPPER elsewhere;
CREATE SERVER archive TYPE 'files' VERSION '2' FOREIGN DATA WRAPPER elsewhere OPTIONS (host 'archive.example');
CREATE FOREIGN TABLE archived (id int OPTIONS (column_name 'ID') NOT NULL, name text, CHECK (id > 0)) SERVER archive OPTIONS (path '/a''b');
COMMENT ON FOREIGN TABLE archived IS 'what is old';
CREATE FOREIGN TABLE lists_old PARTITION OF lists FOR VALUES IN ('old') SERVER archive;
