"""Foreign tables as statements: where their rows are, and what the wrapper is told."""

from collections.abc import Iterator, Mapping

from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.state import TableState

_MARK = "option "


def kind_words(state: TableState) -> str:
    """Return what statements about a table call it."""
    return "FOREIGN TABLE" if state.kind == "foreign table" else "TABLE"


def place(state: TableState) -> str:
    """Return the clause that says where the rows of a foreign table are."""
    said = [f"{identifier(key)} {literal(value)}" for key, value in _pairs(state).items()]
    options = f" OPTIONS ({', '.join(said)})" if said else ""
    return f" SERVER {identifier(state.server)}{options}"


def options_change(before: TableState, after: TableState) -> Iterator[str]:
    """Yield what makes the options of a foreign table into others."""
    yield from _change(f"ALTER FOREIGN TABLE {relation(after.name)}", _pairs(before), _pairs(after))


def column_change(table: str, column: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Yield what makes the options that the wrapper takes for a column, among its settings, into others."""
    words = f"ALTER FOREIGN TABLE {relation(table)} ALTER COLUMN {identifier(column)}"
    old, new = ({k.removeprefix(_MARK): said[k] for k in said if is_option(k)} for said in (before, after))
    yield from _change(words, old, new)


def is_option(setting: str) -> bool:
    """Tell whether a setting of a column is one for the wrapper."""
    return setting.startswith(_MARK)


def _pairs(state: TableState) -> dict[str, str]:
    return dict(option.partition("=")[::2] for option in state.options)


def _change(words: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    told = [f"DROP {identifier(key)}" for key in old if key not in new]
    for key, value in new.items():
        if old.get(key) != value:
            told.append(f"{'SET' if key in old else 'ADD'} {identifier(key)} {literal(value)}")
    if told:
        yield f"{words} OPTIONS ({', '.join(told)})"
