"""A name is longer than the 63 bytes that PostgreSQL keeps.

**Why it matters.** PostgreSQL cuts it without an error; two names that differ behind the cut collide, and who looks for
the whole name finds nothing.

**Example.** `CREATE INDEX idx_customer_subscription_billing_address_verification_status_created_at …`

**What to do.** Shorten the name.
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Label, Severity
from asbuilt.model.design import Design
from asbuilt.model.sql import Role, SqlStatement
from asbuilt.rules.lookup.sql_text import masked
from asbuilt.text import Span

_LIMIT = 63
_LONG = re.compile(r'"[^"]*"|[^\W\d][\w$]{15,}')
"""What may be too long: a character takes four bytes at most."""
_ROLES = (Role.SCHEMA, Role.MIGRATION)


def check(design: Design) -> Iterator[Diagnostic]:
    seen: set[str] = set()
    for name, span in (*_in_sql(design), *_elsewhere(design)):
        if len(name.encode()) > _LIMIT and name.lower() not in seen:
            seen.add(name.lower())
            kept = name.encode()[:_LIMIT].decode(errors="ignore")
            message = f"`{name}` has {len(name.encode())} bytes, and PostgreSQL keeps {_LIMIT} of them"
            help = f"shorten it: PostgreSQL would cut it to `{kept}`"
            yield Diagnostic("identifier_too_long", Severity.WARNING, message, (Label(span),), help)


def _in_sql(design: Design) -> Iterator[tuple[str, Span]]:
    for statement in design.of(SqlStatement):
        if statement.role in _ROLES and statement.dialect == "postgresql":
            for found in _LONG.finditer(masked(statement.text.text)):
                yield found[0].strip('"'), statement.text.span(found.start(), found.end())


def _elsewhere(design: Design) -> Iterator[tuple[str, Span]]:
    for entity in design.tables():
        yield entity.name, entity.span
        yield from ((field.name, field.mentions[0].name_span) for field in entity.fields)
        yield from ((index.name, index.span) for index in entity.indexes if index.name)
