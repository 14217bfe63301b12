"""Placeholders: what a document leaves to be filled in, and what is wanted there."""

import re
from collections.abc import Iterator

from asbuilt.document.blocks import Row
from asbuilt.model.fact import Placeholder
from asbuilt.text import Excerpt

_BRACKET = re.compile(r"(?P<before>[\w\]/{=\"'!$^]?[ \t]*)\[(?P<inner>[^\[\]]{1,400})\]")
_EXAMPLE = re.compile(
    r"^(?:e\.?g\.?|i\.e\.|ex[.:]|例如|例[:：]|如[:：]|예[:：]|напр|например|p\.? ?ej|por ej|p\. ?ex|z\.? ?b\.|örn)",
    re.IGNORECASE,
)
_CHARACTER_CLASS = re.compile(r"\^?(?:\\.|[A-Za-z0-9]-[A-Za-z0-9]|[^\w\s]|_|[A-Za-z0-9](?=[^\w\s]|[A-Za-z0-9]-|$))+")
_TAG = re.compile(
    r"(?:[pfu]k(?:\s*[/,+]\s*[pfu]k)*|primary key|foreign key|unique|index(?:ed)?|not null|null(?:able)?|optional|required|deprecated|new|done|wip|"
    r"important|warning|note|tip|caution|must|should|may|auto|computed|planned|ref:.*|note:.*|default:.*|increment|"
    r"(?:rfc|iso|cve|adr|pr|issue)[ -]?[\d-]+|p\d|v?\d[\d.]*|todo|tbd)",
    re.IGNORECASE,
)
_DBML_WORD = re.compile(r"pk|fk|uk|primary key|unique|not null|null|increment|(?:ref|note|default)\s*:.*")
_LIST_OF = re.compile(r"String|Number|Boolean|Date|ObjectId|Object|Mixed|Buffer|Int|Float|Double|Map|UUID|Text")
"""A list's type as MongoDB's schemas write it (`[String]`); `[Type]` is still to be filled in."""
_CODE = re.compile(r"=>|\"|==|\w\(|\bfor\b.+\bin\b|\w\.[a-z_]\w*\b|\w=\w|:\w+:")
_IDENTIFIERS = re.compile(r"[a-z_][a-z0-9_.]*(?:\s*,\s*[a-z_][a-z0-9_.]*)+(?:\s+(?:asc|desc))?", re.IGNORECASE)
_META = re.compile(
    r"(?:entity|table|column|field|enum|parent|child|fk|pk|join|schema|database|db|collection|your|feature|project|"
    r"attribute|description|pattern|placeholder|author|name|version|team|company|owner|repo|profile|date|number|link|url)",
    re.IGNORECASE,
)
_CODE_META = re.compile(
    r"(?:entity|table|column|field|enum(?!erate)|parent|child|fk|pk|join|schema|your)", re.IGNORECASE
)
_LETTER = re.compile(r"[XN]{1,3}|n")
# What stands in all that `_OTHERS` finds, each opened by a letter or mark of its own: looked for in a tenth of the time.
_LIKELY = re.compile(r"<[A-Za-z]|\{\{|____|\|\s|YYYY|yyyy|XX|-X|X\.X|X\.Y|TBD|T\.B|TODO|待|未定|미정")
_ENGINE = r"(?:PostgreSQL|MySQL|MariaDB|MongoDB|DynamoDB|Redis|SQLite|SQL Server|Oracle|Firestore|Cassandra)"
_OTHERS = re.compile(
    r"(?P<date>\b(?:YYYY|yyyy)(?P<sep>[-/.])(?:MM|mm)(?P=sep)(?:DD|dd)\b|\b(?:DD|MM)(?P<sep2>[-/.])(?:MM|DD)(?P=sep2)YYYY\b"
    r"|\b(?:20XX|XXXX)-XX-XX\b|YYYY年MM月DD日)"
    r"|(?P<letters>\b[A-Z][A-Za-z]+-X{1,4}\b|\bv?X\.[XY](?:\.[XYZ])?\b)"
    r"|(?P<angle>(?<![\w:])<(?P<angled>[A-Za-z][A-Za-z0-9]*(?:[-_ ][A-Za-z0-9]+)*)>(?!:))"
    r"|(?P<curly>(?<![\w:$])\{\{\s*[A-Za-z_][\w .-]*\}\}(?!:))"
    rf"|(?P<choice>{_ENGINE}(?:\s\|\s{_ENGINE}){{2,}})"
    r"|(?P<later>\b(?:TBD|T\.B\.D\.)(?!\w)|(?<![\w])TODO\b(?:\([^()\n]*\))?(?:[:：][^\n]*)?|待定|待补充|待填写|未定|미정|_{4,})"
)
_HTML = frozenset(
    [
        "a",
        "abbr",
        "b",
        "br",
        "body",
        "button",
        "code",
        "dd",
        "del",
        "details",
        "div",
        "dl",
        "dt",
        "em",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "head",
        "hr",
        "html",
        "i",
        "iframe",
        "img",
        "input",
        "kbd",
        "li",
        "link",
        "main",
        "nav",
        "ol",
        "option",
        "p",
        "pre",
        "s",
        "script",
        "section",
        "select",
        "small",
        "span",
        "strong",
        "style",
        "sub",
        "summary",
        "sup",
        "table",
        "tbody",
        "td",
        "textarea",
        "th",
        "thead",
        "title",
        "tr",
        "u",
        "ul",
        "var",
        "video",
        "string",
        "number",
        "boolean",
        "any",
        "void",
        "t",
        "k",
        "v",
        "int",
        "integer",
        "text",
        "uuid",
        "object",
        "null",
    ]
)
_ANGLED = re.compile(
    r"your|insert|enter|name|host|port|user|pass(?:word)?|database|db|schema|project|token|secret|key|url|path|id\b",
    re.IGNORECASE,
)
_FORMAT = re.compile(r"format|pattern|格式|形式|형식|формат|biçim", re.IGNORECASE)
_LABEL = re.compile(r"(?:^|[.;!?]\s|\s[-–—]\s)?\s*([^\n.;!?]{1,80}?)\s*[:：]\s*[*_`]*\s*[^:：\n]{0,24}$")
_MARKUP = re.compile(r"^[\s>*+#|-]+|[*`_]{2,}|(?<!\w)[*`]|[*`](?!\w)")


def find_placeholders(text: Excerpt, *, is_code: bool = False) -> tuple[Placeholder, ...]:
    """Return the placeholders in `text`, in order. In code only what plainly is one counts."""
    found: list[tuple[int, int]] = []
    if "[" in text.text:
        found += [(m.start("inner") - 1, m.end()) for m in _brackets(text.text, is_code)]
    if _LIKELY.search(text.text):
        found += [m.span() for m in _others(text.text, is_code) if not any(s <= m.start() < e for s, e in found)]
    if not found:
        return ()
    return tuple(_made(text, start, end, spans) for spans in [sorted(found)] for start, end in spans)


def is_placeholder(text: str) -> bool:
    """Tell whether `text` as a whole is a placeholder, or several with nothing but punctuation between them."""
    found = find_placeholders(Excerpt.at(text, 0))
    if not found:
        return False
    rest = list(text)
    for placeholder in found:
        start, end = placeholder.span.start, placeholder.span.end
        rest[start:end] = "\0" * (end - start)
    left = re.sub(r"[A-Za-z0-9]*_*\0[\0_]*(?:_[A-Za-z0-9]+)?", " ", "".join(rest))
    return not re.search(r"\w", left)


def find_empty_row(row: Row, header: Row) -> Placeholder | None:
    """Return a placeholder for a table row whose every cell is empty."""
    if any(cell.text.text.strip() for cell in row.cells):
        return None
    wanted = ", ".join(name for cell in header.cells if (name := cell.text.text.strip()))
    return Placeholder(span=row.span, text="", wanted=f"a row: {wanted}" if wanted else "a row")


def _brackets(text: str, is_code: bool) -> Iterator[re.Match[str]]:
    for match in _BRACKET.finditer(text):
        if _is_bracketed(text, match, is_code):
            yield match


def _is_bracketed(text: str, match: re.Match[str], is_code: bool) -> bool:
    inner = match["inner"].strip()
    start, end = match.start("inner") - 1, match.end()
    if not inner or "\n\n" in match["inner"] or not re.search(r"[^\W\d_]", inner):
        return False
    if _EXAMPLE.match(inner):
        return True
    if _is_markdown(text, start, end) or _is_value(inner) or _LIST_OF.fullmatch(inner):
        return False
    if _is_part_of_name(text, start, end):
        return True
    if all(_DBML_WORD.fullmatch(word.strip()) for word in inner.split(",")):
        return False
    if text[:start][-1:].isascii() and text[:start][-1:].isalnum():
        return False
    return _is_plain_in_code(text, inner, start, end) if is_code else _is_plain_in_prose(text, inner, start, end)


def _is_markdown(text: str, start: int, end: int) -> bool:
    """Links, images, footnotes, references and their definitions, checkboxes, an attribute's lists (`@@index([a, b])`)."""
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if text[start + 1] in "^!@" or before == "!" or after[:1] == "[":
        return True
    if after[:1] == "(":
        return not re.match(r"\([^()\n]*\[[^()\n]*\)", text[end:])
    if before == "]" and after[:1] != ",":
        return True
    if before == "(" and after[:1] == ")" and re.search(r"@\w+\($", line):
        return True
    if re.fullmatch(r"\s*(?:[-*+]|\d+[.)])\s+", line) and text[start:end].lower() == "[x]":
        return True
    return not line.strip() and bool(re.match(r":\s*(?:https?://|[./#<])", text[end:]))


def _is_value(inner: str) -> bool:
    """Literals, identifier lists, character classes: what stands in brackets in its own right."""
    if inner[0] in "\"'{" or re.match(r"\w+:\s*\w+$", inner) or _CODE.search(inner):
        return True
    return bool(_CHARACTER_CLASS.fullmatch(inner) and "-" in inner and not inner.isalpha()) or bool(
        _IDENTIFIERS.fullmatch(inner) and inner == inner.lower() and not _CODE_META.search(inner)
    )


def _is_part_of_name(text: str, start: int, end: int) -> bool:
    """`idx_[table]_[column]`, and `[column]` in `[table]([column])`."""
    if text[start - 1 : start] == "_" or text[end : end + 2] == "_[":
        return True
    return bool(re.search(r"\]\([^()\n]*$", text[max(0, start - 40) : start]))


def _is_plain_in_code(text: str, inner: str, start: int, end: int) -> bool:
    before = text[text.rfind("\n", 0, start) + 1 : start].rstrip()
    after = text[end : text.find("\n", end) if "\n" in text[end:] else len(text)].strip()
    if " " in inner:
        is_prose = bool(re.match(r"[^\W\d_][\w'’-]*(?:[ ,]+[\w'’/&()-]+)+[.:]?$", inner)) and inner[0].isupper()
        return is_prose and not after and (not before or before.endswith((":", "：", "-", "*", "→", "#", "//", "--")))
    return before[-1:] not in ("{", "=") and bool(_CODE_META.search(inner)) and inner.isidentifier()


def _is_plain_in_prose(text: str, inner: str, start: int, end: int) -> bool:
    if _TAG.fullmatch(inner) or text[start - 1 : start] == "/":
        return False
    if _LETTER.fullmatch(inner) or _META.search(inner):
        return True
    if re.search(r"[^\W\d]\S*[\s/|&-]+\S*[^\W\d]", inner):
        return True
    line = text[text.rfind("\n", 0, start) + 1 : start].strip()
    after = text[end : end + 1]
    stands_alone = (not line or line[-1] in ":：-*|→↔⇒>") and after in ("", "\n", ".", ",", ";", " ", "|", "*")
    return stands_alone and not text[end:].split("\n", 1)[0].strip(" .,;|*")


def _others(text: str, is_code: bool) -> Iterator[re.Match[str]]:
    for match in _OTHERS.finditer(text):
        line = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if _is_other(match, line, text[match.end() : match.end() + 1], is_code):
            yield match


def _is_other(match: re.Match[str], line: str, after: str, is_code: bool) -> bool:
    if match["date"] or match["letters"]:
        return not (_FORMAT.search(line) or (line[-1:] in "'\"(`" and line)) and after not in ("'", '"', ")")
    if match["angle"]:
        word = match["angled"].lower()
        return word not in _HTML and (bool(re.search(r"[-_ ]", word)) or bool(_ANGLED.search(word)))
    if (match["later"] or "").startswith("TODO"):
        return len(match["later"]) > 4 or after in ("", "\n") or bool(re.search(r"(?:--|//|#|/\*|\(|<!--)\s*$", line))
    return not (is_code and match["later"] and match["later"].startswith("_"))


def _made(text: Excerpt, start: int, end: int, spans: list[tuple[int, int]]) -> Placeholder:
    raw = text.text[start:end]
    opening = max([0, text.text.rfind("\n", 0, start) + 1, *(e for _, e in spans if e <= start)])
    line = text.text[opening:].split("\n", 1)[0]
    is_letter = _LETTER.fullmatch(raw.strip("[]")) is not None
    wanted = _MARKUP.sub("", line).strip() if is_letter else _wanted(raw, _MARKUP.sub("", text.text[opening:start]))
    return Placeholder(span=text.span(start, end), text=raw, wanted=wanted)


def _wanted(raw: str, before: str) -> str:
    inner = " ".join(raw.strip("[]{}<>").split())
    if _EXAMPLE.match(inner):
        return re.sub(r"^e\.?g\.?[,:]?\s*", "e.g. ", inner, flags=re.IGNORECASE)
    inner = re.sub(r"^TODO(?:\([^()]*\))?[:：]\s*(?=\S)", "", inner)
    label = _LABEL.search(before)
    return f"{label[1].strip()}: {inner}" if label and inner else inner
