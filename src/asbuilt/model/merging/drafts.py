"""The design while it is being put together: entities as drafts that the steps of the merge fill in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from asbuilt.model.design import Entity, Field
from asbuilt.model.entities import (
    CheckMention,
    EntityMention,
    ForeignKeyMention,
    IndexMention,
    PrimaryKeyMention,
    Store,
    UniqueMention,
)
from asbuilt.model.fact import Assumption, Fact, Form
from asbuilt.model.names import normal
from asbuilt.model.revising import revised
from asbuilt.text import Span

RANK: dict[Form, int] = {
    Form.SQL: 0, Form.TABLE: 1, Form.CLASS: 2, Form.INTERFACE: 3, Form.DIAGRAM: 3, Form.LISTING: 4, Form.LABEL: 4,
    Form.YAML: 4, Form.PROSE: 5, Form.BOX: 6, Form.EXAMPLE: 7,
}  # fmt: skip
"""Which form counts where they differ: the lower the more."""

PLATFORM_SCHEMAS = frozenset({"auth", "storage", "realtime", "vault", "cron", "extensions", "graphql", "pg_catalog"})
"""Schemas that a platform provides: what is referenced there is external, never undefined."""


@dataclass(slots=True, eq=False)
class Draft:
    """An entity on its way. `fields` are by normal name, in their order in the entity."""

    store: Store
    schema: str | None
    mentions: list[EntityMention]
    is_assumed: bool = False
    name: str = ""
    fields: dict[str, Field] = field(default_factory=dict)
    primary_keys: list[PrimaryKeyMention] = field(default_factory=list)
    primary_key: tuple[str, ...] = ()
    uniques: list[UniqueMention] = field(default_factory=list)
    checks: list[CheckMention] = field(default_factory=list)
    foreign_keys: list[ForeignKeyMention] = field(default_factory=list)
    indexes: list[IndexMention] = field(default_factory=list)

    @property
    def definitions(self) -> list[EntityMention]:
        """The mentions that are a `CREATE TABLE`."""
        return [m for m in self.mentions if m.form == Form.SQL and m.is_complete and m.fields]

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(name for m in self.mentions for name in (m.name, m.alias) if name))

    @property
    def is_external(self) -> bool:
        return any(m.is_external for m in self.mentions)

    def column(self, name: str) -> Field | None:
        return self.fields.get(normal(name))

    def columns(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the names as the database has them; an unknown one stays as it is."""
        found = ((name, self.column(name)) for name in names)
        return tuple(column.name if column else name for name, column in found)

    def frozen(self) -> Entity:
        return Entity(
            self.name,
            self.schema,
            tuple(self.names),
            self.store,
            tuple(self.mentions),
            tuple(f if f.position == at else revised(f, position=at) for at, f in enumerate(self.fields.values())),
            self.primary_key,
            tuple(self.primary_keys),
            tuple(self.uniques),
            tuple(self.checks),
            tuple(self.foreign_keys),
            tuple(self.indexes),
            is_in_sql=bool(self.definitions),
            is_external=self.is_external,
            is_planned=all(m.is_planned for m in self.mentions),
            is_assumed=self.is_assumed,
        )


@dataclass(slots=True)
class Drafts:
    """All drafts of a design by store and normal name, and what had to be assumed so far."""

    facts: Sequence[Fact]
    enum_names: frozenset[str] = frozenset()
    by_key: dict[tuple[Store, str], Draft] = field(default_factory=dict)
    assumptions: list[Assumption] = field(default_factory=list)

    def find(self, name: str, store: Store = Store.RELATIONAL) -> Draft | None:
        """Return the draft that `name` means; a qualified name prefers its schema."""
        schema, _, last = name.rpartition(".")
        if schema and schema != "public":
            qualified = self.by_key.get((store, key_name(last, schema)))
            if qualified or schema in PLATFORM_SCHEMAS:
                return qualified
        return self.by_key.get((store, normal(last)))

    def distinct(self) -> list[Draft]:
        """All drafts in the order in which they were found, each once whatever its keys."""
        return list({id(draft): draft for draft in self.by_key.values()}.values())

    def relational(self) -> list[Draft]:
        return [draft for draft in self.distinct() if draft.store == Store.RELATIONAL]

    def assume(self, span: Span, subject: str, assumed: str, reason: str) -> None:
        self.assumptions.append(Assumption(span=span, subject=subject, assumed=assumed, reason=reason))


def key_name(name: str, schema: str | None) -> str:
    """Return the normal form under which an entity is kept: the default schema goes without saying."""
    return normal(name) if schema in (None, "", "public") else f"{schema}.{normal(name)}"
