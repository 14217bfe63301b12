"""The one place where names are matched: one entity has many spellings, all with the same normal form."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_a-zA-Z]+")
_DIGITS = re.compile(r"\d+")
_SUFFIXES = frozenset({"table", "tables", "entity", "entities", "collection", "model", "表"})
_IRREGULAR = {
    "people": "person", "children": "child", "men": "man", "women": "woman", "indices": "index", "matrices": "matrix",
    "vertices": "vertex", "data": "data", "criteria": "criterion", "media": "media", "series": "series",
    "species": "species", "news": "news", "analyses": "analysis", "bases": "base", "cookies": "cookie",
    "movies": "movie", "aliases": "alias", "statuses": "status", "buses": "bus", "caches": "cache",
}  # fmt: skip


@lru_cache(maxsize=65536)
def words(name: str) -> tuple[str, ...]:
    """Return the lower-case words of a name: `userId`, `user_id` and `User ID` give `("user", "id")`."""
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """Return the singular of a lower-case English word; a word that is none comes back as it is."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "xes", "sses", "zzes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=16384)
def plural(word: str) -> str:
    """Return the plural of a lower-case English word."""
    for many, one in _IRREGULAR.items():
        if one == word:
            return many
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


@lru_cache(maxsize=65536)
def normal(name: str) -> str:
    """Return the normal form of a name: words in lower case, singular, joined by `_`, `Table` and the like left out."""
    found = list(words(name))
    while len(found) > 1 and found[-1] in _SUFFIXES:
        found.pop()
    return "_".join([*found[:-1], singular(found[-1])]) if found else name.strip().lower()


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that `name` most likely is a slip of, or None; what differs in a number only is another thing."""
    by_normal = {normal(k): k for k in known if not _is_another_number(name, k)}
    close = get_close_matches(normal(name), by_normal, n=1, cutoff=0.75)
    return by_normal[close[0]] if close else None


def _is_another_number(one: str, other: str) -> bool:
    own, its = normal(one), normal(other)
    return own != its and _DIGITS.sub("", own) == _DIGITS.sub("", its)
