"""SQL as text: what is a string or a comment blanked out, so that what is left can be searched."""

import re

_HIDDEN = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/|\$(\w*)\$.*?\$\1\$", re.DOTALL)


def masked(text: str) -> str:
    """Return the text with strings and comments blanked out, each offset as it was."""
    return _HIDDEN.sub(lambda found: " " * len(found[0]), text)


def closing(text: str, opening: int) -> int:
    """Return the offset of the bracket that closes the one at `opening`; the text's end where none does. Pass masked text."""
    depth = 0
    for at in range(opening, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if not depth:
            return at
    return len(text)
