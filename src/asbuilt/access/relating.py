"""The ways between tables: what a foreign key leads to, what leads back, and what a table between joins."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import permutations

from asbuilt.access.schema import Relation
from asbuilt.engines.state import ConstraintState, TableState
from asbuilt.model.names import singular, words

_POINTING = re.compile(r"(?<=.)(?:_?(?:id|uuid|key|fk|ref)|Id|ID|Uuid|Ref)$")


def relations_of(tables: dict[str, TableState], accessors: dict[str, str]) -> dict[str, tuple[Relation, ...]]:
    """Return the relations of each table, each under a name of its own there."""
    found: dict[str, list[tuple[list[str], Relation]]] = {name: [] for name in tables}
    for name, table in tables.items():
        keys = [key for key in table.constraints if key.kind == "foreign key" and key.target in tables]
        pointing = Counter(key.target for key in keys)
        for key in keys:
            target = str(key.target)
            found[name].append(_one(key, table, accessors[target]))
            found[target].append(_back(key, table, accessors, is_alone=pointing[target] == 1))
        for into, out in _joined(table, keys):
            found[str(into.target)].append(_across(table, into, out, accessors))
    return {name: tuple(_named(relations, tables[name])) for name, relations in found.items()}


def _one(key: ConstraintState, table: TableState, target: str) -> tuple[list[str], Relation]:
    """Return the names that suit what a foreign key points at, the best first, and the relation."""
    own = _POINTING.sub("", key.columns[0]) if len(key.columns) == 1 else ""
    names = [name for name in (own, _single(target)) if name]
    is_optional = any(column.is_nullable for column in table.columns if column.name in key.columns)
    pairs = tuple(zip(key.columns, key.target_columns, strict=True))
    return names, Relation("", str(key.target), is_many=False, pairs=pairs, is_optional=is_optional)


def _back(
    key: ConstraintState, table: TableState, accessors: dict[str, str], *, is_alone: bool
) -> tuple[list[str], Relation]:
    """Return what leads from the row that is pointed at to those that point at it."""
    child = _short(accessors[table.name], accessors[str(key.target)], set(accessors.values()))
    pairs = tuple(zip(key.target_columns, key.columns, strict=True))
    is_single = any(
        c.kind in ("primary key", "unique") and set(c.columns) <= set(key.columns) for c in table.constraints
    )
    own = _POINTING.sub("", "_".join(key.columns))
    plain = _single(child) if is_single else child
    plain = "children" if own == "parent" and key.target == table.name else plain
    by = f"{plain}_by_{own}"
    names = [plain, by] if is_alone else [by, plain]
    return names, Relation("", table.name, is_many=not is_single, pairs=pairs, is_optional=is_single)


def _short(child: str, parent: str, taken: set[str]) -> str:
    """Return what a parent calls its children: `order_items` are the `items` of an order, unless there are other `items`."""
    short = child.removeprefix(f"{_single(parent)}_")
    return child if short in taken else short


def _joined(table: TableState, keys: list[ConstraintState]) -> Iterator[tuple[ConstraintState, ConstraintState]]:
    """Yield the pairs of foreign keys that a table joins: together they are its primary key."""
    for into, out in permutations(keys, 2):
        if into.target != out.target and {*into.columns, *out.columns} == set(table.primary_key):
            yield into, out


def _across(
    table: TableState, into: ConstraintState, out: ConstraintState, accessors: dict[str, str]
) -> tuple[list[str], Relation]:
    target = str(out.target)
    relation = Relation(
        "", target, is_many=True, through=table.name,
        pairs=tuple(zip(out.columns, out.target_columns, strict=True)),
        into=tuple(zip(into.target_columns, into.columns, strict=True)),
    )  # fmt: skip
    return [accessors[target], f"{accessors[target]}_by_{accessors[table.name]}"], relation


def _named(relations: list[tuple[list[str], Relation]], table: TableState) -> Iterator[Relation]:
    """Yield the relations, each with the first of its names that neither a column nor another relation has."""
    taken = {column.name for column in table.columns}
    for names, relation in sorted(relations, key=lambda found: found[1].through is not None):
        free = (name for name in (*names, *(f"{names[0]}_{n}" for n in range(2, 99))) if name not in taken)
        name = next(free)
        taken.add(name)
        yield Relation(
            name, relation.target, relation.is_many, relation.pairs, relation.is_optional, relation.through, relation.into
        )  # fmt: skip


def _single(name: str) -> str:
    """Return the singular of a table's name in its own spelling: `order_items` gives `order_item`."""
    last = (words(name) or (name,))[-1]
    single = singular(last)
    return name[: len(name) - len(last)] + single if name.lower().endswith(last) else name
