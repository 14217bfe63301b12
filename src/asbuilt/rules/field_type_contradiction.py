"""A field has one type here and another there.

**Why it matters.** One of the two places is wrong, and whoever follows it builds the wrong column or the wrong code.

**Example.** The field table says `quantity` is `TEXT`, `CREATE TABLE` says `INTEGER`.

**What to do.** Decide which is right and write it in both places. A generic word (`string`, `datetime`) never
contradicts a native type of its family; a host language's type never contradicts by its width.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, contradiction
from asbuilt.model.design import Design
from asbuilt.rules.lookup.comparing import Saying, both_ways, described, disputes, spelled_for, types_agree


def check(design: Design) -> Iterator[Diagnostic]:
    for dispute in disputes(design, "type", _agree):
        here, there = dispute.here, dispute.there
        yield contradiction(
            "field_type_contradiction",
            f"`{dispute.field.subject}` is `{here.value.raw}` in the {here.form}, and `{there.value.raw}` "
            f"in {_the(there)}",
            described(here, f"`{here.value.raw}`"),
            described(there, f"`{there.value.raw}`"),
            help="write the same type in both places",
            fixes=both_ways(dispute, spelled_for(here.form, there), spelled_for(there.form, here)),
        )


def _agree(here: Saying, there: Saying) -> bool:
    """Leave to `field_length_contradiction` what differs in its length only."""
    is_same = (here.value.name, here.value.is_array) == (there.value.name, there.value.is_array)
    return is_same or types_agree(here, there)


def _the(saying: Saying) -> str:
    return saying.form.value if saying.form == "SQL" else f"the {saying.form.value}"
