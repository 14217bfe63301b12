"""Rows of one table, each valid on its own and apart from the others where it must be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from asbuilt.seed.columns import null_share
from asbuilt.seed.conditions import Atom
from asbuilt.seed.dice import Dice
from asbuilt.seed.expressions import Column, columns
from asbuilt.seed.limits import Limits, Row, alone, choose, combine
from asbuilt.seed.recipe import ColumnPlan, Key, Recipe, Unique
from asbuilt.seed.sql import DEFAULT
from asbuilt.seed.values import Wanted, make

Pool = Sequence[tuple[str | None, ...]]
Pools = dict[tuple[str, tuple[str, ...]], Pool]
_RANDOM_TRIES = 10
_TRIES = 400
_PARENTLESS_TRIES = 40


@dataclass
class Maker:
    """Makes rows by number. `pools` are the keys that stand in other tables; `seen` what is taken already."""

    recipe: Recipe
    seed: int
    pools: Pools
    late: frozenset[str] = frozenset()
    seen: dict[Unique, set[tuple[str, ...]]] = field(default_factory=dict)
    single: frozenset[str] = field(init=False)
    one_to_one: frozenset[str] = field(init=False)
    _dice: Callable[[int, int], Dice] = field(init=False)
    _columns: dict[str, tuple[Callable[[int, int], Dice], int]] = field(init=False)
    _ordered_keys: list[Key] = field(init=False)

    def __post_init__(self) -> None:
        uniques, name = self.recipe.uniques, self.recipe.name
        self._dice = Dice.family(self.seed, name)
        self._columns = {
            c.name: (Dice.family(self.seed, name, c.name), null_share(c.name)) for c in self.recipe.columns
        }
        written = [key for key in self.recipe.keys if set(key.columns) <= self.recipe.written]
        self._ordered_keys = sorted(written, key=lambda key: key.is_nullable)
        self.single = frozenset(u.columns[0] for u in uniques if len(u.columns) == 1) | self.recipe.spread
        self.one_to_one = frozenset(
            key.name
            for key in self.recipe.keys
            if any(set(u.columns) <= set(key.columns) for u in uniques if u.columns)
        )
        self.seen.update({u: set() for u in uniques if u not in self.seen})

    def row(self, number: int, *, salt: int = 0) -> Row | None:
        """Return a row that differs from all before where it must; None where there is none (any more)."""
        for attempt in range(salt, salt + _TRIES):
            row = self.draft(number, attempt)
            if row is None and attempt > salt + _PARENTLESS_TRIES:
                return None
            if row is not None and self.is_new(row):
                self.take(row)
                return row
        return None

    def draft(self, number: int, attempt: int) -> Row | None:
        """Return a row that keeps to checks and keys; None where a key has nothing to point at."""
        dice = self._dice(number, attempt)
        atoms = choose(self.recipe.checks, dice)
        limits = alone(atoms)
        row = self._keys(limits, dice, number, attempt)
        if row is None:
            return None
        relates = _related(atoms)
        for column in self.recipe.columns:
            if column.name in row:
                continue
            bounds = combine(_about(atoms, column.name), row) if column.name in relates else limits
            row[column.name] = self._value(column, bounds.get(column.name) or Limits(), number, attempt)
        self._point_at_itself(row)
        return row

    def is_new(self, row: Row) -> bool:
        """Tell whether no row before has the same where it must not."""
        return all(key is None or key not in self.seen[unique] for unique, key in self._unique_keys(row))

    def take(self, row: Row) -> None:
        """Remember what may not come again."""
        for unique, key in self._unique_keys(row):
            if key is not None:
                self.seen[unique].add(key)

    def _unique_keys(self, row: Row) -> Iterator[tuple[Unique, tuple[str, ...] | None]]:
        for unique in self.recipe.uniques:
            values = [row.get(name) for name in unique.columns]
            if any(v == DEFAULT for v in values) or not unique.columns or not set(unique.columns) <= row.keys():
                continue
            if None in values and not unique.counts_null:
                yield unique, None
            else:
                yield unique, tuple((v or "").lower() for v in values)

    def _keys(self, limits: dict[str, Limits], dice: Dice, number: int, attempt: int) -> Row | None:
        row: Row = {}
        turn = number + max(0, attempt - _RANDOM_TRIES)
        for key in self._ordered_keys:
            if self._stays_null(key, limits, dice):
                row.update({name: None for name in key.columns if name not in row and self._may_be_null(name)})
                continue
            pool = self._pool(key, row)
            if not pool:
                is_own = self._is_on_itself(key)
                if not key.is_nullable and not is_own:
                    return None
                bare = is_own and not key.is_nullable
                row.update({n: None for n in key.columns if n not in row and (bare or self._may_be_null(n))})
                continue
            if key.name in self.one_to_one:
                chosen = pool[(number + attempt) % len(pool)]
            elif attempt < _RANDOM_TRIES:
                chosen = pool[dice.below(len(pool))]
            else:
                turn, slot = divmod(turn, len(pool))
                chosen = pool[slot]
            row.update(zip(key.columns, chosen, strict=True))
        return row

    def _pool(self, key: Key, row: Row) -> Pool:
        pool = self.pools.get((key.target, key.target_columns), [])
        fixed = [(i, row[name]) for i, name in enumerate(key.columns) if name in row]
        return [p for p in pool if all(p[i] == value for i, value in fixed)] if fixed else pool

    def _stays_null(self, key: Key, limits: dict[str, Limits], dice: Dice) -> bool:
        known = [limits[name] for name in key.columns if name in limits]
        if key.name in self.late or any(limit.is_null for limit in known):
            return True
        return key.is_nullable and not any(limit.is_required for limit in known) and dice.happens(12)

    def _may_be_null(self, name: str) -> bool:
        return any(c.name == name and c.is_nullable for c in self.recipe.columns)

    def _is_on_itself(self, key: Key) -> bool:
        return key.target == self.recipe.name

    def _point_at_itself(self, row: Row) -> None:
        """Let a row whose key to its own table may not be null, and found nobody, point at itself."""
        for key in self.recipe.keys:
            if self._is_on_itself(key) and not key.is_nullable and row.get(key.columns[0]) is None:
                row.update(
                    {name: row.get(target) for name, target in zip(key.columns, key.target_columns, strict=True)}
                )

    def _value(self, column: ColumnPlan, limits: Limits, number: int, attempt: int) -> str | None:
        family, null_share = self._columns[column.name]
        dice = family(number, attempt)
        if limits.is_null or (column.is_nullable and not limits.is_required and dice.happens(null_share)):
            return None
        own = number + attempt if column.name in self.single or attempt >= _RANDOM_TRIES else None
        value = make(Wanted(self.recipe.name, column.name, column.kind, limits, number, own), dice)
        if value is None and not column.is_nullable:
            return DEFAULT
        return value


@lru_cache(maxsize=4096)
def _related(atoms: tuple[Atom, ...]) -> frozenset[str]:
    """Return the columns that are compared with others."""
    others = (name for a in atoms if isinstance(a.other, Column) for name in columns(a.other))
    return frozenset({*others, *(a.column for a in atoms if a.kind == "compare")})


@lru_cache(maxsize=4096)
def _about(atoms: tuple[Atom, ...], column: str) -> tuple[Atom, ...]:
    """Return the atoms that bound a column, from either side."""
    return tuple(a for a in atoms if a.column == column or (isinstance(a.other, Column) and a.other.name == column))
