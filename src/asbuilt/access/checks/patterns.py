"""PostgreSQL's advanced regular expressions and LIKE patterns as ECMAScript ones that match the same texts.

What is written uses only what Python and ECMAScript read alike (for Python, `python` makes `$` what it is elsewhere: the very
end). What PostgreSQL means by a class (`\\w`, `[:alpha:]`) or by ignoring case depends on the locale beyond ASCII: such a
pattern `is_ascii`, it says nothing of other texts. Sources: PostgreSQL's manual, 9.7.3; `src/backend/regex`.
"""

import re
from typing import NamedTuple


class Pattern(NamedTuple):
    """A pattern, to be searched for anywhere in a text; `is_ascii`: it speaks of ASCII texts only."""

    text: str
    is_ascii: bool


class _Untold(Exception):
    """The pattern holds what the other side might read otherwise."""


_CLASSES = {
    "alpha": "A-Za-z", "digit": "0-9", "alnum": "A-Za-z0-9", "upper": "A-Z", "lower": "a-z", "space": r"\t-\r ",
    "blank": r"\t ", "punct": r"!-\/:-@\[-`{-~", "xdigit": "0-9A-Fa-f", "word": "A-Za-z0-9_",
}  # fmt: skip
_SHORT = {"d": "digit", "w": "word", "s": "space"}
_CONTROL = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_SYNTAX = frozenset("^$\\.*+?()[]{}|/")
_IN_SET = frozenset("\\]^-[$")
_MANY = 9
_BOUND = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUPS = ("(?:", "(?=", "(?!", "(?<=", "(?<!")


def from_regex(pattern: str, *, ignores_case: bool) -> Pattern | None:
    """Return an advanced regular expression's equal, None where there is none for certain."""
    if pattern.startswith(("***", "(?")) and not pattern.startswith(_GROUPS):
        return None
    try:
        reader = _Reader(pattern, ignores_case)
        text = reader.read()
        re.compile(python(text))
    except (_Untold, re.error, RecursionError):
        return None
    return Pattern(text, reader.is_ascii)


def from_like(pattern: str, *, ignores_case: bool) -> Pattern | None:
    """Return a LIKE pattern's equal, None where there is none for certain."""
    reader = _Reader("", ignores_case)
    found, at = "", 0
    try:
        while at < len(pattern):
            char = pattern[at]
            if char == "\\":
                at += 1
                found += reader.char(pattern[at]) if at < len(pattern) else _untold()
            else:
                found += {"%": r"[\s\S]*", "_": r"[\s\S]"}.get(char) or reader.char(char)
            at += 1
    except _Untold:
        return None
    return Pattern(f"^{found}$", ignores_case)


def python(pattern: str) -> str:
    """Return a pattern as Python's `re` reads it: there `$` would match before a line's end too."""
    return re.sub(r"\\.|\$", lambda found: r"\Z" if found[0] == "$" else found[0], pattern, flags=re.DOTALL)


def _untold() -> str:
    raise _Untold


def _is_endless(count: str) -> bool:
    """Tell whether a quantifier repeats so often that another one around it could take for ever."""
    bound = _BOUND.match(count)
    if bound and bound[2]:
        return not bound[3] or int(bound[3]) > _MANY
    return count[:1] in ("*", "+")


class _Reader:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str, ignores_case: bool) -> None:
        self.pattern = pattern
        self.ignores_case = ignores_case
        self.is_ascii = ignores_case
        self.at = 0

    def read(self) -> str:
        found, _ = self._branches()
        return found if self.at == len(self.pattern) else _untold()

    def _next(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _take(self, count: int = 1) -> str:
        taken = self.pattern[self.at : self.at + count]
        self.at += count
        return taken if len(taken) == count else _untold()

    def _branches(self) -> tuple[str, bool]:
        """Return what stands up to a bracket that closes, and whether something in it repeats without end."""
        found, repeats = "", False
        while self._next() not in ("", ")"):
            if self._next() == "|":
                found += self._take()
                continue
            atom, is_open = self._atom()
            count = self._quantifier()
            is_endless = _is_endless(count)
            if is_endless and is_open:
                raise _Untold  # what repeats inside a repetition can take a backtracking matcher for ever
            repeats = repeats or is_endless or is_open
            found += atom + count
        return found, repeats

    def _quantifier(self) -> str:
        found = ""
        if self._next() in ("*", "+", "?") and self._next():
            found = self._take()
        elif bound := _BOUND.match(self.pattern, self.at):
            found = self._take(len(bound[0]))
        if found and self._next() == "?":
            found += self._take()
        return _untold() if found and self._next() in ("*", "+", "?") and self._next() else found

    def _atom(self) -> tuple[str, bool]:
        char = self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return self._set(), False
        if char == "\\":
            return self._escape(), False
        self._take()
        if char in "^$":
            return char, False
        return (r"[\s\S]" if char == "." else self.char(char)), False

    def _group(self) -> tuple[str, bool]:
        opening = next((group for group in _GROUPS if self.pattern.startswith(group, self.at)), "(")
        self._take(len(opening))
        if opening == "(" and self._next() == "?":
            raise _Untold
        first = self._first()
        inner, repeats = self._branches()
        self._take()
        is_kept_apart = self._is_kept_apart(first, inner) if repeats else False
        return f"{'(?:' if opening == '(' else opening}{inner})", repeats and not is_kept_apart

    def _first(self) -> str:
        """Return the character that a group begins with, empty where it is not a plain one."""
        char, following = self._next(), self.pattern[self.at + 1 : self.at + 2]
        if char == "\\":
            return "" if following.isalnum() else following
        return "" if char in tuple("([^$.*+?|{)") else char

    def _is_kept_apart(self, first: str, inner: str) -> bool:
        """Tell whether each repetition of a group begins with a character that cannot stand elsewhere in it: `(-[a-z]+)*`."""
        lead = self.char(first) if first else ""
        rest = inner.removeprefix(lead)
        if not lead or "|" in inner or rest[:1] in ("*", "+", "?", "{") or r"[\s\S]" in rest or "[^" in rest:
            return False
        return re.fullmatch(r"(?:\[(?:[^\]\\]|\\.)*\](?:[*+?]|\{[\d,]*\})?)+", rest) is not None and not any(
            re.compile(part).match(first) for part in re.findall(r"\[(?:[^\]\\]|\\.)*\]", rest)
        )

    def _escape(self) -> str:
        self._take()
        char = self._take()
        if char.lower() in _SHORT and char.isascii():
            self.is_ascii = True
            return f"[{'^' if char.isupper() else ''}{_CLASSES[_SHORT[char.lower()]]}]"
        if char in "AZ":
            return "^" if char == "A" else "$"
        return self.char(self._escaped(char))

    def _escaped(self, char: str) -> str:
        if char == "u":
            code = self._take(4)
            return chr(int(code, 16)) if re.fullmatch("[0-9a-fA-F]{4}", code) else _untold()
        if char in _CONTROL:
            return _CONTROL[char]
        return _untold() if char.isalnum() or not char.isascii() else char

    def char(self, char: str) -> str:
        """Return what matches one character."""
        if not self.ignores_case or not char.isalpha():
            return f"\\{char}" if char in _SYNTAX else char
        return f"[{char.lower()}{char.upper()}]" if char.isascii() else _untold()

    def _set(self) -> str:
        self._take()
        is_negated = self._next() == "^"
        if is_negated:
            self._take()
        found = ""
        is_first = True
        while self._next() != "]" or is_first:
            found += self._member()
            is_first = False
        self._take()
        if is_negated and self.ignores_case and re.match(f"[{found}]", "i"):
            raise _Untold  # what is no `i` in either case depends on the locale
        return f"[{'^' if is_negated else ''}{found}]"

    def _member(self) -> str:
        for opening in ("[:", "[.", "[="):
            if self.pattern.startswith(opening, self.at):
                return self._class()
        if self._next() == "\\" and self.pattern[self.at + 1 : self.at + 2] in tuple("dws"):
            self._take()
            self.is_ascii = True
            return _CLASSES[_SHORT[self._take()]]
        first = self._single()
        if self._next() == "-" and self.pattern[self.at + 1 : self.at + 2] not in ("]", ""):
            self._take()
            if self._next() == "[":
                raise _Untold
            return self._range(first, self._single())
        return "".join(map(_in_set, self._cases(first)))

    def _single(self) -> str:
        char = self._take()
        return self._escaped(self._take()) if char == "\\" else char

    def _class(self) -> str:
        end = self.pattern.find(":]", self.at)
        name = self.pattern[self.at + 2 : end]
        if end < 0 or name not in _CLASSES:
            raise _Untold
        self._take(end + 2 - self.at)
        self.is_ascii = True
        if self.ignores_case and name in ("upper", "lower"):
            return _CLASSES["alpha"]
        return _CLASSES[name]

    def _range(self, first: str, last: str) -> str:
        if first > last:
            raise _Untold
        plain = f"{_in_set(first)}-{_in_set(last)}"
        if not self.ignores_case:
            return plain
        if not (first.isascii() and last.isascii()):
            raise _Untold
        letters = {c.swapcase() for c in map(chr, range(ord(first), ord(last) + 1)) if c.isalpha()}
        return plain + _spans(sorted(c for c in letters if not first <= c <= last))

    def _cases(self, char: str) -> str:
        if not self.ignores_case or not char.isalpha():
            return char
        return char.lower() + char.upper() if char.isascii() else _untold()


def _in_set(char: str) -> str:
    return f"\\{char}" if char in _IN_SET else char


def _spans(letters: list[str]) -> str:
    """Return letters in order as ranges: a, b, c, x give `a-cx`."""
    found: list[list[str]] = []
    for letter in letters:
        if found and ord(found[-1][-1]) + 1 == ord(letter):
            found[-1].append(letter)
        else:
            found.append([letter])
    return "".join(f"{run[0]}-{run[-1]}" if len(run) > 2 else "".join(run) for run in found)
