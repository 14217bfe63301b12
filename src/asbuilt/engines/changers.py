"""Who knows how an engine changes a database: from one state to another, and what is in use meanwhile."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from asbuilt.engines.changes import Change, Expanded, Expansion, Needs, Operation
from asbuilt.engines.state import ColumnState, DatabaseState, Item, ObjectState, TableState
from asbuilt.model.renames import Rename

if TYPE_CHECKING:
    from asbuilt.engines.base import Session


class Changer(Protocol):
    """What an engine knows about one way from a state to another."""

    def disturbs(self, change: Change, other: Item) -> bool:
        """Tell whether `other`, which needs what changes, has to be out of the way meanwhile."""

    def operations(self, change: Change, changes: dict[Item, Change], *, is_direct: bool) -> tuple[Operation, ...]:
        """Return what is done for one change among all; `is_direct`: it shares its transaction with others."""


class Expander(Protocol):
    """What an engine knows about changing what is in use: old and new side by side, then the switch, later the contract."""

    def is_due(self, before: ColumnState, after: ColumnState) -> bool:
        """Tell whether changing the type at once would write every row anew, or lose something."""

    def why_not_copied(self, expansion: Expansion, home: TableState, state: DatabaseState) -> str:
        """Return why a column of the table cannot have a copy that answers to its old name; empty where it can."""

    def why_not_exchanged(self, expansion: Expansion, home: TableState, state: DatabaseState, needs: Needs) -> str:
        """Return why no new column can take over from the old one; empty where it can."""

    def is_passed(self, before: ObjectState, after: ObjectState) -> bool:
        """Tell whether a type cannot be changed in place, and another one can stand beside it until it takes over its name."""

    def why_not_passed(self, type_: Item, needs: Needs) -> str:
        """Return why no other type can take over the name; empty where it can."""

    def columns_of(self, type_: Item, state: DatabaseState, needs: Needs) -> tuple[Item, ...]:
        """Return the columns that have a type."""

    def relabels(self, expansion: Expansion, writes: Sequence[str]) -> tuple[tuple[str, str], ...]:
        """Return which labels of a column statements replace by which others."""

    def coming(self, type_: ObjectState) -> ObjectState:
        """Return a type under the name that it has until it takes over."""

    def going(self, type_: ObjectState) -> ObjectState:
        """Return a type under the name that it has once another one has taken over."""

    def why_not_remade(self, before: TableState, after: TableState, state: DatabaseState) -> str:
        """Return why the table cannot be made anew beside its writers; empty where it can."""

    def view(self, rename: Rename, state: DatabaseState) -> Expanded:
        """Return what renames a table while a view answers to the old name."""

    def unview(self, rename: Rename, state: DatabaseState) -> Operation:
        """Return what takes that view away, as it stands in `state`."""

    def copy(self, session: "Session", expansion: Expansion, state: DatabaseState, needs: Needs) -> Expanded:
        """Return what renames a column while a copy answers to the old name; `session` may be used to try things."""

    def undisturbed(self, operation: Operation) -> tuple[str, ...]:
        """Return the operation's statements as they can run in one transaction, where nobody else is."""

    def naming(self, expansions: Sequence[Expansion]) -> tuple[str, ...]:
        """Return the statements that give what is wanted the names that it has until it takes over."""

    def exchange(
        self,
        session: "Session",
        expansions: Sequence[Expansion],
        state: DatabaseState,
        needs: Needs,
        wanted: DatabaseState,
        wanted_needs: Needs,
    ) -> Expanded:
        """Return what lets new columns take over from old ones; `wanted` is what is wanted after `naming`."""
