"""Statements of a migration that a database does not take because what they say is true there already."""

import re
from dataclasses import replace

from asbuilt.engines.base import Session, Step
from asbuilt.engines.postgres.building import step_of
from asbuilt.engines.postgres.ordering import Node
from asbuilt.engines.postgres.quoting import literal
from asbuilt.errors import ServerRefused
from asbuilt.model.sql import SqlStatement

_THERE = ("42701", "42P07", "42710", "42723", "42P06")
"""A column, relation, other object, function or schema of that name is there."""
_GONE = ("42703", "42P01", "42704", "42883", "3F000")
"""There is no column, relation, other object, function or schema of that name."""
_TAKES_AWAY = re.compile(r"\b(?:DROP|RENAME)\b", re.IGNORECASE)
_NAMED = re.compile(r"(?:column|relation|type|constraint|function) \"?([\w.]+)")
_TWICE = "multiple primary keys"
_NO_VALUE = "22P02"
"""A text is no value of the type."""
_NO_LABEL = re.compile(r'invalid input value for enum [^:]+: "(.*)"')
_ABOUT_ROWS = re.compile(r"\s*(?P<change>(?:UPDATE|DELETE)\b.*?)\bWHERE\b(?P<condition>.*)", re.IGNORECASE | re.DOTALL)


def is_true_already(sql: str, refusal: ServerRefused) -> bool:
    """Tell whether a statement was refused because what it makes is there, or what it takes away or renames is gone."""
    if refusal.sqlstate in _GONE:
        return bool(_TAKES_AWAY.search(sql))
    return refusal.sqlstate in _THERE or _TWICE in str(refusal)


def is_idle(node: Node, refusal: ServerRefused) -> bool:
    """Tell whether a migration's statement is refused because the schema shows already what the migration leads to."""
    if not node.is_migration:
        return False
    named = {part for text in _NAMED.findall(str(refusal)) for part in text.split(".")}
    is_past = refusal.sqlstate in _GONE and bool(named & node.gone)
    return is_past or is_true_already(node.step.sql, refusal)


def about_no_rows(node: Node, refusal: ServerRefused) -> Step | None:
    """Return a migration's statement about rows with a label that their type has no more, as one about no rows: there are none."""
    found = _NO_LABEL.search(str(refusal)) if refusal.sqlstate == _NO_VALUE and node.is_migration else None
    about = _ABOUT_ROWS.match(node.step.sql)
    if found and about and literal(found[1]) in about["condition"]:
        return replace(node.step, sql=f"{about['change']}WHERE false")
    return None


def take(session: Session, statement: SqlStatement) -> str:
    """Run a statement that changes structure; return why it is refused, empty where it ran or was true already."""
    refusal = refusal_of(session, statement)
    return "" if refusal is None or is_true_already(statement.sql, refusal) else str(refusal)


def refusal_of(session: Session, statement: SqlStatement) -> ServerRefused | None:
    """Run a statement; return why it is refused, None where it ran."""
    try:
        with session.transaction():
            session.execute(step_of(statement).sql)
    except ServerRefused as refusal:
        return refusal
    return None
