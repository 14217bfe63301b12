"""Two indexes of a table are the same but for their names.

**Why it matters.** Each costs space and every write; the planner needs one.

**Example.** `CREATE INDEX idx_a ON orders (user_id)` and `CREATE INDEX idx_b ON orders (user_id)`.

**What to do.** Drop one of them.
"""

from collections.abc import Hashable, Iterator

from asbuilt.diagnostics import Diagnostic, Fix, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.entities import IndexMention
from asbuilt.rules.lookup.definitions import removed
from asbuilt.rules.lookup.keys import key_texts


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        known: dict[Hashable, IndexMention] = {}
        for index in sorted((i for i in entity.indexes if i.name and i.keys), key=lambda i: i.span):
            first = known.setdefault(_identity(index), index)
            if first is not index and first.form == index.form:
                edits = removed(design, index.span)
                yield Diagnostic(
                    "duplicate_index",
                    Severity.WARNING,
                    f"`{index.name}` is the same index as `{first.name}`",
                    (Label(index.span, "this index"), Label(first.span, "the same index")),
                    f"drop `{index.name}`",
                    (Fix(f"drop `{index.name}`", edits),) if edits else (),
                )


def _identity(index: IndexMention) -> Hashable:
    classes = tuple(key.opclass for key in index.keys)
    predicate = " ".join((index.predicate or "").lower().split())
    return key_texts(index), classes, predicate, index.method or "btree", index.is_unique, index.include
