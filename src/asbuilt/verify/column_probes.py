"""Behaviour of columns: what is missing is filled in or refused, what does not fit is refused."""

import re
from collections.abc import Iterator

from asbuilt.engines.state import ColumnState, TableState
from asbuilt.evidence import Verdict
from asbuilt.seed import sql
from asbuilt.seed.kinds import kind_of
from asbuilt.seed.limits import Row
from asbuilt.verify.bench import Bench
from asbuilt.verify.places import Places
from asbuilt.verify.probes import Finding, Probe, answer, changes_rows, claim, refusal, unknown

_OWN_TYPE = re.compile(r'"?[A-Za-z_][\w.]*"?(\[\])?')
_YEARS = 60
_STRANGER = "asbuilt-stranger"
_VARYING = re.compile(
    r"random|uuid|nextval|clock_timestamp|statement_timestamp|generate|timeofday|ulid|nanoid|snowflake"
)
_LENGTH = re.compile(r"^character(?: varying)?\((\d+)\)$")


def probes(table: TableState, places: Places) -> Iterator[Probe]:
    """Yield what the columns of `table` promise to do."""
    for column in table.columns:
        if not column.is_nullable and column.generated is None and not column.identity:
            yield _not_null(table, column, places)
        if column.default is not None:
            yield _default(table, column, places)
        if column.identity:
            yield _identity(table, column, places)
        if column.generated is not None:
            yield _generated(table, column, places)
        if found := _LENGTH.match(column.type):
            yield _length(table, column, places, int(found[1]))


def enum_probes(table: TableState, places: Places) -> Iterator[Probe]:
    """Yield that a column of an enum refuses a stranger; whether it is one shows on the bench."""
    for column in table.columns:
        if _OWN_TYPE.fullmatch(column.type) and column.generated is None:
            yield _enum(table, column, places)


def _not_null(table: TableState, column: ColumnState, places: Places) -> Probe:
    name = column.name

    def attempt(bench: Bench) -> Finding:
        row = bench.spare(table.name) or {}
        outcome = bench.insert(table.name, {**row, name: None}, f"{sql.name(name)}::text")
        if not outcome.is_refused and outcome.answer and outcome.answer[0] is not None:
            return Finding(Verdict.HOLDS, f"a trigger fills in {outcome.answer[0]}", statement=outcome.statement)
        if "no partition of relation" in outcome.message:
            return Finding(Verdict.HOLDS, outcome.words, statement=outcome.statement)
        return refusal(outcome, ("23502",))

    stated = claim("not_null_refuses", table, name, places, "column_nullability", "NULL is refused")
    return Probe(stated, table.name, attempt)


def _default(table: TableState, column: ColumnState, places: Places) -> Probe:
    name, default = column.name, column.default or ""
    is_varying = bool(_VARYING.search(default))

    def attempt(bench: Bench) -> Finding:
        row = bench.spare(table.name) or {}
        row.pop(name, None)
        quoted = sql.name(name)
        same = (
            f"{quoted} IS NOT NULL"
            if is_varying
            else f"{quoted}::text IS NOT DISTINCT FROM (({default})::{column.type})::text"
        )
        outcome = bench.insert(table.name, row, f"{quoted}::text, {same}")
        for other in (_later(table, row), _bare(table, row)) if outcome.sqlstate == "23514" else ():
            if outcome.is_refused:
                outcome = bench.insert(table.name, other, f"{quoted}::text, {same}")
        if outcome.is_refused and outcome.sqlstate == "23502" and name in outcome.named:
            if bench.gives_nothing(table.name, name):
                return unknown("the default is NULL in this session", outcome.statement)
            return Finding(Verdict.BROKEN, outcome.words, statement=outcome.statement)
        if outcome.is_refused or outcome.answer is None:
            return unknown(f"refused for another reason: {outcome.message}", outcome.statement)
        value, is_same = outcome.answer
        if not is_same and changes_rows(table):
            return unknown("a trigger changes the row on its way in", outcome.statement)
        return answer(outcome, bool(is_same), f"fills in {value}" if value is not None else "stays NULL")

    expected = "fills itself in" if is_varying else f"{default} is filled in"
    return Probe(claim("default_fills_in", table, name, places, "column_default", expected), table.name, attempt)


def _later(table: TableState, row: Row) -> Row:
    """Return the row with its times far in the future: a default of now lies after those of a made row."""
    times = {c.name for c in table.columns if c.type.startswith(("timestamp", "date"))}
    return {n: f"{int(v[:4]) + _YEARS}{v[4:]}" if v and n in times and v[:4].isdigit() else v for n, v in row.items()}


def _bare(table: TableState, row: Row) -> Row:
    """Return the row without all that the server fills in: defaults go together."""
    filled = {c.name for c in table.columns if c.default is not None}
    return {name: value for name, value in row.items() if name not in filled}


def _identity(table: TableState, column: ColumnState, places: Places) -> Probe:
    name = column.name

    def attempt(bench: Bench) -> Finding:
        row = bench.spare(table.name) or {}
        row.pop(name, None)
        outcome = bench.insert(table.name, row, f"{sql.name(name)}::text")
        if outcome.is_refused and outcome.sqlstate == "23502" and name in outcome.named:
            return Finding(Verdict.BROKEN, outcome.words, statement=outcome.statement)
        if outcome.is_refused or outcome.answer is None:
            return unknown(f"refused for another reason: {outcome.message}", outcome.statement)
        return answer(outcome, outcome.answer[0] is not None, f"fills in {outcome.answer[0]}")

    return Probe(
        claim("identity_fills_in", table, name, places, "column_identity", "a number is filled in"), table.name, attempt
    )


def _generated(table: TableState, column: ColumnState, places: Places) -> Probe:
    name, expression = column.name, column.generated

    def attempt(bench: Bench) -> Finding:
        quoted = sql.name(name)
        same = f"{quoted}::text IS NOT DISTINCT FROM (({expression})::{column.type})::text"
        outcome = bench.insert(table.name, bench.spare(table.name) or {}, f"{quoted}::text, {same}")
        if outcome.is_refused or outcome.answer is None:
            return unknown(f"could not be tried: {outcome.message}", outcome.statement)
        value, is_same = outcome.answer
        return answer(outcome, bool(is_same), f"computes {value}" if value is not None else "stays NULL")

    stated = claim("generated_computes", table, name, places, "column_generated", f"{expression} is computed")
    return Probe(stated, table.name, attempt)


def _length(table: TableState, column: ColumnState, places: Places, most: int) -> Probe:
    name = column.name

    def attempt(bench: Bench) -> Finding:
        row = bench.spare(table.name) or {}
        outcome = bench.insert(table.name, {**row, name: "x" * (most + 1)})
        if outcome.is_refused and outcome.sqlstate in ("23514", "23503"):
            return Finding(
                Verdict.BROKEN, f"not refused for its length: {outcome.message}", statement=outcome.statement
            )
        return refusal(outcome, ("22001",))

    expected = f"{most + 1} characters are refused"
    return Probe(claim("length_refuses_longer", table, name, places, "column_type", expected), table.name, attempt)


def _enum(table: TableState, column: ColumnState, places: Places) -> Probe:
    name = column.name

    def attempt(bench: Bench) -> Finding:
        row = bench.spare(table.name) or {}
        value = "{" + _STRANGER + "}" if kind_of(bench.desired, column.type).is_array else _STRANGER
        outcome = bench.insert(table.name, {**row, name: value})
        if outcome.is_refused and outcome.sqlstate in ("22001", "23514"):
            return Finding(Verdict.BROKEN, f"not refused as a stranger: {outcome.message}", statement=outcome.statement)
        return refusal(outcome, ("22P02",))

    expected = f"only the values of {column.type} are taken"
    return Probe(claim("enum_refuses_stranger", table, name, places, "column_type", expected), table.name, attempt)
