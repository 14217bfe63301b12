"""What several places of an inspection share: the parts of all tables, and how owners and names are told."""

from dataclasses import dataclass

from asbuilt.engines.state import ColumnState, ConstraintState, IndexState, PolicyState, TriggerState


@dataclass(frozen=True, slots=True)
class Parts:
    """What belongs to relations and types, by their oid."""

    columns: dict[int, tuple[ColumnState, ...]]
    constraints: dict[int, tuple[ConstraintState, ...]]
    domain_checks: dict[int, tuple[str, ...]]
    domain_comments: dict[int, tuple[tuple[str, str], ...]]
    indexes: dict[int, tuple[IndexState, ...]]
    triggers: dict[int, tuple[TriggerState, ...]]
    policies: dict[int, tuple[PolicyState, ...]]


@dataclass(frozen=True, slots=True)
class Names:
    """Who counts as the owner that needs no mention: the one who asks, and the database's own."""

    owners: frozenset[str]

    def owner(self, name: str) -> str:
        return "" if name in self.owners else name


def qualified(schema: str, name: str) -> str:
    return name if schema == "public" else f"{schema}.{name}"
