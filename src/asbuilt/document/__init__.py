"""Markdown to blocks with exact spans."""

from asbuilt.document.blocks import Document
from asbuilt.document.parsing import parse

__all__ = ["Document", "parse"]
