"""Rights on tables: those that the document gives have to be there, and nobody may have others where it gives any."""

from collections.abc import Iterator, Sequence

from asbuilt.engines.state import DatabaseState, TableState
from asbuilt.evidence import Claim

NOBODY = "nobody"
NO_OTHERS = "no_other_grants"
_ONLY = "only "
_MOST_TABLES = 5


def rights(table: TableState) -> str:
    """Return all rights on a table and its columns, by role; `nobody` where there are none."""
    found: dict[str, list[str]] = {}
    for grant in table.grants:
        role, given = grant.split(": ", 1)
        found.setdefault(role, []).append(given)
    for column in table.columns:
        for grant in column.grants:
            role, given = grant.split(": ", 1)
            found.setdefault(role, []).extend(f"{right} ({column.name})" for right in given.split(", "))
    return "; ".join(f"{role}: {', '.join(given)}" for role, given in sorted(found.items())) or NOBODY


def exclusive(table: TableState) -> str:
    """Return the rights on a table as what there is and nothing else."""
    given = rights(table)
    return given if given == NOBODY else f"{_ONLY}{given}"


def lacking(expected: str, observed: str) -> str:
    """Return in words the rights of `expected` that are not among those observed."""
    lost = _words(_apart(expected) - _apart(observed))
    return f"without {lost}" if lost else ""


def excess(expected: str, observed: str) -> str:
    """Return in words the rights observed that are not among those of `expected`."""
    more = _words(_apart(observed) - _apart(expected))
    return f"besides {more}" if more else ""


def _apart(words: str) -> set[tuple[str, str]]:
    by_role = (part.split(": ", 1) for part in words.removeprefix(_ONLY).split("; ") if ": " in part)
    return {(role, right) for role, given in by_role for right in given.split(", ")}


def _words(apart: set[tuple[str, str]]) -> str:
    found: dict[str, list[str]] = {}
    for role, right in sorted(apart):
        found.setdefault(role, []).append(right)
    return "; ".join(f"{role}: {', '.join(given)}" for role, given in found.items())


def notes(desired: DatabaseState, actual: DatabaseState, claims: Sequence[Claim]) -> Iterator[str]:
    """Yield in words the rights on tables for which the document states none, alike ones together."""
    claimed = {claim.key[0] for claim in claims if claim.kind == NO_OTHERS}
    alike: dict[str, list[str]] = {}
    for name, table in desired.tables.items():
        if name in claimed or name not in actual.tables or table.partition_bound is not None:
            continue
        if given := rights(actual.tables[name]).replace(NOBODY, ""):
            alike.setdefault(given, []).append(name)
    told = "undocumented grants" if claimed else "the document says nothing of grants; here are"
    yield from (f"{told} {given} on {_listed(tables)}" for given, tables in alike.items())


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_TABLES
    return ", ".join(names[:_MOST_TABLES]) + (f" and {more} more" if more > 0 else "")
