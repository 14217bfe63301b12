"""Blocks to facts: one reader for each kind of block.

`READERS` are asked about every block, and no two may claim the same one. `FALLBACKS` are asked in order about
what no reader claimed: the first that takes a block has it.
"""

from asbuilt.document.blocks import Document
from asbuilt.reading.offering import DocumentReading, offer
from asbuilt.reading.reader import Reader

READERS: tuple[Reader, ...] = ()
FALLBACKS: tuple[Reader, ...] = ()


def read(document: Document) -> DocumentReading:
    """Read a document to facts; account for every line. Never raises on what a document holds."""
    return offer(document, READERS, FALLBACKS)


__all__ = ["FALLBACKS", "READERS", "DocumentReading", "read"]
