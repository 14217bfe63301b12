"""SQL text to tokens, by the lexical rules of PostgreSQL (the manual's section "Lexical Structure").

The boundaries are those of PostgreSQL's own scanner, but it works on anything: a quote that nobody closes ends with its
line, and what documents carry besides SQL has a kind of its own (`…`, backticks, a body in single `$`, psql's `\\c`).
Offsets count code points.
"""

import re

from msgspec import Struct

WORD = "word"
QUOTED = "quoted"
BACKTICK = "backtick"
STRING = "string"
BODY = "body"
SINGLE_BODY = "single body"
NUMBER = "number"
PARAMETER = "parameter"
ELISION = "elision"
COMMENT = "comment"
META = "meta"
SYMBOL = "symbol"


class Token(Struct, frozen=True, gc=False):
    """A token; `word` is its text in upper case where it is a word, its text where it is a symbol, else empty."""

    kind: str
    start: int
    end: int
    word: str


_TOKEN = re.compile(
    r"""
    \s*
    (?: (?P<word>(?![eEbBxXnN]'|[uU]&['"])[^\W\d][\w$]*)
    | (?P<mark>[,;()\[\]])
    | (?P<meta>(?:(?<=\n)|\A)[ \t]*\\(?:[a-zA-Z!?.][^\n]*))
    | (?P<comment>--[^\n\r]*|(?:(?<=\n)|\A)[ \t]*\#(?:[ \t][^\n]*|(?=\n|\Z)))
    | (?P<open_comment>/\*)
    | (?P<string>[eE]'(?:[^'\\]|\\.|'')*' | (?:[bBxXnN]|[uU]&)?'(?:[^']|'')*')
    | (?P<quoted>(?:[uU]&)?"(?:[^"]|"")+")
    | (?P<backtick>`[^`\n]+`)
    | (?P<body>\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?\$(?P=tag)\$)
    | (?P<single_body>(?<![\w$])\$(?=\s)(?:[^$]|\$(?=[\w]))*?(?<=\s)\$(?![\w$]))
    | (?P<parameter>\$\d+|(?<![:\w\]]):(?:[^\W\d]\w*|'[^'\n]*'|"[^"\n]*")(?!:))
    | (?P<elision>\.{3,}|…+)
    | (?P<number>(?:\d[\d_]*\.(?!\.)[\d_]*|\.?\d[\d_]*)(?:[eE][+-]?\d+)?)
    | (?P<prefix>[^\W\d][\w$]*)
    | (?P<symbol>::|:=|\.\.|[.:{}]|[-+*/<>=~!@\#%^&|?]|\S)
    )""",
    re.VERBOSE | re.DOTALL,
)
_OPERATOR = re.compile(r"(?:(?!--|/\*)[-+*/<>=~!@#%^&|`?])+")
_SIGNS = frozenset("~!@#%^&|`?")
_COMMENT_END = re.compile(r"/\*|\*/")
_WORDS = frozenset({"word", "prefix"})  # a string's prefix whose string nobody closes is a word
_KINDS = {"open_comment": COMMENT, "single_body": SINGLE_BODY, "tag": BODY}


def tokenize(text: str, at: int = 0) -> list[Token]:
    """Return the tokens of `text` from offset `at` on, comments included, white space left out. It takes any text."""
    tokens: list[Token] = []
    match = _TOKEN.match
    while found := match(text, at):
        group = found.lastgroup or ""
        at, end = found.start(group), found.end()
        if group in _WORDS:
            tokens.append(Token(WORD, at, end, text[at:end].upper()))
        elif group == "mark":
            tokens.append(Token(SYMBOL, at, end, text[at]))
        elif group == "symbol":
            end = _symbol_end(text, at, end)
            tokens.append(Token(SYMBOL, at, end, text[at:end]))
        else:
            end = _comment_end(text, end) if group == "open_comment" else end
            tokens.append(_trimmed(text, _KINDS.get(group, group), at, end))
        at = end
    return tokens


def _trimmed(text: str, kind: str, start: int, end: int) -> Token:
    """A comment or psql command at the start of a line was matched with its indent."""
    while kind in (META, COMMENT) and text[start] in " \t":
        start += 1
    return Token(kind, start, end, "")


def _symbol_end(text: str, start: int, end: int) -> int:
    """An operator takes all operator characters, but ends in `+` or `-` only beside a sign such as `~` or `@`."""
    operator = _OPERATOR.match(text, start)
    if operator is None:
        return end
    found = operator[0]
    while len(found) > 1 and found[-1] in "+-" and not _SIGNS & set(found):
        found = found[:-1]
    return start + len(found)


def _comment_end(text: str, at: int) -> int:
    """Block comments nest; one that is never closed takes the rest."""
    depth = 1
    for mark in _COMMENT_END.finditer(text, at):
        depth += 1 if mark[0] == "/*" else -1
        if not depth:
            return mark.end()
    return len(text)


def comment_text(comment: str) -> str:
    """Return the words of a comment: no `--`, `/* */`, leading stars or rulers."""
    if not comment.startswith("/*"):
        return _unruled(comment.lstrip("-#").strip())
    lines = comment.removeprefix("/*").removesuffix("*/").splitlines()
    return " ".join(words for line in lines if (words := _unruled(line.strip().lstrip("*").strip())))


def _unruled(line: str) -> str:
    """A line without the rulers that frame it."""
    words = line.strip(_RULERS)
    return words if not words or _is_ruled(line) else line


_RULERS = " -=*#─═"


def _is_ruled(line: str) -> bool:
    return line[:2] in ("==", "--", "**", "##", "──", "══") or line[-2:] in ("==", "--", "**", "##", "──", "══")


def unquoted(text: str, token: Token) -> str:
    """Return the value of a string, or the name that a word or quoted identifier stands for, folded as PostgreSQL does."""
    raw = text[token.start : token.end]
    if token.kind == WORD:
        return raw.lower()
    if token.kind == BACKTICK:
        return raw[1:-1]
    if token.kind == STRING:
        return raw[raw.index("'") + 1 : -1].replace("''", "'")
    return raw[1:-1].replace('""', '"') if token.kind == QUOTED else raw
