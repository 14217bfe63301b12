"""A promise of the document does not hold in the live database.

**Why it matters.** Who reads the document believes something that is not so.

**Example.** The document says that `orders.user_id` cascades; the database has `NO ACTION`.

**What to do.** Change the database or the document. The finding shows what was expected, what was observed, and a command that
shows it again.
"""
