"""What extends the server itself: operators, casts, text search, event triggers, default privileges."""

import re
from collections.abc import Iterator

from asbuilt.engines.postgres.defining import rights
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import ObjectState

CATALOGUE_KINDS = frozenset({"cast", "operator", "operator class", "operator family"})
"""Those whose names are more than a name in a schema."""
_ENABLING = {"": "ENABLE", "disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}
_FAMILY = re.compile(r" USING \S+ FAMILY ")
_OPTION = re.compile(r", (\w+) = ('(?:[^']|'')*'|\w+)")
_MAPPING = "mapping "
_USUAL = {"FUNCTIONS": ["PUBLIC: EXECUTE"], "TYPES": ["PUBLIC: USAGE"]}


def catalogue_name(state: ObjectState) -> str:
    """Return the name of such a thing as statements about it write it."""
    if state.kind == "cast":
        return f"({state.name})"
    if state.kind == "operator":
        name, _, arguments = state.name.partition(" (")
        schema, dot, operator = name.rpartition(".")
        return f"{identifier(schema)}.{operator} ({arguments}" if dot else f"{operator} ({arguments}"
    name, _, method = state.name.rpartition(" USING ")
    return f"{relation(name)} USING {identifier(method)}"


def has_family(state: ObjectState) -> bool:
    """Tell whether an operator class is in a family of another name; else it has one of its own."""
    return _FAMILY.search(state.definition) is not None


def catalogue_change(before: ObjectState, after: ObjectState) -> Iterator[str]:
    """Yield what makes the mappings of a text search configuration, the target of statistics, or whether a rule or an event trigger is in force."""
    old, new = dict(before.properties), dict(after.properties)
    if after.kind == "event trigger" and old.get("enabled") != new.get("enabled"):
        yield f"ALTER EVENT TRIGGER {identifier(after.name)} {_ENABLING[new.get('enabled', '')]}"
    if after.kind == "rule" and old.get("enabled") != new.get("enabled"):
        table, _, name = after.name.rpartition(".")
        yield f"ALTER TABLE {relation(table)} {_ENABLING[new.get('enabled', '')]} RULE {identifier(name)}"
    if after.kind == "statistics" and old.get("target") != new.get("target"):
        yield f"ALTER STATISTICS {relation(after.name)} SET STATISTICS {new.get('target', '-1')}"
    head = f"ALTER TEXT SEARCH CONFIGURATION {relation(after.name)}"
    for key in sorted(key for key in {**old, **new} if key.startswith(_MAPPING)):
        token = key.removeprefix(_MAPPING)
        if key not in new:
            yield f"{head} DROP MAPPING FOR {token}"
        elif old.get(key) != new[key]:
            yield f"{head} {'ALTER' if key in old else 'ADD'} MAPPING FOR {token} WITH {new[key]}"


def dictionary_change(before: ObjectState, after: ObjectState) -> str:
    """Return the statement that gives a text search dictionary other options of its template."""
    old, new = dictionary_options(before), dictionary_options(after)
    options = [*(name for name in old if name not in new), *(f"{name} = {value}" for name, value in new.items())]
    return f"ALTER TEXT SEARCH DICTIONARY {relation(after.name)} ({', '.join(options)})"


def dictionary_options(state: ObjectState) -> dict[str, str]:
    """Return the options of a text search dictionary, its template not among them."""
    _, _, options = state.definition.partition(" (TEMPLATE = ")
    return {found[1]: found[2] for found in _OPTION.finditer(options)}


def privileges_change(before: ObjectState | None, after: ObjectState | None) -> Iterator[str]:
    """Yield the statements that make the rights which new things get into others; None: those that they get anyhow."""
    known = after or before
    assert known is not None
    scope, _, kind = f" {known.name}".rpartition(" ON ")
    usual = [] if "IN SCHEMA" in scope else _USUAL.get(kind, [])
    for change in rights.changes(_lines(before, usual), _lines(after, usual), kind):
        yield f"ALTER DEFAULT PRIVILEGES{scope} {change}"


def _lines(state: ObjectState | None, usual: list[str]) -> list[str]:
    if state is None:
        return usual
    return [] if state.definition == "nobody" else state.definition.split("; ")
