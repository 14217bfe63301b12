"""A foreign key's columns are the beginning of no index.

**Why it matters.** PostgreSQL does not index them by itself: each deletion in the referenced table, and each join, reads
the whole referencing table.

**Example.** `user_id UUID REFERENCES users(id)` in `orders`, and no index on `orders (user_id)`.

**What to do.** Add the index. It is the usual choice, so the fix is safe; a table that stays small can do without.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import ForeignKeyMention
from asbuilt.model.fact import Form
from asbuilt.model.sql import SqlStatement
from asbuilt.rules.lookup.keys import whole_statement
from asbuilt.rules.lookup.spelling import sql_name, sql_names
from asbuilt.text import Span


def check(design: Design) -> Iterator[Diagnostic]:
    has_indexes = any(e.indexes for e in design.tables())
    taken = {made.name for statement in design.of(SqlStatement) for made in statement.creates}
    for entity in design.tables():
        for key in entity.foreign_keys:
            if entity.is_in_sql and key.form == Form.SQL and key.columns and not _is_served(entity, key.columns):
                yield _finding(design, entity, key, Severity.WARNING if has_indexes else Severity.INFO, taken)


def _is_served(entity: Entity, columns: tuple[str, ...]) -> bool:
    keys = [entity.primary_key, *(u.columns for u in entity.uniques if not u.predicate)]
    keys += [(f.name,) for f in entity.fields if f.is_unique]
    keys += [tuple(k.text for k in i.keys) for i in entity.indexes if i.method in (None, "btree", "hash")]
    return any(set(key[: len(columns)]) == set(columns) for key in keys)


def _create(name: str, entity: Entity, columns: tuple[str, ...]) -> str:
    table = f"{sql_name(entity.schema)}.{sql_name(entity.name)}" if entity.schema else sql_name(entity.name)
    return f"CREATE INDEX {sql_name(name)} ON {table} ({sql_names(columns)});\n"


def _finding(design: Design, entity: Entity, key: ForeignKeyMention, severity: Severity, taken: set[str]) -> Diagnostic:
    columns = ", ".join(key.columns)
    name = f"idx_{entity.name}_{'_'.join(key.columns)}"
    message = f"the foreign key `{entity.name} ({columns})` has no index"
    statement = whole_statement(design, key.span)
    fixes: tuple[Fix, ...] = ()
    if statement and name not in taken:
        edit = Edit(Span(statement.end, statement.end), _create(name, entity, key.columns))
        fixes = (Fix(f"add the index `{name}`", (edit,), is_safe=True),)
    label = Label(key.span, "references here")
    return Diagnostic("foreign_key_without_index", severity, message, (label,), "add an index", fixes)
