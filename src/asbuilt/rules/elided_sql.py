"""Part of the SQL is left out: `...` or `-- other columns`.

**Why it matters.** What is left out comes from the other places that define it, or from nowhere.

**Example.** `CREATE TABLE users (id UUID PRIMARY KEY, ...);`

**What to do.** Write it out, or leave it to the field table, the diagram or the interface that lists the rest.
"""
