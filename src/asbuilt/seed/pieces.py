"""Rows made column by column, on their way into a table."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from asbuilt.engines.base import Session
from asbuilt.seed import sql
from asbuilt.seed.blocks import Blocks, Columns
from asbuilt.seed.lots import Lot
from asbuilt.seed.standing import taken

INTEGRITY = "23"
"""What the SQLSTATE of a refusal begins with where a row breaks a constraint."""
HOPELESS = ("25006", "42501", "53", "57")
"""What it begins with where no row would be taken: nothing may be written, or there is no room, or somebody ended it."""
_AT_A_TIME = 500
Rows = Iterable[tuple[str, ...]]


def write_piece(session: Session, blocks: Blocks, first: int, size: int, *, is_copied: bool) -> int:
    """Write the rows of some numbers, but those whose like stands already, copied or inserted; return how many.

    It is all done in the caller's transaction, not in one within it: the journal knows rows by who wrote them.
    """
    names = blocks.shape.names
    if not names:
        session.execute(f"INSERT INTO {sql.table_name(blocks.name)} SELECT FROM generate_series(1, {size})")
        return size
    new = [_new(session, blocks, lot) for lot in blocks.lots(first, size)] if blocks.begin else None
    rows: Iterable[Rows] = new or (_rows(blocks, blocks.columns(lot)) for lot in blocks.lots(first, size))
    if is_copied:
        session.copy_text(sql.copy(blocks.name, names), map(_text, rows))
    else:
        for some in rows:
            _insert(session, blocks, some)
    return size if new is None else sum(map(len, new))


def _rows(blocks: Blocks, columns: Columns) -> Rows:
    return zip(*(columns[name] for name in blocks.shape.names), strict=True)


def _text(rows: Rows) -> str:
    text = "\n".join(map("\t".join, rows))
    return f"{text}\n" if text else ""


def _new(session: Session, blocks: Blocks, lot: Lot) -> list[tuple[str, ...]]:
    """Return the rows of a lot that have nothing in common with those that stand where that must differ."""
    columns = blocks.columns(lot)
    known: set[int] = set()
    for unique in blocks.shape.recipe.uniques:
        if unique.columns and set(unique.columns) <= set(blocks.shape.names):
            known |= taken(session, blocks.shape.recipe, unique, _values(columns, unique.columns))
    return [row for place, row in enumerate(_rows(blocks, columns)) if place not in known]


def _values(columns: Columns, names: Sequence[str]) -> Iterator[tuple[str | None, ...]]:
    return zip(*(map(sql.uncopied, columns[name]) for name in names), strict=True)


def _insert(session: Session, blocks: Blocks, rows: Rows) -> None:
    names = blocks.shape.names
    left = iter(rows)
    while some := [dict(zip(names, map(sql.uncopied, row), strict=True)) for row in islice(left, _AT_A_TIME)]:
        session.execute(sql.insert(blocks.name, names, some))
