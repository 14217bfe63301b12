"""An index stands inside `CREATE TABLE`, which is MySQL's syntax.

**Why it matters.** PostgreSQL refuses the whole table: *syntax error at or near "("*.

**Example.** `CREATE TABLE comments (…, INDEX idx_commentable (commentable_type, commentable_id));`

**What to do.** Write a `CREATE INDEX` behind the table. The fix moves it there; until then it is built as if it stood there.
"""
