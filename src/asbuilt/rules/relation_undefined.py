"""A statement names a table or a view that is not there when it is run.

**Why it matters.** PostgreSQL refuses it: *relation … does not exist*.

**Example.** `CREATE VIEW open_orders AS SELECT * FROM order`, and the table is called `orders`.

**What to do.** Define it, or correct the name; where it is plain which one was meant, the fix does.
"""
