"""Types made anew under their names: the new one bears a name of ours until the switch, the old one from then on."""

from collections.abc import Iterator, Sequence

from asbuilt.engines.changes import Expansion, Needs
from asbuilt.engines.postgres.changing.converting import may_lose
from asbuilt.engines.postgres.changing.expanding.syncing import named
from asbuilt.engines.postgres.changing.types import is_made_anew, is_of
from asbuilt.engines.postgres.quoting import identifier, relation
from asbuilt.engines.state import DatabaseState, Item, ObjectState

_ON_COLUMNS = frozenset(
    {"column", "constraint", "index", "view", "materialized view", "rule", "trigger", "policy", "statistics"}
)


def is_passed(before: ObjectState, after: ObjectState) -> bool:
    """Tell whether a second type can stand beside one that keeps its name and cannot be changed in place."""
    return before.kind == "enum" and is_made_anew(before, after)


def why_not(type_: Item, needs: Needs) -> str:
    """Return why columns cannot change over to another type of that name; empty where they can."""
    users = sorted(user for user, needed in needs.items() if type_ in needed and user.kind not in _ON_COLUMNS)
    return f"two types cannot have the name {type_.name}, and {users[0]} rests on it, too" if users else ""


def columns_of(type_: Item, state: DatabaseState, needs: Needs) -> tuple[Item, ...]:
    """Return the columns whose type it is, or an array of it."""
    users = sorted(user for user, needed in needs.items() if type_ in needed and user.kind == "column")
    found = ((user, state.tables[user.table].column(user.name)) for user in users if user.table in state.tables)
    return tuple(user for user, column in found if column and is_of(column, type_))


def coming(name: str) -> str:
    return _beside(name, "asbuilt_new_")


def going(name: str) -> str:
    return _beside(name, "asbuilt_old_")


def _beside(name: str, prefix: str) -> str:
    schema, dot, bare = name.rpartition(".")
    return f"{schema}{dot}{named(prefix, bare)}"


def coming_type(e: Expansion) -> str:
    """Return the new column's type as it is called until the switch."""
    return _typed(e.after.type, coming(e.passing.name)) if e.passing else e.after.type


def going_type(e: Expansion) -> str:
    """Return the old column's type as it is called from the switch on."""
    return _typed(e.before.type, going(e.passing.name)) if e.passing else e.before.type


def _typed(type_: str, name: str) -> str:
    return relation(name) + ("[]" if type_.endswith("[]") else "")


def may_not_fit(e: Expansion) -> bool:
    """Tell whether a value of the old column may have no equal in the new one."""
    return may_lose(e.before.type, coming_type(e))


def may_not_fit_back(e: Expansion) -> bool:
    return may_lose(e.after.type, going_type(e))


def types(expansions: Sequence[Expansion]) -> list[Item]:
    return list(dict.fromkeys(e.passing for e in expansions if e.passing))


def left(expansions: Sequence[Expansion]) -> Iterator[str]:
    """Yield what takes their names from the old types."""
    yield from (_rename(type_.name, going(type_.name)) for type_ in types(expansions))


def taken(expansions: Sequence[Expansion]) -> Iterator[str]:
    """Yield what gives the new types the names of the old ones."""
    yield from (_rename(coming(type_.name), type_.name) for type_ in types(expansions))


def given_way(expansions: Sequence[Expansion]) -> Iterator[str]:
    """Yield what gives the new types the names that they have until they take over."""
    yield from (_rename(type_.name, coming(type_.name)) for type_ in types(expansions))


def come_back(expansions: Sequence[Expansion]) -> Iterator[str]:
    """Yield what gives the old types their names again."""
    yield from (_rename(going(type_.name), type_.name) for type_ in types(expansions))


def _rename(old: str, new: str) -> str:
    return f"ALTER TYPE {relation(old)} RENAME TO {identifier(new.rpartition('.')[2])}"
