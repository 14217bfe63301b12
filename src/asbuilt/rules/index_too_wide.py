"""An index that is not unique has more than three columns.

**Why it matters.** What comes after the second or third column seldom narrows a search, but every write pays for it, and the index
fits the memory less.

**Example.** `CREATE INDEX idx_orders_all ON orders (customer_id, status, created_at, total)`

**What to do.** Keep the columns that narrow the search most, put into `INCLUDE` what is only read.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design

_MOST = 3


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for index in entity.indexes:
            if not index.is_unique and index.method in (None, "btree") and len(index.keys) > _MOST:
                name = f"`{index.name}`" if index.name else f"an index of `{entity.name}`"
                message = f"{name} has {len(index.keys)} columns"
                help = "keep those that narrow the search, put what is only read into INCLUDE"
                yield Diagnostic("index_too_wide", Severity.INFO, message, (Label(index.span),), help)
