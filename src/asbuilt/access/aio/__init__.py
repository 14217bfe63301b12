"""Data access for asynchronous programs. `sync/` is made from this folder by `make sync`; nothing is written twice."""

from asbuilt.access.aio.asking import Answers, Query, Reading
from asbuilt.access.aio.data import AnyData, Data
from asbuilt.access.aio.entities import Entity
from asbuilt.access.aio.keeping import Keeping
from asbuilt.access.aio.sessions import SessionStore

__all__ = ["Answers", "AnyData", "Data", "Entity", "Keeping", "Query", "Reading", "SessionStore"]
