"""An amount of money is held in floating point.

**Why it matters.** 0.1 + 0.2 is not 0.3 there: totals drift by cents, and comparisons for equality fail.

**Example.** `price FLOAT NOT NULL`

**What to do.** Use `NUMERIC` with the digits that the amounts need; the fix writes `NUMERIC(12, 2)`.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Field
from asbuilt.model.fact import Form
from asbuilt.model.names import words
from asbuilt.model.types import Family

_MONEY = frozenset({"price", "amount", "total", "subtotal", "balance", "cost", "fee", "salary", "revenue", "payment"})
_OTHER = frozenset({"rate", "ratio", "percent", "percentage", "score", "count", "weight", "index", "ms", "seconds",
                    "time", "duration", "size", "bytes", "tokens", "hours", "days", "distance", "quantity", "factor"})  # fmt: skip
_BUILT = (Form.SQL, Form.TABLE)


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for field in entity.fields:
            if field.type and field.type.value.family == Family.FLOAT and _is_money(field.name):
                yield _finding(field)


def _is_money(name: str) -> bool:
    parts = set(words(name))
    return bool(parts & _MONEY) and not parts & _OTHER


def _finding(field: Field) -> Diagnostic:
    stated = [m.type for m in field.mentions if m.type and m.type.value.family == Family.FLOAT and m.form in _BUILT]
    place = stated[0] if stated else field.type
    edits = tuple(Edit(type.span, "NUMERIC(12, 2)") for type in stated)
    fixes = (Fix("write `NUMERIC(12, 2)`", edits),) if edits else ()
    raw = place.value.raw.strip().strip("`") if place else "float"
    message = f"`{field.subject}` holds money in `{raw}`, which rounds"
    span = place.span if place else field.span
    return Diagnostic("money_in_float", Severity.WARNING, message, (Label(span),), "use NUMERIC", fixes)
