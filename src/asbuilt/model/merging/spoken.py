"""Columns that other places than the lists of fields name: indexes, constraints, queries, examples, lists of personal data."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from asbuilt.model.chapters import PersonalField
from asbuilt.model.entities import (
    ConstraintMention,
    DenormalizedMention,
    EntityMention,
    IndexMention,
    PartitioningMention,
    Store,
)
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.merging.drafts import Draft, Drafts
from asbuilt.model.merging.naming import Convention, case_of
from asbuilt.model.names import normal, words
from asbuilt.model.sql import SqlStatement

Spoken = dict[int, dict[str, Stated[str]]]
"""By draft, then by normal name: a column that its lists do not have, as another place writes it."""


def spoken_columns(drafts: Drafts, facts: Sequence[Fact]) -> Spoken:
    """Return what is said of the columns of tables that SQL does not define, the first place of each."""
    found: Spoken = {}
    for fact in facts:
        for table, column in _named(fact):
            draft = drafts.find(table)
            if draft and not draft.definitions and draft.column(column.value) is None:
                found.setdefault(id(draft), {}).setdefault(normal(column.value), column)
    return found


def _named(fact: Fact) -> Iterator[tuple[str, Stated[str]]]:
    """Yield the tables and columns that a fact names; a column that may be of several tables is left out."""
    if isinstance(fact, IndexMention) and fact.store == Store.RELATIONAL:
        yield from ((fact.entity, Stated(key.text, key.span)) for key in fact.keys if not key.is_expression)
    elif (isinstance(fact, ConstraintMention) and fact.store == Store.RELATIONAL) or isinstance(
        fact, PartitioningMention
    ):
        yield from ((fact.entity, Stated(column, fact.span)) for column in fact.columns)
    elif isinstance(fact, DenormalizedMention):
        yield fact.entity, Stated(fact.column, fact.span)
    elif isinstance(fact, PersonalField) and fact.field != "*":
        yield fact.entity, Stated(fact.field, fact.span)
    elif isinstance(fact, EntityMention) and fact.form == Form.EXAMPLE:
        yield from ((fact.name, Stated(field.name, field.name_span)) for field in fact.fields)
    elif isinstance(fact, SqlStatement):
        yield from ((use.tables[0], Stated(use.column, use.span)) for use in fact.uses if len(use.tables) == 1)
        needed = ((need.name, need.span) for need in fact.needs if need.name.kind == "column")
        yield from ((name.table, Stated(name.name, span)) for name, span in needed if name.table)


def column_spelling(drafts: Drafts, draft: Draft) -> Convention:
    """Return how columns of several words are written in a table, or else in most tables."""
    cases = _cases([draft]) or _cases(drafts.relational())
    return (
        Convention(max(cases, key=lambda case: cases[case]), is_plural=False) if cases else Convention(is_plural=False)
    )


def _cases(drafts: Iterable[Draft]) -> Counter[str]:
    found = (_case(field.name) for draft in drafts for field in draft.fields.values())
    return Counter(case for case in found if case is not None)


@lru_cache(maxsize=65536)
def _case(name: str) -> str | None:
    """Return how a name of several words is written, with a memo, as it is asked for each table that is made up."""
    return case_of(name) if len(words(name)) > 1 else None
