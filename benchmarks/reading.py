"""Reading and the rules in a warm process, beside squawk on the same SQL, and memory over the document's length.

It all happens in one thread of one process, so what is measured is that process's own time: what other programs do on the
machine counts less than on the clock on the wall.
"""

import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import process_time

from asbuilt.document import parse
from asbuilt.model.merging import merge
from asbuilt.model.sql import SqlStatement
from asbuilt.project import Project
from asbuilt.reading import read
from asbuilt.rules import check
from asbuilt.text import Source
from benchmarks.documents import dense, repeated
from benchmarks.measuring import Figure, compare, measure

LINES = 2000
BOUND = 150


def run() -> list[Figure]:
    return [
        *_steps("SQL, tables, diagrams", Source("repeated.md", repeated(LINES))),
        *_steps("lists and tables only", Source("dense.md", dense(LINES))),
        _beside_squawk(Source("repeated.md", repeated(LINES))),
        *(_memory(lines) for lines in (1000, 2000, 4000)),
    ]


def _steps(what: str, source: Source) -> list[Figure]:
    document = parse(source)
    facts = read(document).facts
    design = merge(source, facts)
    return [
        measure(f"read and check {LINES:,} lines: {what}", lambda: _whole(source), bound=BOUND, clock=process_time),
        measure("  Markdown to blocks", lambda: parse(source), clock=process_time),
        measure("  blocks to facts", lambda: read(document), clock=process_time),
        measure("  facts to a design", lambda: merge(source, facts), clock=process_time),
        measure("  rules", lambda: check(design), clock=process_time),
    ]


def _whole(source: Source) -> None:
    Project(source, Path(source.path)).check(is_tried=False)


def _beside_squawk(source: Source) -> Figure:
    """All of a document beside squawk on its SQL alone, which squawk is given ready cut out, its start included."""
    what = "read and check, once more"
    squawk = shutil.which("squawk", path=str(Path(sys.executable).parent)) or shutil.which("squawk")
    if squawk is None:
        return measure(f"{what} (no peer: pip install --group bench)", lambda: _whole(source))
    statements = [fact.sql for fact in read(parse(source)).facts if isinstance(fact, SqlStatement)]
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "design.sql"
        script.write_text(";\n".join(statements) + ";\n", encoding="utf-8")
        return compare(
            what, lambda: _whole(source), f"squawk on its {len(statements)} statements", _call(squawk, script)
        )


def _call(squawk: str, script: Path) -> Callable[[], object]:
    return lambda: subprocess.run([squawk, str(script)], check=False, capture_output=True)


def _memory(lines: int) -> Figure:
    source = Source("repeated.md", repeated(lines))
    tracemalloc.start()
    _whole(source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Figure(f"peak memory of {lines:,} lines, a line", (peak / 1024 / lines,), unit="KiB")
