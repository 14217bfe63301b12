"""PostgreSQL refused a statement of the document when it was tried out.

**Why it matters.** What the statement was to make is not there; whatever needs it fails as well, and is not reported.

**Example.** `ALTER TABLE users ADD CHECK (name > 3)`, and `name` is text.

**What to do.** Change the statement; the message and the place are PostgreSQL's own.
"""
