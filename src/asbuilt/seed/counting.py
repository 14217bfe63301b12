"""Which columns and keys of a table have to be counted rather than drawn, so that no row comes twice."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod

from asbuilt.seed.columns import Count, counter_of
from asbuilt.seed.limits import Limits
from asbuilt.seed.measures import measure_of
from asbuilt.seed.recipe import ColumnPlan, Recipe, Unique

PLENTY = 1 << 40


@dataclass(frozen=True)
class Counts:
    """Counts by column and by key. `capacity` is how many rows there can be; `bounds` is what is unique and has no more values."""

    columns: Mapping[str, Count] = field(default_factory=dict)
    keys: Mapping[str, Count] = field(default_factory=dict)
    capacity: int | None = None
    bounds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """Columns of a unique key that take their value together. `size` values; `is_plain`: counting is seen in them (1, 2, 3)."""

    name: str
    columns: tuple[str, ...]
    size: int
    is_key: bool
    is_plain: bool


@dataclass
class Counting:
    """Finds the counts of a table whose keys point at `sizes` rows."""

    recipe: Recipe
    limits: Mapping[str, Limits]
    sizes: Mapping[str, int]
    apart: frozenset[frozenset[str]] = frozenset()
    found: dict[str, Count] = field(default_factory=dict)
    capacity: int | None = None
    bounds: tuple[str, ...] = ()

    def counts(self) -> Counts | None:
        """Return the counts; None where what must be unique takes a look at the other rows."""
        for unique in sorted(self.recipe.uniques, key=lambda u: len(u.columns)):
            if unique.columns and set(unique.columns) <= self.recipe.written and not self._count(unique):
                return None
        names = {key.name for key in self.recipe.keys}
        columns = {name: count for name, count in self.found.items() if name not in names}
        keys = {name: count for name, count in self.found.items() if name in names}
        return Counts(columns, keys, self.capacity, self.bounds)

    def _count(self, unique: Unique) -> bool:
        parts = list(self._parts(unique))
        if any(self.found.get(part.name) in (Count(), Count(is_folded=True)) and not part.is_key for part in parts):
            return True
        plenty = [part for part in parts if part.size >= PLENTY]
        if len(unique.columns) == 1 or any(not part.is_plain for part in plenty) or len(parts) == 1:
            chosen = next((part for part in plenty if not part.is_plain), parts[0] if parts else None)
            return chosen is not None and self._take([(chosen, Count(is_folded=unique.counts_null))], unique)
        counted = [part for part in parts if part.size < PLENTY and (part.is_key or not plenty)]
        return bool(parts) and self._take(list(self._digits(counted, plenty[:1])), unique)

    def _digits(self, counted: Sequence[_Part], last: Sequence[_Part]) -> Iterator[tuple[_Part, Count]]:
        """Yield parts as the digits of a row's number, the last one without end."""
        divisor = 1
        for place, part in enumerate(counted):
            is_apart = place == 1 and frozenset((*counted[0].columns, *part.columns)) in self.apart
            yield part, Count(divisor, part.size, is_apart=is_apart)
            divisor *= max(1, part.size - is_apart)
        for part in last:
            yield part, Count(divisor)

    def _take(self, chosen: Sequence[tuple[_Part, Count]], unique: Unique) -> bool:
        most = prod(max(0, part.size - count.is_apart) for part, count in chosen)
        is_bounded = most < PLENTY and not self._may_be_null(unique)
        if is_bounded and (self.capacity is None or most < self.capacity):
            self.capacity, self.bounds = most, unique.columns
        return all(self.found.setdefault(part.name, count) == count for part, count in chosen)

    def _may_be_null(self, unique: Unique) -> bool:
        if unique.counts_null or len(unique.columns) > 1:
            return False
        return any(c.is_nullable for c in self.recipe.columns if c.name in unique.columns)

    def _parts(self, unique: Unique) -> Iterator[_Part]:
        """Yield what of a unique key can be counted."""
        pointing = {name for key in self.recipe.keys for name in key.columns}
        for key in self.recipe.keys:
            size = self.sizes.get(key.name, 0)
            if set(key.columns) <= set(unique.columns) and (size or not key.is_nullable) and key.name in self.sizes:
                yield _Part(key.name, key.columns, size, True, False)
        for column in self.recipe.columns:
            if column.name in unique.columns and column.name not in pointing:
                yield from self._part(column)

    def _part(self, column: ColumnPlan) -> Iterator[_Part]:
        counter = counter_of(self.recipe.name, column, self.limits.get(column.name) or Limits(), Count())
        if counter is not None:
            size = PLENTY if counter.capacity is None else counter.capacity
            measure = measure_of(column.kind)
            is_whole = measure is not None and size >= _MOST_ROWS
            yield _Part(column.name, (column.name,), PLENTY if is_whole else size, False, measure is not None)


_MOST_ROWS = 30_000_000
