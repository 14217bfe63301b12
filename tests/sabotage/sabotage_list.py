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
    _sabotage("drop_index", "DROP INDEX idx_members_branch_id", "idx_members_branch_id", "index idx_members_branch_id"),
    _sabotage("drop_index_of_a_query", "DROP INDEX idx_loans_member_created", "idx_loans_member_created", "index idx_loans_member_created", "query_uses_index Loans of a member, the latest first"),
    _sabotage("index_on_another_column", "DROP INDEX idx_books_title; CREATE INDEX idx_books_title ON books (pages)", "idx_books_title", "index idx_books_title", "query_uses_index Books by title"),
    _sabotage("index_without_its_order", "DROP INDEX idx_loans_member_created; CREATE INDEX idx_loans_member_created ON loans (member_id, created_at)", "idx_loans_member_created", "index idx_loans_member_created"),
    _sabotage("index_without_its_predicate", "DROP INDEX idx_members_active; CREATE INDEX idx_members_active ON members (joined_at)", "idx_members_active", "index idx_members_active"),
    _sabotage("index_of_another_method", "DROP INDEX idx_books_tags; CREATE INDEX idx_books_tags ON books (tags)", "idx_books_tags", "index idx_books_tags"),
    _sabotage("invalid_index", "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_books_tags'::regclass", "idx_books_tags", "index idx_books_tags"),
    _sabotage("unique_index_no_longer_unique", "DROP INDEX members_email_lower; CREATE INDEX members_email_lower ON members (lower(email))", "members_email_lower", "index members_email_lower", "unique_refuses_double members.members_email_lower"),
    _sabotage("partial_unique_index_dropped", "DROP INDEX loans_one_open", "loans_one_open", "index loans_one_open", "unique_refuses_double loans.loans_one_open"),
    _sabotage("partial_unique_index_of_another_state", "DROP INDEX loans_one_open; CREATE UNIQUE INDEX loans_one_open ON loans (book_id, copy_number) WHERE status = 'lost'", "loans_one_open", "index loans_one_open", "unique_refuses_double loans.loans_one_open"),
    _sabotage("drop_unique", "ALTER TABLE members DROP CONSTRAINT members_card_number_key", "members_card_number_key", "unique members.members_card_number_key", "unique_refuses_double members.members_card_number_key"),
    _sabotage("drop_primary_key", "ALTER TABLE fines DROP CONSTRAINT fines_pkey", "loan_id UUID PRIMARY KEY", "primary_key fines.fines_pkey", "unique_refuses_double fines.fines_pkey"),
    _sabotage("drop_check", "ALTER TABLE books DROP CONSTRAINT books_pages_positive", "books_pages_positive", "check books.books_pages_positive", "check_refuses books.books_pages_positive"),
    _sabotage("loosen_check", "ALTER TABLE members DROP CONSTRAINT members_level_range; ALTER TABLE members ADD CONSTRAINT members_level_range CHECK (level BETWEEN 0 AND 9)", "members_level_range", "check members.members_level_range", "check_refuses members.members_level_range"),
    _sabotage("tighten_check", "ALTER TABLE books DROP CONSTRAINT books_price_positive; ALTER TABLE books ADD CONSTRAINT books_price_positive CHECK (price >= 100000)", "books_price_positive", "check books.books_price_positive", "check_accepts books.books_price_positive"),
    _sabotage("widen_value_list", "ALTER TABLE fines DROP CONSTRAINT fines_reason_known; ALTER TABLE fines ADD CONSTRAINT fines_reason_known CHECK (reason IN ('late', 'lost', 'damaged', 'other'))", "fines_reason_known", "check fines.fines_reason_known", "check_refuses fines.fines_reason_known"),
    _sabotage("loosen_pattern", "ALTER TABLE members DROP CONSTRAINT members_email_shape; ALTER TABLE members ADD CONSTRAINT members_email_shape CHECK (email <> '')", "members_email_shape", "check members.members_email_shape", "check_refuses members.members_email_shape"),
    _sabotage("shorten_value_list", "ALTER TABLE fines DROP CONSTRAINT fines_reason_known; ALTER TABLE fines ADD CONSTRAINT fines_reason_known CHECK (reason IN ('late', 'lost'))", "fines_reason_known", "check fines.fines_reason_known", "check_accepts fines.fines_reason_known"),
    _sabotage("narrow_range", "ALTER TABLE members DROP CONSTRAINT members_level_range; ALTER TABLE members ADD CONSTRAINT members_level_range CHECK (level BETWEEN 2 AND 5)", "members_level_range", "check members.members_level_range", "check_accepts members.members_level_range"),
    _sabotage("check_not_validated", "ALTER TABLE loans DROP CONSTRAINT loans_due_later; ALTER TABLE loans ADD CONSTRAINT loans_due_later CHECK (due_at > created_at) NOT VALID", "loans_due_later", "check loans.loans_due_later"),
    _sabotage("check_across_columns_dropped", "ALTER TABLE copies DROP CONSTRAINT copies_dates", "copies_dates", "check copies.copies_dates", "check_refuses copies.copies_dates"),
    _sabotage("drop_foreign_key", "ALTER TABLE members DROP CONSTRAINT members_branch_id_fkey", "branch_id BIGINT", "foreign_key members.members_branch_id_fkey", "foreign_key_refuses_orphan members.members_branch_id_fkey", "on_delete members.members_branch_id_fkey"),
    _sabotage("cascade_becomes_restrict", "ALTER TABLE copies DROP CONSTRAINT copies_book_id_fkey; ALTER TABLE copies ADD CONSTRAINT copies_book_id_fkey FOREIGN KEY (book_id) REFERENCES books(id)", "book_id UUID NOT NULL REFERENCES", "foreign_key copies.copies_book_id_fkey", "on_delete copies.copies_book_id_fkey"),
    _sabotage("restrict_becomes_cascade", "ALTER TABLE members DROP CONSTRAINT members_branch_id_fkey; ALTER TABLE members ADD CONSTRAINT members_branch_id_fkey FOREIGN KEY (branch_id) REFERENCES branches(id) ON DELETE CASCADE", "branch_id BIGINT", "foreign_key members.members_branch_id_fkey", "on_delete members.members_branch_id_fkey"),
    _sabotage("set_null_becomes_cascade", "ALTER TABLE branches DROP CONSTRAINT branches_parent_id_fkey; ALTER TABLE branches ADD CONSTRAINT branches_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES branches(id) ON DELETE CASCADE", "parent_id BIGINT", "foreign_key branches.branches_parent_id_fkey", "on_delete branches.branches_parent_id_fkey"),
    _sabotage("update_no_longer_cascades", "ALTER TABLE loans DROP CONSTRAINT loans_copy_fkey; ALTER TABLE loans ADD CONSTRAINT loans_copy_fkey FOREIGN KEY (book_id, copy_number) REFERENCES copies (book_id, number) DEFERRABLE INITIALLY DEFERRED", "loans_copy_fkey", "foreign_key loans.loans_copy_fkey", "on_update loans.loans_copy_fkey"),
    _sabotage("no_longer_deferrable", "ALTER TABLE loans ALTER CONSTRAINT loans_copy_fkey NOT DEFERRABLE", "loans_copy_fkey", "foreign_key loans.loans_copy_fkey"),
    _sabotage("alter_type", "ALTER TABLE books ALTER COLUMN pages TYPE BIGINT", "pages INTEGER", "column_type books.pages"),
    _sabotage("widen_length", "ALTER TABLE members ALTER COLUMN full_name TYPE VARCHAR(255)", "full_name VARCHAR(100)", "column_type members.full_name", "length_refuses_longer members.full_name"),
    _sabotage("length_dropped", "ALTER TABLE branches ALTER COLUMN city TYPE TEXT", "city VARCHAR(60)", "column_type branches.city", "length_refuses_longer branches.city"),
    _sabotage("enum_becomes_text", "DROP VIEW open_loans; DROP INDEX loans_one_open; ALTER TABLE loans ALTER COLUMN status DROP DEFAULT; ALTER TABLE loans ALTER COLUMN status TYPE TEXT", "status loan_status", "column_type loans.status", "column_default loans.status", "index loans_one_open", "view open_loans", "default_fills_in loans.status", "enum_refuses_stranger loans.status", "unique_refuses_double loans.loans_one_open"),
    _sabotage("enum_value_added", "ALTER TYPE loan_status ADD VALUE 'stolen'", "CREATE TYPE loan_status", "enum_values loan_status"),
    _sabotage("domain_without_its_check", "ALTER DOMAIN isbn DROP CONSTRAINT isbn_check", "CREATE DOMAIN isbn", "domain isbn", "domain_refuses books.isbn"),
    _sabotage("null_allowed", "ALTER TABLE members ALTER COLUMN full_name DROP NOT NULL", "full_name VARCHAR(100)", "column_nullability members.full_name", "not_null_refuses members.full_name"),
    _sabotage("null_forbidden", "ALTER TABLE fines ALTER COLUMN note SET NOT NULL", "note TEXT", "column_nullability fines.note"),
    _sabotage("swap_default", "ALTER TABLE members ALTER COLUMN level SET DEFAULT 3", "level SMALLINT", "column_default members.level", "default_fills_in members.level"),
    _sabotage("drop_default", "ALTER TABLE books ALTER COLUMN tags DROP DEFAULT", "tags JSONB", "column_default books.tags", "default_fills_in books.tags"),
    _sabotage("default_of_another_state", "ALTER TABLE loans ALTER COLUMN status SET DEFAULT 'lost'", "status loan_status", "column_default loans.status", "default_fills_in loans.status"),
    _sabotage("drop_identity", "ALTER TABLE closures ALTER COLUMN id DROP IDENTITY", "id BIGINT GENERATED BY DEFAULT", "column_identity closures.id", "identity_fills_in closures.id"),
    _sabotage("identity_by_default", "ALTER TABLE branches ALTER COLUMN id SET GENERATED BY DEFAULT", "id BIGINT GENERATED ALWAYS", "column_identity branches.id"),
    _sabotage("generated_column_stored_by_hand", "ALTER TABLE books ALTER COLUMN tax DROP EXPRESSION", "tax NUMERIC", "column_generated books.tax", "generated_computes books.tax"),
    _sabotage("generated_column_of_another_rate", "ALTER TABLE books DROP COLUMN tax; ALTER TABLE books ADD COLUMN tax NUMERIC(10, 4) GENERATED ALWAYS AS (price * 0.19) STORED", "tax NUMERIC", "column_generated books.tax", "generated_computes books.tax"),
    _sabotage("rogue_column", "ALTER TABLE books ADD COLUMN colour TEXT", "CREATE TABLE books", "table_columns books"),
    _sabotage("drop_column", "ALTER TABLE fines DROP COLUMN note", "CREATE TABLE fines", "table_columns fines", "column_type fines.note"),
    _sabotage("rename_column", "ALTER TABLE branches RENAME COLUMN city TO town", "CREATE TABLE branches", "table_columns branches", "column_type branches.city"),
    _sabotage("drop_table", "DROP TABLE closures", "CREATE TABLE closures", "table_exists closures"),
    _sabotage("table_loses_its_log", "ALTER TABLE closures SET UNLOGGED", "CREATE TABLE closures", "table_exists closures"),
    _sabotage("disable_trigger", "ALTER TABLE members DISABLE TRIGGER members_touch", "CREATE TRIGGER members_touch", "trigger members.members_touch", "trigger_keeps members.members_touch"),
    _sabotage("drop_trigger", "DROP TRIGGER members_touch ON members", "CREATE TRIGGER members_touch", "trigger members.members_touch", "trigger_keeps members.members_touch"),
    _sabotage("replace_function", "CREATE OR REPLACE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END; $$", "CREATE FUNCTION touch_updated_at", "function touch_updated_at()", "trigger_keeps members.members_touch"),
    _sabotage("replace_view", "CREATE OR REPLACE VIEW open_loans AS SELECT id, member_id, due_at FROM loans", "CREATE VIEW open_loans", "view open_loans"),
    _sabotage("drop_view", "DROP VIEW open_loans", "CREATE VIEW open_loans", "view open_loans"),
    _sabotage("drop_materialized_view", "DROP MATERIALIZED VIEW loans_by_member", "CREATE MATERIALIZED VIEW loans_by_member", "materialized_view loans_by_member"),
    _sabotage("row_security_disabled", "ALTER TABLE fines DISABLE ROW LEVEL SECURITY", "ALTER TABLE fines ENABLE ROW LEVEL SECURITY", "row_security fines", "row_security_filters fines", "row_security_inserts fines", "row_security_updates fines", "row_security_deletes fines"),
    _sabotage("policy_opened", "ALTER POLICY fines_readable ON fines USING (true)", "CREATE POLICY fines_readable", "policy fines.fines_readable", "row_security_filters fines"),
    _sabotage("policy_dropped", "DROP POLICY fines_readable ON fines", "CREATE POLICY fines_readable", "policy fines.fines_readable", "row_security_filters fines"),
    _sabotage("policy_of_another_setting", "ALTER POLICY remarks_own ON remarks USING (member_id::text = current_setting('library.other', true))", "CREATE POLICY remarks_own", "policy remarks.remarks_own", "row_security_filters remarks", "row_security_inserts remarks", "row_security_updates remarks", "row_security_deletes remarks"),
    _sabotage("rogue_policy", "CREATE POLICY everybody ON remarks USING (true)", "CREATE POLICY remarks_own", "row_security_filters remarks", "row_security_inserts remarks", "row_security_updates remarks", "row_security_deletes remarks"),
    _sabotage("check_of_inserts_loosened", "ALTER POLICY notices_written ON notices WITH CHECK (true)", "CREATE POLICY notices_written", "policy notices.notices_written", "row_security_inserts notices"),
    _sabotage("check_of_inserts_half_loosened", "ALTER POLICY notices_written ON notices WITH CHECK (kind = 'news')", "CREATE POLICY notices_written", "policy notices.notices_written", "row_security_inserts notices"),
    _sabotage("inserts_by_another_role", "ALTER POLICY notices_written ON notices TO pg_monitor", "CREATE POLICY notices_written", "policy notices.notices_written", "row_security_inserts notices"),
    _sabotage("inserts_by_everybody", "ALTER POLICY notices_written ON notices TO PUBLIC", "CREATE POLICY notices_written", "policy notices.notices_written", "row_security_inserts notices"),
    _sabotage("rogue_policy_for_inserts", "CREATE POLICY more ON notices FOR INSERT WITH CHECK (true)", "CREATE POLICY notices_written", "row_security_inserts notices"),
    _sabotage("check_of_updates_loosened", "ALTER POLICY notices_corrected ON notices WITH CHECK (true)", "CREATE POLICY notices_corrected", "policy notices.notices_corrected", "row_security_updates notices"),
    _sabotage("rows_of_others_updated", "ALTER POLICY notices_corrected ON notices USING (true)", "CREATE POLICY notices_corrected", "policy notices.notices_corrected", "row_security_updates notices"),
    _sabotage("rows_of_others_deleted", "ALTER POLICY notices_removed ON notices USING (true)", "CREATE POLICY notices_removed", "policy notices.notices_removed", "row_security_deletes notices"),
    _sabotage("policy_for_inserts_dropped", "DROP POLICY notices_written ON notices", "CREATE POLICY notices_written", "policy notices.notices_written", "row_security_inserts notices"),
    _sabotage("audit_forgets_updates", "DROP TRIGGER remarks_recorded ON remarks; CREATE TRIGGER remarks_recorded AFTER INSERT OR DELETE ON remarks FOR EACH ROW EXECUTE FUNCTION record_change()", "CREATE TRIGGER remarks_recorded", "trigger remarks.remarks_recorded", "trigger_writes remarks.remarks_recorded"),
    _sabotage("audit_writes_nothing", "CREATE OR REPLACE FUNCTION record_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END; $$", "CREATE FUNCTION record_change", "function record_change()", "trigger_writes remarks.remarks_recorded"),
    _sabotage("view_that_fails", "CREATE OR REPLACE VIEW open_loans AS SELECT id, member_id, due_at FROM loans WHERE 1 / (extract(year FROM due_at) * 0) = 1", "CREATE VIEW open_loans", "view open_loans", "view_runs open_loans"),
    _sabotage("index_of_a_partition_dropped", "DROP INDEX idx_visits_2024_member", "idx_visits_2024_member", "index idx_visits_2024_member"),
    _sabotage("right_revoked", "REVOKE INSERT ON books FROM asbuilt_librarian", "GRANT SELECT, INSERT ON books", "table_grants books"),
    _sabotage("right_given_to_everybody", "GRANT DELETE ON books TO PUBLIC", "GRANT SELECT, INSERT ON books", "table_grants books"),
    _sabotage("right_to_a_column_revoked", "REVOKE SELECT (full_name) ON members FROM asbuilt_librarian", "GRANT SELECT (id, full_name)", "column_grants members.full_name"),
    _sabotage("comment_changed", "COMMENT ON COLUMN members.email IS 'Public'", "COMMENT ON COLUMN members.email", "column_comment members.email"),
    _sabotage("table_comment_removed", "COMMENT ON TABLE members IS NULL", "COMMENT ON TABLE members", "table_comment members"),
    _sabotage("exclusion_dropped", "ALTER TABLE closures DROP CONSTRAINT closures_apart", "CREATE TABLE closures", "exclusion closures.closures_apart", "exclusion_refuses closures.closures_apart"),
    _sabotage("partition_detached", "ALTER TABLE visits DETACH PARTITION visits_2025", "CREATE TABLE visits_2025", "partition visits_2025"),
    _sabotage("partition_dropped", "DROP TABLE visits_2024", "CREATE TABLE visits_2024", "table_exists visits_2024"),
    _sabotage("sequence_restepped", "ALTER SEQUENCE shelf_numbers INCREMENT 10", "CREATE SEQUENCE shelf_numbers", "sequence shelf_numbers"),
    _sabotage("number_no_longer_given", "ALTER TABLE books ALTER COLUMN shelf DROP DEFAULT", "shelf INTEGER", "column_default books.shelf", "default_fills_in books.shelf"),
    _sabotage("check_renamed", "ALTER TABLE books RENAME CONSTRAINT books_pages_positive TO pages_ok", "books_pages_positive", "check books.books_pages_positive"),
    _sabotage("foreign_key_to_another_table", "ALTER TABLE fines DROP CONSTRAINT fines_loan_id_fkey; ALTER TABLE fines ADD CONSTRAINT fines_loan_id_fkey FOREIGN KEY (loan_id) REFERENCES members(id) ON DELETE CASCADE", "loan_id UUID PRIMARY KEY", "foreign_key fines.fines_loan_id_fkey"),
    _sabotage("trigger_after_the_update", "DROP TRIGGER members_touch ON members; CREATE TRIGGER members_touch AFTER UPDATE ON members FOR EACH ROW EXECUTE FUNCTION touch_updated_at()", "CREATE TRIGGER members_touch", "trigger members.members_touch", "trigger_keeps members.members_touch"),
    _sabotage("column_of_a_query_renamed", "ALTER TABLE books RENAME COLUMN title TO name", "title TEXT", "table_columns books", "column_type books.title", "index idx_books_title", "query_runs Books by title"),
    _sabotage("partitioned_another_way", "DROP TABLE visits; CREATE TABLE visits (member_id UUID NOT NULL, visited_at TIMESTAMPTZ NOT NULL) PARTITION BY HASH (member_id); CREATE TABLE visits_2024 PARTITION OF visits FOR VALUES WITH (MODULUS 2, REMAINDER 0); CREATE TABLE visits_2025 PARTITION OF visits FOR VALUES WITH (MODULUS 2, REMAINDER 1); CREATE INDEX idx_visits_2024_member ON visits_2024 (member_id)", "CREATE TABLE visits", "partitioning visits", "partition visits_2024", "partition visits_2025"),
)  # fmt: skip
