"""What a diagram or a list of relationships implies where no key is written: key columns and joining tables."""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.model.entities import (
    Cardinality,
    EntityMention,
    ForeignKeyMention,
    PrimaryKeyMention,
    RelationshipMention,
    Store,
)
from asbuilt.model.merging.drafts import Draft, Drafts, key_name
from asbuilt.model.merging.naming import Convention
from asbuilt.model.merging.references import KEY_ENDINGS, ensure_field, ensure_key
from asbuilt.model.merging.spoken import Spoken, column_spelling
from asbuilt.model.names import normal, words
from asbuilt.model.revising import revised
from asbuilt.text import Span


def relate(drafts: Drafts, convention: Convention, spoken: Spoken) -> None:
    """Assume a key, or a joining table, for each relationship that nothing written can hold.

    Its column is one that is listed, else one that another place names (`spoken`), else one of a usual name.
    """
    for fact in drafts.facts:
        if not isinstance(fact, RelationshipMention) or fact.type_field:
            continue
        left, right = drafts.find(fact.left), drafts.find(fact.right)
        if left is None or right is None or any(d.mentions[0].is_planned for d in (left, right)):
            continue
        if fact.left_count.is_many and fact.right_count.is_many:
            _join(drafts, fact, left, right, convention, spoken)
        else:
            _link(drafts, fact, left, right, spoken)


def _link(drafts: Drafts, fact: RelationshipMention, left: Draft, right: Draft, spoken: Spoken) -> None:
    """Assume a key in the child, unless SQL defines the child or some key joins the two already."""
    child, parent, parent_count = left, right, fact.right_count
    if not fact.left_count.is_many and (fact.right_count.is_many or not left.is_assumed):
        child, parent, parent_count = right, left, fact.left_count
    if child.definitions or child.is_external or _is_joined(child, parent):
        return
    if not (fact.left_count.is_many or fact.right_count.is_many) and _is_joined(parent, child):
        return
    wanted = fact.via or ("parent_id" if child is parent else f"{normal(parent.name)}_id")
    column = _key_column(drafts, child, parent, wanted, spoken)
    ensure_key(drafts, parent)
    if column and len(parent.primary_key) == 1:
        _assume_key(drafts, fact, child, parent, column, is_nullable=parent_count == Cardinality.ZERO_OR_ONE)


@dataclass(frozen=True, slots=True)
class _Column:
    """A column that holds a key, and the place that names it; none where nobody does."""

    name: str
    place: Span | None = None


def _key_column(drafts: Drafts, child: Draft, parent: Draft, wanted: str, spoken: Spoken) -> _Column | None:
    """Return the column that holds the key: one that is listed, else a new one unless the child's list is complete."""
    taken = {column for key in child.foreign_keys for column in key.columns}
    listed = child.column(wanted)
    if listed:
        return None if listed.name in taken else _Column(listed.name)
    free = [f.name for f in child.fields.values() if f.name not in taken]
    if found := _leading_to(drafts, parent, free):
        return _Column(found)
    if any(m.is_complete for m in child.mentions):
        return None
    said = spoken.get(id(child), {})
    named = said.get(normal(wanted)) or next(
        (s for s in said.values() if s.value == _leading_to(drafts, parent, said)), None
    )
    if named:
        return _Column(named.value, named.span)
    return _Column(wanted if not wanted.islower() else column_spelling(drafts, child).spell(wanted))


def _leading_to(drafts: Drafts, parent: Draft, names: Iterable[str]) -> str | None:
    """Return the one of `names` that must be a key to `parent`: by the parent's name, by its end, by its own ending."""
    names = list(names)
    for candidates in (
        [name for name in names if _is_key_to(name, parent)],
        [name for name in names if _is_short_for(name, parent)],
        [name for name in names if _is_loose_key(drafts, name)],
    ):
        if len(candidates) == 1:
            return candidates[0]
    return None


def _is_key_to(name: str, parent: Draft) -> bool:
    """`customerRef` where the parent is called `customers`."""
    parts = words(name)
    return len(parts) > 1 and parts[-1] in KEY_ENDINGS and normal("_".join(parts[:-1])) == normal(parent.name)


def _is_short_for(name: str, parent: Draft) -> bool:
    """`category_id` where the parent is called `friend_link_categories`."""
    parts = words(name)
    stem = normal("_".join(parts[:-1])) if len(parts) > 1 and parts[-1] == "id" else ""
    return bool(stem) and normal(parent.name).endswith(f"_{stem}")


def _is_loose_key(drafts: Drafts, name: str) -> bool:
    """`author_id` where nothing is called an author: some relationship must tell where it leads."""
    parts = words(name)
    is_own = len(parts) > 1 and parts[-1] == "id" and parts[0] not in _OTHERS_SYSTEMS
    return is_own and drafts.find("_".join(parts[:-1])) is None


_OTHERS_SYSTEMS = frozenset(
    {"external", "tracking", "correlation", "request", "trace", "transaction", "session", "device", "message", "job"}
)
"""What an id is called that another system gives, and that is no key of ours."""


def _is_joined(child: Draft, parent: Draft) -> bool:
    """Tell whether a key of `child` leads to `parent`."""
    return any(normal(key.target.rpartition(".")[2]) == normal(parent.name) for key in child.foreign_keys)


def _assume_key(
    drafts: Drafts, fact: RelationshipMention, child: Draft, parent: Draft, column: _Column, *, is_nullable: bool
) -> None:
    is_new = child.column(column.name) is None
    field = ensure_field(child, column.name, column.place or fact.span, fact.form, is_nullable=is_nullable)
    child.foreign_keys.append(_key(fact, child, parent, field.name))
    assumed = f"references {parent.name}"
    elsewhere = ", and another place names this column" if column.place else " and no field is listed for it"
    reason = "the relationship needs a key" + (elsewhere if is_new else "")
    drafts.assume(fact.span, f"{child.name}.{field.name}", assumed, reason)


def _key(fact: RelationshipMention, child: Draft, parent: Draft, column: str) -> ForeignKeyMention:
    return ForeignKeyMention(
        span=fact.span,
        form=fact.form,
        entity=child.name,
        columns=(column,),
        target=parent.name,
        target_span=fact.left_span if normal(fact.left) == normal(parent.name) else fact.right_span,
        target_columns=parent.primary_key[:1],
        on_delete=fact.on_delete,
        on_update=fact.on_update,
    )


def _join(
    drafts: Drafts, fact: RelationshipMention, left: Draft, right: Draft, convention: Convention, spoken: Spoken
) -> None:
    """Assume a joining table, unless one is written: named as the junction, or with keys to both sides."""
    known = drafts.find(fact.junction) if fact.junction else None
    if known is None and any(_joins(d, left, right) for d in drafts.by_key.values() if len(d.foreign_keys) > 1):
        return
    if known is not None and (known.definitions or _joins(known, left, right)):
        return
    draft = known or _junction(drafts, fact, left, right, convention)
    for parent in (left, right):
        ensure_key(drafts, parent)
        if not _is_joined(draft, parent) or parent is left is right:
            prefix = "related_" if parent is left is right and draft.foreign_keys else ""
            wanted = f"{prefix}{normal(parent.name)}_id"
            column = _key_column(drafts, draft, parent, wanted, spoken) or _Column(wanted)
            field = ensure_field(draft, column.name, column.place or fact.span, fact.form, is_nullable=False)
            draft.foreign_keys.append(_key(fact, draft, parent, field.name))
    for name in fact.attributes:
        ensure_field(draft, name, fact.span, fact.form)
    if not draft.primary_key:
        _key_of_junction(draft, fact)


def _joins(draft: Draft, left: Draft, right: Draft) -> bool:
    """Tell whether `draft` has a key to either side: two where both are the same."""
    if draft is left or draft is right or draft.store != Store.RELATIONAL:
        return False
    targets = [normal(key.target.rpartition(".")[2]) for key in draft.foreign_keys]
    if left is right:
        return targets.count(normal(left.name)) > 1
    return normal(left.name) in targets and normal(right.name) in targets


def _junction(drafts: Drafts, fact: RelationshipMention, left: Draft, right: Draft, convention: Convention) -> Draft:
    name = fact.junction or convention.spell(f"{normal(left.name)}_{normal(right.name)}")
    mention = EntityMention(span=fact.span, form=fact.form, name=name, name_span=fact.span)
    draft = Draft(Store.RELATIONAL, None, [mention], is_assumed=True, name=name)
    drafts.by_key[Store.RELATIONAL, key_name(name, None)] = draft
    drafts.assume(
        fact.span, name, f"table {name}", f"many {left.name} have many {right.name}; no joining table is given"
    )
    return draft


def _key_of_junction(draft: Draft, fact: RelationshipMention) -> None:
    draft.primary_key = tuple(column for key in draft.foreign_keys for column in key.columns)
    key = PrimaryKeyMention(span=fact.span, form=fact.form, entity=draft.name, columns=draft.primary_key)
    draft.primary_keys = [key]
    for name, field in draft.fields.items():
        draft.fields[name] = revised(field, is_primary=field.name in draft.primary_key)
