"""`CREATE MIGRATION` is a statement of no database.

**Why it matters.** PostgreSQL refuses it, and what stands inside it is never run.

**Example.** `CREATE MIGRATION AddPreferences AS BEGIN ALTER TABLE …; END;`

**What to do.** Write the statements inside as they are, under a comment with the migration's name. The fix unwraps them.
"""
