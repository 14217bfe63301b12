"""A partition is made of a table that is not partitioned.

**Why it matters.** PostgreSQL refuses it: *"events" is not partitioned*.

**Example.** `CREATE TABLE events_2025 PARTITION OF events …`, and `events` has no `PARTITION BY`.

**What to do.** Add `PARTITION BY` to the parent table.
"""
