"""A primary or unique key of a partitioned table leaves out the partition key.

**Why it matters.** PostgreSQL refuses it: it checks uniqueness partition by partition.

**Example.** `CREATE TABLE events (id UUID PRIMARY KEY, at TIMESTAMPTZ) PARTITION BY RANGE (at)`

**What to do.** Add the partition key to the key: `PRIMARY KEY (id, at)`.
"""
