"""Chance that is the same every time: numbers from a hash of what they are for."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Dice:
    """A stream of numbers that depends only on the words it was made from (SplitMix64, Steele et al. 2014)."""

    __slots__ = ("_state",)

    def __init__(self, *words: object) -> None:
        text = "\x1f".join(map(str, words)).encode()
        self._state = int.from_bytes(blake2b(text, digest_size=8).digest(), "big")

    @classmethod
    def family(cls, *words: object) -> "Callable[[int, int], Dice]":
        """Return what makes `Dice(*words, number, attempt)`, with the words read once."""
        begun = blake2b("".join(f"{word}\x1f" for word in words).encode(), digest_size=8)

        def member(number: int, attempt: int) -> Dice:
            hashed = begun.copy()
            hashed.update(b"%d\x1f%d" % (number, attempt))
            found = cls.__new__(cls)
            found._state = int.from_bytes(hashed.digest(), "big")
            return found

        return member

    def next(self) -> int:
        """Return the next number of 64 bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, count: int) -> int:
        """Return a number from 0 to `count` - 1; 0 where there is none."""
        return self.next() % count if count > 1 else 0

    def between(self, low: int, high: int) -> int:
        """Return a number from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def happens(self, percent: int) -> bool:
        return self.below(100) < percent
