"""What a planner knows of the rows of a database without reading them: plain values, taken from one database and given to another."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """The values of a column, or of an expression that an index holds.

    `distinct` is how many different values there are, or where it is negative, how many for each row. `common` are the most
    frequent values as text, `shares` how much of the rows each has; `histogram` divides the others into parts of equal size.
    `kept` is what else the engine keeps, by its own names, and nobody scales. `is_inherited`: over the rows of the children, too.
    """

    name: str
    nulls: float
    width: int
    distinct: float
    common: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    histogram: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    is_inherited: bool = False


@dataclass(frozen=True, slots=True)
class RelationStatistics:
    """A table, a materialised view or an index: pages of 8 KiB, those that all may see among them, rows, and columns.

    `table` names the table of an index, and is empty for what is none. `is_parent`: its rows are those of its partitions.
    `toast` are the pages of long values that lie apart.
    """

    name: str
    pages: int
    visible: int
    rows: float
    columns: tuple[ColumnStatistics, ...] = ()
    table: str = ""
    is_parent: bool = False
    toast: int = 0

    @property
    def is_index(self) -> bool:
        return bool(self.table)
