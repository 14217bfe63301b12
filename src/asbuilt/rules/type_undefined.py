"""A statement names a type that is not there.

**Why it matters.** PostgreSQL refuses it: *type … does not exist*.

**Example.** `status user_state NOT NULL`, and the type is called `user_status`.

**What to do.** Define the type, correct its name, or create the extension that brings it.
"""
