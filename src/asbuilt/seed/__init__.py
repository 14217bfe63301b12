"""Rows for any entity, the same for the same seed."""

from asbuilt.seed.own import OwnRow, own_rows, write_own
from asbuilt.seed.plan import SeedPlan, TablePlan, plan
from asbuilt.seed.run import SeedResult, run
from asbuilt.seed.sampling import sample
from asbuilt.seed.standing import lacking

__all__ = ["OwnRow", "SeedPlan", "SeedResult", "TablePlan", "lacking", "own_rows", "plan", "run", "sample", "write_own"]
