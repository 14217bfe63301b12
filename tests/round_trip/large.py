"""A schema of more than two hundred tables in a few families, with some that stand alone."""

from collections.abc import Iterator

FAMILIES = ("customer", "supplier", "product", "invoice", "contract", "machine", "order", "shipment")
PARTS = 26


def schema() -> str:
    return "\n".join(_statements())


def _statements() -> Iterator[str]:
    for at, family in enumerate(FAMILIES):
        yield f"CREATE TABLE {family}s (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL);"
        for number in range(PARTS):
            table = f"{family}_part_{number}"
            yield (
                f"CREATE TABLE {table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
                f"{family}_id bigint NOT NULL REFERENCES {family}s (id) ON DELETE CASCADE, note varchar(90) DEFAULT '');"
                f"CREATE INDEX {table}_{family} ON {table} ({family}_id);"
            )
        if at:
            other = FAMILIES[at - 1]
            yield f"ALTER TABLE {family}s ADD COLUMN {other}_id bigint REFERENCES {other}s (id);"
            yield f"CREATE INDEX {family}s_{other} ON {family}s ({other}_id);"
    for number in range(12):
        yield f"CREATE TABLE setting_{number} (key text PRIMARY KEY, value jsonb NOT NULL DEFAULT '{{}}');"
