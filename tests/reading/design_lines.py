"""The design lines of a document, counted without any reader's help.

A design line is a line, not blank, of a block that states a design: a table row, a bullet, a label line, SQL, a
diagram or drawing, JSON, TypeScript types, a plain-text schema, a class of a host language that declares a record.
No design lines are headings, prose, fence marks, application and service code, deployment files and file trees; nor
classes that name themselves a request, a response or a result, which are an interface's and no store's.
"""

import re

from asbuilt.document.blocks import Block, Document, Fence, List, Paragraph, Table

_DESIGN_LANGUAGES = frozenset(
    "sql postgresql pgsql plpgsql mysql sqlite mermaid erdiagram dbml prisma json jsonc json5 graphql".split()
)
_HOST_LANGUAGES = frozenset(
    "python py typescript ts tsx javascript js java kotlin go csharp cs dart rust swift php ruby".split()
)
_CLASS = re.compile(
    r"^(?:export\s+)?(?:public\s+|abstract\s+|sealed\s+|data\s+|final\s+|@dataclass\s+)*(?:class|interface|type|enum|struct|record)\s+\w+"
)
_RECORD_BODY = re.compile(
    r"__tablename__|\bColumn\(|mapped_column\(|models\.\w+Field\(|@(?:Column|PrimaryGeneratedColumn|Entity|Id)\b|`(?:json|gorm|db):"
)
_TYPE = re.compile(r"^(?:export\s+)?(?:declare\s+)?(?:interface|enum|type)\s+\w+|z\.object\(")
_STATEMENT = re.compile(r"\b(?:CREATE|ALTER|SELECT|INSERT|UPDATE|DELETE|GRANT)\s+\w+", re.ASCII)
_FILE_TREE = re.compile(r"[├└]──\s*[\w.-]+(?:/|\.(?:py|ts|js|sql|go|md|ya?ml|json|java|tsx))", re.ASCII)
_DRAWING = re.compile(r"[┌┐└┘│├┤─]|\+-{3,}\+|-{2,}[<>|]|\(\d|\bPK\b")
_COMPACT = re.compile(r"^\s*\w+\s*[({]|^\s*\w+\s+\w+\s*,|^\s*[\w*]+\s*:\s*\w+", re.ASCII)
_LABEL = re.compile(r"^\s*\*\*[^*\n]+?(?:[:：]\*\*|\*\*\s*[:：])\s*[^\s:：]")
_LINK = re.compile(r"\[[^\]\n]*\]\([^()\n]*\)")
_MESSAGE = re.compile(r"\b\w+(?:Request|Response|Result|Input|Output|Payload|DTO|Dto)\b")


def design_lines(document: Document) -> frozenset[int]:
    """Return the numbers of the design lines of `document`."""
    found: set[int] = set()
    for block in document.walk():
        found |= _lines(document, block)
    return frozenset(found)


def _lines(document: Document, block: Block) -> set[int]:
    source = document.source
    if isinstance(block, Fence):
        first = source.line_at(block.body.span().start) if block.body.text else 0
        return {first + at for at in fence_lines(block.language, block.body.text)}
    numbers = [n for n in source.lines_of(block.span) if source[source.line_span(n)].strip()]
    if isinstance(block, Table):
        return set(numbers)
    if isinstance(block, List):
        items = [item for _, item in block.walk() if not _LINK.fullmatch(item.raw.text.strip())]
        return {source.line_at(item.span.start) for item in items}
    if isinstance(block, Paragraph):
        return {n for n in numbers if _LABEL.match(source[source.line_span(n)])}
    return set()


def fence_lines(language: str, body: str) -> list[int]:
    """Return which lines of a fence, counted from 0, are design lines."""
    lines = body.split("\n")
    filled = [at for at, line in enumerate(lines) if line.strip()]
    if language in _DESIGN_LANGUAGES:
        return filled
    if language in _HOST_LANGUAGES:
        return filled if _TYPE.search(body) and language.startswith(("ty", "ts")) else _records(lines)
    if _FILE_TREE.search(body):
        return []
    if _STATEMENT.search(body) or (not language and (_DRAWING.search(body) or _COMPACT.search(body))):
        return filled
    return []


def _records(lines: list[str]) -> list[int]:
    """Return the lines of the classes that declare a record."""
    found: list[int] = []
    starts = [at for at, line in enumerate(lines) if _CLASS.match(line)]
    for start in starts:
        end = _end_of_class(lines, start)
        if not _MESSAGE.search(lines[start]) and _RECORD_BODY.search("\n".join(lines[start:end])):
            found += [at for at in range(start, end) if lines[at].strip()]
    return found


def _end_of_class(lines: list[str], start: int) -> int:
    outside = (at for at in range(start + 1, len(lines)) if lines[at].strip() and not lines[at][0].isspace())
    end = next(outside, len(lines))
    return end + 1 if end < len(lines) and lines[end].startswith("}") else end
