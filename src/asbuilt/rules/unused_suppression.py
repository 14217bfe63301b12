"""A comment allows a finding that is not there (any more), or names a rule that does not exist.

**Why it matters.** A leftover comment hides the next real finding at that place.

**Example.** `<!-- asbuilt: allow duplicate_index: kept for the migration -->` above a block without a duplicate index.

**What to do.** Remove the comment, or correct the code in it.
"""

from collections.abc import Iterable, Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.names import did_you_mean
from asbuilt.rules.suppression import Suppression


def check(design: Design) -> Iterator[Diagnostic]:
    """Yield nothing: whether a comment is used shows only when all other rules have run; see `findings`."""
    return iter(())


def findings(unused: Iterable[Suppression], codes: frozenset[str]) -> Iterator[Diagnostic]:
    """Yield a finding for each comment that allowed nothing."""
    for comment in unused:
        remove = Fix("remove the comment", (Edit(comment.span, ""),), is_safe=True)
        meant = None if comment.code in codes else did_you_mean(comment.code, codes)
        message = f"nothing here to allow: no `{comment.code}` is found"
        if comment.code not in codes:
            message = f"`{comment.code}` is no rule"
        yield Diagnostic(
            "unused_suppression",
            Severity.WARNING,
            message,
            (Label(comment.code_span),),
            f"did you mean `{meant}`?" if meant else "remove the comment",
            (remove,),
        )
