"""Pieces of Markdown that hold what a database calls things, whatever characters that is made of."""

import re
from collections.abc import Iterable, Iterator, Sequence

_MARKUP = re.compile(r"([\\`*_\[\]<>#|~&])")
_LINE_START = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))", re.MULTILINE)
_TICKS = re.compile(r"`+")
_WORD = re.compile(r"\w+")


def code(name: str) -> str:
    """Return a name as code, backticks in it included."""
    longest = max((len(run) for run in _TICKS.findall(name)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{ticks}{pad}{' '.join(name.split())}{pad}{ticks}"


def prose(text: str) -> str:
    """Return a text as paragraphs that show it as it is, nothing in it taken for markup."""
    escaped = _MARKUP.sub(r"\\\1", "\n".join(line.strip() for line in text.strip().splitlines()))
    return _LINE_START.sub(
        lambda found: f"{found[1]}\\{found[2]}" if not found[2].isdigit() else _numbered(found), escaped
    )


def quote(text: str) -> str:
    """Return a text as a quotation, which labels nothing that follows it."""
    return "\n".join(f"> {line}".rstrip() for line in prose(text).splitlines())


def _numbered(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}\\"


def sql(statements: Sequence[str]) -> str:
    """Return statements as a fence: what is of one kind and fits a line stands together, else an empty line between."""
    body: list[str] = []
    last = ""
    for statement in statements:
        kind = _kind(statement)
        if body and (kind != last or "\n" in statement or "\n" in body[-1]):
            body.append("")
        body.append(f"{statement};")
        last = kind
    longest = max((len(run) for run in _TICKS.findall("\n".join(body))), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}sql", *body, fence])


def _kind(statement: str) -> str:
    """Return the words that tell statements apart that should not stand close together."""
    words = [word for word in _WORD.findall(statement[:40]) if word != "UNIQUE"]
    return words[0] if words[:1] in (["COMMENT"], ["GRANT"], ["REVOKE"]) else " ".join(words[:2])


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence."""
    found = list(names)
    return " and ".join(filter(None, [", ".join(found[:-1]), found[-1]])) if found else ""


def chapters(parts: Iterable[tuple[str, Sequence[str]]]) -> Iterator[str]:
    """Yield the blocks of numbered chapters; a block `### …` is a section, numbered within its chapter."""
    for number, (title, blocks) in enumerate(parts, 1):
        yield f"## {number}. {title}"
        section = 0
        for block in blocks:
            if block.startswith("### "):
                section += 1
                block = f"### {number}.{section} {block.removeprefix('### ')}"
            yield block
