"""Ways of breaking the library by hand, and the claims that must turn broken: those and no others."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sabotage:
    """`broken` are `kind subject`; `line` is text that stands on the line of the first place of one of them."""

    name: str
    sql: str
    broken: frozenset[str]
    line: str


def _sabotage(name: str, sql: str, line: str, *broken: str) -> Sabotage:
    return Sabotage(name, sql, frozenset(broken), line)


SABOTAGES: tuple[Sabotage, ...] = (
    _sabotage("drop_index", "DROP INDEX idx_members_branch_id", "idx_members_branch_id"),
    _sabotage("drop_index_of_a_query", "DROP INDEX idx_loans_member_created", "idx_loans_member_created"),
    _sabotage("index_on_another_column", "DROP INDEX idx_books_title; CREATE INDEX idx_books_title ON books (pages)", "idx_books_title"),
    _sabotage("index_without_its_order", "DROP INDEX idx_loans_member_created; CREATE INDEX idx_loans_member_created ON loans (member_id, created_at)", "idx_loans_member_created"),
    _sabotage("index_without_its_predicate", "DROP INDEX idx_members_active; CREATE INDEX idx_members_active ON members (joined_at)", "idx_members_active"),
    _sabotage("index_of_another_method", "DROP INDEX idx_books_tags; CREATE INDEX idx_books_tags ON books (tags)", "idx_books_tags"),
    _sabotage("invalid_index", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_books_tags'::regclass", "idx_books_tags"),
    _sabotage("unique_index_no_longer_unique", "DROP INDEX members_email_lower; CREATE INDEX members_email_lower ON members (lower(email))", "members_email_lower"),
    _sabotage("partial_unique_index_dropped", "DROP INDEX loans_one_open", "loans_one_open"),
    _sabotage("partial_unique_index_of_another_state", "DROP INDEX loans_one_open; CREATE UNIQUE INDEX loans_one_open ON loans (book_id, copy_number) WHERE status = 'lost'", "loans_one_open"),
    _sabotage("drop_unique", "ALTER TABLE members DROP CONSTRAINT members_card_number_key", "members_card_number_key"),
    _sabotage("drop_primary_key", "ALTER TABLE fines DROP CONSTRAINT fines_pkey", "loan_id UUID PRIMARY KEY"),
    _sabotage("drop_check", "ALTER TABLE books DROP CONSTRAINT books_pages_positive", "books_pages_positive"),
    _sabotage("loosen_check", "ALTER TABLE members DROP CONSTRAINT members_level_range; ALTER TABLE members ADD CONSTRAINT members_level_range CHECK (level BETWEEN 0 AND 9)", "members_level_range"),
    _sabotage("tighten_check", "ALTER TABLE books DROP CONSTRAINT books_price_positive; ALTER TABLE books ADD CONSTRAINT books_price_positive CHECK (price >= 100000)", "books_price_positive"),
    _sabotage("widen_value_list", "ALTER TABLE fines DROP CONSTRAINT fines_reason_known; ALTER TABLE fines ADD CONSTRAINT fines_reason_known CHECK (reason IN ('late', 'lost', 'damaged', 'other'))", "fines_reason_known"),
    _sabotage("loosen_pattern", "ALTER TABLE members DROP CONSTRAINT members_email_shape; ALTER TABLE members ADD CONSTRAINT members_email_shape CHECK (email <> '')", "members_email_shape"),
    _sabotage("check_not_validated", "ALTER TABLE loans DROP CONSTRAINT loans_due_later; ALTER TABLE loans ADD CONSTRAINT loans_due_later CHECK (due_at > created_at) NOT VALID", "loans_due_later"),
    _sabotage("check_across_columns_dropped", "ALTER TABLE copies DROP CONSTRAINT copies_dates", "copies_dates"),
    _sabotage("drop_foreign_key", "ALTER TABLE members DROP CONSTRAINT members_branch_id_fkey", "branch_id BIGINT"),
    _sabotage("cascade_becomes_restrict", "ALTER TABLE copies DROP CONSTRAINT copies_book_id_fkey; ALTER TABLE copies ADD CONSTRAINT copies_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id)", "book_id UUID NOT NULL REFERENCES"),
    _sabotage("restrict_becomes_cascade", "ALTER TABLE members DROP CONSTRAINT members_branch_id_fkey; ALTER TABLE members ADD CONSTRAINT members_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES branches(id) ON DELETE CASCADE", "branch_id BIGINT"),
    _sabotage("set_null_becomes_cascade", "ALTER TABLE branches DROP CONSTRAINT branches_parent_id_fkey; ALTER TABLE branches ADD CONSTRAINT branches_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES branches(id) ON DELETE CASCADE", "parent_id BIGINT"),
    _sabotage("update_no_longer_cascades", "ALTER TABLE loans DROP CONSTRAINT loans_copy_fkey; ALTER TABLE loans ADD CONSTRAINT loans_copy_fkey FOREIGN KEY (book_id, copy_number) REFERENCES copies (book_id, number) DEFERRABLE INITIALLY DEFERRED", "loans_copy_fkey"),
    _sabotage("no_longer_deferrable", "ALTER TABLE loans ALTER CONSTRAINT loans_copy_fkey NOT DEFERRABLE", "loans_copy_fkey"),
    _sabotage("alter_type", "ALTER TABLE books ALTER COLUMN pages TYPE BIGINT", "pages INTEGER"),
    _sabotage("widen_length", "ALTER TABLE members ALTER COLUMN full_name TYPE VARCHAR(255)", "full_name VARCHAR(100)"),
    _sabotage("length_dropped", "ALTER TABLE branches ALTER COLUMN city TYPE TEXT", "city VARCHAR(60)"),
    _sabotage("enum_becomes_text", "DROP VIEW open_loans; DROP INDEX loans_one_open; ALTER TABLE loans ALTER COLUMN status DROP DEFAULT; ALTER TABLE loans ALTER COLUMN status TYPE TEXT", "status loan_status"),
    _sabotage("enum_value_added", "ALTER TYPE loan_status ADD VALUE 'stolen'", "CREATE TYPE loan_status"),
    _sabotage("domain_without_its_check", "ALTER DOMAIN isbn DROP CONSTRAINT isbn_check", "CREATE DOMAIN isbn"),
    _sabotage("null_allowed", "ALTER TABLE members ALTER COLUMN full_name DROP NOT NULL", "full_name VARCHAR(100)"),
    _sabotage("null_forbidden", "ALTER TABLE fines ALTER COLUMN note SET NOT NULL", "note TEXT"),
    _sabotage("swap_default", "ALTER TABLE members ALTER COLUMN level SET DEFAULT 3", "level SMALLINT"),
    _sabotage("drop_default", "ALTER TABLE books ALTER COLUMN tags DROP DEFAULT", "tags JSONB"),
    _sabotage("default_of_another_state", "ALTER TABLE loans ALTER COLUMN status SET DEFAULT 'lost'", "status loan_status"),
    _sabotage("drop_identity", "ALTER TABLE closures ALTER COLUMN id DROP IDENTITY", "id BIGINT GENERATED BY DEFAULT"),
    _sabotage("identity_by_default", "ALTER TABLE branches ALTER COLUMN id SET GENERATED BY DEFAULT", "id BIGINT GENERATED ALWAYS"),
    _sabotage("generated_column_stored_by_hand", "ALTER TABLE books ALTER COLUMN tax DROP EXPRESSION", "tax NUMERIC"),
    _sabotage("generated_column_of_another_rate", "ALTER TABLE books DROP COLUMN tax; ALTER TABLE books ADD COLUMN tax NUMERIC(10, 4) GENERATED ALWAYS AS (price * 0.19) STORED", "tax NUMERIC"),
    _sabotage("rogue_column", "ALTER TABLE books ADD COLUMN colour TEXT", "CREATE TABLE books"),
    _sabotage("drop_column", "ALTER TABLE fines DROP COLUMN note", "CREATE TABLE fines"),
    _sabotage("rename_column", "ALTER TABLE branches RENAME COLUMN city TO town", "CREATE TABLE branches"),
    _sabotage("drop_table", "DROP TABLE closures", "CREATE TABLE closures"),
    _sabotage("table_loses_its_log", "ALTER TABLE closures SET UNLOGGED", "CREATE TABLE closures"),
    _sabotage("disable_trigger", "ALTER TABLE members DISABLE TRIGGER members_touch", "CREATE TRIGGER members_touch"),
    _sabotage("drop_trigger", "DROP TRIGGER members_touch ON members", "CREATE TRIGGER members_touch"),
    _sabotage("replace_function", "CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$", "CREATE FUNCTION touch_updated_at"),
    _sabotage("replace_view", "CREATE OR REPLACE VIEW open_loans AS SELECT id, member_id, due_at FROM loans", "CREATE VIEW open_loans"),
    _sabotage("drop_view", "DROP VIEW open_loans", "CREATE VIEW open_loans"),
    _sabotage("drop_materialized_view", "DROP MATERIALIZED VIEW loans_by_member", "CREATE MATERIALIZED VIEW loans_by_member"),
    _sabotage("row_security_disabled", "ALTER TABLE fines DISABLE ROW LEVEL SECURITY", "CREATE TABLE fines"),
    _sabotage("policy_opened", "ALTER POLICY fines_readable ON fines USING (true)", "CREATE POLICY fines_readable"),
    _sabotage("policy_dropped", "DROP POLICY fines_readable ON fines", "CREATE POLICY fines_readable"),
    _sabotage("comment_changed", "COMMENT ON COLUMN members.email IS 'Public'", "email VARCHAR(120)"),
    _sabotage("table_comment_removed", "COMMENT ON TABLE members IS NULL", "CREATE TABLE members"),
    _sabotage("exclusion_dropped", "ALTER TABLE closures DROP CONSTRAINT closures_apart", "CREATE TABLE closures"),
    _sabotage("partition_detached", "ALTER TABLE visits DETACH PARTITION visits_2025", "CREATE TABLE visits_2025"),
    _sabotage("partition_dropped", "DROP TABLE visits_2024", "CREATE TABLE visits_2024"),
    _sabotage("sequence_restepped", "ALTER SEQUENCE shelf_numbers INCREMENT 10", "CREATE SEQUENCE shelf_numbers"),
    _sabotage("number_no_longer_given", "ALTER TABLE books ALTER COLUMN shelf DROP DEFAULT", "shelf INTEGER"),
    _sabotage("check_renamed", "ALTER TABLE books RENAME CONSTRAINT books_pages_positive TO pages_ok", "books_pages_positive"),
    _sabotage("foreign_key_to_another_table", "ALTER TABLE fines DROP CONSTRAINT fines_loan_id_fkey; ALTER TABLE fines ADD CONSTRAINT fines_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES members(id) ON DELETE CASCADE", "loan_id UUID PRIMARY KEY"),
    _sabotage("trigger_after_the_update", "DROP TRIGGER members_touch ON members; CREATE TRIGGER members_touch AFTER UPDATE ON members FOR EACH ROW EXECUTE FUNCTION touch_updated_at()", "CREATE TRIGGER members_touch"),
)  # fmt: skip
