"""A plan as text, a state as bytes, and back: what the journal keeps."""

import zlib

import msgspec

from asbuilt.engines.state import DatabaseState, ObjectState, TableState
from asbuilt.plan.steps import Plan


def to_text(plan: Plan) -> str:
    """Return the whole of a plan as JSON."""
    return msgspec.json.encode(plan).decode()


def from_text(text: str) -> Plan:
    """Return the plan that `to_text` made a text of."""
    return msgspec.json.decode(text, type=Plan)


def state_to_bytes(state: DatabaseState) -> bytes:
    """Return the whole of a state as compressed JSON."""
    return zlib.compress(msgspec.json.encode(_Stored.of(state)))


def state_from_bytes(packed: bytes) -> DatabaseState | None:
    """Return the state that `state_to_bytes` made bytes of; None where there are none, or they are another version's."""
    try:
        return msgspec.json.decode(zlib.decompress(packed), type=_Stored).state if packed else None
    except (zlib.error, msgspec.DecodeError):
        return None


class _Stored(msgspec.Struct, frozen=True):
    """A state without what its things say themselves, their names."""

    version: tuple[int, int]
    tables: tuple[TableState, ...]
    objects: tuple[ObjectState, ...]

    @classmethod
    def of(cls, state: DatabaseState) -> "_Stored":
        return cls(state.version, tuple(state.tables.values()), tuple(state.objects.values()))

    @property
    def state(self) -> DatabaseState:
        tables = {table.name: table for table in self.tables}
        return DatabaseState(self.version, tables, {(o.kind, o.name): o for o in self.objects})
