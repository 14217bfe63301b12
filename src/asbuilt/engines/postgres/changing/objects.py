"""Views, routines, sequences and all other objects: replaced in place where PostgreSQL can, else dropped and made again."""

import re
from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.changes import Change, Danger, Hazard, Operation, Verb
from asbuilt.engines.postgres import defining, public
from asbuilt.engines.postgres.changing import keeping, types
from asbuilt.engines.postgres.changing.ground import Ground
from asbuilt.engines.postgres.defining import rights
from asbuilt.engines.postgres.quoting import literal
from asbuilt.engines.state import Item, ObjectState

_TYPES = ("enum", "domain", "range", "composite")
_ROUTINES = ("function", "procedure")
_RETURNS = re.compile(r"\bRETURNS\b.*?(?=\n LANGUAGE|\n)", re.DOTALL)
_ARGUMENTS = re.compile(r"\(.*?\)\n", re.DOTALL)
_WITH_DATA = {"sequence": "sequence"}


def operations(change: Change, ground: Ground) -> Iterator[Operation]:
    """Yield what changes an object that is no table."""
    before, after = change.before, change.after
    assert before is None or isinstance(before, ObjectState)
    assert after is None or isinstance(after, ObjectState)
    match change.verb:
        case Verb.CREATE if after:
            yield _created(change.item, after)
        case Verb.DROP if before:
            yield _dropped(change.item, before, ground)
        case Verb.REBUILD | Verb.ALTER if (
            before and after and (change.verb == Verb.REBUILD or after.kind in defining.MARKS)
        ):
            yield _removed(change.item, before)
            yield _created(change.item, after)
        case Verb.ALTER if before and after:
            yield from _altered(change, before, after, ground)


def _made(after: ObjectState) -> str:
    if defining.is_public(after):
        return "change schema public"
    return f"{'set' if after.kind in defining.MARKS else 'create'} {_called(after)}"


def _created(item: Item, after: ObjectState) -> Operation:
    return Operation(
        _made(after),
        defining.create_object(after),
        (defining.drop_object(after),),
        makes=frozenset({item}),
        dangers=tuple(_widenings(replace(after, properties=()), after)) if defining.is_public(after) else (),
    )


def _dropped(item: Item, before: ObjectState, ground: Ground) -> Operation:
    if before.kind in _TYPES:
        return types.dropped(item, before, ground)
    if before.kind in _WITH_DATA:
        kept = keeping.move(_WITH_DATA[before.kind], before.name, ground.kept)
        title = f"drop {before.kind} {before.name}, kept aside"
        return Operation(title, kept.keep, kept.restore, removes=frozenset({item}), asides=kept.asides)
    return _removed(item, before)


def _called(thing: ObjectState) -> str:
    return f"{thing.kind} of {thing.name}" if thing.kind in defining.MARKS else f"{thing.kind} {thing.name}"


def _removed(item: Item, before: ObjectState) -> Operation:
    return Operation(
        f"drop {_called(before)}",
        (defining.drop_object(before),),
        defining.create_object(before),
        removes=frozenset({item}),
        dangers=tuple(_in_the_way_unread(before)),
    )


def _in_the_way_unread(before: ObjectState) -> Iterator[Danger]:
    """Yield what keeps a thing from being dropped and no inspection reads: the passwords in user mappings."""
    if before.kind == "server":
        text = f"no plan takes away the user mappings of server {before.name}: drop them first, or dropping the server fails"
        count = f"SELECT count(*) FROM pg_user_mappings WHERE srvname = {literal(before.name)}"
        yield Danger(Hazard.DEPENDENCY_NOT_TRACEABLE, text, count=count)


def _altered(change: Change, before: ObjectState, after: ObjectState, ground: Ground) -> Iterator[Operation]:
    if after.kind in _TYPES:
        yield from types.altered(change, ground)
    elif before.definition != after.definition or has_other_parts(before, after):
        yield _replaced(change.item, before, after)
        if not is_replaceable(before, after):
            return
    forward = tuple(defining.properties_change(before, after))
    back = tuple(defining.properties_change(after, before))
    if forward or back:
        dangers = tuple(_widenings(before, after))
        yield Operation(
            f"change {after.kind} {after.name}", forward, back, touches=frozenset({change.item}), dangers=dangers
        )


def has_other_parts(before: ObjectState, after: ObjectState) -> bool:
    """Tell whether the columns of a view differ."""
    return dict(before.properties).get("columns") != dict(after.properties).get("columns")


def _replaced(item: Item, before: ObjectState, after: ObjectState) -> Operation:
    forward = _replacing(before, after)
    back = _replacing(after, before)
    dangers = () if is_replaceable(before, after) else tuple(_widenings(before, after))
    return Operation(f"replace {after.kind} {after.name}", forward, back, touches=frozenset({item}), dangers=dangers)


def _replacing(before: ObjectState, after: ObjectState) -> tuple[str, ...]:
    if is_replaceable(before, after):
        return tuple(defining.replace_object(before, after))
    return (defining.drop_object(before), *defining.create_object(after))


def is_replaceable(before: ObjectState, after: ObjectState) -> bool:
    """Tell whether PostgreSQL can put one definition in the place of the other, what uses it staying as it is."""
    if after.kind == "view":
        return _is_longer(dict(before.properties).get("columns", ""), dict(after.properties).get("columns", ""))
    if after.kind in _ROUTINES:
        return _signature(before) == _signature(after)
    if after.kind == "text search dictionary":
        return _template(before) == _template(after)
    return after.kind in ("sequence", "rule", "default privileges")


def _template(dictionary: ObjectState) -> str:
    return dictionary.definition.partition(",")[0].rstrip(")")


def _is_longer(before: str, after: str) -> bool:
    return after == before or after.startswith(f"{before}, ")


def _signature(routine: ObjectState) -> tuple[str, str]:
    """Return what `CREATE OR REPLACE` may not change: the arguments with their names and defaults, and the result."""
    arguments = _ARGUMENTS.search(routine.definition)
    result = _RETURNS.search(routine.definition)
    return (arguments[0] if arguments else "", result[0] if result else "")


def _widenings(before: ObjectState, after: ObjectState) -> Iterator[Danger]:
    old = dict(before.properties)
    for key, new in after.properties:
        what, _, column = key.partition(" of ")
        if what == "everybody" and (more := _more(old.get(key), new)):
            yield Danger(Hazard.PERMISSION_WIDENED, f"everybody may in {after.kind} {after.name}: {more}")
        if what == "grants" and set(new.split("; ")) - set(old.get(key, "").split("; ")):
            place = f"column {column} of " if column else ""
            yield Danger(Hazard.PERMISSION_WIDENED, f"on {place}{after.kind} {after.name}: {new}")


def _more(old: str | None, new: str) -> str:
    """Return what everybody has more in a schema."""
    before, after = (rights.rights_of(public.everybody(*pair)) for pair in ((old, new), (new, old)))
    return ", ".join(sorted(right for _, right, _ in after - before))
