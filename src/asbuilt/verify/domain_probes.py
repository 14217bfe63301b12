"""Behaviour of domains: a column of a domain refuses what the domain's checks are false for."""

import re
from collections.abc import Iterator
from dataclasses import replace

from asbuilt.engines.state import ColumnState, ConstraintState, DatabaseState, TableState
from asbuilt.seed import sql
from asbuilt.seed.kinds import Kind, kind_of
from asbuilt.verify.bench import Bench
from asbuilt.verify.places import Places
from asbuilt.verify.probes import Finding, Probe, claim, refusal, unknown
from asbuilt.verify.violations import violating

_VALUE = re.compile(r"\bVALUE\b")
_PLAIN = re.compile(r'"?[A-Za-z_][\w.]*"?')


def probes(table: TableState, places: Places) -> Iterator[Probe]:
    """Yield that a column refuses what its domain does; whether its type is one the state tells."""
    for column in table.columns:
        if _PLAIN.fullmatch(column.type) and column.generated is None:
            yield _refuses(table, column, places)


def has_checks(state: DatabaseState, table: TableState, name: str) -> bool:
    """Tell whether the column's type is a domain with checks."""
    column = table.column(name)
    is_domain = column is not None and ("domain", column.type.replace('"', "")) in state.objects
    return is_domain and column is not None and bool(kind_of(state, column.type).checks)


def _refuses(table: TableState, column: ColumnState, places: Places) -> Probe:
    def attempt(bench: Bench) -> Finding:
        row = bench.spare(table.name) or {}
        kind = kind_of(bench.desired, column.type)
        for number, condition in enumerate(kind.checks):
            plain = replace(table, columns=(replace(column, type=_base(kind)),), constraints=())
            expression = _VALUE.sub(sql.name(column.name), condition)
            check = ConstraintState(f"check {number}", "check", (column.name,), "", expression)
            wrong = violating(bench.session, bench.desired, plain, check, {column.name: row.get(column.name)})
            if wrong is not None:
                return refusal(bench.insert(table.name, {**row, **wrong}), ("23514",), _other_checks(table))
        return unknown(f"no value was found that {column.type} must refuse")

    expected = f"what {column.type} does not allow is refused"
    return Probe(claim("domain_refuses", table, column.name, places, "column_type", expected), table.name, attempt)


def _base(kind: Kind) -> str:
    arguments = f"({', '.join(map(str, kind.arguments))})" if kind.arguments else ""
    return kind.name + arguments


def _other_checks(table: TableState) -> frozenset[str]:
    return frozenset(c.name for c in table.constraints if c.kind == "check")
