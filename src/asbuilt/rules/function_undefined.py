"""A statement calls a function that is not there, or not with such arguments.

**Why it matters.** PostgreSQL refuses it: *function … does not exist*.

**Example.** `DEFAULT uuid_generate_v4()` without the extension `uuid-ossp`.

**What to do.** Define it, or create the extension that brings it; the fix creates one that is known.
"""
