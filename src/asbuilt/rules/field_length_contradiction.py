"""A field has one length or precision here and another there.

**Why it matters.** Input that one place promises to take is refused or cut, or money loses its cents.

**Example.** `String(100)` in the field table, `VARCHAR(255)` in SQL; `up to 500 characters` beside `VARCHAR(255)`.

**What to do.** Write the same length in both places.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, contradiction
from asbuilt.model.design import Design
from asbuilt.model.types import Family
from asbuilt.rules.lookup.comparing import Saying, both_ways, described, disputes, sayings, spelled_for

_CODE = "field_length_contradiction"


def check(design: Design) -> Iterator[Diagnostic]:
    for dispute in disputes(design, "type", _agree):
        here, there = dispute.here, dispute.there
        yield contradiction(
            _CODE,
            f"`{dispute.field.subject}` is `{here.value.raw}` here, and `{there.value.raw}` there",
            described(here, f"`{here.value.raw}`"),
            described(there, f"`{there.value.raw}`"),
            help="write the same length in both places",
            fixes=both_ways(dispute, spelled_for(here.form, there), spelled_for(there.form, here)),
        )
    yield from _longer_than_the_column(design)


def _agree(here: Saying, there: Saying) -> bool:
    one, other = here.value, there.value
    is_same = (one.name, one.is_array) == (other.name, other.is_array)
    return not is_same or not one.arguments or not other.arguments or one.arguments == other.arguments


def _longer_than_the_column(design: Design) -> Iterator[Diagnostic]:
    """Find lengths in words that the column cannot hold; a tighter one is a rule for input and fine."""
    for entity in design.tables():
        for field in entity.fields:
            type = field.type
            if type is None or type.value.family != Family.STRING or not type.value.arguments:
                continue
            for said in sayings(entity, field, "max_length"):
                if said.value > type.value.arguments[0] and said.span != type.span:
                    yield contradiction(
                        _CODE,
                        f"`{field.subject}` may be {said.value} characters long, but holds {type.value.arguments[0]}",
                        Label(said.span, "the length promised"),
                        Label(type.span, "the length of the column"),
                        help="make the column as long as promised",
                    )
