"""A document written from an inspected state: values in, Markdown out. Nothing here knows a server."""

from asbuilt.writing.allowing import with_allowed
from asbuilt.writing.document import Subject, heading_of, written

__all__ = ["Subject", "heading_of", "with_allowed", "written"]
