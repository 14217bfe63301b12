"""Words about an index that is built, renamed, commented on and taken away."""

from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Operation
from asbuilt.engines.postgres import defining
from asbuilt.engines.postgres.quoting import identifier, literal
from asbuilt.engines.state import IndexState, Item

BUILDING, REPLACED = "asbuilt_new_", "asbuilt_old_"
LOCK_SECONDS = 3


def guarded(sql: str) -> str:
    """Return a statement that runs alone and gives up waiting for its lock, so that nobody queues up behind it."""
    return f"SET lock_timeout = '{LOCK_SECONDS}s'; {sql}"


def is_same_but_for_name(before: IndexState, after: IndexState) -> bool:
    def bare(index: IndexState) -> IndexState:
        return replace(index, name="", definition="", comment=None)

    return bare(before) == bare(after)


def renamed(item: Item, before: IndexState, after: IndexState) -> Operation:
    """Return the operation that gives an index another name or comment."""
    forward = [*rename(before, after.name), *comment_change(before, after)]
    back = [*comment_change(after, before), *rename(after, before.name)]
    title = f"rename index {before.name} to {after.name}" if before.name != after.name else f"comment on {after.name}"
    touches = frozenset({item, replace(item, name=before.name)})
    return Operation(title, tuple(forward), tuple(back), touches=touches)


def rename(index: IndexState, name: str) -> Iterator[str]:
    if index.name != name:
        yield f"ALTER INDEX {defining.index_name(index)} RENAME TO {identifier(name)}"


def comment_change(before: IndexState, after: IndexState) -> Iterator[str]:
    if before.comment != after.comment:
        yield f"COMMENT ON INDEX {defining.index_name(after)} IS {literal(after.comment) if after.comment else 'NULL'}"


def gone(index: IndexState) -> tuple[str, ...]:
    """Return the statement that makes sure that an index, whole or half built, is not there."""
    return (f"DROP INDEX CONCURRENTLY IF EXISTS {defining.index_name(index)}",)


def renamed_index(index: IndexState, name: str) -> IndexState:
    """Return the same index under another name."""
    old, new = f" INDEX {identifier(index.name)} ON ", f" INDEX {identifier(name)} ON "
    return replace(index, name=name, definition=index.definition.replace(old, new, 1))


def on_table(index: IndexState, table: str, name: str) -> IndexState:
    """Return the same index on another table, under another name."""
    unique = "UNIQUE " if index.is_unique else ""
    schema, dot, bare = table.partition(".")
    home = f"{identifier(schema)}.{identifier(bare)}" if dot else f"public.{identifier(table)}"
    rest = index.definition.partition(" USING ")[2]
    definition = f"CREATE {unique}INDEX {identifier(name)} ON {home} USING {rest}"
    return replace(index, name=name, table=table, definition=definition, comment=None, backs=None)


def is_valid(index: IndexState) -> str:
    """Return the query that tells whether an index stands and is usable."""
    return f"SELECT coalesce((SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass({literal(defining.index_name(index))})), false)"


def is_absent(index: IndexState) -> str:
    """Return the query that tells whether an index is not there."""
    return f"SELECT to_regclass({literal(defining.index_name(index))}) IS NULL"
