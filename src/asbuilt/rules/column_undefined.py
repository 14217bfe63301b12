"""A statement names a column that its tables do not have.

**Why it matters.** PostgreSQL refuses it: *column … does not exist*. A view of the server's own counts too: `pg_stat_user_tables` calls the
table `relname`, `pg_tables` calls it `tablename`.

**Example.** `SELECT tablename FROM pg_stat_user_tables`

**What to do.** Correct the name, or define the column.
"""
