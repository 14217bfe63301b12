"""What was made before, by what it was made of."""

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


class Memo:
    """Makes each thing once, as long as there are at most so many; then what was made first goes."""

    __slots__ = ("_kept", "_most")

    def __init__(self, most: int) -> None:
        self._kept: dict[Any, Any] = {}
        self._most = most

    def of(self, key: Any, make: Callable[[], T]) -> T:
        """Return what belongs to a key, made if need be."""
        found: T | None = self._kept.get(key)
        return self._made(key, make) if found is None else found

    def _made(self, key: Any, make: Callable[[], T]) -> T:
        made = make()
        if len(self._kept) >= self._most:
            for first in list(self._kept)[:1]:
                self._kept.pop(first, None)
        self._kept[key] = made
        return made
