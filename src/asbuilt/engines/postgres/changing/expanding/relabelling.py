"""Labels that a document's own statements replace by others: `UPDATE t SET mood = 'good' WHERE mood = 'fine'`."""

import re
from collections.abc import Iterator, Sequence

from asbuilt.engines.changes import Expansion
from asbuilt.engines.postgres.changing.written import Written, taken_apart
from asbuilt.engines.postgres.quoting import identifier

_LABEL = r"'((?:[^']|'')*)'(?:::[\w.\"]+)?"
_VALUE = re.compile(rf"\s*{_LABEL}\s*\Z")
_LISTED = rf"(?:=\s*(?P<one>{_LABEL})|IN\s*\((?P<several>\s*{_LABEL}(?:\s*,\s*{_LABEL})*\s*)\))"


def stated(e: Expansion, writes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the labels of a column that statements replace, each with what comes in its place."""
    for written in filter(None, map(taken_apart, writes)):
        if written.is_row_wise and written.table == e.table and written.columns == (e.before.name,):
            value = _VALUE.match(written.values[0])
            for old in _looked_for(written, e.before.name) if value else ():
                yield old, _plain(value[1])  # type: ignore[index]


def _looked_for(written: Written, column: str) -> list[str]:
    """Return the labels that a condition asks for, where it asks for nothing else."""
    name = rf"\s*(?:[\w\"]+\.)?{re.escape(identifier(column))}(?:::text)?\s*"
    found = re.match(rf"{name}{_LISTED}\s*\Z", written.condition, re.IGNORECASE)
    return [_plain(label) for label in re.findall(_LABEL, found["one"] or found["several"])] if found else []


def _plain(label: str) -> str:
    return label.replace("''", "'")
