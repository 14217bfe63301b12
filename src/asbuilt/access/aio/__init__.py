"""Data access for asynchronous programs. `sync/` is made from this folder by `python -m docs.generate`; nothing is written twice."""

from asbuilt.access.aio.asking import Answers, Query, Reading
from asbuilt.access.aio.data import AnyData, Data
from asbuilt.access.aio.entities import Entity

__all__ = ["Answers", "AnyData", "Data", "Entity", "Query", "Reading"]
