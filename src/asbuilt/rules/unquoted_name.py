"""A name with a hyphen stands without double quotes.

**Why it matters.** To PostgreSQL `shop-db` is `shop` minus `db`: a syntax error.

**Example.** `CREATE DATABASE claude-enhancer_auth;`

**What to do.** Quote the name, everywhere, or use an underscore. The fix quotes it.
"""
