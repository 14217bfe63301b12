"""Some rows of each table of a live database, and all that these point at."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from asbuilt.engines.base import Row, Session
from asbuilt.engines.postgres.measuring import planned_rows
from asbuilt.engines.postgres.quoting import identifier, literal, relation
from asbuilt.engines.postgres.rows import keyed, written_columns
from asbuilt.engines.state import ConstraintState, DatabaseState, TableState
from asbuilt.errors import ServerRefused

_ROUNDS = 100
"""How often rows that the rows already taken point at are fetched; longer chains of rows are cut."""
_AT_ONCE = 500
_DRAWN, _MARGIN = 1_000, 1.5
"""How many rows at least are drawn from, as whole pages are, and how many times those that are wanted, as pages differ."""


@dataclass
class Sample:
    """Rows of a live database, as text: of each table by their key. `missing` says why those of a table could not be read."""

    state: DatabaseState
    rows: dict[str, dict[Row, Row]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def sampled(live: Session, state: DatabaseState, most: int) -> Sample:
    """Return at most `most` rows of each table, and what they point at: half of them the first, the others from anywhere."""
    sample = Sample(state)
    for name, table in state.tables.items():
        if table.has_own_rows:
            sample.rows[name] = _first_and_others(live, sample, table, most)
    for _ in range(_ROUNDS):
        if not sum(_complete(live, sample, state.tables[name]) for name in list(sample.rows)):
            return sample
    while sum(_cut(sample, state.tables[name]) for name in sample.rows):
        pass
    return sample


def source(table: TableState) -> str:
    """Return what a table's own rows are read from: not those of tables that inherit from it, but those of its partitions."""
    return f"{'' if table.kind == 'partitioned table' else 'ONLY '}{relation(table.name)}"


def _first_and_others(live: Session, sample: Sample, table: TableState, most: int) -> dict[Row, Row]:
    rows = _read(live, sample, table, f" LIMIT {most}")
    if len(rows) < most or table.name in sample.missing:
        return rows
    half = most // 2
    count = max(planned_rows(live, f"SELECT count(*) FROM {source(table)}"), 1)
    share = min(100.0, 100 * _MARGIN * max(half, _DRAWN) / count)
    drawn = _read(live, sample, table, f" TABLESAMPLE SYSTEM ({share:.6f}) REPEATABLE (1) LIMIT {half}")
    kept = dict(list(rows.items())[: most - len(drawn.keys() - rows.keys())])
    return {**kept, **drawn} if len({**kept, **drawn}) <= most else kept


def _read(live: Session, sample: Sample, table: TableState, rest: str) -> dict[Row, Row]:
    listed = ", ".join(f"{identifier(name)}::text" for name in written_columns(table)) or "NULL"
    try:
        with live.attempt():
            rows = live.rows(f"SELECT {listed} FROM {source(table)}{rest}")
    except ServerRefused as refusal:
        sample.missing[table.name] = str(refusal)
        return {}
    return dict(zip(keyed(table, written_columns(table), rows), rows, strict=True))


def _keys(sample: Sample, table: TableState) -> Iterator[tuple[ConstraintState, TableState]]:
    """Yield the foreign keys of a table to tables of which rows are taken."""
    for key in table.constraints:
        target = sample.state.tables.get(key.target or "")
        if key.kind == "foreign key" and target is not None and target.name in sample.rows:
            yield key, target


def _complete(live: Session, sample: Sample, table: TableState) -> bool:
    """Fetch the rows that those taken of a table point at and that were not taken; tell whether there were any."""
    is_new = False
    for key, target in _keys(sample, table):
        for few in _in_parts(sorted(_lacking(sample, table, key, target))):
            listed = ", ".join(f"({', '.join(literal(value) for value in values)})" for values in few)
            columns = ", ".join(identifier(name) for name in key.target_columns)
            rows = _read(live, sample, target, f" WHERE ({columns}) IN ({listed})")
            is_new = is_new or bool(rows.keys() - sample.rows[target.name].keys())
            sample.rows[target.name].update(rows)
    return is_new


def _lacking(sample: Sample, table: TableState, key: ConstraintState, target: TableState) -> set[tuple[str, ...]]:
    wanted = _values(sample.rows[table.name].values(), written_columns(table), key.columns)
    return wanted - _values(sample.rows[target.name].values(), written_columns(target), key.target_columns)


def _cut(sample: Sample, table: TableState) -> bool:
    """Leave out the rows of a table that point at rows that were not taken; tell whether there were any."""
    names, rows = written_columns(table), sample.rows[table.name]
    is_cut = False
    for key, target in _keys(sample, table):
        lacking = _lacking(sample, table, key, target)
        dangling = [k for k, row in rows.items() if lacking & _values([row], names, key.columns)] if lacking else []
        for one in dangling:
            del rows[one]
        is_cut = is_cut or bool(dangling)
    return is_cut


def _values(rows: Iterable[Row], names: Sequence[str], wanted: Sequence[str]) -> set[tuple[str, ...]]:
    if not set(wanted) <= set(names):
        return set()
    at = [names.index(name) for name in wanted]
    found = (tuple(row[n] for n in at) for row in rows)
    return {values for values in found if None not in values}


def _in_parts(values: Sequence[tuple[str, ...]]) -> Iterator[Sequence[tuple[str, ...]]]:
    return (values[at : at + _AT_ONCE] for at in range(0, len(values), _AT_ONCE))
