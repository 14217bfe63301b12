"""Which mentions are of one entity: one draft for all spellings of a name."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence

from asbuilt.model.entities import ConstraintMention, EntityMention, IndexMention, Store
from asbuilt.model.fact import Fact, Form
from asbuilt.model.merging.drafts import RANK, Draft, Drafts, key_name
from asbuilt.model.names import normal
from asbuilt.model.revising import revised
from asbuilt.model.sql import Role, SqlStatement

_NO_ENTITIES = frozenset({"view", "materialized view", "type"})
BUILDING = frozenset({Role.SCHEMA, Role.MIGRATION, Role.SEED, Role.BACKFILL})


def building_facts(facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts that shape the design: not what an example, a rollback or another dialect's SQL says.

    Nor what a comment says of the columns of a view or of a composite type, which are no entities.
    """
    statements = sorted((f for f in facts if isinstance(f, SqlStatement)), key=lambda s: s.span)
    starts = [s.span.start for s in statements]
    has_postgresql = any(s.dialect == "postgresql" and s.kind == "create table" for s in statements)

    others = {(n.schema, n.name) for s in statements for n in s.creates if n.kind in _NO_ENTITIES}

    def is_shaping(fact: Fact) -> bool:
        slot = bisect_right(starts, fact.span.start) - 1
        if fact.form != Form.SQL or slot < 0 or fact.span.start >= statements[slot].span.end:
            return True
        statement = statements[slot]
        if statement.kind == "comment" and isinstance(fact, EntityMention) and (fact.schema, fact.name) in others:
            return False
        return statement.role in BUILDING and (statement.dialect == "postgresql" or not has_postgresql)

    return [fact for fact in facts if is_shaping(fact)]


def place_in_stores(facts: Sequence[Fact]) -> tuple[Fact, ...]:
    """Give an index or a constraint of a collection, in the form of the collection's description, its store."""
    stores: dict[tuple[Form, str], set[Store]] = {}
    for fact in facts:
        if isinstance(fact, EntityMention):
            stores.setdefault((fact.form, normal(fact.name)), set()).add(fact.store)
    return tuple(_placed(f, stores) if isinstance(f, IndexMention | ConstraintMention) else f for f in facts)


def _placed(fact: IndexMention | ConstraintMention, stores: dict[tuple[Form, str], set[Store]]) -> Fact:
    found = stores.get((fact.form, normal(fact.entity)), set())
    is_elsewhere = fact.form != Form.SQL and len(found) == 1 and fact.store == Store.RELATIONAL
    return revised(fact, store=next(iter(found))) if is_elsewhere else fact


def group(facts: Sequence[Fact], enum_names: frozenset[str] = frozenset()) -> Drafts:
    """Return a draft for each entity that some block describes."""
    drafts = Drafts(facts, enum_names)
    mentions = [f for f in facts if isinstance(f, EntityMention)]
    aliases = {(m.store, normal(m.name)): key_name(m.alias, m.schema) for m in mentions if m.alias and m.name}
    for mention in mentions:
        if mention.name.strip():
            key = aliases.get((mention.store, normal(mention.name)), key_name(mention.name, mention.schema))
            _add(drafts, mention, key)
    _join_schemas(drafts)
    for mention in mentions:
        if not mention.name.strip():
            _attach_anonymous(drafts, mention)
    for draft in drafts.by_key.values():
        draft.mentions.sort(key=authority)
    return drafts


def authority(mention: EntityMention) -> tuple[bool, int, bool, int]:
    """Sort what counts most first: what exists now, by rank, definitions before what amends them."""
    return mention.is_planned, RANK[mention.form], not mention.is_complete, mention.span.start


def _add(drafts: Drafts, mention: EntityMention, key: str) -> None:
    draft = drafts.by_key.setdefault((mention.store, key), Draft(mention.store, mention.schema, []))
    draft.mentions.append(mention)
    draft.schema = draft.schema or mention.schema


def _join_schemas(drafts: Drafts) -> None:
    """Let `User` in a diagram be `app.users` in SQL where only one schema has such a table."""
    qualified: dict[tuple[Store, str], list[str]] = {}
    for store, key in drafts.by_key:
        if "." in key:
            qualified.setdefault((store, key.rpartition(".")[2]), []).append(key)
    for (store, plain), keys in qualified.items():
        loose, target = drafts.by_key.get((store, plain)), drafts.by_key[store, keys[0]]
        if len(keys) > 1 or (loose and _stands_alone(loose, target)):
            continue
        if loose:
            target.mentions += loose.mentions
        if loose or not target.is_external:
            drafts.by_key[store, plain] = target


def _stands_alone(loose: Draft, target: Draft) -> bool:
    """A table of one's own is another than the one of that name in a schema; so is anything beside a platform's."""
    return bool(loose.definitions) or (target.is_external and any(m.fields for m in loose.mentions))


def _attach_anonymous(drafts: Drafts, mention: EntityMention) -> None:
    """Give a field table without a name to the entity that at least half of its fields belong to."""
    wanted = {normal(f.name) for f in mention.fields}
    shared: Counter[tuple[Store, str]] = Counter()
    for key, draft in drafts.by_key.items():
        if key[0] == mention.store and not draft.is_external:
            shared[key] = len(wanted & {normal(f.name) for m in draft.mentions for f in m.fields})
    best = [drafts.by_key[key] for key, count in shared.items() if count and count == max(shared.values())]
    if len({id(d) for d in best}) == 1 and max(shared.values()) * 2 >= len(wanted):
        best[0].mentions.append(revised(mention, is_complete=False))
