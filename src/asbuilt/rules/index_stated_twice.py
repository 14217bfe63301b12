"""One index name is given twice: the same statement again, or another index under a name that is taken.

**Why it matters.** The second `CREATE INDEX` fails, or one of the two places is wrong about what the index is.

**Example.** `idx_orders_user` is on `(user_id)` in one block and on `(user_id, status)` in another.

**What to do.** Remove one of them, or rename it. A bullet or a table that says the same as SQL is no repetition.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity, contradiction
from asbuilt.model.design import Design
from asbuilt.model.entities import IndexMention
from asbuilt.model.fact import Form
from asbuilt.rules.lookup.keys import indexes_of, key_texts


def check(design: Design) -> Iterator[Diagnostic]:
    for table, indexes in indexes_of(design).items():
        known: dict[str, IndexMention] = {}
        for index in sorted((i for i in indexes if i.name and i.keys), key=lambda i: (i.form != Form.SQL, i.span)):
            first = known.setdefault((index.name or "").lower(), index)
            if first is not index and first.span != index.span:
                yield from _compare(design, table, index, first)


def _compare(design: Design, table: str, index: IndexMention, first: IndexMention) -> Iterator[Diagnostic]:
    here, there = Label(index.span, "here"), Label(first.span, "there")
    in_sql = index.form == first.form == Form.SQL
    if key_texts(index, with_order=in_sql) != key_texts(first, with_order=in_sql):
        one, other = (", ".join(f"{k.text}{' DESC' * k.is_descending}" for k in i.keys) for i in (index, first))
        message = f"`{index.name}` is on `{table} ({one})` here, and on `({other})` there"
        yield contradiction("index_stated_twice", message, here, there, help="rename one, or correct its columns")
    elif in_sql and not _is_forgiving(design, index):
        message = f"`{index.name}` is created twice"
        yield contradiction(
            "index_stated_twice", message, here, there, severity=Severity.WARNING, help="remove one of the statements"
        )


def _is_forgiving(design: Design, index: IndexMention) -> bool:
    statement = design.statement_at(index.span)
    return statement is not None and "if not exists" in " ".join(statement.sql.lower().split())
