"""Inline Markdown undone: what a reader of the rendered page sees, every character leading back to the source."""

import html
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Container
from dataclasses import dataclass, field

from msgspec import Struct

from asbuilt.text import Excerpt

# Each alternative begins with a character of its own, so that what lies between is skipped at once.
_MARK = (
    r"\\|``*|\*\**|_(?<!\w_)_*|_(?<=\\__)_*|__*(?!\w)|~~~*|!\[|\[|\]|<|&|\r\n[ \t]*|\n[ \t]*|"
    "\u00a0|\u2007|\u202f"
)
_SPECIAL = re.compile(_MARK)  # `_` within a word is none
_CODE = re.compile(rf"`(?<!``)(?P<code>[^`\\\r\n\u00a0\u2007\u202f ][^`\\\r\n\u00a0\u2007\u202f]*)`(?!`)|{_MARK}")
_TICKS = re.compile("`+")
_IN_CODE = re.compile(r"\\\||\r?\n|[\u00a0\u2007\u202f]")
_ESCAPED = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)>")
_TARGET = re.compile(
    r"\(\s*(?:<[^<>\n]*>|[^\s()<>]*(?:\([^\s()]*\)[^\s()]*)*)"
    r"(?:\s+(?:\"[^\"]*\"|'[^']*'|\([^()]*\)))?\s*\)"
)
_REFERENCE = re.compile(r"\[([^\[\]]{0,200})\]")
_TAGS = "a|abbr|b|br|center|code|del|details|div|em|font|hr|i|img|ins|kbd|li|mark|ol|p|s|small|span|strong|sub|summary|sup|u|ul|wbr"
_TAG = re.compile(rf"</?({_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)


class Rendered(Struct, frozen=True, gc=False):
    """Text as rendered, and the pieces of it that stand in backticks and in `**`."""

    text: Excerpt
    codes: tuple[Excerpt, ...] = ()
    bolds: tuple[Excerpt, ...] = ()


@dataclass(slots=True)
class _Node:
    """`raw[start:end]`, shown as `shown` or, where that is None, as it stands."""

    start: int
    end: int
    shown: str | None = None


@dataclass(slots=True)
class _Run(_Node):
    """A run of `*`, `_` or `~`, and how many of its marks turned out to be emphasis, from the left and the right."""

    char: str = "*"
    can_open: bool = False
    can_close: bool = False
    left: int = 0
    right: int = 0

    @property
    def rest(self) -> int:
        return self.end - self.start - self.left - self.right


@dataclass(slots=True)
class _Scan:
    """The state of one pass over a text."""

    text: str
    references: Container[str]
    in_table: bool
    nodes: list[_Node] = field(default_factory=list)
    codes: list[tuple[int, int]] = field(default_factory=list)
    brackets: list[int] = field(default_factory=list)
    ticks: dict[int, list[int]] | None = None
    at: int = 0
    last_comment: int = field(init=False)

    def __post_init__(self) -> None:
        self.last_comment = self.text.rfind("-->")

    def keep(self, end: int) -> None:
        """Take the text up to `end` as it stands."""
        if end > self.at:
            self.nodes.append(_Node(self.at, end))
        self.at = end

    def show(self, end: int, shown: str) -> None:
        """Take the text up to `end` as `shown`."""
        self.nodes.append(_Node(self.at, end, shown))
        self.at = end


def render(raw: Excerpt, references: Container[str] = frozenset(), in_table: bool = False) -> Rendered:
    """Return `raw` as rendered. `references` are the labels in lower case that link definitions declare.

    In a table's cell `\\|` is a pipe inside backticks too.
    """
    plain = _with_codes(raw)
    if plain is not None:
        return plain
    scan = _Scan(raw.text, references, in_table)
    while found := _SPECIAL.search(raw.text, scan.at):
        scan.keep(found.start())
        _take(scan, found.group())
    scan.keep(len(raw.text))
    bolds = _emphasis([(i, n) for i, n in enumerate(scan.nodes) if isinstance(n, _Run)])
    return _assembled(raw, scan, bolds)


def _with_codes(raw: Excerpt) -> Rendered | None:
    """Return `raw` as rendered where nothing but code between single backticks is marked in it, as most often."""
    codes: list[Excerpt] = []
    shown: list[str] = []
    anchors: list[tuple[int, int]] = []
    text, start, at, length = raw.text, raw.anchors[0][1], 0, 0
    for found in _CODE.finditer(text):
        code = found["code"]
        if code is None or len(raw.anchors) > 1:
            return None
        first, behind = found.span()
        if first > at:
            anchors.append((length, start + at))
            length += first - at
        anchors.append((length, start + first + 1))
        length += len(code)
        shown += (text[at:first], code)
        codes.append(Excerpt(code, ((0, start + first + 1),)))
        at = behind
    if not codes:
        return Rendered(raw)
    if at < len(text):
        anchors.append((length, start + at))
        shown.append(text[at:])
    return Rendered(Excerpt("".join(shown), tuple(anchors)), tuple(codes))


def _take(scan: _Scan, mark: str) -> None:
    """Take the construct that begins with `mark` at `scan.at`."""
    first = mark[0]
    if first in "*_~":
        _take_run(scan, mark)
    elif first == "`":
        _take_code(scan, mark)
    elif first == "\\":
        _take_escape(scan)
    elif first in "[!":
        scan.brackets.append(len(scan.nodes))
        scan.keep(scan.at + len(mark))
    elif first == "]":
        _take_bracket(scan)
    elif first == "<":
        _take_html(scan)
    elif first == "&":
        _take_entity(scan)
    elif first in "\r\n":
        _take_break(scan, mark)
    else:
        scan.show(scan.at + 1, " ")


def _take_run(scan: _Scan, mark: str) -> None:
    """Take emphasis marks; what they can open and close is as in CommonMark, section 6.2."""
    end = scan.at + len(mark)
    before, after = scan.text[scan.at - 1 : scan.at] or " ", scan.text[end : end + 1] or " "
    opens = not after.isspace() and (not _is_punctuation(after) or before.isspace() or _is_punctuation(before))
    closes = not before.isspace() and (not _is_punctuation(before) or after.isspace() or _is_punctuation(after))
    if mark[0] == "_":
        can_open = opens and (not closes or _is_punctuation(before))
        can_close = closes and (not opens or _is_punctuation(after))
    else:
        can_open, can_close = opens, closes
    scan.nodes.append(_Run(scan.at, end, None, mark[0], can_open, can_close))
    scan.at = end


def _is_punctuation(char: str) -> bool:
    return char in _ESCAPED or unicodedata.category(char)[0] in "PS"


def _take_code(scan: _Scan, mark: str) -> None:
    if scan.ticks is None:
        scan.ticks = _ticks(scan.text)
    places = scan.ticks.get(len(mark), [])
    slot = bisect_left(places, scan.at + len(mark))
    if slot == len(places):
        scan.keep(scan.at + len(mark))
        return
    start, end = scan.at + len(mark), places[slot]
    inner = scan.text[start:end]
    padded = inner[:1] in " \n" and inner[-1:] in " \n" and bool(inner.strip())
    scan.show(start + padded, "")
    opened = len(scan.nodes)
    _take_verbatim(scan, end - padded)
    scan.codes.append((opened, len(scan.nodes)))
    scan.show(end + len(mark), "")


def code_spans(text: str) -> list[tuple[int, int]]:
    """Return where the pieces of `text` stand that backticks make code, those included."""
    ticks = _ticks(text)
    found: list[tuple[int, int]] = []
    for run in _TICKS.finditer(text):
        places = ticks[len(run.group())]
        slot = bisect_left(places, run.end())
        if slot < len(places) and (not found or run.start() >= found[-1][1]):
            found.append((run.start(), places[slot] + len(run.group())))
    return found


def _ticks(text: str) -> dict[int, list[int]]:
    """Return where the runs of backticks stand, by their length."""
    places: dict[int, list[int]] = {}
    for run in _TICKS.finditer(text):
        places.setdefault(len(run.group()), []).append(run.start())
    return places


def _take_verbatim(scan: _Scan, end: int) -> None:
    """Take the inside of a code span: only line breaks, no-break spaces and a cell's `\\|` are undone there."""
    while found := _IN_CODE.search(scan.text, scan.at, end):
        scan.keep(found.start())
        if found.group() == "\\|":
            if scan.in_table:
                scan.show(found.start() + 1, "")
            scan.keep(found.end())
        else:
            scan.show(found.end(), " ")
    scan.keep(end)


def _take_escape(scan: _Scan) -> None:
    following = scan.text[scan.at + 1 : scan.at + 2]
    if following and following in _ESCAPED:
        scan.show(scan.at + 1, "")
        scan.keep(scan.at + 1)
    elif following == "\n":
        scan.show(scan.at + 1, "")
    else:
        scan.keep(scan.at + 1)


def _take_bracket(scan: _Scan) -> None:
    """Take `]`: with a target behind it, it ends a link, and of the link its text stays."""
    close = scan.at
    opener = scan.brackets.pop() if scan.brackets else None
    end = None if opener is None else _link_end(scan, scan.nodes[opener].end)
    if opener is None or end is None:
        scan.keep(close + 1)
        return
    scan.nodes[opener].shown = ""
    scan.show(end, "")


def _link_end(scan: _Scan, start: int) -> int | None:
    """Return where the link ends whose text is `[start, scan.at)`, or None where it is none."""
    if target := _TARGET.match(scan.text, scan.at + 1):
        return target.end()
    label = scan.text[start : scan.at].strip().lower()
    if reference := _REFERENCE.match(scan.text, scan.at + 1):
        return reference.end() if (reference[1].strip().lower() or label) in scan.references else None
    return scan.at + 1 if label in scan.references else None


def _take_html(scan: _Scan) -> None:
    """Take `<`: of a tag that HTML knows nothing stays, but `Array<string>` stays as it is."""
    if scan.text.startswith("<!--", scan.at) and scan.last_comment >= scan.at + 4:
        scan.show(scan.text.index("-->", scan.at + 4) + 3, "")
    elif link := _AUTOLINK.match(scan.text, scan.at):
        scan.show(scan.at + 1, "")
        scan.keep(link.end(1))
        scan.show(link.end(), "")
    elif tag := _TAG.match(scan.text, scan.at):
        scan.show(tag.end(), "\n" if tag[1].lower() == "br" else "")
    else:
        scan.keep(scan.at + 1)


def _take_entity(scan: _Scan) -> None:
    if entity := _ENTITY.match(scan.text, scan.at):
        scan.show(entity.end(), html.unescape(entity.group()).replace("\xa0", " "))
    else:
        scan.keep(scan.at + 1)


def _take_break(scan: _Scan, mark: str) -> None:
    """Take a line break; the white space at either side of it is not shown."""
    last = scan.nodes[-1] if scan.nodes else None
    if last and last.shown is None and not isinstance(last, _Run):
        kept = scan.text[last.start : last.end].rstrip(" \t")
        last.end = last.start + len(kept)
    scan.keep(scan.at + mark.index("\n") + 1)
    scan.at += len(mark) - mark.index("\n") - 1


def _emphasis(runs: list[tuple[int, _Run]]) -> list[tuple[int, int]]:
    """Pair emphasis marks as CommonMark's appendix does; return the nodes that open and close each bold piece."""
    openers: list[tuple[int, _Run]] = []
    bottoms: dict[tuple[str, bool, int], int] = {}
    bolds: list[tuple[int, int]] = []
    for index, run in runs:
        while run.can_close and run.rest:
            key = (run.char, run.can_open, (run.end - run.start) % 3)
            slot = _opener_slot(openers, run, bottoms.get(key, 0))
            if slot is None:
                bottoms[key] = len(openers)
                break
            del openers[slot + 1 :]
            bottoms = {k: min(v, slot + 1) for k, v in bottoms.items()}
            at, opener = openers[slot]
            used = 2 if opener.rest > 1 and run.rest > 1 else 1
            opener.right += used
            run.left += used
            if used == 2 and run.char != "~":
                bolds.append((at, index))
            if not opener.rest:
                openers.pop()
                bottoms = {k: min(v, slot) for k, v in bottoms.items()}
        if run.can_open and run.rest:
            openers.append((index, run))
    return bolds


def _opener_slot(openers: list[tuple[int, _Run]], closer: _Run, bottom: int) -> int | None:
    """Return the place of the nearest opener that `closer` can close, or None."""
    for slot in range(len(openers) - 1, bottom - 1, -1):
        opener = openers[slot][1]
        if opener.char != closer.char:
            continue
        lengths = opener.end - opener.start, closer.end - closer.start
        if (opener.can_close or closer.can_open) and sum(lengths) % 3 == 0 and lengths[0] % 3:
            continue
        return slot
    return None


def _assembled(raw: Excerpt, scan: _Scan, bolds: list[tuple[int, int]]) -> Rendered:
    anchors: list[tuple[int, int]] = []
    shown: list[str] = []
    starts: list[int] = []
    length = 0
    for node in scan.nodes:
        starts.append(length)
        for text, offset in _pieces(raw, node):
            if not (anchors and offset - anchors[-1][1] == length - anchors[-1][0]):
                anchors.append((length, offset))
            shown.append(text)
            length += len(text)
    starts.append(length)
    whole = Excerpt("".join(shown), tuple(anchors) or ((0, raw.offset(0)),))
    codes = tuple(whole.cut(starts[a], starts[b]) for a, b in scan.codes)
    return Rendered(whole, codes, tuple(whole.cut(starts[a + 1], starts[b]) for a, b in sorted(bolds)))


def _pieces(raw: Excerpt, node: _Node) -> list[tuple[str, int]]:
    """Return what is shown of a node, cut where `raw` itself is not one piece of the source."""
    start, end = node.start, node.end
    if node.shown is not None:
        return [(node.shown, raw.offset(start))] if node.shown else []
    if isinstance(node, _Run):
        start, end = start + node.left, end - node.right
    if start >= end:
        return []
    if len(raw.anchors) == 1:
        return [(raw.text[start:end], raw.anchors[0][1] + start)]
    anchors = raw.cut(start, end).anchors
    stops = [*(i for i, _ in anchors[1:]), end - start]
    return [(raw.text[start + i : start + stop], o) for (i, o), stop in zip(anchors, stops, strict=True)]
