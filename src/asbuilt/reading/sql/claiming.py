"""Which fences hold SQL, and which part of them."""

import re

from asbuilt.document.blocks import Fence
from asbuilt.reading.sql.rewriting import cut
from asbuilt.text import Excerpt, Span

_LANGUAGES = frozenset(
    {"sql", "postgresql", "postgres", "pgsql", "plpgsql", "psql", "pg", "mysql", "mariadb", "sqlite", "sqlite3", "ddl"}
)
_DIALECTS = {"mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite", "sqlite3": "sqlite"}
_SHELLS = frozenset({"bash", "sh", "shell", "console", "zsh", "shell-session", "terminal"})
_OPEN = frozenset({"", "text", "txt", "plaintext", "plain"})
_PLAINLY = re.compile(
    r"\A(?:\s|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*(?:"
    r"create\s+(?:or\s+replace\s+)?(?:unique\s+|temp(?:orary)?\s+|unlogged\s+|materialized\s+)?"
    r"(?:(?:table|view|type|function|procedure|trigger|policy|extension|schema|sequence|domain)\s+(?:if\s+not\s+exists\s+)?[\w\".`]+[^.!?\n]*(?:[(;]|\bas\b|\n)"
    r"|index\s+[\w\".`\s]+?\son\s+[\w\".`]+)"
    r"|select\s[^;]*?\sfrom\s+[\w\".`(]+|insert\s+into\s+[\w\".`]+\s*(?:\(|values|select)|update\s+[\w\".`]+\s+set\s+[\w\".`]+\s*="
    r"|delete\s+from\s+[\w\".`]+\s*(?:where|;|\Z)|alter\s+table\s+[\w\".`]+\s+(?:add|alter|drop|rename|enable|owner)\b"
    r"|with\s+\w+\s+as\s*\()",
    re.IGNORECASE | re.DOTALL,
)
_COMMAND = re.compile(
    r"\b(?:psql|mysql|sqlite3)\b[^\n]*?(?:-c|--command|-e|--execute)[= ]?\s*(?P<quote>[\"'])(?P<sql>.*?)(?<!\\)(?P=quote)",
    re.DOTALL,
)
_HEREDOC = re.compile(
    r"<<-?\s*[\"']?(?P<tag>[A-Z_]+)[\"']?[^\n]*\n(?P<sql>.*?)^\s*(?P=tag)\s*$", re.DOTALL | re.MULTILINE
)
_TOOL = re.compile(r"\b(?:psql|mysql|sqlite3)\b")


def is_sql_language(language: str) -> bool:
    """Tell whether a fence's language is SQL in any of its spellings."""
    return language in _LANGUAGES


def dialect_of(language: str, dialect: str) -> str:
    """Return the dialect of a fence: its language may tell, else that of where it stands."""
    return _DIALECTS.get(
        language, "postgresql" if language in ("postgresql", "postgres", "pgsql", "plpgsql", "psql") else dialect
    )


def parts_of(fence: Fence) -> tuple[Excerpt, ...]:
    """Return the SQL in a fence, or nothing where it holds none."""
    if fence.language in _LANGUAGES:
        return (fence.body,)
    if fence.language in _OPEN:
        return (fence.body,) if _PLAINLY.match(fence.body.text) else ()
    return _in_shell(fence.body) if fence.language in _SHELLS and _TOOL.search(fence.body.text) else ()


def _in_shell(body: Excerpt) -> tuple[Excerpt, ...]:
    """`psql -c '…'` and `psql <<SQL … SQL` hold SQL; a command of psql's own (`\\l`) does not."""
    found = [m.span("sql") for m in _COMMAND.finditer(body.text) if not m["sql"].lstrip().startswith("\\")]
    for heredoc in _HEREDOC.finditer(body.text):
        if _TOOL.search(body.text, body.text.rfind("\n", 0, heredoc.start()) + 1, heredoc.start()):
            found.append(heredoc.span("sql"))
    return tuple(cut(body, start, end) for start, end in sorted(found) if body.text[start:end].strip())


def around(body: Excerpt, parts: tuple[Excerpt, ...]) -> tuple[Span, ...]:
    """Return the spans of a shell fence's lines that hold no SQL."""
    taken = [part.span() for part in parts]
    found: list[Span] = []
    at = 0
    for line in body.text.splitlines(keepends=True):
        span = body.span(at, at + len(line.rstrip("\r\n")))
        if len(span) and not any(span.overlaps(t) for t in taken):
            found.append(span)
        at += len(line)
    return tuple(found)
