"""A comma stands before the closing bracket.

**Why it matters.** PostgreSQL refuses the statement: *syntax error at or near ")"*.

**Example.** `CREATE TABLE users (id UUID PRIMARY KEY,);`

**What to do.** Remove it; the fix does.
"""
