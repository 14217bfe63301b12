"""Keys, constraints and indexes of an entity, brought together from all forms, one of each."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from asbuilt.model.design import Field
from asbuilt.model.entities import (
    CheckMention,
    ConstraintMention,
    FieldMention,
    ForeignKeyMention,
    IndexKey,
    IndexMention,
    PrimaryKeyMention,
    UniqueMention,
)
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.merging.drafts import RANK, Draft, Drafts
from asbuilt.model.merging.fields import rank
from asbuilt.model.revising import revised
from asbuilt.text import Span

M = TypeVar("M", bound=Fact)


def attach_constraints(drafts: Drafts) -> None:
    """Attach what constrains or indexes an entity to its draft; what names an unknown entity stays a mere fact."""
    for fact in sorted(drafts.facts, key=rank):
        if isinstance(fact, ConstraintMention | IndexMention):
            draft = drafts.find(fact.entity, fact.store)
            if draft:
                _attach(draft, fact)
    for draft in drafts.relational():
        _attach_field_marks(draft)


def settle_constraints(drafts: Drafts) -> None:
    for draft in drafts.relational():
        _settle(draft)


def _attach(draft: Draft, fact: ConstraintMention | IndexMention) -> None:
    if isinstance(fact, IndexMention):
        draft.indexes.append(revised(fact, entity=draft.name, keys=tuple(_index_key(draft, k) for k in fact.keys)))
        return
    fact = revised(fact, entity=draft.name, columns=draft.columns(fact.columns))
    if isinstance(fact, PrimaryKeyMention):
        draft.primary_keys.append(fact)
    elif isinstance(fact, UniqueMention):
        draft.uniques.append(fact)
    elif isinstance(fact, CheckMention):
        draft.checks.append(fact)
    elif isinstance(fact, ForeignKeyMention):
        draft.foreign_keys.append(fact)


def _index_key(draft: Draft, key: IndexKey) -> IndexKey:
    return key if key.is_expression else revised(key, text=draft.columns([key.text])[0])


def _attach_field_marks(draft: Draft) -> None:
    """Turn what stands beside single fields (a reference, a condition, `indexed`) into facts of the entity."""
    for field in draft.fields.values():
        for mention in field.mentions:
            if mention.references:
                draft.foreign_keys.append(_foreign_key(draft, field, mention))
            if mention.check:
                draft.checks.append(_check(draft, field, mention))
            is_unique = mention.is_unique and mention.is_unique.value
            if mention.is_indexed and mention.is_indexed.value and not is_unique:
                draft.indexes.append(_index(draft, field, mention))


def _foreign_key(draft: Draft, field: Field, mention: FieldMention) -> ForeignKeyMention:
    assert mention.references is not None
    reference, span = mention.references.value, mention.references.span
    return ForeignKeyMention(
        span=span,
        form=mention.form,
        entity=draft.name,
        columns=(field.name,),
        target=reference.entity,
        target_span=span,
        target_columns=reference.columns,
        on_delete=_stated(reference.on_delete, span),
        on_update=_stated(reference.on_update, span),
    )


def _stated(value: str | None, span: Span) -> Stated[str] | None:
    return None if value is None else Stated(value, span)


def _check(draft: Draft, field: Field, mention: FieldMention) -> CheckMention:
    assert mention.check is not None
    return CheckMention(
        span=mention.check.span,
        form=mention.form,
        entity=draft.name,
        columns=(field.name,),
        condition=mention.check.value,
    )


def _index(draft: Draft, field: Field, mention: FieldMention) -> IndexMention:
    assert mention.is_indexed is not None
    key = IndexKey(field.name, mention.is_indexed.span)
    return IndexMention(span=mention.is_indexed.span, form=mention.form, entity=draft.name, name=None, keys=(key,))


def _settle(draft: Draft) -> None:
    """Keep one of each thing, the most authoritative first, and settle the primary key."""
    draft.primary_keys = _distinct(sorted(draft.primary_keys, key=rank), lambda k: k.columns)
    draft.uniques = _distinct(sorted(draft.uniques, key=rank), lambda u: (u.columns, u.predicate))
    draft.checks = _distinct(sorted(draft.checks, key=rank), lambda c: _bare(c.condition or c.text))
    draft.indexes = _distinct(sorted(draft.indexes, key=rank), _index_identity)
    draft.primary_key = _primary_key(draft)
    for key, field in draft.fields.items():
        is_unique = field.is_unique or any(u.columns == (field.name,) and not u.predicate for u in draft.uniques)
        draft.fields[key] = revised(field, is_unique=is_unique, is_primary=field.name in draft.primary_key)


def _primary_key(draft: Draft) -> tuple[str, ...]:
    """Return the key's columns: as the most authoritative place that states one, in a clause or beside the fields.

    Where SQL defines the table, nothing else can give it a key.
    """
    binding = [Form.SQL] if draft.definitions else list(Form)
    clause = next((key for key in draft.primary_keys if key.form in binding), None)
    for mention in draft.mentions:
        if clause and RANK[clause.form] <= RANK[mention.form]:
            return clause.columns
        marked = [f.name for f in mention.fields if f.is_primary and f.is_primary.value]
        if marked and mention.form in binding:
            return draft.columns(marked)
    return clause.columns if clause else ()


def _bare(text: str) -> str:
    """Return a condition without what does not matter: white space, case, outer brackets."""
    bare = " ".join(text.split())
    while bare.startswith("(") and bare.endswith(")") and _is_one_group(bare):
        bare = bare[1:-1].strip()
    return bare.replace("( ", "(").replace(" )", ")")


def _is_one_group(text: str) -> bool:
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def _index_identity(index: IndexMention) -> Hashable:
    """Two mentions are of one index if they share a name, or say the same of the same columns."""
    if index.name:
        return index.name
    keys = tuple((" ".join(k.text.split()), k.is_descending) for k in index.keys)
    return keys, index.predicate, index.is_unique


def _distinct(found: Iterable[M], identity: Callable[[M], Hashable]) -> list[M]:
    kept: dict[Hashable, M] = {}
    for mention in found:
        kept.setdefault(identity(mention), mention)
    return list(kept.values())
