"""What is on views, and what is said of their columns, of the attributes of types and of the constraints of domains."""

from collections.abc import Iterator

from asbuilt.engines.postgres.defining import rights
from asbuilt.engines.postgres.defining.domains import domain_checks
from asbuilt.engines.postgres.defining.tables import kept_as
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import ColumnState, ObjectState

VIEWS = ("view", "materialized view")
_INDEX, _TRIGGER = "index ", "trigger "
_ON = "comment on "
_OF_COLUMN = ("comment", "default", "grants", "settings")


def view_change(before: ObjectState, after: ObjectState) -> Iterator[str]:
    """Yield the statements for the options, indexes and triggers of a view, and for defaults, grants and settings of its columns."""
    old, new = dict(before.properties), dict(after.properties)
    yield from _options_change(after, old.get("options", ""), new.get("options", ""))
    for key in sorted(key for key in {**old, **new} if key.startswith((_INDEX, _TRIGGER))):
        if key in old and old[key] != new.get(key):
            yield _drop(after, key)
        if key in new and old.get(key) != new[key]:
            yield new[key]
    for column in sorted({name for key in {**old, **new} for name in _column(key)}):
        yield from _column_change(after.name, column, *(_told(said, column) for said in (old, new)))


def parts_change(before: ObjectState, after: ObjectState) -> Iterator[str]:
    """Yield the comments on what is on a view, on a domain or in a composite type."""
    old, new = dict(before.properties), dict(after.properties)
    for key in sorted(key for key in {**old, **new} if key.startswith((_ON, "comment of "))):
        stays = _text(key, before) == _text(key, after)
        if key in new and (old.get(key) != new[key] or not stays) and (stays or after.kind != "domain"):
            yield f"COMMENT ON {_place(after, key)} IS {literal(new[key])}"
        elif key not in new and stays:
            yield f"COMMENT ON {_place(after, key)} IS NULL"


def _text(key: str, state: ObjectState) -> str:
    """Return the definition of what a comment is on: another one means that it is made again, and nothing is said of it then."""
    if state.kind == "domain":
        return domain_checks(state).get(identifier(key.removeprefix(f"{_ON}constraint ")), "")
    return dict(state.properties).get(key.removeprefix(_ON), "") if key.startswith(_ON) else ""


def _place(state: ObjectState, key: str) -> str:
    if not key.startswith(_ON):
        return f"COLUMN {relation(state.name)}.{identifier(key.removeprefix('comment of '))}"
    kind, _, name = key.removeprefix(_ON).partition(" ")
    if kind == "index":
        return f"INDEX {_beside(state, name)}"
    domain = "DOMAIN " if kind == "constraint" else ""
    return f"{kind.upper()} {identifier(name)} ON {domain}{relation(state.name)}"


def _beside(state: ObjectState, name: str) -> str:
    """Return the name of an index, which lives in the schema of its view."""
    schema, dot, _ = state.name.rpartition(".")
    return f"{identifier(schema)}.{identifier(name)}" if dot else identifier(name)


def _drop(state: ObjectState, key: str) -> str:
    kind, _, name = key.partition(" ")
    if kind == "index":
        return f"DROP INDEX {_beside(state, name)}"
    return f"DROP TRIGGER {identifier(name)} ON {relation(state.name)}"


def _options_change(state: ObjectState, old: str, new: str) -> Iterator[str]:
    words = f"ALTER {state.kind.upper()} {relation(state.name)}"
    kept = new.split(", ")
    if gone := [o.partition("=")[0] for o in filter(None, old.split(", ")) if o not in kept]:
        yield f"{words} RESET ({', '.join(gone)})"
    if new and new != old:
        yield f"{words} SET ({new})"


def _column(key: str) -> Iterator[str]:
    what, is_of, name = key.partition(" of ")
    if is_of and what in _OF_COLUMN:
        yield name


def _told(said: dict[str, str], column: str) -> ColumnState:
    """Return a column of a view as far as something is said of it."""
    default, grants, settings = (said.get(f"{what} of {column}", "") for what in ("default", "grants", "settings"))
    pairs = tuple((key, value) for key, _, value in (s.partition("=") for s in settings.split("; ") if s))
    return ColumnState(
        column, 0, "", True, default=default or None, grants=tuple(grants.split("; ") if grants else ()), settings=pairs
    )


def _column_change(view: str, name: str, old: ColumnState, new: ColumnState) -> Iterator[str]:
    if old.default != new.default:
        set_default = f"SET DEFAULT {new.default}" if new.default else "DROP DEFAULT"
        yield f"ALTER VIEW {relation(view)} ALTER COLUMN {identifier(name)} {set_default}"
    yield from rights.changes(old.grants, new.grants, f"TABLE {relation(view)}", f" ({identifier(name)})")
    yield from kept_as(view, old, new)
