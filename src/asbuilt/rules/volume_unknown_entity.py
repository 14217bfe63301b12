"""A volume is given for something that is no entity of the document.

**Why it matters.** Nothing can be projected or seeded for it, and the real entity has no volume.

**Example.** `order_lines: 5M` in the table of volumes, and the entity is called `order_items`.

**What to do.** Correct the name, or define the entity.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.model.chapters import Volume
from asbuilt.model.design import Design
from asbuilt.model.entities import Store
from asbuilt.model.names import words
from asbuilt.rules.lookup.wording import not_found, table_names

_SUMS = frozenset({"total", "sum", "all", "database", "storage", "overall", "rows", "records", "tables"})


def check(design: Design) -> Iterator[Diagnostic]:
    reported: set[str] = set()
    for fact in design.of(Volume):
        is_known = any(design.entity(fact.entity, store) for store in Store)
        if is_known or not design.entities or fact.entity in reported or _SUMS & set(words(fact.entity)):
            continue
        reported.add(fact.entity)
        yield not_found(
            "volume_unknown_entity",
            f"a volume is given for `{fact.entity}`, which is nowhere defined",
            fact.entity_span,
            fact.entity,
            table_names(design),
            design,
            severity=Severity.WARNING,
        )
