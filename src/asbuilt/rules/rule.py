"""What a rule is.

A rule is a module in this folder: its name is its code, its docstring is its page (`asbuilt explain CODE`), and its
function `check` yields diagnostics for a design. It needs no connection and no clock.
"""

from collections.abc import Callable, Iterator

from msgspec import Struct

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design

Check = Callable[[Design], Iterator[Diagnostic]]


class Rule(Struct, frozen=True):
    """A rule as the registry holds it; `page` is Markdown: what, why, example, what to do."""

    code: str
    check: Check
    page: str
