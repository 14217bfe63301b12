"""What the server refuses, as the refusals of data access."""

from typing import Any

from asbuilt.access.refusals import DataError, Unanswered
from asbuilt.access.schema import Schema


def translated(schema: Schema, error: Any) -> DataError:
    """Return what is raised for a driver's error."""
    return Unanswered(str(error), sqlstate=getattr(error, "sqlstate", None) or "")
