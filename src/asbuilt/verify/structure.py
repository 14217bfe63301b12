"""Structural claims: for everything that the document builds, that it stands in the target just so."""

import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from asbuilt.engines.state import DatabaseState, TableState, unqualified
from asbuilt.evidence import Claim, Evidence, Verdict
from asbuilt.model.design import Design
from asbuilt.seed import sql
from asbuilt.verify import grants
from asbuilt.verify.described import KINDS, Item, Kind
from asbuilt.verify.places import Places

_BY_NAME = {kind.name: kind for kind in KINDS}
_ON_PARTITIONS = frozenset({"table_exists", "partition"})
_BY_STATEMENT = frozenset({"index", "trigger", "policy"})
_GIVEN_NAME = re.compile(r"_(pkey|key|fkey|check|excl|not_null)\d*$")
_CONSTRAINTS = frozenset({"primary_key", "unique", "check", "foreign_key", "exclusion"})
_VIEWS = frozenset({"view", "materialized_view"})


def structural_claims(design: Design, desired: DatabaseState) -> list[Claim]:
    """Return one claim for every item of the desired state, with the places that state it."""
    places = Places(design)
    return [_claim(kind, item, places) for kind in KINDS for item in _claimed(kind, desired, places)]


def _claimed(kind: Kind, desired: DatabaseState, places: Places) -> Iterator[Item]:
    """Yield the items that the document promises: not what a platform provides, nor what a partition inherits."""
    for item in kind.items(desired):
        table = desired.tables.get(item.key[0])
        if table and table.partition_bound is not None and not _is_partitions_own(kind, item, places):
            continue
        entity = places.entity(item.key[0]) if table else None
        if entity is not None and entity.is_external:
            continue
        if kind.name == "table_columns" and not any(m.is_complete for m in (entity.mentions if entity else ())):
            continue
        if kind.name == grants.NO_OTHERS and not _states_grants(item, places):
            continue
        yield item


def _states_grants(item: Item, places: Places) -> bool:
    return item.words != grants.NOBODY or places.grants(item.key[0])


def _is_partitions_own(kind: Kind, item: Item, places: Places) -> bool:
    """Tell whether a partition has something by itself, and not from its parent."""
    return kind.name in _ON_PARTITIONS or (kind.name in _BY_STATEMENT and any(places.created(item.key[-1], kind.name)))


def _claim(kind: Kind, item: Item, places: Places) -> Claim:
    return Claim(kind.name, kind.chapter, item.subject, places.of(kind.name, item), item.words, item.key)


@dataclass(frozen=True)
class Actual:
    """An inspected target, looked at kind by kind."""

    state: DatabaseState
    expected_major: int

    @cached_property
    def items(self) -> dict[str, dict[tuple[str, ...], Item]]:
        return {kind.name: {item.key: item for item in kind.items(self.state)} for kind in KINDS}

    def missing_owner(self, claim: Claim) -> str:
        """Return what the claim's thing would live in and that is not there; empty where all is there."""
        owner = _BY_NAME[claim.kind].owner
        if owner in ("table", "column") and claim.key[0] not in self.state.tables:
            return f"table {claim.key[0]} is missing"
        if owner == "column" and self.state.tables[claim.key[0]].column(claim.key[1]) is None:
            return f"column {claim.subject} is missing"
        if owner == "object" and (claim.key[0], claim.key[1]) not in self.state.objects:
            return f"{claim.subject} is missing"
        return ""

    def find(self, claim: Claim) -> Item | None:
        """Return the item that the claim is about: by its name, or by what it says where its name is the server's."""
        items = self.items[claim.kind]
        if claim.key in items or claim.kind not in _CONSTRAINTS or not _GIVEN_NAME.search(claim.key[1]):
            return items.get(claim.key)
        return next((i for i in items.values() if i.key[0] == claim.key[0] and i.words == claim.expected), None)

    def agrees(self, claim: Claim, words: str) -> bool:
        """Tell whether the words are the claim's, differences between the servers' spellings apart."""
        if words == claim.expected:
            return True
        if claim.kind in _VIEWS and self.state.version[0] != self.expected_major:
            return unqualified(words) == unqualified(claim.expected)
        return False


def check_structure(claims: Iterable[Claim], actual: DatabaseState, expected_major: int = 0) -> list[Evidence]:
    """Compare every claim with the inspected target."""
    seen = Actual(actual, expected_major or actual.version[0])
    return [_compare(claim, seen) for claim in claims]


def _compare(claim: Claim, actual: Actual) -> Evidence:
    statement = show(claim)
    reproduce = command(statement)
    if reason := actual.missing_owner(claim):
        return Evidence(claim, Verdict.UNKNOWN, "missing", reason, statement, reproduce)
    item = actual.find(claim)
    if item is None:
        return Evidence(claim, Verdict.BROKEN, "missing", statement=statement, reproduce=reproduce)
    if (wrong := _BY_NAME[claim.kind].wrong) is not None:
        told = wrong(claim.expected, item.words)
        return Evidence(
            claim, Verdict.BROKEN if told else Verdict.HOLDS, told, statement=statement, reproduce=reproduce
        )
    verdict = Verdict.HOLDS if actual.agrees(claim, item.words) else Verdict.BROKEN
    return Evidence(claim, verdict, item.words, statement=statement, reproduce=reproduce)


def show(claim: Claim) -> str:
    """Return the catalogue query that shows what a structural claim is about."""
    kind = _BY_NAME[claim.kind]
    return kind.show.format(*(sql.literal(part) for part in _key_for_catalogue(claim)))


def _key_for_catalogue(claim: Claim) -> Sequence[str]:
    first, *rest = claim.key
    is_relation = _BY_NAME[claim.kind].owner in ("table", "column") or claim.kind == "table_exists"
    head = sql.table_name(first) if is_relation else first
    return (head, *(sql.name(part) for part in rest)) if claim.kind == "index" else (head, *rest)


def command(statement: str) -> str:
    """Return a command line that runs a statement on the database that `DATABASE_URL` names."""
    return f'psql "$DATABASE_URL" -c {shlex.quote(statement)}'


_PARTS: tuple[tuple[str, Callable[[TableState], Iterable[str]]], ...] = (
    ("constraint", lambda table: (c.name for c in table.constraints if not _GIVEN_NAME.search(c.name))),
    ("index", lambda table: (i.name for i in table.indexes if not i.backs)),
    ("trigger", lambda table: (t.name for t in table.triggers)),
    ("policy", lambda table: (p.name for p in table.policies)),
)


def undocumented(desired: DatabaseState, actual: DatabaseState) -> list[str]:
    """Return in words what stands in the target and the document does not know."""
    tables = sorted(set(actual.tables) - set(desired.tables))
    objects = sorted(f"{kind} {name}" for kind, name in set(actual.objects) - set(desired.objects))
    parts = [
        f"{kind} {name} on {table.name}"
        for table in desired.tables.values() if table.name in actual.tables and table.partition_bound is None
        for kind, names in _PARTS
        for name in sorted(set(names(actual.tables[table.name])) - set(names(table)))
    ]  # fmt: skip
    return [f"undocumented table {name}" for name in tables] + [f"undocumented {name}" for name in (*objects, *parts)]
