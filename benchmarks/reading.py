"""Reading and the rules in a warm process, and memory over the document's length."""

import tracemalloc

from asbuilt.document import parse
from asbuilt.model.merging import merge
from asbuilt.reading import read
from asbuilt.rules import check
from asbuilt.text import Source
from benchmarks.documents import repeated
from benchmarks.measuring import Figure, measure

LINES = 2000


def run() -> list[Figure]:
    source = Source("generated.md", repeated(LINES))
    document = parse(source)
    facts = read(document).facts
    design = merge(source, facts)
    return [
        measure(f"read and check {LINES:,} lines", lambda: _whole(source), bound=150),
        measure("  of it: Markdown to blocks", lambda: parse(source)),
        measure("  of it: blocks to facts", lambda: read(document)),
        measure("  of it: facts to a design", lambda: merge(source, facts)),
        measure("  of it: rules", lambda: check(design)),
        *(_memory(lines) for lines in (1000, 2000, 4000)),
    ]


def _whole(source: Source) -> None:
    check(merge(source, read(parse(source)).facts))


def _memory(lines: int) -> Figure:
    source = Source("generated.md", repeated(lines))
    tracemalloc.start()
    _whole(source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return Figure(f"peak memory, {lines:,} lines, a line", (peak / 1024 / lines,), unit="KiB")
