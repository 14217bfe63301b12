"""The parameters of a stated query: numbered, and given values of the columns that they are compared with."""

import re
from collections.abc import Callable, Iterator, Sequence

from asbuilt.engines.base import Session
from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.seed import sql
from asbuilt.seed.dice import Dice
from asbuilt.seed.kinds import kind_of
from asbuilt.seed.limits import Limits
from asbuilt.seed.values import Wanted, make

Drawn = Callable[[str, str], str | None]
"""Returns a value of a column of a table, as text; None where there is none."""

_TOKEN = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|::|\$\d+|:[A-Za-z_]\w*|\?(?![|&?])", re.DOTALL)
_BEFORE = r"([A-Za-z_]\w*)\"?(?:::\w+)?\s*(?:=|<>|!=|>=|<=|<|>|~~\*?|@>|<@|\bI?LIKE\b|\bIN\s*\(|=\s*ANY\s*\()\s*"
_MANY = re.compile(r"(?:LIMIT|OFFSET)\s+\$(\d+)\b", re.IGNORECASE)


def numbered(statement: str) -> str:
    """Return a statement with its parameters as `$1`, `$2`, …, a named one the same number each time."""
    names: dict[str, int] = {}
    count = 0

    def number(found: re.Match[str]) -> str:
        nonlocal count
        text = found[0]
        if text == "?":
            count += 1
            return f"${count}"
        if text[0] == ":" and text != "::":
            if text not in names:
                count += 1
                names[text] = count
            return f"${names[text]}"
        return text

    return _TOKEN.sub(number, statement.strip().rstrip(";"))


def prepared(session: Session, statement: str, state: DatabaseState, drawn: Drawn) -> str:
    """Prepare a numbered statement and return its EXECUTE, with values of the types that the server asks for."""
    session.execute("DEALLOCATE ALL")
    session.execute(f"PREPARE asbuilt_query AS {statement}")
    return executed(session, statement, state, drawn)


def executed(session: Session, statement: str, state: DatabaseState, drawn: Drawn) -> str:
    """Return the EXECUTE of the statement that is prepared, with other values."""
    asked = session.rows("SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'asbuilt_query'")
    types: Sequence[str] = asked[0][0] if asked else ()
    values = [_literal(statement, number, type, state, drawn) for number, type in enumerate(types, 1)]
    return f"EXECUTE asbuilt_query({', '.join(values)})" if values else "EXECUTE asbuilt_query"


def _literal(statement: str, number: int, type: str, state: DatabaseState, drawn: Drawn) -> str:
    """Return a literal: one that stands in the column it is compared with, else one of the type."""
    compared = re.search(_BEFORE + rf"\${number}\b", statement, re.IGNORECASE)
    places = _places(statement, compared[1], type, state) if compared else ()
    known = next((value for table, column in places if (value := drawn(table, column)) is not None), None)
    return f"{sql.literal(_made(statement, number, type, state) if known is None else known)}::{type}"


def _made(statement: str, number: int, type: str, state: DatabaseState) -> str | None:
    counts = str(number) in _MANY.findall(statement)
    limits = Limits(low=("1", True), high=("20", True)) if counts else Limits()
    return make(Wanted("", "parameter", kind_of(state, type), limits, number), Dice("query", number))


def _places(statement: str, column: str, type: str, state: DatabaseState) -> Iterator[tuple[str, str]]:
    """Yield the columns of that name and type, those of tables that the statement names first."""
    for table in sorted(state.tables.values(), key=lambda table: not _is_named(table, statement)):
        found = table.column(column)
        if found is not None and found.type.split("(")[0] in (type, f"{type}[]"):
            yield table.name, column


def _is_named(table: TableState, statement: str) -> bool:
    bare = table.name.rpartition(".")[2]
    return re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", statement, re.IGNORECASE) is not None
