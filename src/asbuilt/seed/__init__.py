"""Rows for any entity, the same for the same seed."""

from asbuilt.seed.edges import EdgeRows, write_edges
from asbuilt.seed.estimating import Expected, estimate
from asbuilt.seed.journal import DatabaseJournal, Interrupted
from asbuilt.seed.own import OwnRow, own_rows, write_own
from asbuilt.seed.plan import SeedPlan, TablePlan, plan
from asbuilt.seed.run import SeedResult, run
from asbuilt.seed.sampling import sample
from asbuilt.seed.standing import count, lacking

__all__ = [
    "DatabaseJournal",
    "EdgeRows",
    "Expected",
    "Interrupted",
    "OwnRow",
    "SeedPlan",
    "SeedResult",
    "TablePlan",
    "count",
    "estimate",
    "lacking",
    "own_rows",
    "plan",
    "run",
    "sample",
    "write_edges",
    "write_own",
]
