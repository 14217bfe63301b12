"""PostgreSQL refused rows that the document itself puts in.

**Why it matters.** The seed stops there, and the rows that refer to these are missing too.

**Example.** `INSERT INTO users (email, status) VALUES ('a@example.com', 'new')`, and a check takes `active` and `blocked`.

**What to do.** Give the rows values that the columns and constraints take. Seeds run in the order of the document.
"""
