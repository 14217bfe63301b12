"""An index uses a method that its column's type does not go with.

**Why it matters.** GIN over plain text and B-tree over `json` are refused (*no default operator class*); a B-tree over
`jsonb` finds only whole documents, never a key in them.

**Example.** `CREATE INDEX idx_users_metadata ON users (metadata)`, and `metadata` is `JSONB`.

**What to do.** Use GIN for `jsonb` and arrays; for a search inside text GIN with `gin_trgm_ops`.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Entity
from asbuilt.model.entities import IndexKey, IndexMention
from asbuilt.model.fact import Form
from asbuilt.model.types import Family, TypeName
from asbuilt.text import Span

_PLAIN = frozenset(
    {Family.STRING, Family.INTEGER, Family.UUID, Family.BOOLEAN, Family.TIMESTAMP, Family.DATE, Family.DECIMAL}
)


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for index in entity.indexes:
            if index.form == Form.SQL:
                yield from _unfit(design, entity, index)


def _unfit(design: Design, entity: Entity, index: IndexMention) -> Iterator[Diagnostic]:
    for key in index.keys:
        field = entity.field(key.text) if not key.is_expression and not key.opclass else None
        type = field.type.value if field and field.type else None
        if field is None or type is None or (type.is_array and index.method == "gin"):
            continue
        if index.method == "gin" and type.family in _PLAIN and "btree_gin" not in design.source.text:
            yield _gin(field.subject, key, type)
        elif index.method in (None, "btree") and type.name in ("json", "jsonb") and len(index.keys) == 1:
            yield _btree(design, field.subject, key, type, index)


def _gin(subject: str, key: IndexKey, type: TypeName) -> Diagnostic:
    message = f"GIN does not take `{subject}`, which is `{type.name}`"
    is_text = type.family == Family.STRING
    edits = (Edit(Span(key.span.start, key.span.end), f"{key.text} gin_trgm_ops"),)
    fixes = (Fix("use `gin_trgm_ops`, of the extension pg_trgm", edits),) if is_text else ()
    help = "use gin_trgm_ops, or to_tsvector" if is_text else "leave the method out"
    return Diagnostic("index_method_unfit", Severity.ERROR, message, (Label(key.span),), help, fixes)


def _btree(design: Design, subject: str, key: IndexKey, type: TypeName, index: IndexMention) -> Diagnostic:
    severity = Severity.ERROR if type.name == "json" else Severity.WARNING
    message = f"a B-tree over `{subject}` finds whole documents only"
    if type.name == "json":
        message = f"there is no B-tree over `{subject}`, which is `json`"
    opening = design.source.text.rfind("(", index.span.start, key.span.start)
    can_insert = opening > 0 and index.method is None and type.name == "jsonb" and not index.is_unique
    fixes = (Fix("use GIN", (Edit(Span(opening, opening), "USING gin "),)),) if can_insert else ()
    help = "use GIN" if type.name == "jsonb" else "make it `jsonb`, and use GIN"
    return Diagnostic("index_method_unfit", severity, message, (Label(key.span),), help, fixes)
