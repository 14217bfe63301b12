"""The words that say what makes a key untrue, as writes: "on user update", "on any user change", "on session delete"."""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct
from msgspec.structs import replace

from asbuilt.cache.plan import EVENTS
from asbuilt.engines.state import TableState
from asbuilt.model.names import singular, words

_SEPARATOR = re.compile(r"[,;/&+、，；]|\b(?:and|or|und|oder)\b")
_EVENTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys("update updated edit edited modify modified patch patched rename renamed 更新 修改".split(), ("update",)),
    **dict.fromkeys("delete deleted deletion remove removed removal revoke revoked logout 删除".split(), ("delete",)),
    **dict.fromkeys("create created creation insert inserted add added new register registered login 创建 新增".split(), ("insert",)),
    **dict.fromkeys("save saved upsert upserted".split(), ("insert", "update")),
    **dict.fromkeys("change changed write written mutation mutated modification 变更".split(), EVENTS),
}  # fmt: skip
_ANY = frozenset({"any", "every", "each", "all"})
_SILENT = frozenset(
    "on when whenever if after upon by at the a an of its is are was has been one some invalidate invalidated event operation s".split()
)
_BY_TIME = frozenset(
    "ttl expiry expire expired expiration timeout time based only automatic automatically natural never none".split()
)

Lookup = Callable[[str], TableState | None]
"""Find the table that a name means."""


class Said(Struct, frozen=True):
    """One thing that makes a key untrue. `tables` are named, `columns` those of which a change is meant; `unknown` words say more."""

    text: str
    tables: tuple[TableState, ...] = ()
    events: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    is_any: bool = False
    unknown: tuple[str, ...] = ()


def said_in(text: str, lookup: Lookup, own: TableState | None) -> tuple[list[Said], list[str]]:
    """Return the writes that a text names, and the phrases of it that name none."""
    phrases = [_phrase(part.strip(), lookup, own) for part in _SEPARATOR.split(text) if part.strip()]
    completed = [_completed(phrase, index, phrases, own) for index, phrase in enumerate(phrases)]
    told = [said for said in completed if said.events and said.tables]
    silent = [said.text for said in completed if not (said.events and said.tables) and not _is_by_time(said)]
    return told, silent


def _phrase(text: str, lookup: Lookup, own: TableState | None) -> Said:
    left = [singular(word) for word in words(text)]
    tables: list[TableState] = []
    events: tuple[str, ...] = ()
    rest: list[str] = []
    while left:
        count, table = _table_at(left, lookup)
        if table is not None:
            tables.append(table)
        elif left[0] in _EVENTS:
            events += _EVENTS[left[0]]
        elif left[0] not in _SILENT | _ANY:
            rest.append(left[0])
        left = left[count:]
    columns = tuple(_columns(rest, tables[0] if tables else own))
    said = {word for name in columns for word in words(name)}
    return Said(
        text,
        tuple(tables),
        _of_columns(events, columns),
        columns,
        any(word in _ANY for word in words(text)),
        tuple(word for word in rest if word not in said),
    )


def _of_columns(events: tuple[str, ...], columns: tuple[str, ...]) -> tuple[str, ...]:
    """Return the events that can change a column of a row that was there before."""
    return ("update",) if columns and "update" in events else tuple(dict.fromkeys(events))


def _table_at(left: list[str], lookup: Lookup) -> tuple[int, TableState | None]:
    """Return the table that the next words name, and how many they are."""
    for count in (3, 2, 1):
        wanted = left[:count]
        if (
            len(wanted) == count
            and wanted[0] not in _SILENT | _ANY | _EVENTS.keys()
            and (table := lookup("_".join(wanted)))
        ):
            return count, table
    return 1, None


def _columns(rest: list[str], table: TableState | None) -> Iterator[str]:
    """Yield the columns of a table that stand in some words."""
    said = "_".join(rest)
    for column in table.columns if table is not None else ():
        name = "_".join(singular(word) for word in words(column.name))
        if f"_{name}_" in f"_{said}_":
            yield column.name


def _completed(said: Said, index: int, phrases: list[Said], own: TableState | None) -> Said:
    """Add what a phrase leaves to its neighbours: "on product update or delete", "on user or role change"."""
    if not said.events and said.tables:
        after = next((other.events for other in phrases[index + 1 :] if other.events), ())
        said = replace(said, events=after)
    if said.events and not said.tables:
        before = next((other.tables for other in reversed(phrases[:index]) if other.tables), ())
        said = replace(said, tables=before or ((own,) if own is not None else ()))
    return said


def _is_by_time(said: Said) -> bool:
    return not said.events and not said.tables and bool(said.unknown) and set(said.unknown) <= _BY_TIME
