"""The keys that stand in a table, for the rows that point at them: as few of them in memory as there can be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import overload

from asbuilt.seed.sql import copied, uncopied

KeyValues = tuple[str | None, ...]


class _Computed(Sequence[KeyValues]):
    """Keys that are worked out from their place."""

    def __iter__(self) -> Iterator[KeyValues]:
        return (self[place] for place in range(len(self)))

    @overload
    def __getitem__(self, place: int) -> KeyValues: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[KeyValues]: ...
    def __getitem__(self, place: int | slice) -> KeyValues | Sequence[KeyValues]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        return tuple(uncopied(texts[0]) for texts in self.columns([place]))

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        """Return the keys at some places, column by column, as COPY takes them."""
        raise NotImplementedError


@dataclass(frozen=True)
class KeyRange(_Computed):
    """Whole numbers from `first` on without a gap."""

    first: int
    size: int

    def __len__(self) -> int:
        return self.size

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        first = self.first
        return [[str(first + place) for place in places]]


@dataclass(frozen=True)
class MadeKeys(_Computed):
    """Keys of `size` rows that were made by number from 0 on."""

    make: Callable[[Sequence[int]], list[list[str]]]
    size: int

    def __len__(self) -> int:
        return self.size

    def columns(self, places: Sequence[int]) -> list[list[str]]:
        return self.make(places)


def key_columns(pool: Sequence[KeyValues], places: Sequence[int], width: int) -> list[list[str]]:
    """Return the keys at some places of a pool, column by column, as COPY takes them."""
    if isinstance(pool, _Computed):
        return pool.columns(places)
    return [[copied(pool[place][number]) for place in places] for number in range(width)]
