"""Behaviour of constraints: a check refuses and accepts, what is unique refuses its double."""

from collections.abc import Iterator

from asbuilt.engines.state import ConstraintState, TableState
from asbuilt.evidence import Verdict
from asbuilt.seed.expressions import columns, parse
from asbuilt.seed.judge import judge
from asbuilt.seed.limits import Row
from asbuilt.verify.bench import Bench, Outcome
from asbuilt.verify.places import Places
from asbuilt.verify.probes import Finding, Probe, claim, insist, unknown
from asbuilt.verify.violations import refused_anyway, violating

_SPARES = 40
_WHOLE_NUMBERS = {"smallint": "32001", "integer": "2000000001", "bigint": "9000000000001"}


def check_probes(table: TableState, places: Places) -> Iterator[Probe]:
    """Yield for every check that it takes a valid row and refuses one that violates it."""
    for check in table.constraints:
        if check.kind == "check" and check.expression and check.is_enforced:
            yield _accepts(table, check, places)
            yield _refuses(table, check, places)


def unique_probes(table: TableState, places: Places) -> Iterator[Probe]:
    """Yield for every key, unique constraint, unique index and exclusion that it refuses a double."""
    for constraint in table.constraints:
        if constraint.kind in ("primary key", "unique"):
            source = constraint.kind.replace(" ", "_")
            yield _double(table, constraint.name, constraint.columns, None, source, places)
        if constraint.kind == "exclusion":
            named = tuple(c.name for c in table.columns if c.name in constraint.definition)
            yield _double(table, constraint.name, named, None, "exclusion", places)
    for index in table.indexes:
        if index.is_unique and not index.backs:
            names = tuple(dict.fromkeys(n for key in index.keys for n in sorted(columns(parse(key)))))
            yield _double(table, index.name, names, index.predicate, "index", places)


def _accepts(table: TableState, check: ConstraintState, places: Places) -> Probe:
    def attempt(bench: Bench) -> Finding:
        statement = bench.control(table.name).statement
        actual = bench.actual_expression(table.name, check.name)
        if actual is None or actual == check.expression:
            return Finding(Verdict.HOLDS, "accepted", statement=statement)
        row = bench.spare(table.name) or {}
        sound = refused_anyway(bench.session, bench.desired, table, check, row, actual)
        outcome = bench.insert(table.name, sound) if sound is not None else Outcome(statement)
        is_refused = outcome.sqlstate == "23514" and check.name in outcome.named
        return Finding(Verdict.BROKEN if is_refused else Verdict.HOLDS, outcome.words, statement=outcome.statement)

    expected = f"a row with {check.expression} is accepted"
    return Probe(
        claim("check_accepts", table, check.name, places, "check", expected, check.columns), table.name, attempt
    )


def _refuses(table: TableState, check: ConstraintState, places: Places) -> Probe:
    def attempt(bench: Bench) -> Finding:
        row = bench.spare(table.name) or {}
        actual = bench.actual_expression(table.name, check.name) or ""
        wrong = violating(bench.session, bench.desired, table, check, row, actual)
        if wrong is None:
            return unknown(f"no row was found that violates {check.expression}")
        return insist(bench, table, check.name, [bench.insertion(table.name, wrong)], ("23514",))

    expected = f"a row without {check.expression} is refused"
    return Probe(
        claim("check_refuses", table, check.name, places, "check", expected, check.columns), table.name, attempt
    )


def _double(
    table: TableState, name: str, names: tuple[str, ...], predicate: str | None, source: str, places: Places
) -> Probe:
    def attempt(bench: Bench) -> Finding:
        first = _complete(bench, table, names, predicate)
        if first is None:
            return unknown("no valid row with a value in each of the columns was found")
        row, is_overriding = _with_numbers(table, names, first)
        double = _double_of(bench, table, names, row)
        statements = [bench.insertion(table.name, r, overriding=is_overriding) for r in (row, double)]
        alone = bench.attempt(statements[0])
        if alone.is_refused:
            return unknown(f"refused for another reason: {alone.message}", alone.statement)
        return insist(bench, table, name, statements, ("23505", "23P01"))

    where = f" where {predicate}" if predicate else ""
    expected = f"the same {', '.join(names)} twice is refused{where}"
    kind = "exclusion_refuses" if source == "exclusion" else "unique_refuses_double"
    return Probe(claim(kind, table, name, places, source, expected, names), table.name, attempt)


def _complete(bench: Bench, table: TableState, names: tuple[str, ...], predicate: str | None) -> Row | None:
    """Return a spare row with no NULL in the columns, and for which the predicate is true."""
    for number in range(_SPARES):
        row = bench.spare(table.name, number)
        if row is None:
            return None
        if any(row.get(name, "") is None for name in names):
            continue
        if predicate is None or judge(bench.session, table, [row], [predicate])[0] == (True,):
            return row
    return None


def _with_numbers(table: TableState, names: tuple[str, ...], row: Row) -> tuple[Row, bool]:
    """Return the row with a number where the server would give one, and whether it must be told to take it."""
    found = dict(row)
    is_overriding = False
    for name in names:
        column = table.column(name)
        if name not in found and column is not None and column.generated is None:
            found[name] = _WHOLE_NUMBERS.get(column.type, "2000000001")
            is_overriding = is_overriding or column.identity == "always"
    return found, is_overriding


def _double_of(bench: Bench, table: TableState, names: tuple[str, ...], row: Row) -> Row:
    """Return the row again, other values only where something else must be unique."""
    other = bench.spare(table.name, 1) or {}
    recipe = bench.recipes[table.name]
    apart = ({n for unique in recipe.uniques for n in unique.columns} | recipe.spread) - set(names)
    return {**row, **{name: value for name, value in other.items() if name in apart}}
