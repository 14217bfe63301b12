"""SQL as text: strings and comments made unreadable, so that what is left can be searched."""

import re

_HIDDEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)


def masked(text: str) -> str:
    """Return the text with comments blanked out and strings made of quotes only, each offset as it was."""
    return _HIDDEN.sub(lambda found: (" " if found[0][0] in "-/" else "'") * len(found[0]), text)


def closing(text: str, opening: int) -> int:
    """Return the offset of the bracket that closes the one at `opening`; the text's end where none does. Pass masked text."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return at
    return len(text)
