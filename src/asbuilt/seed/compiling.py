"""A recipe made into makers of columns, where its rows can be made without a look at one another."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from asbuilt.seed.blocks import Blocks, Shape, Variant
from asbuilt.seed.columns import Maker, column_maker
from asbuilt.seed.conditions import Atom
from asbuilt.seed.counting import Counting, Counts
from asbuilt.seed.dice import Dice
from asbuilt.seed.expressions import Column, columns
from asbuilt.seed.limits import Limits, alone, choose, is_consistent
from asbuilt.seed.measures import measure_of
from asbuilt.seed.recipe import ColumnPlan, Key, Recipe
from asbuilt.seed.sums import relations

_MOST_VARIANTS = 64
_LESS = Limits()


def compiled(
    recipe: Recipe, sizes: Mapping[str, int], late: frozenset[str] = frozenset(), covering: frozenset[str] = frozenset()
) -> Shape | None:
    """Return how the rows of a table are made column by column; None where that takes a look at other rows.

    `sizes` are how many rows each key points at, by the key's name.
    """
    keys = _keys(recipe, late)
    ways = list(_ways(recipe))
    if recipe.spread or keys is None or not ways:
        return None
    apart = _apart(recipe.name, keys, ways)
    if apart is None or not _keeps_unique_apart(recipe, ways):
        return None
    pairs = frozenset(frozenset((*one.columns, *other.columns)) for one, other in apart)
    known = {key.name: sizes[key.name] for key in keys if key.target != recipe.name and key.name not in late}
    counts = Counting(recipe, alone(ways[0]), known, pairs).counts()
    if counts is None:
        return None
    variants = [_variant(recipe, keys, atoms, counts) for atoms in ways]
    found = tuple(variant for variant in variants if variant is not None)
    if len(found) < len(variants) or len({tuple(name for name, _ in variant.makers) for variant in found}) > 1:
        return None
    shape = Shape(recipe, found, keys, counts, late, apart, covering)
    return shape if _own_keys_are_known(shape) else None


def _keys(recipe: Recipe, late: frozenset[str]) -> tuple[Key, ...] | None:
    """Return the keys that are written as such; None where one shares a column with another, or is empty only in part."""
    nullable = {column.name for column in recipe.columns if column.is_nullable}
    written = [key for key in recipe.keys if set(key.columns) <= recipe.written]
    keys = tuple(key for key in written if key.is_nullable or key.name not in late)
    names = [name for key in keys for name in key.columns]
    if len(set(names)) < len(names):
        return None
    is_mixed = any(key.is_nullable and not set(key.columns) <= nullable for key in keys)
    return None if is_mixed else keys


def _ways(recipe: Recipe) -> Iterator[tuple[Atom, ...]]:
    """Yield ways to keep all checks, each of them possible, the same ones always."""
    if prod(len(check) for check in recipe.checks) > 4 * _MOST_VARIANTS:
        drawn = (choose(recipe.checks, Dice(recipe.name, number)) for number in range(_MOST_VARIANTS))
        yield from (way for way in dict.fromkeys(drawn) if is_consistent(way))
        return
    found = (tuple(atom for way in chosen for atom in way) for chosen in product(*recipe.checks))
    possible = [way for way in dict.fromkeys(found) if is_consistent(way)]
    yield from possible[:_MOST_VARIANTS]


def _apart(table: str, keys: Sequence[Key], ways: Sequence[Sequence[Atom]]) -> tuple[tuple[Key, Key], ...] | None:
    """Return the pairs of keys that may not point at the same row; None where keys are compared in another way."""
    by_column = {name: key for key in keys for name in key.columns}
    own = [key for key in keys if key.target == table]
    found: dict[tuple[str, str], tuple[Key, Key]] = {}
    for atom in {
        atom for way in ways for atom in way if atom.column in by_column or columns(atom.other) & by_column.keys()
    }:
        if atom.kind in ("null", "not null"):
            continue
        one, other = by_column.get(atom.column), None
        if _points_back(own, atom):
            continue
        if isinstance(atom.other, Column):
            other = by_column.get(atom.other.name)
        if atom.op != "<>" or one is None or other is None or one == other or not _are_alike(one, other):
            return None
        first, second = sorted((one, other), key=lambda key: keys.index(key))
        found[first.name, second.name] = first, second
    return tuple(found[names] for names in sorted(found))


def _points_back(keys: Sequence[Key], atom: Atom) -> bool:
    """Tell whether the atom says that no row points at itself, which none does whose key points at an earlier one."""
    if atom.op != "<>" or not isinstance(atom.other, Column):
        return False
    sides = {atom.column, atom.other.name}
    return any(
        {name, target} == sides
        for key in keys
        if key.is_nullable
        for name, target in zip(key.columns, key.target_columns, strict=True)
    )


def _are_alike(one: Key, other: Key) -> bool:
    return (one.target, one.target_columns, len(one.columns)) == (other.target, other.target_columns, 1)


def _keeps_unique_apart(recipe: Recipe, ways: Sequence[tuple[Atom, ...]]) -> bool:
    """Tell whether what has to be unique is bound in the same way for all rows, or is empty."""
    written = [unique.columns for unique in recipe.uniques if set(unique.columns) <= recipe.written]
    names = {name for columns in written for name in columns}
    known = [alone(way) for way in ways]
    for name in names:
        bounds = [replace(limits.get(name) or _LESS, is_null=False, is_required=False) for limits in known]
        if any(one != bounds[0] for one in bounds):
            return False
    return True


def _variant(recipe: Recipe, keys: Sequence[Key], atoms: tuple[Atom, ...], counts: Counts) -> Variant | None:
    limits = alone(atoms)
    pointing = {name for key in keys for name in key.columns}
    measures = {c.name: m for c in recipe.columns if c.name not in pointing and (m := measure_of(c.kind)) is not None}
    makers: list[tuple[str, Maker]] = []
    for column in (c for c in recipe.columns if c.name not in pointing):
        before = [name for name, _ in makers]
        bound = relations(column.name, atoms, before, measures)
        count = counts.columns.get(column.name)
        own = limits.get(column.name) or _LESS
        maker = None if bound is None else column_maker(recipe.name, column, own, bound, count)
        if maker is None and (bound or bound is None or not _is_left_out(column)):
            return None
        if maker is not None:
            makers.append((column.name, maker))
    return Variant(tuple(makers), limits)


def _is_left_out(column: ColumnPlan) -> bool:
    """Tell whether the server fills in what cannot be made."""
    return column.has_default


def _own_keys_are_known(shape: Shape) -> bool:
    own = [key for key in shape.keys if key.target == shape.recipe.name and key.name not in shape.late]
    return all(Blocks(shape, 0, {}).keys_made(key.target_columns, 1) is not None for key in own)
