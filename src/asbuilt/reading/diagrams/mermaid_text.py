"""A mermaid diagram's kind and its lines, without what only concerns how it looks."""

import re
from functools import lru_cache

from msgspec import Struct

from asbuilt.document.blocks import Block, Fence
from asbuilt.text import Excerpt, Span

_KINDS = (
    "erDiagram|graph|flowchart(?:-elk)?|classDiagram(?:-v2)?|sequenceDiagram|stateDiagram(?:-v2)?|gantt|pie|journey|mindmap|timeline|"
    "gitGraph|quadrantChart|requirementDiagram|sankey(?:-beta)?|xychart(?:-beta)?|block(?:-beta)?|packet(?:-beta)?|architecture(?:-beta)?|"
    "C4Context|C4Container|C4Component|C4Dynamic|C4Deployment|kanban|zenuml"
)
_HEAD = re.compile(rf"\s*(?P<kind>{_KINDS})(?![\w-])")
_UNMARKED = re.compile(r"\s*(?:erDiagram|(?:graph|flowchart)\s+(?:TB|TD|BT|LR|RL)\b|classDiagram\b)")
_LOOK = re.compile(
    r"\s*(?:(?:direction\s+(?:TB|TD|BT|LR|RL))\s*;?\s*$|title\s|acc(?:Title|Descr)\s*[:{]|style\s+\S+\s|classDef\s|class\s[^{}]*$|"
    r"linkStyle\s|click\s)",
)


class Diagram(Struct, frozen=True):
    """`lines` are the statements, as written; `prose` the comments, directives and styles between them."""

    kind: str
    lines: tuple[Excerpt, ...]
    prose: tuple[Span, ...]


def diagram_of(block: Block) -> Diagram | None:
    """Return the mermaid diagram that a fence holds, or None where it holds none."""
    if not isinstance(block, Fence) or block.language not in ("mermaid", "mmd", "", "text"):
        return None
    if not block.language.startswith("m") and not _UNMARKED.match(block.body.text):
        return None
    return _parted(block.body)


@lru_cache(maxsize=16)
def _parted(body: Excerpt) -> Diagram:
    """Return a diagram in its lines, with a memo: several readers ask about the same fence."""
    prose: list[Span] = []
    found: list[Excerpt] = []
    kind, until = "", ""
    for line in lines_of(body):
        text = line.text.strip()
        if not text:
            continue
        opened = "" if until else _opens(text, is_first=not kind)
        if until or opened or text.startswith("%%") or (kind and _LOOK.match(text)):
            until = until if until and until not in text else opened
            prose.append(line.strip().span())
        elif kind:
            found.append(line)
        else:
            head = _HEAD.match(line.text)
            kind = head["kind"] if head else "unknown"
            rest = line.cut(head.end() if head else 0, len(line.text))
            found += [rest] if rest.text.strip() else []
    return Diagram(kind, tuple(found), tuple(prose))


def _opens(text: str, is_first: bool) -> str:
    """Return what closes the passage that `text` opens and that is no statement."""
    if text == "---" and is_first:
        return "---"
    if text.startswith("%%{") and "}%%" not in text:
        return "}%%"
    return "}" if re.match(r"accDescr\s*\{[^}]*$", text) else ""


def lines_of(body: Excerpt) -> tuple[Excerpt, ...]:
    """Return the lines of `body` without their line breaks."""
    found: list[Excerpt] = []
    at = 0
    while at <= len(body.text):
        end = body.text.find("\n", at)
        end = len(body.text) if end < 0 else end
        found.append(body.cut(at, end))
        at = end + 1
    return tuple(found)
