"""A word of MySQL's that PostgreSQL does not have: `AUTO_INCREMENT`, `ENGINE=InnoDB`, backticks.

**Why it matters.** PostgreSQL refuses the statement.

**Example.** `id INT AUTO_INCREMENT PRIMARY KEY`

**What to do.** Write PostgreSQL's words (`GENERATED ALWAYS AS IDENTITY`); the fix does where there is one. Or name MySQL in the
document or the fence, if that is the database.
"""
