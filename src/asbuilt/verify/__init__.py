"""Claims, and the evidence for them."""

from asbuilt.verify.checking import unverified, verify
from asbuilt.verify.runs import Change, Run, compare, list_runs, load_last_run, load_run, save_run

__all__ = [
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
