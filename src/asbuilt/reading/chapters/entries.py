"""Entries: the lines of lists and labelled paragraphs, each split into its key and what is said of it."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from msgspec import Struct

from asbuilt.document.blocks import Block, Item, List, Paragraph
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.text import Excerpt, Span


class Entry(Struct, frozen=True):
    """A line that says something: `key` is its label (`RTO`), `value` what follows, the whole text where there is no key.

    `span` is all of it with its marks; `subject` is the nearest label, outer item or heading; `title` all of them, for the words in them. `is_strong`: the
    key is marked as such, in bold or in backticks.
    """

    span: Span
    text: Excerpt
    key: Excerpt | None
    value: Excerpt
    subject: str
    title: str
    codes: tuple[Excerpt, ...] = ()
    number: int | None = None
    is_checked: bool | None = None
    is_strong: bool = False

    @property
    def name(self) -> str:
        """The key, or what the line stands under."""
        return self.key.text if self.key else self.subject

    @property
    def words(self) -> str:
        """The whole line, without the line breaks that only wrap it."""
        return " ".join(self.text.text.split())

    @property
    def is_unfilled(self) -> bool:
        return bool(find_placeholders(self.text))


_KEY = re.compile(r"(?P<key>[^\n:：]{1,60}?)[ \t]*[:：](?!//)[ \t]*")
_SEPARATOR = re.compile(r"[ \t]*(?:[:：]|\s[-–—]{1,2}\s|[-=]?>|→|[–—])[ \t]*")
_BOLD = re.compile(r"(?<![*\w])(\*\*|__)(?P<key>(?:(?!\1)[^\n])+?)\1[ \t]*(?P<colon>[:：])?")
_NUMBERING = re.compile(r"^\s*(?:\d+(?:\.\d+)*[.)、]?\s+|[^\w\[(（<]+)|(?<![\s:：*])[\s:：*]+$")


def entries_of(block: Block) -> tuple[Entry, ...]:
    """Return the entries of a list (nested items included) or of a paragraph of `**Key**: value` lines, else none."""
    if isinstance(block, List):
        label = block.label.text if block.label else ""
        return tuple(_listed(block, _bare(label) or _heading(block), f"{label}\n{_titles(block)}"))
    if isinstance(block, Paragraph):
        return tuple(_labelled(block))
    return ()


def subject_of(block: Block) -> str:
    """Return the label or else the heading that `block` stands under, bare of numbers and marks."""
    label = getattr(block, "label", None)
    return (_bare(label.text) if isinstance(label, Excerpt) else "") or _heading(block)


def title_of(block: Block) -> str:
    """Return everything that `block` stands under, innermost first: its label and the two headings next above."""
    label = getattr(block, "label", None)
    return f"{label.text if isinstance(label, Excerpt) else ''}\n{_titles(block)}"


def _heading(block: Block) -> str:
    return _bare(block.heading.text.text) if block.heading else ""


def _titles(block: Block) -> str:
    return "\n".join(heading.text.text for heading in reversed(block.path[1:][-2:] or block.path))


@lru_cache(maxsize=4096)
def _bare(text: str) -> str:
    line = text.strip().rsplit("\n", 1)[-1]
    return _NUMBERING.sub("", _NUMBERING.sub("", line)).strip()


def _listed(block: List, subject: str, title: str) -> Iterator[Entry]:
    for item in block.items:
        entry = _entry(item, subject, title)
        yield entry
        nested = [child for child in item.children if isinstance(child, List)]
        if nested:
            name = _bare(entry.key.text if entry.key else item.text.text) or subject
            for child in nested:
                yield from _listed(child, name, f"{name}\n{title}")


def _entry(item: Item, subject: str, title: str) -> Entry:
    text = item.text.strip()
    cut = _strong_key(text, (*item.bolds[:1], *item.codes[:1])) or _plain_key(text, item.codes)
    key, value, is_strong = cut or (None, text, False)
    return Entry(
        item.raw.strip().span(), text, key, value, subject, title, item.codes, item.number, item.is_checked, is_strong
    )


def _strong_key(text: Excerpt, marked: tuple[Excerpt, ...]) -> tuple[Excerpt, Excerpt, bool] | None:
    """A piece in bold or in backticks that opens the line, and a colon, a dash or an arrow behind or at its end."""
    for mark in marked:
        word = mark.text.rstrip()
        bare = word.rstrip(":：").rstrip()
        if not bare or not text.text.startswith(word):
            continue
        separator = _SEPARATOR.match(text.text, len(word))
        if bare == word and separator is None:
            continue
        start = separator.end() if separator else len(word)
        return text.cut(0, len(bare)), text.cut(start, len(text.text)).strip(), True
    return None


def _plain_key(text: Excerpt, codes: tuple[Excerpt, ...]) -> tuple[Excerpt, Excerpt, bool] | None:
    match = _KEY.match(text.text)
    if match is None or not _is_key(match["key"]):
        return None
    colon = text.offset(match.end("key"))
    if any(colon in code.span() for code in codes) or (
        re.match(r"\d\d\b", text.text[match.end() :]) and match["key"][-1].isdigit()
    ):
        return None
    return text.cut(0, match.end("key")), text.cut(match.end(), len(text.text)).strip(), False


def _is_key(text: str) -> bool:
    """A key is short and no sentence."""
    return bool(text.strip()) and len(text.split()) <= 8 and not re.search(r"[.!?]\s|[。！？，]|[{}]|^[^(]*\)", text)


def _labelled(block: Paragraph) -> Iterator[Entry]:
    """The lines of a paragraph, where each is opened by a key in bold, or the whole is `Key: value` lines or in italics."""
    keys = [match["key"].strip().rstrip(":：").strip() for match in _BOLD.finditer(block.raw.text) if _opens(match)]
    starts = list(_starts(block.text.text, keys)) if keys else _plain_starts(block)
    for start, end in pairwise([*starts, len(block.text.text)]):
        line = block.text.cut(start, end).strip()
        cut = _KEY.match(line.text)
        if cut and cut["key"].strip() and line.text[cut.end() :]:
            key, value = line.cut(0, cut.end("key")), line.cut(cut.end(), len(line.text)).strip()
            yield Entry(
                _with_marks(line.span(), block.raw),
                line,
                key,
                value,
                _heading(block),
                _titles(block),
                is_strong=bool(keys),
            )


def _with_marks(span: Span, raw: Excerpt) -> Span:
    """Return `span` with the emphasis that encloses it in `raw`."""
    first = start = span.start - raw.offset(0)
    last = end = span.end - raw.offset(0)
    while start > 0 and raw.text[start - 1 : start] in ("*", "_", "`"):
        start -= 1
    while end < len(raw.text) and raw.text[end] in "*_`":
        end += 1
    is_verbatim = raw.offset(start) == span.start - (first - start) and raw.offset(first) == span.start
    return Span(span.start - (first - start), span.end + (end - last)) if is_verbatim else span


def _opens(match: re.Match[str]) -> bool:
    return bool(match["colon"]) or match["key"].rstrip().endswith((":", "："))


def _starts(text: str, keys: list[str]) -> Iterator[int]:
    at = 0
    for key in keys:
        plain = re.sub(r"[`*_\\]", "", key)
        found = re.compile(rf"{re.escape(plain)}[ \t]*[:：]").search(re.sub(r"[`*\\]", "·", text), at)
        if plain and found:
            yield found.start()
            at = found.end()


def _plain_starts(block: Paragraph) -> list[int]:
    text, raw = block.text.text, block.raw.text.strip()
    lines = [match.start() for match in re.finditer(r"^[^\n]+", text, re.MULTILINE)]
    keyed = [
        start
        for start in lines
        if (match := _KEY.match(text, start)) and _is_key(match["key"]) and text[match.end() : match.end() + 1].strip()
    ]
    is_italic = len(lines) == 1 and re.fullmatch(r"([*_])(?!\1)[^*_\n]+\1", raw) is not None
    is_short = all(len(line) <= 80 for line in text.split("\n"))
    is_label = (
        len(lines) == 1
        and (match := _KEY.match(text)) is not None
        and len(match["key"]) <= 24
        and len(match["key"].split()) <= 3
    )
    return keyed if len(keyed) == len(lines) and (is_italic or (is_short and len(lines) > 1) or is_label) else []
