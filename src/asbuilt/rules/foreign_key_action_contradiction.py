"""A deletion (or an update) cascades here, and is refused or sets null there.

**Why it matters.** The one loses data that the other promises to keep.

**Example.** `on delete: restrict` in the table of foreign keys, `ON DELETE CASCADE` in SQL.

**What to do.** Decide what happens to the referencing rows, and write it in both places. `RESTRICT` and `NO ACTION`
(also SQL that says nothing) count as one.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, contradiction
from asbuilt.model.design import Design
from asbuilt.model.fact import Form, Stated
from asbuilt.rules.lookup.keys import StatedKey, stated_keys

_SAME = {"no action": "restrict", "": "restrict"}


def check(design: Design) -> Iterator[Diagnostic]:
    by_columns: dict[tuple[str, tuple[str, ...]], list[StatedKey]] = {}
    for key in stated_keys(design):
        by_columns.setdefault((key.entity.name, key.columns), []).append(key)
    for (entity, columns), found in by_columns.items():
        subject = f"{entity}.{', '.join(columns)}"
        leading = next((k for k in found if k.form == Form.SQL), found[0])
        for key in found:
            if key is not leading and key.form != Form.SQL and key.span != leading.span:
                yield from _compare(design, subject, "delete", key, leading)
                yield from _compare(design, subject, "update", key, leading)


def _compare(design: Design, subject: str, event: str, here: StatedKey, there: StatedKey) -> Iterator[Diagnostic]:
    one = here.on_delete if event == "delete" else here.on_update
    other = there.on_delete if event == "delete" else there.on_update
    if one is None or (other is None and there.form != Form.SQL):
        return
    said, counted = _word(one.value), _word(other.value if other else "")
    if _SAME.get(said, said) != _SAME.get(counted, counted):
        yield contradiction(
            "foreign_key_action_contradiction",
            f"on {event} `{subject}` says `{said}` here, and `{counted or 'no action'}` there",
            Label(one.span, f"`{said}` here"),
            Label(other.span if other else there.span, f"`{counted or 'no action'}` here"),
            help="write the same action in both places",
            fixes=_fixes(design, one, other) if other else (),
        )


def _fixes(design: Design, one: Stated[str], other: Stated[str]) -> tuple[Fix, ...]:
    """Offer either action in the other place, where an action is all that stands there."""
    pairs = ((one, _word(other.value)), (other, _word(one.value)))
    return tuple(
        Fix(f"write `{text.upper()}` there", (Edit(place.span, text.upper()),))
        for place, text in pairs
        if _word(design.source[place.span].strip("`")) == _word(place.value)
    )


def _word(action: str) -> str:
    return " ".join(action.lower().replace("_", " ").replace("-", " ").split())
