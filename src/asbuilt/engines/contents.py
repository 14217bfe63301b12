"""The rows of tables as they were read: many of them, so each is packed into one piece, and two readings share what they have alike."""

from collections.abc import Iterable, Iterator, KeysView, Mapping
from typing import Any

from msgspec import msgpack

Row = tuple[Any, ...]
_DECODE = msgpack.Decoder(tuple[str | None, ...])
_ENCODE = msgpack.Encoder()


class Rows(Mapping[Row, Mapping[str, str | None]]):
    """The rows of a table by what identifies each: columns by name, values as text. Equal to any mapping that holds the same."""

    __slots__ = ("_found", "names")

    def __init__(self, names: tuple[str, ...], found: dict[Row, tuple[Row, bytes]]) -> None:
        self.names = names
        self._found = found

    def __getitem__(self, key: Row) -> dict[str, str | None]:
        return dict(zip(self.names, _DECODE.decode(self._found[key][1]), strict=True))

    def __iter__(self) -> Iterator[Row]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def keys(self) -> KeysView[Row]:
        return self._found.keys()

    def packed(self, key: Row) -> bytes | None:
        """Return a row packed, None where it is not there."""
        found = self._found.get(key)
        return found[1] if found else None

    def entry(self, key: Row) -> tuple[Row, bytes] | None:
        """Return what is kept of a row: its key and what is packed, to be kept once more by another reading."""
        return self._found.get(key)


def packed(names: tuple[str, ...], rows: Iterable[tuple[Row, Row]], known: Mapping[Row, Any] | None = None) -> Rows:
    """Return rows that come with their keys; of those that `known` has, an earlier reading, no second copy is kept."""
    found: dict[Row, tuple[Row, bytes]] = {}
    earlier = known if isinstance(known, Rows) else Rows((), {})
    for key, row in rows:
        piece = _ENCODE.encode(row)
        entry = earlier.entry(key)
        if entry is None:
            found[key] = (key, piece)
        else:
            found[entry[0]] = entry if entry[1] == piece and earlier.names == names else (entry[0], piece)
    return Rows(names, found)


def is_alike(one: Mapping[Row, Any], other: Mapping[Row, Any], key: Row) -> bool:
    """Tell, without looking into it, whether a row is the same in two readings; False where that cannot be told so."""
    if not isinstance(one, Rows) or not isinstance(other, Rows) or one.names != other.names:
        return False
    return one.packed(key) == other.packed(key)
