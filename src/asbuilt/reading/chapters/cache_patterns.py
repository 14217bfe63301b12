"""Patterns of cache keys: what is fixed in them and what is a hole."""

import re

_HOLE = re.compile(r"\$\{([^}]*)\}|\{([^}]*)\}|<([\w. -]+)>|%\(?(\w+)\)?s|(?<=:):(\w+)")


def parameters_of(pattern: str) -> tuple[str, ...]:
    """Return the names of a pattern's holes: `${user.id}` and `{userId}` give `user.id` and `userId`."""
    found = (next(g for g in match.groups() if g is not None).strip() for match in _HOLE.finditer(pattern))
    return tuple(dict.fromkeys(name for name in found if name))
