"""The Markdown parser's rule for tables, without its three tokens for every cell: cells are cut with their places here."""

from markdown_it.common.utils import mdTrim
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_block.table import MAX_AUTOCOMPLETED_CELLS

from asbuilt.document.tables import width_of


def mark_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Mark where a table begins and ends, as the parser finds it; the token that opens it has the rows' lines as `rows`."""
    if not table(state, start, end, True):
        return False
    if silent:
        return True
    around, state.parentType = state.parentType, "table"
    opened = state.push("table_open", "table", 1)
    rows = _rows(state, start, end)
    state.line = rows[-1] + 1 if rows else start + 2
    opened.map = [start, state.line]
    opened.meta["rows"] = rows
    state.push("table_close", "table", -1)
    state.parentType = around
    return True


def _rows(state: StateBlock, start: int, end: int) -> list[int]:
    """Return the lines below a table's head that are rows: up to a blank line or whatever ends a block quote's text."""
    stops = state.md.block.ruler.getRules("blockquote")
    width, missing = width_of(_written(state, start)), 0
    for line in range(start + 2, end):
        if state.sCount[line] < state.blkIndent or any(stop(state, line, end, True) for stop in stops):
            return list(range(start + 2, line))
        written = _written(state, line)
        missing += width - width_of(written)
        if not written or state.is_code_block(line) or missing > MAX_AUTOCOMPLETED_CELLS:
            return list(range(start + 2, line))
    return list(range(start + 2, end))


def _written(state: StateBlock, line: int) -> str:
    return mdTrim(state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]])
