"""Data access for programs with threads. `sync/` is made from this folder by `python -m docs.generate`; nothing is written twice."""

from asbuilt.access.sync.asking import Answers, Query, Reading
from asbuilt.access.sync.data import AnyData, Data
from asbuilt.access.sync.entities import Entity

__all__ = ["Answers", "AnyData", "Data", "Entity", "Query", "Reading"]
