"""How to make a row of a table: what an inspected table says, prepared once for any number of rows."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, TableState
from asbuilt.model.names import words
from asbuilt.model.types import Family
from asbuilt.seed.conditions import Atom, Way, ways
from asbuilt.seed.expressions import NOTHING, Call, Column, Const, columns, parse
from asbuilt.seed.kinds import Kind, fills_itself, kind_of

_BEGINS = re.compile(r"\b(created|start|starts|started|begin|begins|from|opened|issued|placed|registered|inserted)\b")
_ENDS = re.compile(
    r"\b(updated|modified|end|ends|ended|until|expires|expired|due|deleted|completed|closed|shipped|delivered|paid|"
    r"finished|last|published|cancelled|resolved|verified)\b"
)
_BOUND = re.compile(r"FROM \((.*)\) TO \((.*)\)", re.DOTALL)
_LITERAL = re.compile(r"'((?:[^']|'')*)'|(MINVALUE|MAXVALUE|-?\d[\d.]*|NULL|true|false)")
_KEY = re.compile(r"^(RANGE|LIST|HASH) \((.*)\)$", re.DOTALL)
_TEMPORAL = (Family.TIMESTAMP, Family.DATE)


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """A column that is written, and the kind of its values."""

    name: str
    kind: Kind
    is_nullable: bool
    has_default: bool
    type: str
    rank: int = 1


@dataclass(frozen=True, slots=True)
class Key:
    """A foreign key: `columns`, of some `types`, take their values from `target_columns` of `target`."""

    name: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    is_nullable: bool
    is_deferrable: bool
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unique:
    """Columns whose values together come once. `counts_null`: inside an expression, where NULL counts as a value."""

    columns: tuple[str, ...]
    counts_null: bool = False


@dataclass(frozen=True)
class Recipe:
    """A table as a generator needs it."""

    table: TableState
    columns: tuple[ColumnPlan, ...]
    checks: tuple[tuple[Way, ...], ...]
    keys: tuple[Key, ...]
    uniques: tuple[Unique, ...]
    spread: frozenset[str] = frozenset()
    problem: str = ""

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def written(self) -> frozenset[str]:
        return frozenset(column.name for column in self.columns)


def recipe(state: DatabaseState, table: TableState) -> Recipe:
    """Return the recipe for `table`."""
    planned = tuple(_column(state, table, c) for c in table.columns if not fills_itself(c))
    bounds, problem = _partitions(state, table)
    checks = [ways(c.expression) for c in table.constraints if c.kind == "check" and c.expression]
    checks += [_of_domain(plan.name, check) for plan in planned for check in plan.kind.checks]
    checks += [(((way,),)) for way in _usual_order(planned)]
    exclusions = [c for c in table.constraints if c.kind == "exclusion"]
    return Recipe(
        table,
        _ordered(planned, checks),
        tuple(checks) + ((bounds,) if bounds else ()),
        tuple(_key(table, c) for c in table.constraints if c.kind == "foreign key"),
        tuple(dict.fromkeys(_uniques(table))),
        frozenset(name for e in exclusions for name in _mentioned(table, e.definition)),
        problem,
    )


def _column(state: DatabaseState, table: TableState, column: ColumnState) -> ColumnPlan:
    kind = kind_of(state, column.type)
    is_nullable = column.is_nullable and not kind.is_required
    return ColumnPlan(column.name, kind, is_nullable, column.default is not None, column.type, _rank(column.name))


def _rank(name: str) -> int:
    text = " ".join(words(name))
    if _ENDS.search(text):
        return 2
    return 0 if _BEGINS.search(text) else 1


def _of_domain(column: str, check: str) -> tuple[Way, ...]:
    return tuple(tuple(replace(atom, column=column) for atom in way) for way in ways(check))


def _usual_order(planned: tuple[ColumnPlan, ...]) -> Iterator[Atom]:
    """Yield what every reader of a row expects of its times: it ends after it began."""
    times = [c for c in planned if c.kind.family in _TEMPORAL and not c.kind.is_array]
    starts = [c for c in times if c.rank == 0]
    for column in times:
        start = next((s for s in starts if s.kind.family == column.kind.family), None)
        if column.rank == 2 and start is not None:
            yield Atom("compare", column.name, ">=", other=Column(start.name))


def _ordered(planned: tuple[ColumnPlan, ...], checks: list[tuple[Way, ...]]) -> tuple[ColumnPlan, ...]:
    """Return the columns in the order of their making: what others are computed from comes first."""
    computed = {
        atom.column: columns(atom.other)
        for check in checks if len(check) == 1
        for atom in check[0] if atom.kind == "compare" and columns(atom.other) and not isinstance(atom.other, Column)
    }  # fmt: skip
    return tuple(sorted(planned, key=lambda c: (c.name in computed, c.rank)))


def _key(table: TableState, constraint: ConstraintState) -> Key:
    found = [table.column(name) for name in constraint.columns]
    is_nullable = any(c is not None and c.is_nullable for c in found)
    return Key(
        constraint.name,
        constraint.columns,
        constraint.target or "",
        constraint.target_columns,
        is_nullable,
        constraint.is_deferrable,
        tuple(c.type for c in found if c is not None),
    )


def _uniques(table: TableState) -> Iterator[Unique]:
    for constraint in table.constraints:
        if constraint.kind in ("primary key", "unique"):
            yield Unique(constraint.columns)
    for index in table.indexes:
        if index.is_unique and not index.backs:
            parsed = [parse(key) for key in index.keys]
            names = dict.fromkeys(name for p in parsed for name in sorted(columns(p)))
            yield Unique(tuple(names), any(not isinstance(p, Column) for p in parsed))


def _mentioned(table: TableState, definition: str) -> Iterator[str]:
    for column in table.columns:
        if re.search(rf"\b{re.escape(column.name)}\b", definition):
            yield column.name


def _partitions(state: DatabaseState, table: TableState) -> tuple[tuple[Way, ...], str]:
    """Return the ways to fall into a partition, and what is wrong where there is none."""
    if table.partition_key is None:
        return (), ""
    children = [t for t in state.tables.values() if table.name in t.parents and t.partition_bound is not None]
    if not children:
        return (), f"{table.name} has no partition to hold a row"
    found = [way for child in children for way in _bounds(state, table.partition_key, child)]
    is_free = not found or any(not way for way in found)
    return ((), "") if is_free else (tuple(found), "")


def _bounds(state: DatabaseState, key: str, child: TableState) -> Iterator[Way]:
    found = _KEY.match(key)
    bound = child.partition_bound or ""
    parts = parse(f"ARRAY[{found[2]}]") if found else NOTHING
    names = [sorted(columns(part)) for part in parts.args] if isinstance(parts, Call) else []
    if not found or not names or any(len(n) != 1 for n in names) or found[1] == "HASH" or bound == "DEFAULT":
        return
    inner = _partitions(state, child)[0] or ((),)
    for way in inner:
        yield (*_bound_atoms([n[0] for n in names], found[1], bound), *way)


def _bound_atoms(names: list[str], strategy: str, bound: str) -> Way:
    if strategy == "LIST":
        return (Atom("one of", names[0], values=tuple(_literals(bound))),)
    found = _BOUND.search(bound)
    low, high = (list(_literals(found[1])), list(_literals(found[2]))) if found else ([], [])
    required = tuple(Atom("not null", name) for name in names)
    return (*_range_atoms(names, low, high), *required)


def _range_atoms(names: list[str], low: list[str], high: list[str]) -> Iterator[Atom]:
    """Yield what lies in a range: of several columns, the first stay at its lower end, and the next one decides."""
    for name, least, most in zip(names, low, high, strict=False):
        if least == most:
            yield Atom("one of", name, values=(least,))
            continue
        is_last = name == names[-1] or least == "MINVALUE"
        if least != "MINVALUE" and not is_last:
            yield Atom("one of", name, values=(least,))
            following = names[names.index(name) + 1 :]
            yield from _range_atoms(following, low[len(names) - len(following) :], ["MAXVALUE"] * len(following))
            return
        if least != "MINVALUE":
            yield Atom("compare", name, ">=", other=Const(least))
        if most != "MAXVALUE":
            yield Atom("compare", name, "<", other=Const(most))
        return


def _literals(text: str) -> Iterator[str]:
    for quoted, bare in _LITERAL.findall(text):
        yield quoted.replace("''", "'") if quoted or not bare else bare
