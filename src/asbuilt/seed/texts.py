"""Text that fits the name of its column.

Each maker gives text for a row number; with `number` None a value may come again, else the number keeps it apart.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from asbuilt.model.names import words as split_words
from asbuilt.seed import words
from asbuilt.seed.dice import Dice

Maker = Callable[[Dice, int | None], str]


def _tag(number: int | None, before: str = "-") -> str:
    return "" if number is None else f"{before}{number + 1}"


def _person(dice: Dice) -> str:
    return f"{dice.pick(words.LATIN)}.{dice.pick(words.LATIN_FAMILY)}"


def _email(dice: Dice, number: int | None) -> str:
    return f"{_person(dice)}{_tag(number, '.')}@{dice.pick(words.DOMAINS)}"


def _phone(dice: Dice, number: int | None) -> str:
    """A number of the range kept for fiction in the United States: 555-0100 to 555-0199."""
    area = 200 + (dice.below(700) if number is None else number // 100 % 700)
    return f"+1{area}55501{(dice.below(100) if number is None else number % 100):02d}"


def _handle(dice: Dice, number: int | None) -> str:
    return f"{dice.pick(words.LATIN)}_{dice.pick(words.NOUNS)}{_tag(number, '_')}"


def _slug(dice: Dice, number: int | None) -> str:
    return f"{dice.pick(words.ADJECTIVES)}-{dice.pick(words.NOUNS)}{_tag(number)}"


def _url(dice: Dice, number: int | None) -> str:
    return f"https://www.{dice.pick(words.DOMAINS)}/{_slug(dice, number)}"


def _file(dice: Dice, number: int | None) -> str:
    return f"{_slug(dice, number)}.{dice.pick(words.EXTENSIONS)}"


def _title(dice: Dice, number: int | None) -> str:
    return f"{dice.pick(words.ADJECTIVES).capitalize()} {dice.pick(words.NOUNS)}{_tag(number, ' ')}"


def _full_name(dice: Dice, number: int | None) -> str:
    return f"{dice.pick(words.GIVEN)} {dice.pick(words.FAMILY)}{_tag(number, ' ')}"


def _sentence(dice: Dice, number: int | None) -> str:
    return f"{dice.pick(words.SENTENCES)}{_tag(number, ' ')}"


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


def _version(dice: Dice, number: int | None) -> str:
    return f"{dice.between(1, 4)}.{dice.below(10)}.{dice.below(20) if number is None else number}"


def _colour(dice: Dice, number: int | None) -> str:
    return f"#{(dice.below(1 << 24) if number is None else number):06x}"


def _from(choices: tuple[str, ...]) -> Maker:
    return lambda dice, number: f"{dice.pick(choices)}{_tag(number, ' ')}"


_MAKERS: tuple[tuple[str, Maker], ...] = (
    (r"\bemail|\bmail\b", _email),
    (r"password|passwd|pwd|pin hash|secret hash", _hash),
    (r"token|hash|digest|checksum|secret|signature|fingerprint|api key|sha", _token),
    (r"phone|mobile|tel\b|fax|cell\b", _phone),
    (r"\bip\b|ip address|remote addr", _address),
    (r"user agent|device", _from(words.AGENTS)),
    (r"url|link|website|webhook|uri|href|avatar|image|photo|picture|thumbnail", _url),
    (r"mime|content type|media type", _from(words.MIME)),
    (r"file name|filename|^file|path|storage key|object key", _file),
    (r"slug|handle key|permalink", _slug),
    (r"username|user name|login|handle|nickname|nick", _handle),
    (r"first name|given name|middle name", _from(words.GIVEN)),
    (r"last name|family name|surname", _from(words.FAMILY)),
    (r"full name|display name|customer name|author|contact name|recipient|^person", _full_name),
    (r"country code|country iso|^country$", _from(words.COUNTRY_CODES)),
    (r"country|nation", _from(words.COUNTRIES)),
    (r"currency", _from(words.CURRENCIES)),
    (r"locale", _from(words.LOCALES)),
    (r"language|lang\b", _from(words.LANGUAGES)),
    (r"time zone|timezone", _from(words.ZONES)),
    (r"city|town|region|state\b|province|place|location", _from(words.CITIES)),
    (r"zip|postal|postcode", _digits),
    (r"street|address|line", _street),
    (r"colou?r", _colour),
    (r"version", _version),
    (r"sku|code|number|reference|\bref\b|serial|barcode|invoice|coupon", _code),
    (r"company|organi[sz]ation|vendor|supplier|brand|tenant|employer", _from(words.COMPANIES)),
    (r"description|comment|body|content|text|note|message|bio|summary|review|reason|detail|excerpt|about", _sentence),
)
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
        return _full_name
    return _title
