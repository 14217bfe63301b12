"""Runs the benchmarks named on the command line, or all; prints tables, writes `results.json`."""

import json
import platform
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import access, backfill, demo, planning, reading, seeding, startup, thousand
from benchmarks.measuring import Figure

RESULTS = Path(__file__).parent / "results.json"
BENCHMARKS = {
    "startup": startup.run,
    "reading": reading.run,
    "thousand": thousand.run,
    "planning": planning.run,
    "backfill": backfill.run,
    "seeding": seeding.run,
    "access": access.run,
    "demo": demo.run,
}


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHMARKS)
    if unknown:
        print(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names or BENCHMARKS:
        figures = BENCHMARKS[name]()
        Console().print(_table(name, figures))
        results[name] = [figure.as_data() for figure in figures]
    results["python"] = platform.python_version()
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    return 0


def _table(name: str, figures: list[Figure]) -> Table:
    table = Table("what", "median", "lowest", "highest", "bound", "beside", title=name, title_justify="left")
    for figure in figures:
        table.add_row(*figure.as_row())
    return table


sys.exit(main(sys.argv[1:]))
