"""Rows of a table made column by column, each block a function of the seed and of its number alone."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from asbuilt.seed import pointing
from asbuilt.seed.columns import Maker, counter_of
from asbuilt.seed.counting import Counts
from asbuilt.seed.limits import Limits
from asbuilt.seed.lots import Lot, lots
from asbuilt.seed.parents import KeyValues, MadeKeys
from asbuilt.seed.recipe import Key, Recipe
from asbuilt.seed.sql import NULL
from asbuilt.seed.sums import Wholes

Pools = Mapping[tuple[str, tuple[str, ...]], Sequence[KeyValues]]
Columns = dict[str, list[str]]
_EVER = 1 << 62


@dataclass(frozen=True)
class Variant:
    """One way in which rows keep all checks: makers by column, in the order of their making, and the limits of each."""

    makers: tuple[tuple[str, Maker], ...]
    limits: Mapping[str, Limits]

    def is_null(self, names: Iterable[str]) -> bool:
        return any(self.limits[name].is_null for name in names if name in self.limits)

    def is_required(self, names: Iterable[str]) -> bool:
        return any(self.limits[name].is_required for name in names if name in self.limits)


@dataclass(frozen=True)
class Shape:
    """How the rows of a table are made, whatever they point at: `keys` are written as keys, `late` stay empty until the end.

    `apart` are pairs of keys that may not point at the same row, `covering` those by which every row is pointed at.
    """

    recipe: Recipe
    variants: tuple[Variant, ...]
    keys: tuple[Key, ...]
    counts: Counts
    late: frozenset[str] = frozenset()
    apart: tuple[tuple[Key, Key], ...] = ()
    covering: frozenset[str] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that it gives."""
        made = {name for name, _ in self.variants[0].makers} | {name for key in self.keys for name in key.columns}
        return tuple(column.name for column in self.recipe.columns if column.name in made)


@dataclass(frozen=True)
class Blocks:
    """Makes the rows of a table; `begin` is the number of the first one."""

    shape: Shape
    seed: int
    pools: Pools
    begin: int = 0

    @property
    def name(self) -> str:
        return self.shape.recipe.name

    def lots(self, first: int, count: int) -> Iterator[Lot]:
        """Yield `count` rows from number `first` on, as they are made together."""
        return lots(self.seed, self.name, first, count)

    def columns(self, lot: Lot) -> Columns:
        """Return the values of a lot's rows by column, as COPY takes them."""
        variants = self.shape.variants
        if len(variants) == 1:
            return self._made(variants[0], lot)
        taken = [chance % len(variants) for chance in lot.dice("variant")]
        found: Columns = {name: [NULL] * len(lot) for name in self.shape.names}
        for number, variant in enumerate(variants):
            chosen = [place for place, turn in enumerate(taken) if turn == number]
            for name, texts in self._made(variant, lot.only(chosen)).items() if chosen else ():
                whole = found[name]
                for place, text in zip(chosen, texts, strict=True):
                    whole[place] = text
        return found

    def _made(self, variant: Variant, lot: Lot) -> Columns:
        found: Columns = {}
        wholes: Wholes = {}
        places = self._places(variant, lot)
        for name, maker in variant.makers:
            found[name] = maker(lot, wholes)
        for key in self.shape.keys:
            found.update(zip(key.columns, self._pointing(key, places[key.name], lot, found), strict=True))
        return found

    def _places(self, variant: Variant, lot: Lot) -> dict[str, pointing.Places]:
        found = {key.name: self._place(key, variant, lot) for key in self.shape.keys}
        for pair in self.shape.apart:
            one, other = sorted(pair, key=lambda key: key.name not in self.shape.counts.keys)
            if other.name not in self.shape.counts.keys:
                size = len(self._pool(other))
                found[other.name] = pointing.apart(found[other.name], found[one.name], size)
        return found

    def _place(self, key: Key, variant: Variant, lot: Lot) -> pointing.Places:
        if key.name in self.shape.late or variant.is_null(key.columns):
            return [None] * len(lot)
        counted = self.shape.counts.keys.get(key.name)
        places: pointing.Places
        if key.target == self.name:
            places = pointing.before(lot, key.name, self.begin)
        elif counted is not None:
            places = pointing.within(counted.of(lot.numbers), len(self._pool(key)))
            return places
        else:
            is_covering = key.name in self.shape.covering
            places = pointing.drawn(lot, key.name, len(self._pool(key)), is_covering=is_covering)
        is_optional = key.is_nullable and not variant.is_required(key.columns)
        return pointing.some_left_out(lot, key.name, places) if is_optional else places

    def _pool(self, key: Key) -> Sequence[KeyValues]:
        if key.target == self.name and key.name not in self.shape.late:
            return self.keys_made(key.target_columns, _EVER) or ()
        return self.pools.get((key.target, key.target_columns), ())

    def _pointing(self, key: Key, places: pointing.Places, lot: Lot, found: Columns) -> list[list[str]]:
        columns = pointing.pointing(self._pool(key), places, len(key.columns))
        if key.target == self.name and not key.is_nullable:
            own = [found[name] for name in key.target_columns]
            pairs = zip(columns, own, strict=True)
            return [[o if t == NULL else t for t, o in zip(texts, theirs, strict=True)] for texts, theirs in pairs]
        return columns

    def keys_made(self, names: Sequence[str], count: int) -> MadeKeys | None:
        """Return the keys of the first `count` rows; None where they are not worked out from a row's number alone."""
        makers = [maker for name in names if (maker := self._counted(name)) is not None]
        if len(makers) < len(names):
            return None
        return MadeKeys(lambda numbers: [maker(numbers) for maker in makers], count)

    def _counted(self, name: str) -> Callable[[Sequence[int]], list[str]] | None:
        column = next((c for c in self.shape.recipe.columns if c.name == name), None)
        count = self.shape.counts.columns.get(name)
        if column is None or column.is_nullable or count is None:
            return None
        limits = self.shape.variants[0].limits.get(name) or Limits()
        counter = counter_of(self.name, column, limits, count)
        lot = Lot(self.seed, self.name, 0, range(0))
        return None if counter is None or counter.is_drawn else lambda numbers: counter.texts(lot, count.of(numbers))
