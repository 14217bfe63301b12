"""A column in SQL has a type that neither PostgreSQL nor the document knows.

**Why it matters.** The statement fails: `type "order_state" does not exist`.

**Example.** `status order_state NOT NULL`, and the document creates `order_status`.

**What to do.** Correct the name, or add `CREATE TYPE … AS ENUM (…)` before the table.
"""

from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic
from asbuilt.model.design import Design
from asbuilt.model.fact import Form
from asbuilt.model.names import normal
from asbuilt.model.sql import SqlStatement
from asbuilt.model.types import Family
from asbuilt.rules.lookup.wording import not_found

_RARE = frozenset(
    ["name", "xml", "oid", "bit", "varbit", "macaddr8", "pg_lsn", "jsonpath", "line", "lseg", "box", "path", "circle", "ltree", "lquery", "vector", "halfvec", "sparsevec", "hstore", "citext", "geometry", "geography", "regclass", "regtype", "regconfig", "regproc", "int4multirange", "record", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange", "xid8", "txid_snapshot", "pg_snapshot", "void"]
)  # fmt: skip


def check(design: Design) -> Iterator[Diagnostic]:
    made = {o.name for s in design.of(SqlStatement) for o in s.creates if o.kind in ("type", "domain", "enum", "table")}
    made |= {enum.name for enum in design.enums if enum.form == Form.SQL}
    known = {normal(name) for name in made}
    for entity in design.tables():
        for mention in (m for f in entity.fields for m in f.mentions if m.form == Form.SQL and m.type):
            type = mention.type
            if type is None or type.value.family != Family.OTHER or type.value.is_native or type.value.name in _RARE:
                continue
            if normal(type.value.name.rpartition(".")[2]) not in known and not _is_platform(type.value.name):
                message = f"the type `{type.value.raw}` is nowhere defined"
                yield not_found("undefined_type", message, type.span, type.value.raw, sorted(made), design)


def _is_platform(name: str) -> bool:
    """A qualified type comes from a schema, often an extension's."""
    return "." in name and not name.startswith("public.")
