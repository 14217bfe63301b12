"""Expand, backfill, switch – and later contract: how a live column or table gets another name or type while both are used."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from asbuilt.engines.base import Session
from asbuilt.engines.changes import Expanded, Expansion, Needs, Operation
from asbuilt.engines.postgres.changing.converting import may_lose, needs_rewrite
from asbuilt.engines.postgres.changing.expanding import (
    contracting,
    copying,
    hindering,
    passing,
    preparing,
    relabelling,
    switching,
    viewing,
)
from asbuilt.engines.postgres.changing.expanding.exchanging import (
    Exchange,
    after_switch,
    new_name,
    old_name,
    together,
)
from asbuilt.engines.postgres.changing.expanding.syncing import items
from asbuilt.engines.state import ColumnState, DatabaseState, Item, ObjectState, TableState
from asbuilt.model.renames import Rename


@dataclass(frozen=True, slots=True)
class PostgresExpander:
    """The expander as `engines.base.Expander` has it; `kept` names the schema that keeps what would be lost."""

    kept: str

    def is_due(self, before: ColumnState, after: ColumnState) -> bool:
        return before.type != after.type and (
            needs_rewrite(before.type, after.type) or may_lose(before.type, after.type)
        )

    def why_not_copied(self, expansion: Expansion, home: TableState, state: DatabaseState) -> str:
        return hindering.of_copy(expansion, home, state)

    def why_not_exchanged(self, expansion: Expansion, home: TableState, state: DatabaseState, needs: Needs) -> str:
        return hindering.of_exchange(expansion, home, state, needs)

    def is_passed(self, before: ObjectState, after: ObjectState) -> bool:
        return passing.is_passed(before, after)

    def why_not_passed(self, type_: Item, needs: Needs) -> str:
        return passing.why_not(type_, needs)

    def columns_of(self, type_: Item, state: DatabaseState, needs: Needs) -> tuple[Item, ...]:
        return passing.columns_of(type_, state, needs)

    def relabels(self, expansion: Expansion, writes: Sequence[str]) -> tuple[tuple[str, str], ...]:
        return tuple(relabelling.stated(expansion, writes))

    def coming(self, type_: ObjectState) -> ObjectState:
        return replace(type_, name=passing.coming(type_.name))

    def going(self, type_: ObjectState) -> ObjectState:
        return replace(type_, name=passing.going(type_.name))

    def why_not_remade(self, before: TableState, after: TableState, state: DatabaseState) -> str:
        return hindering.of_remaking(before, after, state)

    def view(self, rename: Rename, state: DatabaseState) -> Expanded:
        return viewing.viewed(rename, state)

    def unview(self, rename: Rename, state: DatabaseState) -> Operation:
        return viewing.unviewed(rename, state)

    def copy(self, session: Session, expansion: Expansion, state: DatabaseState, needs: Needs) -> Expanded:
        return copying.copied(session, expansion, state, needs)

    def undisturbed(self, operation: Operation) -> tuple[str, ...]:
        return tuple(sql.replace(" CONCURRENTLY ", " ") for sql in operation.statements)

    def naming(self, expansions: Sequence[Expansion]) -> tuple[str, ...]:
        renamed = (copying.rename(e.table, e.after.name, new_name(e)) for e in expansions)
        return (*renamed, *passing.given_way(expansions))

    def exchange(
        self,
        session: Session,
        expansions: Sequence[Expansion],
        state: DatabaseState,
        needs: Needs,
        wanted: DatabaseState,
        wanted_needs: Needs,
    ) -> Expanded:
        found = Expanded()
        others = tuple(expansions)
        parted = _parted(session, others)
        for group in together(others, state, needs, wanted, wanted_needs):
            exchange = Exchange(group, state, needs, wanted, wanted_needs, self.kept, others, parted)
            found = found.with_(_exchanged(exchange))
        return found


def _parted(session: Session, expansions: Sequence[Expansion]) -> DatabaseState:
    """Return what stands as it reads once the old columns have their last names."""
    with session.attempt():
        for e in expansions:
            if old_name(e) != e.before.name:
                session.execute(copying.rename(e.table, e.before.name, old_name(e)))
        for sql in passing.left(expansions):
            session.execute(sql)
        return session.inspect()


def _exchanged(exchange: Exchange) -> Expanded:
    made = [item for e in exchange.expansions for item in items(after_switch(e))]
    return Expanded(
        (*preparing.operations(exchange), switching.operation(exchange)),
        tuple(contracting.operations(exchange)),
        frozenset({*made, *contracting.leftovers(exchange)}),
    )
