"""The near cache: what this process keeps by itself, bounded in bytes.

What goes when there is no room is chosen by SIEVE (Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024): a queue, and a hand
that passes over what was read since it last came by. A hit only sets a mark, so reads need no lock.
"""

import sys
from collections.abc import Hashable
from threading import Lock
from typing import Any

_PLACES = 320
"""Bytes that an entry takes besides its key and value: its slots, and its places in two dictionaries."""
_LARGEST = 8
"""An entry may take this part of the whole at most."""


class Entry:
    """A kept value. `expires` and `fresh` are in seconds of the monotonic clock: it is recomputed early from `fresh` on, at times.

    `made` is what a reader has made of the value, for the next one; None: nothing.
    """

    __slots__ = (
        "alias",
        "delta",
        "expires",
        "fresh",
        "group",
        "is_seen",
        "key",
        "made",
        "newer",
        "nonce",
        "older",
        "size",
        "value",
    )

    def __init__(
        self, group: "Group", key: str, alias: Hashable, value: bytes | None, expires: float, delta: float, nonce: bytes
    ) -> None:
        self.group = group
        self.key = key
        self.alias = alias
        self.value = value
        self.expires = expires
        self.delta = delta
        self.fresh = expires - 20 * delta
        self.nonce = nonce
        self.made: Any = None
        self.size = _PLACES + sys.getsizeof(key) + (sys.getsizeof(value) if value is not None else 0)
        self.is_seen = False
        self.newer: Entry | None = None
        self.older: Entry | None = None


class Group:
    """All keys of one pattern. They go together by a new group taking this one's place."""

    __slots__ = ("is_gone",)

    def __init__(self) -> None:
        self.is_gone = False


class Near:
    """Entries by their key, and by the values that they were first read with: the short way."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self.evicted = 0
        self._by_key: dict[str, Entry] = {}
        self.by_alias: dict[Hashable, Entry] = {}
        self._groups: dict[str, Group] = {}
        self._newest: Entry | None = None
        self._oldest: Entry | None = None
        self._hand: Entry | None = None
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._by_key)

    def get(self, key: str, now: float) -> Entry | None:
        """Return what is kept under a key, None where nothing is, or not any more."""
        entry = self._by_key.get(key)
        if entry is None:
            return None
        if entry.expires <= now or entry.group.is_gone:
            self.drop(key)
            return None
        entry.is_seen = True
        return entry

    def put(
        self,
        pattern: str,
        key: str,
        value: bytes | None,
        expires: float,
        *,
        alias: Hashable = None,
        delta: float = 0.0,
        nonce: bytes = b"",
    ) -> bool:
        """Keep a value; return False where it is too large to be kept."""
        with self._lock:
            if key in self._by_key:
                self._remove(self._by_key[key])
            group = self._groups.get(pattern)
            if group is None:
                group = self._groups[pattern] = Group()
            entry = Entry(group, key, alias, value, expires, delta, nonce)
            if entry.size * _LARGEST > self.most:
                return False
            while self.size + entry.size > self.most:
                self._evict()
            self._add(entry)
            return True

    def grow(self, entry: Entry, made: Any, size: int) -> None:
        """Keep what was made of a value beside it, `size` bytes, as long as there is room for it."""
        with self._lock:
            if entry.made is None and self._by_key.get(entry.key) is entry and self.size + size <= self.most:
                entry.made = made
                entry.size += size
                self.size += size

    def drop(self, key: str) -> None:
        with self._lock:
            entry = self._by_key.get(key)
            if entry is not None:
                self._remove(entry)

    def drop_group(self, pattern: str) -> None:
        """Let all keys of a pattern go. They make room when they are next looked for, or by and by."""
        with self._lock:
            group = self._groups.pop(pattern, None)
            if group is not None:
                group.is_gone = True

    def clear(self) -> None:
        with self._lock:
            for group in self._groups.values():
                group.is_gone = True
            self._groups.clear()
            self._by_key.clear()
            self.by_alias.clear()
            self._newest = self._oldest = self._hand = None
            self.size = 0

    def prune(self, now: float) -> int:
        """Take out what is no longer of use; return how many there were."""
        with self._lock:
            gone = [entry for entry in self._by_key.values() if entry.expires <= now or entry.group.is_gone]
            for entry in gone:
                self._remove(entry)
            return len(gone)

    def _add(self, entry: Entry) -> None:
        self._by_key[entry.key] = entry
        if entry.alias is not None:
            self.by_alias[entry.alias] = entry
        entry.older = self._newest
        if self._newest is not None:
            self._newest.newer = entry
        self._newest = entry
        if self._oldest is None:
            self._oldest = entry
        self.size += entry.size

    def _remove(self, entry: Entry) -> None:
        del self._by_key[entry.key]
        if self.by_alias.get(entry.alias) is entry:
            del self.by_alias[entry.alias]
        if self._hand is entry:
            self._hand = entry.newer
        if entry.newer is not None:
            entry.newer.older = entry.older
        else:
            self._newest = entry.older
        if entry.older is not None:
            entry.older.newer = entry.newer
        else:
            self._oldest = entry.newer
        self.size -= entry.size

    def _evict(self) -> None:
        """Move the hand on from old to new until it finds what nobody has read since it last came by, and take that out."""
        entry = self._hand or self._oldest
        while entry is not None and entry.is_seen and not entry.group.is_gone:
            entry.is_seen = False
            entry = entry.newer or self._oldest
        if entry is not None:
            self._hand = entry
            self._remove(entry)
            self.evicted += 1
