"""Task lists: boxes and whether they are ticked."""

from asbuilt.model.chapters import ChecklistItem
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.reader import Context


def read_box(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line with a box."""
    if entry.is_checked is None:
        return ()
    return (
        ChecklistItem(
            span=entry.span, form=Form.LISTING, text=entry.words, is_checked=entry.is_checked, subject=entry.subject
        ),
    )
