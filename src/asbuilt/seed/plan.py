"""What will be seeded, in which order, and what cannot be."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from asbuilt.engines.state import DatabaseState
from asbuilt.model.types import Family
from asbuilt.seed.compiling import compiled
from asbuilt.seed.counting import PLENTY
from asbuilt.seed.recipe import Key, Recipe, recipe
from asbuilt.seed.texts import is_password
from asbuilt.seed.words import PASSWORD


@dataclass(frozen=True)
class TablePlan:
    """Rows for one table. `late` are keys that are filled in afterwards, because what they point at comes later.

    By the keys named in `covering` every row of their target is pointed at.
    """

    recipe: Recipe
    rows: int
    late: tuple[Key, ...] = ()
    covering: frozenset[str] = frozenset()


@dataclass(frozen=True)
class SeedPlan:
    """Tables in an order in which their keys find what they point at; `problems` say what cannot be."""

    seed: int
    tables: tuple[TablePlan, ...]
    problems: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(table.rows for table in self.tables)

    @property
    def password(self) -> str:
        """The password whose hashes are written; empty where none are."""
        written = ((table.recipe.name, c) for table in self.tables if table.rows for c in table.recipe.columns)
        has_any = any(c.kind.family == Family.STRING and is_password(name, c.name) for name, c in written)
        return PASSWORD if has_any else ""


def plan(
    state: DatabaseState,
    rows: Mapping[str, int] | int,
    seed: int = 1,
    standing: Mapping[str, int] | None = None,
    covering: Collection[tuple[str, str]] = (),
) -> SeedPlan:
    """Return the plan for `rows` rows a table (or by table's name); partitions are filled through their parent.

    `standing` are the rows that are known to be there. `covering` are pairs of tables: by the keys of the first every row of the
    second is pointed at, if there are enough.
    """
    wanted = {
        name: rows if isinstance(rows, int) else rows.get(name, 0)
        for name, table in state.tables.items()
        if table.partition_bound is None and table.kind != "foreign table"
    }
    recipes = {name: recipe(state, state.tables[name]) for name, count in wanted.items() if count > 0}
    tables, problems = [], []
    placed: set[str] = set()
    stood = standing or {}
    sizes = {name: wanted[name] + stood.get(name, 0) for name in recipes}
    sizes |= {name: rows for name, rows in stood.items() if rows and name not in sizes}
    for name in order(recipes):
        one = recipes[name]
        late = _late(one, placed, recipes)
        placed.add(name)
        possible, problem = _possible(one, wanted[name], sizes, frozenset(key.name for key in late))
        lacks = _lacking(one, sizes) if standing is not None else ""
        problems += [p for p in (one.problem, problem, lacks) if p]
        keys = frozenset(key.name for key in one.keys if (name, key.target) in covering)
        tables.append(TablePlan(one, 0 if one.problem else possible, late, keys))
    return SeedPlan(seed, tuple(tables), tuple(problems))


def order(recipes: Mapping[str, Recipe]) -> list[str]:
    """Return the names sorted by their keys; of a cycle the one with the fewest binding keys goes first."""
    left = dict(recipes)
    done: list[str] = []
    while left:
        ready = [name for name, one in left.items() if not _blockers(one.keys, name, left)]
        if not ready:
            ready = [min(left, key=lambda n: (len(_binding(left[n].keys, n, left)), n))]
        for name in ready:
            done.append(name)
            del left[name]
    return done


def _blockers(keys: Iterable[Key], name: str, left: Mapping[str, Recipe]) -> list[Key]:
    return [key for key in keys if key.target in left and key.target != name]


def _binding(keys: Iterable[Key], name: str, left: Mapping[str, Recipe]) -> list[Key]:
    return [key for key in _blockers(keys, name, left) if not key.is_nullable]


def _is_ahead(key: Key, placed: set[str], recipes: Mapping[str, Recipe]) -> bool:
    return key.target in recipes and key.target not in placed


def _late(one: Recipe, placed: set[str], recipes: Mapping[str, Recipe]) -> tuple[Key, ...]:
    """Return the keys that can wait: to tables that come later, and to the table's own numbers.

    A key that may not be empty waits where its check does: it holds a value that nobody has until then.
    """
    ahead = [key for key in one.keys if _is_ahead(key, placed, recipes) and key.target != one.name]
    waits = [key for key in ahead if key.is_nullable or key.is_deferrable]
    own = [k for k in one.keys if k.is_nullable and k.target == one.name and not set(k.target_columns) <= one.written]
    return (*waits, *own)


def _lacking(one: Recipe, sizes: Mapping[str, int]) -> str:
    """Return what rows of a table would have to point at and cannot."""
    for key in one.keys:
        if not key.is_nullable and key.target != one.name and not sizes.get(key.target):
            return f"{one.name} takes no row: {', '.join(key.columns)} must point at {key.target}, which has none"
    return ""


def _possible(one: Recipe, wanted: int, sizes: Mapping[str, int], late: frozenset[str]) -> tuple[int, str]:
    """Return how many rows there can be, and why not as many as wanted."""
    shape = compiled(one, {key.name: sizes.get(key.target, PLENTY) for key in one.keys}, late)
    most = shape.counts.capacity if shape is not None else None
    if shape is None or most is None or most >= wanted:
        return wanted, ""
    names = ", ".join(shape.counts.bounds)
    return most, f"{one.name} takes {most:,} rows, not {wanted:,}: {names} is unique and has {most:,} values"
