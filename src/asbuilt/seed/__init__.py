"""Rows for any entity, the same for the same seed."""

from asbuilt.seed.plan import SeedPlan, TablePlan, plan
from asbuilt.seed.run import SeedResult, run

__all__ = ["SeedPlan", "SeedResult", "TablePlan", "plan", "run"]
