"""PostgreSQL's own parser (`postgast`, a binding of libpg_query), imported at first use, as that takes long.

What it gives is untyped here: it brings type stubs that no checker can read, and mypy would stop at them in every program that
uses this package.
"""

from importlib import import_module
from typing import Any


def __getattr__(name: str) -> Any:
    """Return what the parser calls so."""
    if name.startswith("__"):
        raise AttributeError(name)
    found = globals()[name] = getattr(import_module("postgast"), name)
    return found
