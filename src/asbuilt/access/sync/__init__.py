"""Data access for programs with threads. `sync/` is made from this folder by `make sync`; nothing is written twice."""

from asbuilt.access.sync.asking import Answers, Query, Reading
from asbuilt.access.sync.data import AnyData, Data
from asbuilt.access.sync.entities import Entity
from asbuilt.access.sync.keeping import Keeping
from asbuilt.access.sync.sessions import SessionStore

__all__ = ["Answers", "AnyData", "Data", "Entity", "Keeping", "Query", "Reading", "SessionStore"]
