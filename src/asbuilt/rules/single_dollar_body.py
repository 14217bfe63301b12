"""The body of a function stands in single `$` signs.

**Why it matters.** PostgreSQL quotes a body in `$$`; a single `$` is a syntax error. Often a template has eaten the other one.

**Example.** `CREATE FUNCTION touch() RETURNS trigger AS $ BEGIN … END; $ LANGUAGE plpgsql;`

**What to do.** Double them; the fix does.
"""
