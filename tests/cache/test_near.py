"""The near cache: never larger than it may be, whatever is done to it, and true to a dictionary."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from asbuilt.cache.near import Near

KEYS = st.integers(0, 12).map(lambda n: f"k{n}")


class Behaving(RuleBasedStateMachine):
    """Beside it a dictionary that forgets nothing: what the near cache has, it has too."""

    @initialize(most=st.integers(3000, 20000))
    def begin(self, most: int) -> None:
        self.near = Near(most)
        self.all: dict[str, tuple[str, bytes | None, float]] = {}
        self.now = 0.0

    @rule(
        key=KEYS, group=st.sampled_from(["a", "b"]), value=st.none() | st.binary(max_size=2000), ttl=st.floats(0.1, 5)
    )
    def put(self, key: str, group: str, value: bytes | None, ttl: float) -> None:
        kept = self.near.put(group, key, value, self.now + ttl, alias=(group, key))
        self.all.pop(key, None)
        if kept:
            self.all[key] = (group, value, self.now + ttl)

    @rule(key=KEYS)
    def get(self, key: str) -> None:
        entry = self.near.get(key, self.now)
        known = self.all.get(key)
        if entry is not None:
            assert known is not None
            assert known[1:] == (entry.value, entry.expires)
            assert entry.expires > self.now

    @rule(key=KEYS)
    def drop(self, key: str) -> None:
        self.near.drop(key)
        self.all.pop(key, None)

    @rule(group=st.sampled_from(["a", "b"]))
    def drop_group(self, group: str) -> None:
        self.near.drop_group(group)
        self.all = {key: known for key, known in self.all.items() if known[0] != group}

    @rule(seconds=st.floats(0, 2))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def prune(self) -> None:
        self.near.prune(self.now)
        assert all(not e.group.is_gone and e.expires > self.now for e in self.near._by_key.values())

    @rule()
    def clear(self) -> None:
        self.near.clear()
        self.all.clear()

    @invariant()
    def is_whole(self) -> None:
        if not hasattr(self, "near"):
            return
        near = self.near
        assert 0 <= near.size <= near.most
        assert near.size == sum(entry.size for entry in near._by_key.values())
        forward, entry = [], near._oldest
        while entry is not None:
            forward.append(entry.key)
            assert entry.newer is None or entry.newer.older is entry
            entry = entry.newer
        assert sorted(forward) == sorted(near._by_key)
        assert set(near.by_alias.values()) == set(near._by_key.values())


TestBehaving: Any = Behaving.TestCase
TestBehaving.settings = settings(max_examples=60, stateful_step_count=40)


def test_what_is_read_again_and_again_outlives_what_passes_by() -> None:
    near = Near(40_000)
    hot = [f"hot{n}" for n in range(10)]
    for key in hot:
        near.put("g", key, b"x" * 100, 1e9)
    for number in range(2000):
        near.put("g", f"once{number}", b"x" * 100, 1e9)
        near.get(hot[number % 10], 0)
    assert all(near.get(key, 0) for key in hot)
    assert near.evicted > 1500


def test_what_is_too_large_is_not_kept() -> None:
    near = Near(8000)
    near.put("g", "k", b"old", 1e9)
    assert not near.put("g", "k", b"x" * 2000, 1e9)
    assert near.get("k", 0) is None
    assert near.size == 0


def test_a_reckoned_size_is_near_the_real_one() -> None:
    import tracemalloc

    near = Near(1 << 30)
    tracemalloc.start()
    for number in range(5000):
        key = f"user:{number:036}"
        near.put("g", key, bytes(150), 1e9, alias=("g", (number,)))
    real, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.7 < near.size / real < 1.5
