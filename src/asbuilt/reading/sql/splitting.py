"""Tokens to statements: where each begins and ends, and which comments belong to it."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from asbuilt.reading.sql.lexing import COMMENT, META, Token
from asbuilt.reading.sql.remarks import speaks_of_index

STARTERS = frozenset(
    ["ALTER", "ANALYZE", "BEGIN", "CALL", "CHECKPOINT", "CLUSTER", "COMMENT", "COMMIT", "COPY", "CREATE", "DELETE", "DELIMITER", "DO", "DROP", "EXPLAIN", "GRANT", "IMPORT", "INSERT", "LISTEN", "LOCK", "MERGE", "NOTIFY", "OPTIMIZE", "PRAGMA", "REASSIGN", "REFRESH", "REINDEX", "RESET", "REVOKE", "ROLLBACK", "SECURITY", "SELECT", "SET", "SHOW", "START", "TRUNCATE", "UPDATE", "USE", "VACUUM", "VALUES", "WITH"]
)  # fmt: skip
_NESTED = frozenset(
    {"SELECT", "INSERT", "UPDATE", "DELETE", "SET", "WITH", "VALUES", "DO", "USE", "COMMENT", "START", "ANALYZE"}
)
"""Words that begin a line inside many a statement: only the parser can tell."""


class Piece(Struct, frozen=True):
    """A statement's tokens without its semicolon, the comments inside included.

    `above` are the comment lines right above it, `below` those that follow it (on its line, or before the next gap).
    `end` lies behind the semicolon, or behind the last token where there is none.
    """

    tokens: tuple[Token, ...]
    end: int
    is_terminated: bool = True
    above: tuple[Token, ...] = ()
    below: tuple[Token, ...] = ()

    @property
    def start(self) -> int:
        return self.tokens[0].start

    @property
    def stop(self) -> int:
        return self.tokens[-1].end


def pieces_of(text: str, tokens: Sequence[Token]) -> list[Piece]:
    """Return the statements, each with its comments."""
    bare: list[tuple[list[Token], Token | None]] = []
    free: list[list[Token]] = [[]]
    for run, semicolon in _runs(text, tokens):
        inside = _without_outer_comments(run)
        if not inside:
            free[-1] += run
            continue
        first = run.index(inside[0])
        free[-1] += run[:first]
        free.append(list(run[first + len(inside) :]))
        bare.append((inside, semicolon))
    return [_piece(text, i, bare, free) for i in range(len(bare))]


def _piece(text: str, index: int, bare: list[tuple[list[Token], Token | None]], free: list[list[Token]]) -> Piece:
    inside, semicolon = bare[index]
    end = semicolon.end if semicolon else inside[-1].end
    previous = bare[index - 1] if index else None
    before = (previous[1] or previous[0][-1]).end if previous else None
    above = _shared(text, before, free[index], inside[0].start)[1]
    is_last = index + 1 == len(bare)
    below = _shared(text, end, free[index + 1], None if is_last else bare[index + 1][0][0].start)[0]
    return Piece(tuple(inside), end, semicolon is not None, tuple(above), tuple(below))


def _shared(text: str, end: int | None, comments: list[Token], start: int | None) -> tuple[list[Token], list[Token]]:
    """Share the comments between two statements out: those below the first, those above the second."""
    groups = list(_groups(text, end, comments))
    below: list[Token] = []
    if end is not None and groups and _is_close(text, end, groups[0][0].start):
        is_between = start is not None and len(groups) == 1 and _is_close(text, groups[0][-1].end, start)
        below = [c for c in groups[0] if not is_between or "\n" not in text[end : c.start] or _looks_back(text, c)]
    above = groups[-1] if groups and start is not None and _is_close(text, groups[-1][-1].end, start) else []
    return below, [c for c in above if c not in below]


def _looks_back(text: str, comment: Token) -> bool:
    return speaks_of_index(text[comment.start : comment.end])


def _is_close(text: str, end: int, start: int) -> bool:
    return text.count("\n", end, start) <= 1


def _groups(text: str, end: int | None, comments: list[Token]) -> Iterator[list[Token]]:
    """Yield runs of comments without an empty line between them; what stands on the statement's own line is one."""
    group: list[Token] = []
    for comment in comments:
        if group and not _is_close(text, group[-1].end, comment.start):
            yield group
            group = []
        group.append(comment)
    if group:
        yield group


def _without_outer_comments(run: Sequence[Token]) -> list[Token]:
    inside = [i for i, token in enumerate(run) if token.kind != COMMENT]
    return list(run[inside[0] : inside[-1] + 1]) if inside else []


def _runs(text: str, tokens: Sequence[Token]) -> Iterator[tuple[list[Token], Token | None]]:
    """Yield the tokens of each statement and the semicolon that ends it."""
    run: list[Token] = []
    depth = blocks = 0
    for at, token in enumerate(tokens):
        if token.kind == META and not depth and all(t.kind == COMMENT for t in run):
            yield [*run, token], None
            run = []
            continue
        word = token.word
        if word == ";" and (not (depth or blocks) or _opens_anew(text, tokens, at)):
            yield run, token
            run, depth, blocks = [], 0, 0
            continue
        if word == "CREATE" and not (depth or blocks) and _is_left_open(text, run, token):
            yield run, None
            run = []
        run.append(token)
        if word == "(":
            depth += 1
        elif word == ")":
            depth = max(0, depth - 1)
        elif word == "BEGIN" or blocks:
            blocks = max(0, blocks + _opening(word, run, tokens, at, blocks))
    yield run, None


def _is_left_open(text: str, run: Sequence[Token], token: Token) -> bool:
    """`CREATE` at the very start of a line ends a statement without a semicolon; `CREATE SCHEMA` may hold others."""
    words = [t.word for t in run if t.kind != COMMENT][:2]
    if not words or (token.start and text[token.start - 1] != "\n"):
        return False
    return words[0] not in ("EXPLAIN", "PREPARE") and words != ["CREATE", "SCHEMA"] and not is_wrapper(run)


def _opening(word: str, run: list[Token], tokens: Sequence[Token], at: int, blocks: int) -> int:
    """`BEGIN ATOMIC … END` and `CREATE MIGRATION … BEGIN … END` hold semicolons of their own; so may `CASE … END` inside."""
    if word == "BEGIN" and not blocks:
        is_atomic = at + 1 < len(tokens) and tokens[at + 1].word == "ATOMIC"
        return 1 if is_atomic or is_wrapper(run) else 0
    if blocks:
        return {"CASE": 1, "BEGIN": 1, "END": -1}.get(word, 0)
    return 0


def is_wrapper(run: Sequence[Token]) -> bool:
    """Tell whether a statement is the pseudo-statement `CREATE MIGRATION name …`."""
    words = [t.word for t in run if t.kind != COMMENT][:2]
    return words == ["CREATE", "MIGRATION"]


def _opens_anew(text: str, tokens: Sequence[Token], at: int) -> bool:
    """Behind a semicolon inside an unclosed bracket, a statement's first word at the very start of a line ends it all the same."""
    following = next((t for t in tokens[at + 1 : at + 40] if t.kind != COMMENT), None)
    if following is None:
        return False
    return following.word in STARTERS and (following.start == 0 or text[following.start - 1] == "\n")


def restarts(text: str, tokens: Sequence[Token]) -> list[int]:
    """Return where, by index, a statement may begin anew in tokens that no parser took: a statement's first word on a new line."""
    found: list[int] = []
    depth = 0
    for at, token in enumerate(tokens):
        if token.word == "(":
            depth += 1
        elif token.word == ")":
            depth = max(0, depth - 1)
        elif at and token.word in STARTERS and not text[_line_start(text, token.start) : token.start].strip():
            is_sure = token.word not in _NESTED and token.start and text[token.start - 1] == "\n"
            if not depth or is_sure:
                found.append(at)
    return found


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1
