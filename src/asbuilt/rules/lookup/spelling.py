"""Names as SQL that a fix writes has to spell them."""

import re
from collections.abc import Iterable

from asbuilt.rules.reserved_identifier import RESERVED

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")


def sql_name(name: str) -> str:
    """Return a name as SQL must write it to mean exactly `name`."""
    if _PLAIN.match(name) and name not in RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def sql_names(names: Iterable[str]) -> str:
    return ", ".join(map(sql_name, names))
