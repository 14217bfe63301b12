"""Text that fits the name of its column.

Each maker gives text for a row number; with `number` None a value may come again, else the number keeps it apart.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from asbuilt.model.names import words as split_words
from asbuilt.seed import words
from asbuilt.seed.dice import Dice

Maker = Callable[[Dice, int | None], str]


@dataclass(frozen=True, slots=True)
class Tag:
    """Where a template tells the row's number, if its text must be its own."""

    before: str


@dataclass(frozen=True, slots=True)
class Template:
    """Text in parts: a choice of words, text that is always the same, and one tag that keeps rows apart."""

    parts: tuple[str | Tag | tuple[str, ...], ...]

    def __call__(self, dice: Dice, number: int | None) -> str:
        return "".join(self._part(part, dice, number) for part in self.parts)

    def _part(self, part: str | Tag | tuple[str, ...], dice: Dice, number: int | None) -> str:
        if isinstance(part, Tag):
            return "" if number is None else f"{part.before}{number + 1}"
        return part if isinstance(part, str) else dice.pick(part)


def _from(*choices: tuple[str, ...]) -> Template:
    return Template((*choices, Tag(" ")))


_TITLES = tuple(word.capitalize() for word in words.ADJECTIVES)
_EMAIL = Template((words.LATIN, ".", words.LATIN_FAMILY, Tag("."), "@", words.DOMAINS))
_HANDLE = Template((words.LATIN, "_", words.NOUNS, Tag("_")))
_SLUG = Template((words.ADJECTIVES, "-", words.NOUNS, Tag("-")))
_URL = Template(("https://www.", words.DOMAINS, "/", words.ADJECTIVES, "-", words.NOUNS, Tag("-")))
_FILE = Template((words.ADJECTIVES, "-", words.NOUNS, Tag("-"), ".", words.EXTENSIONS))
_TITLE = Template((_TITLES, " ", words.NOUNS, Tag(" ")))
_FULL_NAME = Template((words.GIVEN, " ", words.FAMILY, Tag(" ")))
_SENTENCE = _from(words.SENTENCES)


_MOST_FICTION = 70_000


def _phone(dice: Dice, number: int | None) -> str:
    """A number of the range kept for fiction in the United States: 555-0100 to 555-0199; beyond it, of no country at all."""
    if number is not None and number >= _MOST_FICTION:
        return f"+999{number:09d}"
    area = 200 + (dice.below(700) if number is None else number // 100)
    return f"+1{area}55501{(dice.below(100) if number is None else number % 100):02d}"


def _street(dice: Dice, number: int | None) -> str:
    return f"{dice.between(1, 240) if number is None else number + 1} {dice.pick(words.STREETS)}"


def _code(dice: Dice, number: int | None) -> str:
    letters = "".join(dice.pick("ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(3))
    return f"{letters}-{(dice.below(9000) if number is None else number) + 1000}"


def _digits(dice: Dice, number: int | None) -> str:
    return f"{dice.below(90000) + 10000 if number is None else 10000 + number:05d}"


def _token(dice: Dice, number: int | None) -> str:
    return "".join(f"{dice.next():016x}" for _ in range(4))


def _address(dice: Dice, number: int | None) -> str:
    """An address of the block kept for documentation, 203.0.113.0/24, or of 10.0.0.0/8."""
    if number is None:
        return f"203.0.113.{dice.between(1, 254)}"
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _hash(dice: Dice, number: int | None) -> str:
    return words.PASSWORD_HASH


def _argon(dice: Dice, number: int | None) -> str:
    return words.ARGON2_HASH


def _version(dice: Dice, number: int | None) -> str:
    return f"{dice.between(1, 4)}.{dice.below(10)}.{dice.below(20) if number is None else number}"


def _colour(dice: Dice, number: int | None) -> str:
    return f"#{(dice.below(1 << 24) if number is None else number):06x}"


_MAKERS: tuple[tuple[str, Maker], ...] = (
    (r"\bemail|\bmail\b", _EMAIL),
    (r"argon", _argon),
    (r"password|passwd|pwd|pin hash|secret hash", _hash),
    (r"token|hash|digest|checksum|secret|signature|fingerprint|api key|sha", _token),
    (r"phone|mobile|tel\b|fax|cell\b", _phone),
    (r"\bip\b|ip address|remote addr", _address),
    (r"user agent|device", _from(words.AGENTS)),
    (r"url|link|website|webhook|uri|href|avatar|image|photo|picture|thumbnail", _URL),
    (r"mime|content type|media type", _from(words.MIME)),
    (r"file name|filename|^file|path|storage key|object key", _FILE),
    (r"slug|handle key|permalink", _SLUG),
    (r"username|user name|login|handle|nickname|nick", _HANDLE),
    (r"first name|given name|middle name", _from(words.GIVEN)),
    (r"last name|family name|surname", _from(words.FAMILY)),
    (r"full name|display name|customer name|author|contact name|recipient|^person", _FULL_NAME),
    (r"country code|country iso|^country$", _from(words.COUNTRY_CODES)),
    (r"country|nation", _from(words.COUNTRIES)),
    (r"currency", _from(words.CURRENCIES)),
    (r"locale", _from(words.LOCALES)),
    (r"language|lang\b", _from(words.LANGUAGES)),
    (r"time zone|timezone", _from(words.ZONES)),
    (r"\b(city|town)\b", Template((words.CITIES,))),
    (r"city|town|region|state\b|province|place|location", _from(words.CITIES)),
    (r"zip|postal|postcode", _digits),
    (r"street|address|line", _street),
    (r"colou?r", _colour),
    (r"version", _version),
    (r"sku|code|number|reference|\bref\b|serial|barcode|invoice|coupon", _code),
    (r"company|organi[sz]ation|vendor|supplier|brand|tenant|employer", _from(words.COMPANIES)),
    (r"description|comment|body|content|text|note|message|bio|summary|review|reason|detail|excerpt|about", _SENTENCE),
)
_DISTINCT: dict[Maker, int] = {_hash: 1, _argon: 1, _address: 1 << 24, _colour: 1 << 24}
_PEOPLE = re.compile(
    r"\b(user|customer|person|employee|author|member|contact|patient|student|teacher|profile|account)\b"
)


@lru_cache(maxsize=4096)
def maker_for(table: str, column: str) -> Maker:
    """Return the maker that fits the column's name, and its table's where it is just `name`."""
    name = " ".join(split_words(column))
    for pattern, maker in _MAKERS:
        if re.search(pattern, name):
            return maker
    if name == "name" and _PEOPLE.search(" ".join(split_words(table)).rstrip("s")):
        return _FULL_NAME
    return _TITLE


def distinct(maker: Maker) -> int | None:
    """Return how many texts of its own a maker has; None where every number gives another."""
    return _DISTINCT.get(maker)


def is_password(table: str, column: str) -> bool:
    """Tell whether a column holds hashes of the test password."""
    return maker_for(table, column) in (_hash, _argon)
