"""A trigger calls a function that is nowhere defined.

**Why it matters.** `CREATE TRIGGER` fails, and what the trigger was to keep true is not kept.

**Example.** `EXECUTE FUNCTION update_order_user_info()`, which nothing creates.

**What to do.** Define the function. The fix writes one: where other tables repeat columns of the trigger's table (`user_email`), it
updates them; where nothing shows what to do, it changes nothing, and is yours to fill in.
"""
