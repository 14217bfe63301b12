"""SQL in a document: every statement, what it makes and needs, and what it states of the design."""

from asbuilt.reading.sql.fences import read_sql

__all__ = ["read_sql"]
