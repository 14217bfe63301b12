"""Values on their way in, held to what the document states before they go to the server: all that is wrong with a row at once.

For each table and set of names a function is written and compiled once: quick questions of each value, then the checks
of the row. What it refuses the server (or the document alone) refuses; what only the server can tell goes there.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from textwrap import indent
from typing import Any, TypeVar

from asbuilt.access.checks import evaluating, literals, questions
from asbuilt.access.checks.source import Writer
from asbuilt.access.checks.trees import Check
from asbuilt.access.checks.values import Fault, fault_of, rounded
from asbuilt.access.checks.wording import broken
from asbuilt.access.conditions import Expression
from asbuilt.access.refusals import InvalidRow, Problem
from asbuilt.access.schema import Column, Schema, Table
from asbuilt.access.types import bare
from asbuilt.access.widths import width_of
from asbuilt.model.names import did_you_mean

T = TypeVar("T")
Run = Callable[[Mapping[str, Any]], list[Problem] | None]
RunAll = Callable[[Sequence[Mapping[str, Any]], Run], list[tuple[int, list[Problem]]]]
_MOST_KEPT = 2000
_MOST_TOLD = 100


class Validation:
    """Holds values to what a schema says."""

    def __init__(self, schema: Schema) -> None:
        self._document = schema.document
        self._kept: dict[Any, Any] = {}

    def problems(self, table: Table, values: Mapping[str, Any], *, is_change: bool = False) -> list[Problem] | None:
        """Return what is wrong with the values of a new row, or of a change; None where nothing is."""
        return self._run(table, tuple(values), is_change=is_change)(values)

    def check(self, table: Table, values: Mapping[str, Any], *, is_change: bool = False) -> None:
        """Raise `InvalidRow` with all that is wrong."""
        if found := self.problems(table, values, is_change=is_change):
            raise InvalidRow(table.entity, tuple(found), document=self._document)

    def check_all(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Raise `InvalidRow` with all that is wrong with any of many new rows, at most a hundred problems."""
        names = tuple(rows[0])
        key = ("all", table.name, *names)
        run = self._kept.get(key) or self._keep(key, compiled_for_all(table, names))
        wrong = run(rows, lambda row: self.problems(table, row))
        found = [_in_row(problem, at) for at, problems in wrong for problem in problems]
        if found:
            raise InvalidRow(table.entity, tuple(found[:_MOST_TOLD]), document=self._document)

    def _run(self, table: Table, names: tuple[str, ...], *, is_change: bool) -> Run:
        key = (table.name, is_change, *names)
        return self._kept.get(key) or self._keep(key, compiled(table, names, is_change=is_change))

    def _keep(self, key: Any, run: T) -> T:
        if len(self._kept) >= _MOST_KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[key] = run
        return run


def _in_row(problem: Problem, row: int) -> Problem:
    return Problem(problem.field, problem.rule, problem.message, problem.line, problem.constraint, row)


def compiled(table: Table, names: tuple[str, ...], *, is_change: bool = False) -> Run:
    """Return the function that looks at values of these names."""
    row = _Row(table, names, is_change=is_change)
    run: Run = _made(row, f"def run(values):\n{_indented(row.lines(), 1)}\n    return problems or None")
    return run


def compiled_for_all(table: Table, names: tuple[str, ...]) -> RunAll:
    """Return the function that looks at many new rows, most of them with these names; what looks at others it is given.

    It returns the numbers of rows and what is wrong with them, and ends when enough is wrong.
    """
    row = _Row(table, names)
    source = _ALL.format(
        count=len(names), reads=_indented(row.reads(), 3), lines=_indented(row.checks(), 3), most=_MOST_TOLD
    )
    run: RunAll = _made(row, source)
    return run


_ALL = """
def run(rows, other):
    found = []
    for at, values in enumerate(rows):
        try:
{reads}
            if len(values) != {count}:
                raise KeyError
        except KeyError:
            problems = other(values)
        else:
{lines}
        if problems:
            found.append((at, problems))
            if len(found) >= {most}:
                break
    return found
"""


def _indented(lines: Iterable[str], depth: int) -> str:
    return indent("\n".join(lines), "    " * depth)


def _made(row: "_Row", source: str) -> Any:
    exec(compile(source, f"<checks of {row.table.name}>", "exec"), row.constants)
    return row.constants["run"]


class _Row:
    """Writes the source for one set of names."""

    def __init__(self, table: Table, names: tuple[str, ...], *, is_change: bool = False) -> None:
        self.table = table
        self.is_change = is_change
        self.given = {name: column for name in names if (column := table.by_attribute.get(name))}
        self.strange = [name for name in names if name not in table.by_attribute]
        self.locals = {column.name: f"v{at}" for at, column in enumerate(table.columns)}
        self.constants: dict[str, Any] = {
            **questions.SPACE,
            "BAD": evaluating.BAD,
            "Left": ArithmeticError,
            "bad": _bad,
        }
        self.writer = Writer(self.locals, self.constants)

    def lines(self) -> Iterator[str]:
        yield from self.reads()
        yield from self.checks()

    def reads(self) -> Iterator[str]:
        for name, column in self.given.items():
            yield f"{self.locals[column.name]} = values[{name!r}]"

    def checks(self) -> Iterator[str]:
        absent = [*self._strange(), *self._unwritable(), *self._missing()]
        yield f"problems = {f'[*{self._kept(tuple(absent))}]' if absent else '[]'}"
        for name, column in self.given.items():
            yield from self._value(name, column)
        for column in self.table.columns:
            if column.attribute not in self.given and self._is_known_absent(column):
                assert column.default is not None
                constant = column.default.text
                value = None if constant is None else literals.READ[column.default.kind](constant)
                yield f"{self.locals[column.name]} = {self._kept(value)}"
        for check in self.table.checks:
            yield from self._check(check)

    def _kept(self, value: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants[name] = value
        return name

    def _strange(self) -> Iterator[Problem]:
        for name in self.strange:
            near = did_you_mean(name, self.table.by_attribute)
            help = f"did you mean `{near}`?" if near else f"there are {', '.join(self.table.by_attribute)}"
            yield Problem(name, "unknown", f"is no field of {self.table.accessor}; {help}", self.table.line)

    def _unwritable(self) -> Iterator[Problem]:
        for name, column in self.given.items():
            if not column.is_written:
                yield Problem(name, "unknown", "is made by the server, it cannot be written", column.line)

    def _missing(self) -> Iterator[Problem]:
        for column in () if self.is_change else self.table.columns:
            if column.is_given and column.attribute not in self.given:
                yield Problem(column.attribute, "required", "is required", column.line)

    def _is_known_absent(self, column: Column) -> bool:
        """Tell whether it is known what a column that is not given will have."""
        return not self.is_change and column.default is not None and not column.is_given and not column.is_amended

    def _value(self, name: str, column: Column) -> Iterator[str]:
        """Yield what looks at one value, and makes of it what the server will have."""
        local = self.locals[column.name]
        quick = questions.quick(column, local, self.constants)
        null = f"{local} is None or " if column.is_nullable or column.is_amended else ""
        yield f"if not ({null}{quick}):"
        yield f"    {local} = bad({self._kept(column)}, values[{name!r}], problems)"

    def _check(self, check: Check) -> Iterator[str]:
        columns = [self.table.by_name.get(name) for name in check.columns]
        if not all(column and self._is_there(column) for column in columns) or not columns:
            return
        if self.is_change and not any(column and column.attribute in self.given for column in columns):
            return
        guard = " and ".join(f"{self.locals[c.name]} is not BAD" for c in columns if c and c.attribute in self.given)
        told = ", ".join(self.locals[name] for name in check.columns)
        yield "try:"
        yield f"    if {guard or 'True'} and {self.writer.is_false(check.condition)}:"
        yield f"        problems.append({self._kept(broken(self.table, check))}({told}))"
        yield "except Left:"
        yield "    pass"

    def _is_there(self, column: Column) -> bool:
        return column.attribute in self.given or self._is_known_absent(column)


def _bad(column: Column, value: Any, problems: list[Problem]) -> Any:
    """Look at a value closely; note what is wrong, and return it as the server will have it, or BAD where no check can tell."""
    if isinstance(value, Expression):
        return evaluating.BAD
    fault = _fault(column, value)
    if fault is not None:
        problems.append(Problem(column.attribute, fault.rule, fault.told(column), column.line))
        return evaluating.BAD
    return kept(column, value)


def _fault(column: Column, value: Any) -> Fault | None:
    if value is not None:
        return fault_of(column, value)
    return None if column.is_nullable or column.is_amended else Fault("required", "must not be None")


def kept(column: Column, value: Any) -> Any:
    """Return a sound value as the server keeps it."""
    keep = _KEPT.get(bare(column.type))
    return keep(column, value) if keep and value is not None and not column.type.endswith("[]") else value


def _kept_text(column: Column, value: str) -> str:
    width = width_of(column.type)
    fit = str(value)[:width]
    return fit.rstrip(" ") if bare(column.type) == "character" else fit


def _kept_number(column: Column, value: Any) -> Any:
    scale = column.type.partition(",")[2].rstrip(")")
    if not value.is_finite() if hasattr(value, "is_finite") else False:
        return evaluating.BAD
    return rounded(value, int(scale)) if scale else value


def _kept_float(column: Column, value: Any) -> Any:
    try:
        number = evaluating.single(float(value)) if column.type == "real" else float(value)
    except OverflowError:
        return evaluating.BAD
    return number if number - number == 0 else evaluating.BAD


def _kept_uuid(column: Column, value: Any) -> Any:
    return literals.READ["uuid"](value) if isinstance(value, str) else value


_KEPT: dict[str, Callable[[Column, Any], Any]] = {
    **dict.fromkeys(("text", "character varying", "character", "citext"), _kept_text),
    "numeric": _kept_number,
    **dict.fromkeys(("real", "double precision"), _kept_float),
    "uuid": _kept_uuid,
}
