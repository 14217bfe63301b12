"""An index, a generated column or a partition key uses an expression that is not immutable.

**Why it matters.** PostgreSQL refuses it: what is stored must not depend on the time of day or on the session.

**Example.** `CREATE INDEX … ON bookings (booked_at) WHERE booked_at > now() - interval '30 days'`

**What to do.** Use an expression of the row alone. For "the recent ones" index the column: a range of it is found quickly.
"""
