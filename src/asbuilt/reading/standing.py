"""Whether what stands here is spoken of PostgreSQL and of now."""

from functools import lru_cache

from asbuilt.model.entities import Store
from asbuilt.reading.context import document_dialect
from asbuilt.reading.reader import Context

_OURS = frozenset({"postgresql", "generic"})


def is_other_dialect(context: Context) -> bool:
    """Tell whether a heading or label gives a block to another SQL dialect than the document's (**SQLite:** beside **PostgreSQL:**)."""
    if context.store != Store.RELATIONAL or context.dialect in _OURS:
        return False
    return _dialect(context.document.source.text) != context.dialect


@lru_cache(maxsize=8)
def _dialect(text: str) -> str:
    return document_dialect(text)
