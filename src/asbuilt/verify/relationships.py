"""Relationships: how many of one entity go with one of the other, as the keys of a database hold it.

What is claimed is what the document's own keys hold; where they do not, there is a finding, and the relationship stays stated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from asbuilt.engines.state import ConstraintState, DatabaseState, TableState
from asbuilt.evidence import Chapter, Claim, Evidence, Verdict
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import Cardinality, RelationshipMention
from asbuilt.model.fact import Form
from asbuilt.model.names import normal
from asbuilt.seed import sql
from asbuilt.text import Span
from asbuilt.verify.structure import command


@dataclass(frozen=True, slots=True)
class Link:
    """A foreign key: `is_unique` and `is_required` are what it holds; None where nothing is said of it."""

    table: str
    columns: tuple[str, ...]
    target: str
    is_unique: bool | None = None
    is_required: bool | None = None

    @property
    def words(self) -> str:
        said = [
            "" if self.is_required is None else "never NULL" if self.is_required else "may be NULL",
            "" if self.is_unique is None else "unique" if self.is_unique else "not unique",
        ]
        return ", ".join([f"{self.table} ({', '.join(self.columns)}) refers to {self.target}", *filter(None, said)])


@dataclass(frozen=True, slots=True)
class Relationship:
    """A claim, and the keys that hold it: one, or the two of a junction."""

    claim: Claim
    links: tuple[Link, ...]


def relationships(design: Design, desired: DatabaseState) -> list[Relationship]:
    """Return the relationships that the keys of the desired state hold; what several places say is one claim."""
    found: dict[tuple[str, tuple[tuple[str, ...], ...]], list[tuple[RelationshipMention, tuple[Link, ...]]]] = {}
    for fact in design.of(RelationshipMention):
        if links := _links(design, desired, fact):
            same = tuple((link.table, *link.columns, link.target) for link in links)
            found.setdefault((_words(fact), same), []).append((fact, links))
    return [_relationship(words, mentions) for (words, _), mentions in found.items()]


def _words(fact: RelationshipMention) -> str:
    """Return what a relationship says, the same however its entities are spelled."""
    return f"{fact.left_count} {normal(fact.left)} to {fact.right_count} {normal(fact.right)}"


def _relationship(identity: str, mentions: Sequence[tuple[RelationshipMention, tuple[Link, ...]]]) -> Relationship:
    """Return one claim for what several places say; the one that says most tells what the keys have to hold."""
    fact = mentions[0][0]
    links = max((links for _, links in mentions), key=lambda links: links[0].is_required is not None)
    spans = tuple(dict.fromkeys(mention.span for mention, _ in mentions))
    expected = f"{fact.left_count} {fact.left} to {fact.right_count} {fact.right}"
    key = (identity, *(part for link in links for part in (link.table, *link.columns, link.target)))
    return Relationship(
        Claim("cardinality", Chapter.ENTITIES, f"{fact.left} and {fact.right}", spans, expected, key), links
    )


def spans_of(found: Iterable[Relationship]) -> frozenset[Span]:
    """Return every place that states one of the relationships."""
    return frozenset(span for relationship in found for span in relationship.claim.spans)


def _links(design: Design, desired: DatabaseState, fact: RelationshipMention) -> tuple[Link, ...]:
    left, right = (_table(design.entity(name), desired) for name in (fact.left, fact.right))
    if left is None or right is None or fact.type_field:
        return ()
    if fact.left_count.is_many and fact.right_count.is_many:
        return _through_junction(design, desired, fact, left, right)
    sides = ((right, left, fact.right_count, fact.left_count), (left, right, fact.left_count, fact.right_count))
    for child, parent, count, parent_count in sides:
        keys = [
            key for key in _keys(child, parent.name) if not fact.via or normal(fact.via) in map(normal, key.columns)
        ]
        if len(keys) == 1 and not parent_count.is_many:
            link = _held(child, keys[0])
            minds_null = fact.form == Form.DIAGRAM
            if link.is_unique == count.is_many or (
                minds_null and link.is_required != (parent_count == Cardinality.ONE)
            ):
                continue
            required = link.is_required if minds_null else None
            return (Link(link.table, link.columns, link.target, link.is_unique, required),)
    return ()


def _through_junction(
    design: Design, desired: DatabaseState, fact: RelationshipMention, left: TableState, right: TableState
) -> tuple[Link, ...]:
    """Return the two keys of the only table that joins the two, or of the one that the document names."""
    named = _table(design.entity(fact.junction), desired) if fact.junction else None
    tables = [named] if named else [t for t in desired.tables.values() if t.name not in (left.name, right.name)]
    joining = [t for t in tables if _keys(t, left.name) and _keys(t, right.name) and t.partition_bound is None]
    if len(joining) != 1 or left.name == right.name:
        return ()
    keys = (_keys(joining[0], left.name)[0], _keys(joining[0], right.name)[0])
    return tuple(Link(joining[0].name, key.columns, key.target or "") for key in keys)


def _table(entity: Entity | None, state: DatabaseState) -> TableState | None:
    if entity is None or entity.is_external:
        return None
    return state.tables.get(f"{entity.schema}.{entity.name}") or state.tables.get(entity.name)


def _keys(table: TableState, target: str) -> list[ConstraintState]:
    return [c for c in table.constraints if c.kind == "foreign key" and c.target == target]


def _held(table: TableState, key: ConstraintState) -> Link:
    uniques = [c.columns for c in table.constraints if c.kind in ("primary key", "unique")]
    uniques += [i.keys for i in table.indexes if i.is_unique and i.is_valid and i.predicate is None]
    required = all((column := table.column(name)) is not None and not column.is_nullable for name in key.columns)
    is_unique = any(set(columns) <= set(key.columns) for columns in uniques)
    return Link(table.name, key.columns, key.target or "", is_unique, required)


def check_relationships(found: Iterable[Relationship], actual: DatabaseState) -> list[Evidence]:
    """Compare what the keys of an inspected target hold with what they have to."""
    return [_compare(relationship, actual) for relationship in found]


def _compare(found: Relationship, actual: DatabaseState) -> Evidence:
    statement = _show(found.links[0])
    reproduce = command(statement)
    missing = [name for link in found.links for name in (link.table, link.target) if name not in actual.tables]
    if missing:
        reason = f"table {missing[0]} is missing"
        return Evidence(found.claim, Verdict.UNKNOWN, "missing", reason, statement, reproduce)
    seen = [_seen(link, actual) for link in found.links]
    pairs = list(zip(found.links, seen, strict=True))
    words = "; ".join(
        there.words if there else f"no key leads from {link.table} to {link.target}" for link, there in pairs
    )
    verdict = Verdict.HOLDS if all(link == there for link, there in pairs) else Verdict.BROKEN
    return Evidence(found.claim, verdict, words, statement=statement, reproduce=reproduce)


def _seen(link: Link, actual: DatabaseState) -> Link | None:
    """Return what the target's key holds of what the link says; None where there is no such key."""
    table = actual.tables.get(link.table)
    key = next((k for k in _keys(table, link.target) if k.columns == link.columns), None) if table else None
    if table is None or key is None:
        return None
    held = _held(table, key)
    return Link(
        held.table,
        held.columns,
        held.target,
        None if link.is_unique is None else held.is_unique,
        None if link.is_required is None else held.is_required,
    )


def _show(link: Link) -> str:
    name = sql.literal(sql.table_name(link.table))
    return f"SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = to_regclass({name}) AND contype IN ('f', 'p', 'u')"
