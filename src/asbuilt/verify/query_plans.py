"""The plans that PostgreSQL makes for queries, as it explains them."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from asbuilt.engines.base import Session


def explained(session: Session, execute: str, off: Sequence[str] = ()) -> Any:
    """Return the plan of an EXECUTE for the values that it has, with some of the planner's settings `off`."""
    with session.attempt():
        session.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        for setting in off:
            session.execute(f"SET LOCAL {setting} = off")
        return read_plan(session, execute)


def read_plan(session: Session, execute: str, options: str = "") -> Any:
    """Return the plan that the server tells of, with what the options of EXPLAIN ask for."""
    listed = ", ".join(filter(None, (options, "FORMAT JSON")))
    found = session.rows(f"EXPLAIN ({listed}) {execute}")[0][0]
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


def nodes(plan: Any) -> Iterator[Any]:
    """Yield the nodes of a plan, the topmost first."""
    yield plan
    for inner in plan.get("Plans", ()):
        yield from nodes(inner)


def words(plan: Any) -> str:
    """Return a plan's scans in words, the topmost node first."""
    parts = []
    for node in nodes(plan):
        if index := node.get("Index Name"):
            parts.append(f"{node['Node Type']} using {index}")
        elif relation := node.get("Relation Name"):
            parts.append(f"{node['Node Type']} on {relation}")
    return ", ".join(dict.fromkeys(parts)) or str(plan.get("Node Type", ""))
