"""What a table has one of and an index may stand for: what tells its rows apart for replicas, and the order they are kept in."""

from asbuilt.engines.postgres.quoting import relation
from asbuilt.engines.state import ObjectState

MARKS = frozenset({"replica identity", "clustering"})
"""Their names are those of their tables."""


def mark(state: ObjectState) -> str:
    words = "REPLICA IDENTITY" if state.kind == "replica identity" else "CLUSTER ON"
    return f"ALTER TABLE {relation(state.name)} {words} {state.definition}"


def unmark(state: ObjectState) -> str:
    words = "REPLICA IDENTITY DEFAULT" if state.kind == "replica identity" else "SET WITHOUT CLUSTER"
    return f"ALTER TABLE {relation(state.name)} {words}"
