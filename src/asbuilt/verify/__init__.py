"""Claims, and the evidence for them."""

from asbuilt.verify.checking import NOT_YET, unverified, verify
from asbuilt.verify.runs import Change, Run, compare, list_runs, load_last_run, load_run, save_run

__all__ = [
    "NOT_YET",
    "Change",
    "Run",
    "compare",
    "list_runs",
    "load_last_run",
    "load_run",
    "save_run",
    "unverified",
    "verify",
]
