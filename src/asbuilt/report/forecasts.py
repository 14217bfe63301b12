"""A forecast, for people and for programs."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from rich.filesize import decimal
from rich.text import Text

from asbuilt.report.numbers import plural
from asbuilt.text import Source
from asbuilt.volume.capacity import CounterEnd, Disk, TableSize
from asbuilt.volume.forecasting import Forecast, Planned, QueryForecast
from asbuilt.volume.projection import TableProjection

VERSION = 1
_LARGEST = 10
"""Tables whose sizes are shown; all of them count."""
_SOON = 1.0


def text(source: Source, found: Forecast) -> Text:
    """The rows of each table in time, the plans of each query with their costs, and where one turns into another."""
    return Text("\n").join(_lines(source, found))


def _lines(source: Source, found: Forecast) -> Iterator[Text]:
    yield from _tables(source, found)
    yield Text()
    yield from _room(source, found)
    for query in found.queries:
        yield Text()
        yield from _query(source, query)
    yield Text()
    yield from (Text.assemble(("note ", "bold yellow"), note) for note in found.notes)
    yield _summary(found)


def _tables(source: Source, found: Forecast) -> Iterator[Text]:
    yield from _aligned(
        ["rows", *(_time(years) for years in found.years), ""],
        [[*_cells(table, found.years), _reason(source, table)] for table in found.tables.values()],
    )


def _aligned(heads: list[str], rows: list[list[str]]) -> Iterator[Text]:
    """Yield cells below each other, numbers to the right, and the last of each line after them as it is."""
    lines = [heads, *rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(heads) - 1)]
    for number, line in enumerate(lines):
        cells = [
            line[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(line[1:-1], widths[1:], strict=True)),
        ]
        yield Text.assemble(("  ".join(cells), "" if number else "bold"), ("  " + line[-1], "dim"))


def _cells(table: TableProjection, years: Sequence[float]) -> list[str]:
    return [table.table, *(f"{table.rows(at):,}" for at in years)]


def _reason(source: Source, table: TableProjection) -> str:
    if table.spans:
        return f"line {source.line_at(table.spans[0].start)}"
    return f"assumed to grow as {table.like}" if table.like else "assumed: nothing is said of its growth"


def _room(source: Source, found: Forecast) -> Iterator[Text]:
    """The sizes of the largest tables and of all, and what fills up."""
    largest = sorted(found.sizes, key=lambda size: -size.total[-1])
    rows = [[size.table, *map(decimal, size.total), _row(size)] for size in largest[:_LARGEST]]
    total = [sum(size.total[at] for size in found.sizes) for at in range(len(found.years))]
    yield from _aligned(["room", *(_time(y) for y in found.years), ""], [*rows, ["all", *map(decimal, total), ""]])
    for end in found.counters:
        words = f"{end.table}.{end.column} ({end.type}) has {end.last:,} numbers, {end.used:,} are used: "
        yield Text.assemble(("full ", "bold"), words, _when(end.years))
    for disk in found.disks:
        line = f" (line {source.line_at(disk.span.start)})" if disk.span else ""
        yield Text.assemble(("full ", "bold"), f"{decimal(disk.bytes)} of disk{line}: ", _when(disk.years))


def _row(size: TableSize) -> str:
    return f"a row {size.row + size.row_in_indexes:,.0f} bytes, {size.row_in_indexes:,.0f} of them in indexes"


def _when(years: float | None) -> Text:
    if years is None:
        return Text("not in thirty years", "dim")
    day = datetime.now(UTC) + timedelta(days=365.25 * years)
    return Text(f"in {years:.1f} years ({day:%Y-%m})", "bold red" if years < _SOON else "")


def _query(source: Source, query: QueryForecast) -> Iterator[Text]:
    yield Text.assemble((query.title, "bold"), (f"  line {source.line_at(query.span.start)}", "dim"))
    if query.refusal:
        yield Text.assemble(("  no plan ", "bold red"), query.refusal)
        return
    yield from _plans(query.plans)
    if query.rare:
        yield Text("  with a rare value", "dim")
        yield from _plans(query.rare)


def _plans(plans: Sequence[Planned]) -> Iterator[Text]:
    before = plans[0].shape
    for plan in plans:
        sign = ("≠ ", "bold yellow") if plan.shape != before else ("  ", "")
        numbers = f"{_time(plan.years):<11} cost {plan.cost:>11,.0f}  {plural(round(plan.rows), 'row'):<15} "
        yield Text.assemble("  ", sign, numbers, (plan.words, "" if plan.shape == before else "yellow"))
        before = plan.shape


def _time(years: float) -> str:
    if not years:
        return "now"
    return f"in {years:g} year{'' if years == 1 else 's'}"


def _summary(found: Forecast) -> Text:
    turning = sum(bool(query.turns) for query in found.queries)
    planned = sum(not query.refusal for query in found.queries)
    if not found.queries:
        return Text("the document states no queries")
    words = f"{turning} of {planned} plans turn into another" if turning else f"all {planned} plans stay as they are"
    return Text.assemble((words, "bold"), "; costs are the planner's own unit, a page read in order being 1")


def data(source: Source, found: Forecast) -> str:
    """The same as JSON: `tables` with rows by years and why, `sizes` in bytes in the order of the years, `queries` with their plans.

    `counters` and `disks` say in how many years they are full.
    """
    tables = [
        {
            "table": table.table,
            "rows": {f"{years:g}": table.rows(years) for years in found.years},
            "line": source.line_at(table.spans[0].start) if table.spans else None,
            "assumed_like": table.like or None,
        }
        for table in found.tables.values()
    ]
    queries = [_query_data(source, query) for query in found.queries]
    told = {
        "version": VERSION,
        "years": found.years,
        "tables": tables,
        "sizes": [_size_data(size) for size in found.sizes],
        "counters": [_counter_data(end) for end in found.counters],
        "disks": [_disk_data(source, disk) for disk in found.disks],
        "queries": queries,
        "notes": found.notes,
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _query_data(source: Source, query: QueryForecast) -> dict[str, object]:
    return {
        "title": query.title,
        "line": source.line_at(query.span.start),
        "statement": query.statement,
        "refusal": query.refusal or None,
        "plans": [_plan_data(plan) for plan in query.plans],
        "plans_for_rare_values": [_plan_data(plan) for plan in query.rare],
        "turns_in_years": [plan.years for plan in query.turns],
    }


def _plan_data(plan: Planned) -> dict[str, object]:
    return {
        "years": plan.years,
        "plan": plan.words,
        "nodes": plan.shape,
        "indexes": plan.indexes,
        "cost": plan.cost,
        "rows": plan.rows,
        "rows_scanned": plan.scanned,
    }


def _size_data(size: TableSize) -> dict[str, object]:
    return {
        "table": size.table,
        "bytes": size.total,
        "bytes_of_indexes": size.indexes,
        "bytes_a_row": round(size.row),
        "bytes_a_row_in_indexes": round(size.row_in_indexes),
    }


def _counter_data(end: CounterEnd) -> dict[str, object]:
    return {
        "column": f"{end.table}.{end.column}",
        "type": end.type,
        "used": end.used,
        "last": end.last,
        "full_in_years": end.years,
    }


def _disk_data(source: Source, disk: Disk) -> dict[str, object]:
    line = source.line_at(disk.span.start) if disk.span else None
    return {"bytes": disk.bytes, "line": line, "full_in_years": disk.years}
