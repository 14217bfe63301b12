"""Views, types, routines, sequences and the other objects, as statements."""

import re
from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.postgres import public
from asbuilt.engines.postgres.defining import rights
from asbuilt.engines.postgres.defining.catalogue import (
    CATALOGUE_KINDS,
    catalogue_change,
    catalogue_name,
    dictionary_change,
    has_family,
    privileges_change,
)
from asbuilt.engines.postgres.defining.marks import MARKS, mark, unmark
from asbuilt.engines.postgres.defining.tables import unusual
from asbuilt.engines.postgres.defining.views import VIEWS, parts_change, view_change
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import ObjectState
from asbuilt.errors import CannotBePlanned

_SIGNATURE = re.compile(r"(?P<name>[^(]*)\((?P<arguments>.*)\)\Z", re.DOTALL)
_ROUTINES = ("function", "procedure", "aggregate", "window function")
_KINDS = {
    "enum": "TYPE", "domain": "DOMAIN", "range": "TYPE", "composite": "TYPE", "window function": "FUNCTION",
}  # fmt: skip
_NOT_COMMENTABLE = frozenset({"default privileges"})
_WITHOUT_SCHEMA = frozenset({"schema", "extension", "event trigger", "publication", "server", "foreign data wrapper"})
_DEFINED_WHOLE = (
    "function", "procedure", "window function", "statistics", "rule", "event trigger", "collation", "operator", "operator family",
    "operator class", "text search dictionary", "text search configuration", "cast", "publication", "foreign data wrapper", "server",
)  # fmt: skip


def full_name(state: ObjectState) -> str:
    """Return an object's name as statements about it write it; a routine's holds the types of its arguments."""
    if state.kind in _ROUTINES and (found := _SIGNATURE.match(state.name)):
        arguments = found["arguments"] or ("*" if state.kind == "aggregate" else "")
        return f"{relation(found['name'])}({arguments})"
    if state.kind == "rule":
        table, _, name = state.name.rpartition(".")
        return f"{identifier(name)} ON {relation(table)}"
    if state.kind in _WITHOUT_SCHEMA:
        return identifier(state.name)
    return catalogue_name(state) if state.kind in CATALOGUE_KINDS else relation(state.name)


def is_public(state: ObjectState) -> bool:
    """Tell whether it is the schema that nobody makes: what is said of it can be changed."""
    return (state.kind, state.name) == public.KEY


def words(state: ObjectState) -> str:
    return _KINDS.get(state.kind, state.kind.upper())


def create_object(state: ObjectState) -> tuple[str, ...]:
    """Return the statements that make an object with its comment, its grants and what is on it."""
    in_it = tuple(pair for pair in state.properties if pair[0] == "options")
    bare = ObjectState(state.kind, state.name, state.definition, in_it)
    return (*_made(state), *properties_change(bare, state))


def _made(state: ObjectState) -> tuple[str, ...]:
    if state.kind in _DEFINED_WHOLE:
        return (state.definition.strip().removesuffix(";"),)
    if state.kind in VIEWS:
        return (_view(state, "CREATE"),)
    name = relation(state.name)
    match state.kind:
        case "enum" | "composite" | "range":
            return (f"CREATE TYPE {name} AS {state.definition}",)
        case "domain":
            return (f"CREATE DOMAIN {name} AS {state.definition}",)
        case "sequence":
            return (_sequence(state),)
        case "schema":
            return () if is_public(state) else (f"CREATE SCHEMA {identifier(state.name)}",)
        case "extension":
            return (_extension(state),)
        case "aggregate":
            return (f"CREATE AGGREGATE {full_name(state)} {state.definition}",)
        case "replica identity" | "clustering":
            return (mark(state),)
        case "default privileges":
            return tuple(privileges_change(None, state))
    raise CannotBePlanned(f"{state.kind} {state.name}")


def _view(state: ObjectState, verb: str) -> str:
    options = dict(state.properties).get("options", "")
    clause = f" WITH ({options})" if options else ""
    body = state.definition.strip().removesuffix(";")
    return f"{verb} {state.kind.upper()} {relation(state.name)}{clause} AS\n{body}"


def _sequence(state: ObjectState) -> str:
    is_unlogged = dict(state.properties).get("persistence") == "unlogged"
    return f"CREATE {'UNLOGGED ' if is_unlogged else ''}SEQUENCE {relation(state.name)} {state.definition}"


def plain_sequence(state: ObjectState) -> str:
    """Return the statement that makes a sequence, the options that go without saying left out."""
    type_ = state.definition.split(" ")[1]
    made = _sequence(replace(state, definition="")).rstrip()
    return " ".join([made, *([] if type_ == "bigint" else [f"AS {type_}"]), *unusual(state.definition)])


def _extension(state: ObjectState) -> str:
    schema = dict(state.properties).get("schema", "")
    return f"CREATE EXTENSION {identifier(state.name)}{f' WITH SCHEMA {identifier(schema)}' if schema else ''}"


def drop_object(state: ObjectState) -> str:
    if state.kind == "default privileges":
        return "; ".join(privileges_change(state, None))
    if state.kind in MARKS:
        return unmark(state)
    if is_public(state):
        return "; ".join(properties_change(state, replace(state, properties=())))
    if state.kind == "operator class" and not has_family(state):
        return f"DROP OPERATOR FAMILY {full_name(state)}"
    return f"DROP {words(state)} {full_name(state)}"


def replace_object(before: ObjectState, after: ObjectState) -> Iterator[str]:
    """Yield what puts one definition in the place of another, whatever uses it staying where it is."""
    if after.kind == "view":
        yield _view(after, "CREATE OR REPLACE")
    elif after.kind == "default privileges":
        yield from privileges_change(before, after)
    elif after.kind == "text search dictionary":
        yield dictionary_change(before, after)
    elif after.kind in ("function", "procedure", "rule"):
        yield after.definition.strip().removesuffix(";").replace("CREATE RULE ", "CREATE OR REPLACE RULE ", 1)
    elif after.kind == "sequence":
        yield f"ALTER SEQUENCE {relation(after.name)} {after.definition}{' NO CYCLE' if ' CYCLE' not in after.definition else ''}"


def properties_change(before: ObjectState, after: ObjectState) -> Iterator[str]:
    """Yield the statements for comment, owner and grants that differ between two states of an object."""
    old, new = dict(before.properties), dict(after.properties)
    name = full_name(after)
    if old.get("comment") != new.get("comment") and after.kind not in _NOT_COMMENTABLE:
        text = literal(new["comment"]) if new.get("comment") else "NULL"
        yield f"COMMENT ON {words(after)} {name} IS {text}"
    if old.get("owner") != new.get("owner"):
        yield f"ALTER {words(after)} {name} OWNER TO {identifier(new['owner']) if new.get('owner') else 'CURRENT_USER'}"
    yield from catalogue_change(before, after)
    if after.kind in VIEWS:
        yield from view_change(before, after)
    yield from parts_change(before, after)
    if old.get("grants") != new.get("grants"):
        kind = {
            "view": "TABLE", "materialized view": "TABLE", "window function": "FUNCTION", "server": "FOREIGN SERVER"
        }.get(after.kind, words(after))  # fmt: skip
        yield from rights.changes(_grants(after.kind, old), _grants(after.kind, new), f"{kind} {name}")

    was, is_ = old.get("everybody"), new.get("everybody")
    yield from rights.changes(public.everybody(was, is_), public.everybody(is_, was), f"SCHEMA {name}")


def _grants(kind: str, said: dict[str, str]) -> list[str]:
    """Return the grants that hold, those that everybody has without saying included."""
    told = said.get("grants", "")
    if told == "nobody":
        return []
    usual = {"EXECUTE": _ROUTINES, "USAGE": ("enum", "domain", "range", "composite")}
    default = next((f"PUBLIC: {right}" for right, kinds in usual.items() if kind in kinds), "")
    return [line for line in (told or default).split("; ") if line]
