"""An index, a constraint, a partition or a query names a table that is nowhere defined.

**Why it matters.** The statement fails, or the promise is about nothing.

**Example.** `CREATE INDEX idx_order_user ON order_lines (user_id)`, and the document defines `order_items`.

**What to do.** Correct the name, or define the table. What a platform provides (`auth.users`) and the server's own
catalogues are never reported.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Severity
from asbuilt.model.design import Design
from asbuilt.model.entities import ConstraintMention, IndexMention, PartitioningMention, Store
from asbuilt.model.fact import Form
from asbuilt.model.names import normal
from asbuilt.model.sql import Role, SqlStatement
from asbuilt.rules.lookup.known import missing_tables
from asbuilt.rules.lookup.wording import not_found, table_names

_ROLES = frozenset({Role.SCHEMA, Role.SEED, Role.QUERY})
_CODE = "undefined_entity"


def check(design: Design) -> Iterator[Diagnostic]:
    yield from missing_tables(_CODE, design, _ROLES)
    made = {normal(o.name) for s in design.of(SqlStatement) for o in s.creates}
    for fact in design.facts:
        if not isinstance(fact, IndexMention | ConstraintMention | PartitioningMention) or fact.form == Form.SQL:
            continue
        if fact.entity and not _is_known(design, fact.entity) and normal(fact.entity) not in made:
            message = f"`{fact.entity}` is nowhere defined"
            names = table_names(design)
            yield not_found(_CODE, message, fact.span, fact.entity, names, design, severity=Severity.WARNING)


def _is_known(design: Design, name: str) -> bool:
    """An index may be one of another store's entity."""
    return any(design.entity(name, store) is not None for store in Store)
