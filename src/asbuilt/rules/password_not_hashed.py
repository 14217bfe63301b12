"""A column holds a password, and nothing says that it is a hash; or it is too short for one.

**Why it matters.** Who gets a copy of the table gets the passwords. A bcrypt hash has 60 characters: a shorter column
refuses it.

**Example.** `password VARCHAR(64) NOT NULL`

**What to do.** Call it `password_hash`, say how it is hashed, and leave room for the hash (255 characters).
"""

import re
from collections.abc import Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from asbuilt.model.design import Design, Field
from asbuilt.model.entities import FieldMention
from asbuilt.model.fact import Form
from asbuilt.model.types import Family
from asbuilt.text import Span

_PLAIN = frozenset({"password", "passwd", "pwd", "user_password"})
_HASH = re.compile(
    r"^(?:password|passwd|pwd)_?(?:hash|digest|hashed)$|^(?:hashed|encrypted)_?(?:password|pwd)$", re.IGNORECASE
)
_SAID = re.compile(r"hash|bcrypt|argon|scrypt|pbkdf|digest|encrypt|哈希|加密|散列", re.IGNORECASE)
_SHORTEST = 60


def check(design: Design) -> Iterator[Diagnostic]:
    for entity in design.tables():
        for field in entity.fields:
            if field.type and field.type.value.family == Family.STRING:
                yield from _of(design, field)


def _of(design: Design, field: Field) -> Iterator[Diagnostic]:
    type = field.type
    if field.name.lower() in _PLAIN and not any(_says_so(design, m) for m in field.mentions):
        message = f"`{field.subject}` holds a password, and nothing says that it is a hash"
        help = "store a hash (argon2, bcrypt), and call it `password_hash`"
        yield Diagnostic("password_not_hashed", Severity.WARNING, message, (Label(_name(field)),), help)
    elif _HASH.match(field.name) and type and type.value.arguments and type.value.arguments[0] < _SHORTEST:
        length = type.value.arguments[0]
        message = f"`{field.subject}` has {length} characters; a bcrypt hash has {_SHORTEST}"
        stated = [m.type for m in field.mentions if m.type and m.type.value.arguments and m.form == Form.SQL]
        edits = tuple(Edit(t.span, t.value.raw.replace(str(t.value.arguments[0]), "255", 1)) for t in stated)
        fixes = (Fix("make room for 255 characters", edits),) if edits else ()
        yield Diagnostic("password_not_hashed", Severity.WARNING, message, (Label(type.span),), "make it longer", fixes)


def _name(field: Field) -> Span:
    mention = next((m for m in field.mentions if m.form == Form.SQL), field.mentions[0])
    return mention.name_span


def _says_so(design: Design, mention: FieldMention) -> bool:
    """Tell whether the mention's line, or its description, speaks of a hash."""
    line = design.source.line_span(design.source.line_at(mention.name_span.start))
    return bool(_SAID.search(design.source[line]) or _SAID.search(mention.description))
