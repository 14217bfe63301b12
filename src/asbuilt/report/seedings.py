"""What seeding would write, and what it wrote, for people and for programs."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from rich.text import Text

from asbuilt.project.seeding import Prospect, Seeded
from asbuilt.report.numbers import plural

VERSION = 1
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def prospect(found: Prospect) -> Text:
    """A line a table with its rows, its space and its time; what cannot be; all of it together."""
    return Text("\n").join(_prospect(found))


def _prospect(found: Prospect) -> Iterator[Text]:
    lines = [("table", "stand", "to write", "space", "time")]
    lines += [
        (one.table, f"{found.standing.get(one.table, 0):,}", f"{one.rows:,}", _space(one.bytes), _time(one.seconds))
        for one in found.expected
    ]
    widths = [max(len(line[at]) for line in lines) for at in range(len(lines[0]))]
    for number, line in enumerate(lines if found.expected else ()):
        cells = [line[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(line[1:], widths[1:], strict=True))]
        is_single = number > 0 and found.expected[number - 1].is_single
        yield Text.assemble(("  ".join(cells), "" if number else "bold"), ("  row by row" if is_single else "", "dim"))
    yield from (Text.assemble(("cannot be ", "bold red"), problem) for problem in found.problems)
    rows = sum(one.rows for one in found.expected)
    space, seconds = sum(one.bytes for one in found.expected), sum(one.seconds for one in found.expected)
    if rows:
        yield Text(f"{plural(rows, 'row')} in all, about {_space(space)}, about {_time(seconds)}; nothing was written")
    else:
        yield Text("nothing is to be written: all rows that are asked for stand")


def seeded(found: Seeded) -> Text:
    """What was written, at which rate, and what was not."""
    return Text("\n").join(_seeded(found))


def _seeded(found: Seeded) -> Iterator[Text]:
    if found.cleaned is not None:
        gone, tables = sum(found.cleaned.values()), plural(len(found.cleaned), "table")
        yield Text(
            f"took away {plural(gone, 'row')} of {tables}" if gone else "nothing had been written: all is as it was"
        )
        return
    if not (found.own or sum(found.rows.values()) or found.problems):
        yield Text("nothing was to be written: all rows that are asked for stand")
        return
    width = max(map(len, found.rows), default=0)
    for table, rows in found.rows.items():
        if rows:
            yield Text(f"{table.ljust(width)}  {rows:>12,}")
    total = sum(found.rows.values())
    own = f"{plural(found.own, 'statement')} of the document's own, " if found.own else ""
    rate = f", {total / found.seconds:,.0f} a second" if found.seconds > 0 and total >= 1000 else ""
    yield Text(f"{own}{plural(total, 'row')} written in {_time(found.seconds)}{rate}")
    if found.kept_out:
        yield Text(
            f"{plural(found.kept_out, 'value')} at the edge {'is' if found.kept_out == 1 else 'are'} kept out by constraints",
            "dim",
        )
    if found.password:
        yield Text(f"passwords are hashes of {found.password}")
    yield from (Text.assemble(("not as asked ", "bold yellow"), problem) for problem in found.problems)


def prospect_data(found: Prospect) -> str:
    """The same as JSON: `tables` with rows, bytes and seconds, `problems`."""
    tables = [{**asdict(one), "standing": found.standing.get(one.table, 0)} for one in found.expected]
    return _json({"version": VERSION, "seed": found.seed, "tables": tables, "problems": found.problems})


def seeded_data(found: Seeded) -> str:
    """The same as JSON: `rows` by table, `seconds`, `problems`, rows `cleaned` away by table."""
    return _json({"version": VERSION, **asdict(found)})


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _space(size: float) -> str:
    for unit in _UNITS:
        if size < 1000 or unit == _UNITS[-1]:
            break
        size /= 1000
    return f"{size:,.0f} {unit}"


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
