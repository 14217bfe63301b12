"""Names and values as SQL writes them."""

import re
from functools import lru_cache

from asbuilt import sql_parser

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")


@lru_cache(maxsize=65536)
def identifier(name: str) -> str:
    """Return a name as it must be written to mean exactly `name`: quoted only when needed."""
    if _PLAIN.match(name) and not _is_keyword(name):
        return name
    return '"' + name.replace('"', '""') + '"'


def unquoted(written: str) -> str:
    """Return the name that an identifier as SQL writes it means."""
    return written[1:-1].replace('""', '"') if written.startswith('"') else written


def _is_keyword(word: str) -> bool:
    """Tell whether PostgreSQL keeps the word for itself in some places."""
    tokens = sql_parser.scan(word).tokens
    return bool(tokens) and tokens[0].keyword_kind > 1


def qualified(name: str, schema: str | None) -> str:
    return identifier(name) if schema in (None, "public") else f"{identifier(schema)}.{identifier(name)}"


def columns(names: tuple[str, ...]) -> str:
    return ", ".join(identifier(name) for name in names)


def literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def relation(name: str) -> str:
    """Return a state's name, qualified by its schema unless that is `public`, as SQL writes it."""
    schema, dot, bare = name.partition(".")
    return f"{identifier(schema)}.{identifier(bare)}" if dot else identifier(schema)
