"""A forecast, for people and for programs."""

import json
from collections.abc import Iterator, Sequence

from rich.text import Text

from asbuilt.report.numbers import plural
from asbuilt.text import Source
from asbuilt.volume.forecasting import Forecast, Planned, QueryForecast
from asbuilt.volume.projection import TableProjection

VERSION = 1


def text(source: Source, found: Forecast) -> Text:
    """The rows of each table in time, the plans of each query with their costs, and where one turns into another."""
    return Text("\n").join(_lines(source, found))


def _lines(source: Source, found: Forecast) -> Iterator[Text]:
    yield from _tables(source, found)
    for query in found.queries:
        yield Text()
        yield from _query(source, query)
    yield Text()
    yield from (Text.assemble(("note ", "bold yellow"), note) for note in found.notes)
    yield _summary(found)


def _tables(source: Source, found: Forecast) -> Iterator[Text]:
    heads = ["rows", *(_time(years) for years in found.years), ""]
    lines = [heads, *([*_cells(table, found.years), _reason(source, table)] for table in found.tables.values())]
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
    """The same as JSON: `tables` with rows by years and why, `queries` with their plans, `notes`."""
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
    told = {"version": VERSION, "years": found.years, "tables": tables, "queries": queries, "notes": found.notes}
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
