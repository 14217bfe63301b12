"""Behaviour of views: selecting from them works."""

from collections.abc import Iterator

from asbuilt.engines.state import DatabaseState
from asbuilt.evidence import Chapter, Claim, Verdict
from asbuilt.seed import sql
from asbuilt.verify.bench import Bench
from asbuilt.verify.described import Item
from asbuilt.verify.places import Places
from asbuilt.verify.probes import Finding, Probe, unknown


def probes(desired: DatabaseState, places: Places) -> Iterator[Probe]:
    """Yield that every view, materialized or not, answers."""
    for kind, name in desired.objects:
        if kind in ("view", "materialized view"):
            yield _runs(kind, name, places)


def _runs(kind: str, name: str, places: Places) -> Probe:
    spans = places.of(kind.replace(" ", "_"), Item((kind, name), name, ""))
    stated = Claim("view_runs", Chapter.ACCESS, name, spans, "selecting from it works", (kind, name))

    def attempt(bench: Bench) -> Finding:
        if (kind, name) not in bench.actual.objects:
            return unknown(f"{kind} {name} is missing")
        table = sql.table_name(name)
        refresh = [f"REFRESH MATERIALIZED VIEW {table}"] if kind == "materialized view" else []
        outcome = bench.attempt(*refresh, f"SELECT * FROM {table}")
        if not outcome.is_refused:
            return Finding(Verdict.HOLDS, "it answers", statement=outcome.statement)
        if bench.actual.objects[kind, name].definition == bench.desired.objects[kind, name].definition:
            return unknown(f"it is refused, just as the document has it: {outcome.message}", outcome.statement)
        return Finding(Verdict.BROKEN, outcome.words, statement=outcome.statement)

    return Probe(stated, "", attempt)
