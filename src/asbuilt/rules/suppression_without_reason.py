"""A comment allows a finding and does not say why.

**Why it matters.** The next reader cannot tell a decision from an oversight.

**Example.** `<!-- asbuilt: allow missing_primary_key -->`

**What to do.** Write the reason behind the code: `<!-- asbuilt: allow missing_primary_key: append-only log -->`.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.rules.suppression import suppressions


def check(design: Design) -> Iterator[Diagnostic]:
    for comment in suppressions(design.source):
        if not comment.reason:
            message = f"`{comment.code}` is allowed without a reason"
            yield Diagnostic(
                "suppression_without_reason",
                Severity.WARNING,
                message,
                (Label(comment.code_span),),
                f"write the reason: `allow {comment.code}: …`",
            )
