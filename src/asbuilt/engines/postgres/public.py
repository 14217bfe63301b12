"""The schema `public`, which stands before anything is made: told only as far as it is not as it was at first."""

from dataclasses import replace

from asbuilt.engines.state import DatabaseState, ObjectState

KEY = ("schema", "public")
_FIRST_COMMENT = "standard public schema"
_EVERYBODY = "PUBLIC: "
_INSTEAD = " instead of "
_NOBODY = "nothing"


def usual(major: int) -> str:
    """Return what everybody may do in it at first; since version 15 nobody else may create things there."""
    return "USAGE" if major >= 15 else "CREATE, USAGE"


def said(comment: str | None, rights: list[str] | None, major: int) -> dict[str, str | None]:
    """Return what there is to say of it: `everybody` where PUBLIC has other rights than at first, and instead of which."""
    given = next((line.removeprefix(_EVERYBODY) for line in rights or () if line.startswith(_EVERYBODY)), _NOBODY)
    return {
        "comment": None if comment == _FIRST_COMMENT else comment,
        "grants": "; ".join(line for line in rights or () if not line.startswith(_EVERYBODY)),
        "everybody": None if given == usual(major) else f"{given}{_INSTEAD}{usual(major)}",
    }


def everybody(value: str | None, other: str | None) -> list[str]:
    """Return what PUBLIC has as a line of grants; where nothing is said of it, the `other` side tells what that is."""
    given, _, instead = (value or other or "").partition(_INSTEAD)
    rights = given if value else instead
    return [] if rights in ("", _NOBODY) else [f"{_EVERYBODY}{rights}"]


def left_alone(wanted: DatabaseState, actual: DatabaseState) -> DatabaseState:
    """Return what a document wants with what it says nothing of in `public` as it is in `actual`."""
    mine, theirs = wanted.objects.get(KEY), actual.objects.get(KEY)
    ours, there = dict(mine.properties) if mine else {}, dict(theirs.properties) if theirs else {}
    if everybody(ours.get("everybody"), usual_on(wanted)) == everybody(there.get("everybody"), usual_on(actual)):
        ours.pop("everybody", None)
    merged = {**there, **ours}
    objects = {key: thing for key, thing in wanted.objects.items() if key != KEY}
    if merged:
        objects[KEY] = ObjectState(*KEY, "schema public", tuple(sorted(merged.items())))
    return replace(wanted, objects=dict(sorted(objects.items())))


def usual_on(state: DatabaseState) -> str:
    return f"{_INSTEAD}{usual(state.version[0])}"
