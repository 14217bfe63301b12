"""Who references whom: foreign keys from all forms, and what relationships imply where no key is written."""

from collections.abc import Iterator

from asbuilt.model.design import Field
from asbuilt.model.entities import (
    EntityMention,
    FieldMention,
    ForeignKeyMention,
    RelationshipMention,
    Store,
)
from asbuilt.model.fact import Form, Stated
from asbuilt.model.merging.drafts import PLATFORM_SCHEMAS, Draft, Drafts, key_name
from asbuilt.model.merging.fields import rank
from asbuilt.model.names import normal, words
from asbuilt.model.revising import revised
from asbuilt.text import Span

_BARE = frozenset({Form.LISTING, Form.PROSE, Form.LABEL, Form.BOX})
KEY_ENDINGS = frozenset({"id", "uuid", "key", "ref", "fk"})
"""How the name of a column ends that holds a key."""


def add_named_only(drafts: Drafts) -> None:
    """Add a draft for each entity that only relationships and references name."""
    planned = {normal(n) for d in drafts.distinct() if d.mentions[0].is_planned for n in d.names}
    for name, span, form in list(_named(drafts)):
        if name.strip() and drafts.find(name) is None and normal(name) not in planned:
            _add(drafts, name, span, form)


def _named(drafts: Drafts) -> Iterator[tuple[str, Span, Form]]:
    """Yield the entities that relationships, foreign keys and fields name, with the place."""
    for fact in drafts.facts:
        if isinstance(fact, RelationshipMention):
            yield fact.left, fact.left_span, fact.form
            yield fact.right, fact.right_span, fact.form
        elif isinstance(fact, ForeignKeyMention):
            yield fact.target, fact.target_span, fact.form
        elif isinstance(fact, EntityMention) and fact.store == Store.RELATIONAL and not fact.is_planned:
            yield from (
                (f.references.value.entity, f.references.span, f.form) for f in fact.fields if f.references is not None
            )


def _add(drafts: Drafts, name: str, span: Span, form: Form) -> None:
    schema, _, last = name.rpartition(".")
    is_external = schema in PLATFORM_SCHEMAS
    mention = EntityMention(
        span=span, form=form, name=last, name_span=span, schema=schema or None, is_external=is_external
    )
    draft = Draft(Store.RELATIONAL, schema or None, [mention], is_assumed=not is_external)
    drafts.by_key[Store.RELATIONAL, key_name(last, schema)] = draft


def assume_keys(drafts: Drafts) -> None:
    """Give tables that state no key of their own, and that SQL does not define, the key `id`.

    A table of which every listed field is a key of another one has them all as its key; a list of fields that claims to
    be complete, and has neither, is left as it is.
    """
    for draft in drafts.relational():
        if draft.is_external or draft.definitions or draft.primary_key:
            continue
        keys = [f.name for f in draft.fields.values() if words(f.name)[-1:] == ("id",) and len(words(f.name)) > 1]
        if len(keys) > 1 and len(keys) == len(draft.fields):
            _assume_key(drafts, draft, tuple(keys), "it joins other tables, and no key is stated")
        elif draft.column("id") or not any(m.is_complete for m in draft.mentions):
            ensure_key(drafts, draft)


def ensure_key(drafts: Drafts, draft: Draft) -> None:
    """Give a table that is to be referenced the key `id`, unless it has one or SQL says what it has."""
    if draft.primary_key or draft.is_external or draft.definitions:
        return
    mention = draft.mentions[0]
    field = ensure_field(draft, "id", mention.name_span, mention.form)
    reason = "only relationships and references name it" if draft.is_assumed else "no key is stated"
    _assume_key(drafts, draft, (field.name,), reason)


def _assume_key(drafts: Drafts, draft: Draft, columns: tuple[str, ...], reason: str) -> None:
    drafts.assume(draft.mentions[0].name_span, draft.name, f"primary key {', '.join(columns)}", reason)
    draft.primary_key = columns
    for key, field in draft.fields.items():
        draft.fields[key] = revised(field, is_primary=field.name in columns)


def ensure_field(draft: Draft, name: str, span: Span, form: Form, *, is_nullable: bool | None = None) -> Field:
    """Return the field of that name; where there is none, add one that points at `span`."""
    key = normal(name)
    if key not in draft.fields:
        mention = FieldMention(span=span, form=form, name=name, name_span=span)
        stated = None if is_nullable is None else Stated(is_nullable, span)
        added = Field(draft.name, name, len(draft.fields), (mention,), is_nullable=stated, is_assumed=True)
        draft.fields = {key: added, **draft.fields} if key == "id" else {**draft.fields, key: added}
    return draft.fields[key]


def resolve_marks(drafts: Drafts) -> None:
    """Find the target of each field that is a foreign key without one: `user_id` references `users`.

    A mark says that it is one; in a bare list of names the name alone does.
    """
    parents = _parents(drafts)
    for draft in drafts.relational():
        taken = {column for key in draft.foreign_keys for column in key.columns}
        for field in list(draft.fields.values()):
            mark = _mark(field)
            if mark is None or field.name in taken or draft.definitions:
                continue
            above = parents.get(id(draft), [])
            target = _target(drafts, draft, field.name, above) or (_only_one_left(draft, above) if mark.value else None)
            if target and not (target is draft and words(field.name)[0] != "parent"):
                _reference(drafts, draft, field, target, mark.span)


def _mark(field: Field) -> Stated[bool] | None:
    """Return the place that makes a field a foreign key; false where only its name does, in a bare list of names."""
    stated = next((m.is_foreign_key for m in field.mentions if m.is_foreign_key and m.is_foreign_key.value), None)
    is_bare = all(m.form in _BARE and m.type is None for m in field.mentions) and not field.is_assumed
    is_named = len(words(field.name)) > 1 and words(field.name)[-1] == "id"
    return stated or (Stated(False, field.mentions[0].name_span) if is_bare and is_named else None)


def _parents(drafts: Drafts) -> dict[int, list[tuple[Draft, str]]]:
    """Return, by child, the entities on the one side of its relationships, with the verb."""
    found: dict[int, list[tuple[Draft, str]]] = {}
    for fact in drafts.facts:
        if isinstance(fact, RelationshipMention) and fact.left_count.is_many != fact.right_count.is_many:
            child, parent = (fact.right, fact.left) if fact.right_count.is_many else (fact.left, fact.right)
            child_draft, parent_draft = drafts.find(child), drafts.find(parent)
            if child_draft and parent_draft:
                found.setdefault(id(child_draft), []).append((parent_draft, fact.verb))
    return found


def _target(drafts: Drafts, draft: Draft, field: str, parents: list[tuple[Draft, str]]) -> Draft | None:
    """Return the entity that a key's name points at: by a relationship or by its own words, all of them or the last ones."""
    stem = [w for w in words(field) if w not in KEY_ENDINGS]
    ending = [p for p, _ in parents if stem and normal(p.name).endswith("_" + normal("_".join(stem)))]
    if len(ending) == 1:
        return ending[0]
    for start in range(len(stem)):
        found = drafts.find("_".join(stem[start:]))
        if found and not found.is_external:
            return found
    if stem and stem[0] == "parent":
        return draft
    by_verb = [p for p, verb in parents if stem and stem[-1][:5] in verb.lower()]
    return by_verb[0] if len({p.name for p in by_verb}) == 1 else None


def _only_one_left(draft: Draft, parents: list[tuple[Draft, str]]) -> Draft | None:
    """Return the only entity that is related to `draft` and that no key of it leads to yet."""
    taken = {key.target for key in draft.foreign_keys}
    left = {parent.name: parent for parent, _ in parents if parent.name not in taken}
    return next(iter(left.values())) if len(left) == 1 else None


def _reference(drafts: Drafts, draft: Draft, field: Field, target: Draft, span: Span) -> None:
    ensure_key(drafts, target)
    key = ForeignKeyMention(
        span=span,
        form=field.mentions[0].form,
        entity=draft.name,
        columns=(field.name,),
        target=target.name,
        target_span=span,
        target_columns=target.primary_key[:1],
    )
    draft.foreign_keys.append(key)
    drafts.assume(span, f"{draft.name}.{field.name}", f"references {target.name}", "by its name; no target is stated")


def settle_references(drafts: Drafts) -> None:
    """Name targets as the database does, and keep one foreign key for each set of columns."""
    for draft in drafts.relational():
        kept: dict[tuple[str, ...], ForeignKeyMention] = {}
        for key in sorted(draft.foreign_keys, key=rank):
            known = kept.get(key.columns)
            kept[key.columns] = _joined(known, key) if known else _settled(drafts, key)
        draft.foreign_keys = list(kept.values())


def _settled(drafts: Drafts, key: ForeignKeyMention) -> ForeignKeyMention:
    target = drafts.find(key.target)
    if target is None:
        return key
    ensure_key(drafts, target)
    columns = target.columns(key.target_columns) or target.primary_key[: len(key.columns)]
    schema = f"{target.schema}." if target.schema not in (None, "", "public") else ""
    return revised(key, target=schema + target.name, target_columns=columns)


def _joined(known: ForeignKeyMention, other: ForeignKeyMention) -> ForeignKeyMention:
    """Let a less authoritative place say what the key itself leaves open, unless the key is SQL."""
    if known.form == Form.SQL:
        return known
    return revised(known, on_delete=known.on_delete or other.on_delete, on_update=known.on_update or other.on_update)
