"""An index is the beginning of another one.

**Why it matters.** A B-tree over `(user_id, created_at)` serves what one over `(user_id)` serves; the short one mostly
costs writes for nothing.

**Example.** `CREATE INDEX … ON orders (user_id)` beside `CREATE INDEX … ON orders (user_id, created_at)`.

**What to do.** Drop the shorter index, unless its smaller size is worth it.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.entities import IndexMention
from asbuilt.rules.lookup.keys import key_texts


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        plain = [i for i in entity.indexes if _is_plain(i)]
        for index in plain:
            longer = next((o for o in plain if o is not index and _begins(index, o)), None)
            if longer and not index.is_unique and longer.span != index.span:
                yield Diagnostic(
                    "redundant_index",
                    Severity.INFO,
                    f"{_named(index)} is the beginning of {_named(longer)}",
                    (Label(index.span, "this index"), Label(longer.span, "serves the same and more")),
                    "drop the shorter index",
                )


def _is_plain(index: IndexMention) -> bool:
    has_classes = any(key.opclass for key in index.keys)
    return (
        bool(index.keys) and index.method in (None, "btree") and not (index.predicate or index.include or has_classes)
    )


def _begins(short: IndexMention, long: IndexMention) -> bool:
    one, other = key_texts(short), key_texts(long)
    return len(one) < len(other) and other[: len(one)] == one


def _named(index: IndexMention) -> str:
    return f"`{index.name}`" if index.name else f"the index on `{', '.join(k.text for k in index.keys)}`"
