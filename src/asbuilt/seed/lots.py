"""Rows that are made together, and the chance that goes with them.

What is random about a row is a function of the seed, its table, its number and what it is for: SHAKE-128 gives the same bytes
everywhere, and a prefix of them whatever their number. So rows can be made again, in part, and in any order.
"""

import sys
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import shake_128

BLOCK = 10_000
_BYTES = 4


@dataclass(frozen=True, slots=True)
class Lot:
    """Rows of one block by number: `first` and as many as there are `places`, which count from the block's begin."""

    seed: int
    table: str
    block: int
    places: Sequence[int]

    def __len__(self) -> int:
        return len(self.places)

    @property
    def numbers(self) -> Sequence[int]:
        """The numbers of the rows in their table."""
        begin = self.block * BLOCK
        if isinstance(self.places, range):
            return range(begin + self.places.start, begin + self.places.stop)
        return [begin + place for place in self.places]

    def dice(self, purpose: str) -> Sequence[int]:
        """Return a number of 32 bits for every row, its own for every purpose."""
        words = "\x1f".join((str(self.seed), self.table, purpose, str(self.block))).encode()
        found = array("I", shake_128(words).digest(_BYTES * (self.places[-1] + 1))) if self.places else array("I")
        if sys.byteorder == "big":
            found.byteswap()
        if isinstance(self.places, range):
            return found[self.places.start :]
        return [found[place] for place in self.places]

    def only(self, chosen: Sequence[int]) -> "Lot":
        """Return the rows at some positions of this lot, in rising order."""
        return Lot(self.seed, self.table, self.block, [self.places[position] for position in chosen])


def lots(seed: int, table: str, first: int, count: int) -> Iterator[Lot]:
    """Yield the rows from number `first` on, cut at the borders of blocks."""
    end = first + count
    while first < end:
        block, place = divmod(first, BLOCK)
        stop = min(BLOCK, place + end - first)
        yield Lot(seed, table, block, range(place, stop))
        first += stop - place
