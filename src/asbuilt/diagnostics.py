"""What is wrong with a document: values, never exceptions.

A diagnostic names its rule, points at every place it speaks of, and offers minimal edits where there are any.
"""

from dataclasses import dataclass
from enum import StrEnum

from asbuilt.text import Source, Span


class Severity(StrEnum):
    """How bad it is: an error cannot be built or contradicts itself; a warning works, but not as meant."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Label:
    """A place that a diagnostic speaks of, and what there is to say of it (`declared here`)."""

    span: Span
    text: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replace what stands at `span` by `text`; an empty span inserts."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that belong together. A safe fix keeps the meaning that nobody disputes; an unsafe one needs a person's eyes."""

    title: str
    edits: tuple[Edit, ...]
    is_safe: bool = False


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `labels[0]` is the primary place; `code` is the rule's file name.

    `message` is terse: lower case, no full stop, names in backticks. `help` is one imperative. `members` are the
    findings that this one speaks for, where one cause shows at many places; `labels` are then those of all of them.
    """

    code: str
    severity: Severity
    message: str
    labels: tuple[Label, ...]
    help: str = ""
    fixes: tuple[Fix, ...] = ()
    members: tuple["Diagnostic", ...] = ()

    def __post_init__(self) -> None:
        if not self.labels:
            raise ValueError(f"{self.code}: a diagnostic needs a place")

    @property
    def span(self) -> Span:
        return self.labels[0].span

    @property
    def each(self) -> tuple["Diagnostic", ...]:
        """The findings that this one speaks for, or itself."""
        return self.members or (self,)


def contradiction(
    code: str,
    message: str,
    here: Label,
    there: Label,
    *more: Label,
    severity: Severity = Severity.ERROR,
    help: str = "",
    fixes: tuple[Fix, ...] = (),
) -> Diagnostic:
    """Return a diagnostic about two places that disagree; it cannot be made with one."""
    if here.span == there.span:
        raise ValueError(f"{code}: a contradiction needs two places")
    return Diagnostic(code, severity, message, (here, there, *more), help, fixes)


def apply_edits(source: Source, edits: tuple[Edit, ...]) -> str:
    """Return the source's text with `edits` made; of overlapping edits the first in order wins.

    A removal that leaves nothing on its lines takes the lines with it. Lines end as the document's first one does.
    """
    pieces: list[str] = []
    newline = "\r\n" if source.text.partition("\n")[0].endswith("\r") else "\n"
    at = 0
    for edit in sorted(_with_lines(source, _with_whole_breaks(source.text, edit)) for edit in set(edits)):
        if edit.span.start < at:
            continue
        pieces += [source.text[at : edit.span.start], edit.text.replace("\r\n", "\n").replace("\n", newline)]
        at = edit.span.end
    return "".join([*pieces, source.text[at:]])


def _with_whole_breaks(text: str, edit: Edit) -> Edit:
    """Return an edit that begins and ends beside a line break of two characters, not between them."""
    start, end = (at - (text[at - 1 : at + 1] == "\r\n") if at else at for at in (edit.span.start, edit.span.end))
    return Edit(Span(start, end), edit.text)


def _with_lines(source: Source, edit: Edit) -> Edit:
    """Return a removal that covers all that stands on its lines with those lines and their line breaks."""
    if edit.text or not edit.span:
        return edit
    lines = source.lines_of(edit.span)
    start, stop = source.line_span(lines[0]).start, source.line_span(lines[-1]).end
    if (source.text[start : edit.span.start] + source.text[edit.span.end : stop]).strip():
        return edit
    end = source.line_starts[lines[-1]] if lines[-1] < len(source.line_starts) else len(source.text)
    return Edit(Span(start, max(end, edit.span.end)), "")
