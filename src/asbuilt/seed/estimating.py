"""How long a plan will take and how much space its rows need, from a few rows that nobody writes."""

from dataclasses import dataclass
from time import process_time

from asbuilt.seed.blocks import Blocks
from asbuilt.seed.compiling import compiled
from asbuilt.seed.parents import KeyRange
from asbuilt.seed.plan import SeedPlan, TablePlan

_SAMPLED = 500
_ROW = 36
"""Bytes of a row before its values: its header, its pointer, what is left free."""
_ENTRY = 20
_COPIED = 6e-6
_INDEXED = 1.5e-6
_CHECKED = 4e-6
_SINGLY = 3e-4
_USUAL = 120


@dataclass(frozen=True, slots=True)
class Expected:
    """What the rows of a table will come to. `is_single`: they are made row by row."""

    table: str
    rows: int
    bytes: int
    seconds: float
    is_single: bool = False


def estimate(plan: SeedPlan) -> tuple[Expected, ...]:
    """Return what each table's rows will need."""
    sizes = {table.recipe.name: max(1, table.rows) for table in plan.tables}
    return tuple(_expected(plan, table, sizes) for table in plan.tables if table.rows)


def _expected(plan: SeedPlan, table: TablePlan, sizes: dict[str, int]) -> Expected:
    one = table.recipe
    rows = {key.name: sizes.get(key.target, 1) for key in one.keys}
    shape = compiled(one, rows, frozenset(key.name for key in table.late), table.covering)
    indexes = len(one.table.indexes) + sum(c.kind in ("primary key", "unique") for c in one.table.constraints)
    width, making = float(_USUAL), _SINGLY
    if shape is not None:
        pools = {
            (key.target, key.target_columns): [("1",) * len(key.columns)] if len(key.columns) > 1 else KeyRange(1, 1)
            for key in one.keys
        }
        width, making = _measured(Blocks(shape, plan.seed, pools), min(_SAMPLED, table.rows))
    seconds = making + _COPIED + indexes * _INDEXED + len(one.keys) * _CHECKED
    space = _ROW + width + indexes * (_ENTRY + width / max(1, len(one.columns)))
    return Expected(one.name, table.rows, round(space * table.rows), seconds * table.rows, shape is None)


def _measured(blocks: Blocks, count: int) -> tuple[float, float]:
    """Return how many bytes the values of a row have, and how many seconds the making of one takes."""
    lot = next(iter(blocks.lots(0, count)))
    blocks.columns(lot)
    began = process_time()
    columns = blocks.columns(lot)
    took = process_time() - began
    size = sum(len(text.encode()) for texts in columns.values() for text in texts)
    return size / count, took / count
