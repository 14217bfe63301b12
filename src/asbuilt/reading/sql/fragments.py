"""What stands under `sql` and is part of a statement only: a clause, a column's definition, a list of names."""

import re

from asbuilt.model.types import is_known

_CLAUSE = re.compile(
    r"\s*(?:(?:CHECK|UNIQUE|EXCLUDE)\s*\(|(?:PRIMARY|FOREIGN)\s+KEY\s*\(|CONSTRAINT\s+\w+\s+(?:CHECK|UNIQUE|PRIMARY|FOREIGN)\b"
    r"|REFERENCES\s+\w|ON\s+(?:DELETE|UPDATE)\s+\w|(?:WHERE|ORDER\s+BY|GROUP\s+BY|USING|WITH\s+CHECK)\b)",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"\s*[a-z_]\w*\s+(?P<type>[A-Za-z]\w*)(?:\s*\([\d\s,]*\))?(?=[\s,]|$)")
_NAME = re.compile(r"\s*[A-Za-z]\w*_\w+\s*[,;]?\s*(?:--.*)?")


def is_fragment(text: str) -> bool:
    """Tell whether `text`, which is no statement, is a part of one that is shown for itself, and so no mistake."""
    column = _COLUMN.match(text)
    lines = [line for line in text.splitlines() if line.strip()]
    return (
        _CLAUSE.match(text) is not None
        or (column is not None and is_known(column["type"]))
        or (bool(lines) and all(_NAME.fullmatch(line) for line in lines))
    )
