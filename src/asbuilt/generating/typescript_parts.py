"""What TypeScript has for the server's types, and the few functions that generated modules bring along."""

import re
from typing import NamedTuple

from asbuilt.access.checks.values import RANGES


class Kind(NamedTuple):
    """A type: in an interface, as a zod schema of what is read and of what is written, and what makes it comparable."""

    type: str
    read: str
    written: str
    local: str = ""


def key(name: str) -> str:
    """Return a property's name, quoted where it has to be."""
    return name if re.fullmatch(r"[A-Za-z_$][\w$]*", name) else f'"{name}"'.replace("\\", "\\\\")


def _whole(bits: int) -> Kind:
    most = min(2**bits, 2**53)
    least = -most if bits < 53 else -(most - 1)
    return Kind("number", "z.number()", f"z.number().int().min({least}).max({most - 1})")


def _matching(pattern: str, words: str) -> str:
    return f'z.string().regex(/{pattern}/, "must be {words}");\n'


_TIME = r"\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?"
_DAY = r"\d{4,}-\d{2}-\d{2}"
_FLOAT = Kind("number", "z.number()", "z.number()")
_TEXT = Kind("string", "z.string()", "text", "kept")
KINDS = {
    **{name: _whole(bits) for name, bits in RANGES.items()},
    **dict.fromkeys(("text", "character varying", "citext", "name"), _TEXT),
    "character": _TEXT._replace(local="blank"),
    "boolean": Kind("boolean", "z.boolean()", "z.boolean()"),
    "numeric": Kind("string", "z.string()", "numeric", "decimal"),
    "real": _FLOAT,
    "double precision": _FLOAT,
    "uuid": Kind("string", "z.string()", "uuid", "lower"),
    "date": Kind("string", "z.string()", "day", "moment"),
    "time without time zone": Kind("string", "z.string()", "timeOfDay"),
    "timestamp with time zone": Kind("string", "z.string()", "zonedTime", "moment"),
    "timestamp without time zone": Kind("string", "z.string()", "localTime", "moment"),
    "json": Kind("unknown", "z.unknown()", "z.unknown()"),
    "jsonb": Kind("unknown", "z.unknown()", "z.unknown()"),
}  # fmt: skip
HELPERS = {
    "text": 'const text = z.string().refine((value) => !value.includes("\\0"), "must have no NUL character");\n',
    "numeric": "const numeric = z.union(["
    + _matching(r"^[+-]?(\d+\.?\d*|\.\d+)$", "a number").rstrip(";\n")
    + ", z.number()]);\n",
    "uuid": "const uuid = " + _matching("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", "a UUID"),
    "day": "const day = " + _matching(f"^{_DAY}$", "a date, as 2026-01-31"),
    "timeOfDay": "const timeOfDay = " + _matching(f"^{_TIME}$", "a time, as 14:30:00"),
    "zonedTime": "const zonedTime = "
    + _matching(rf"^{_DAY}[T ]{_TIME}(Z|[+-]\d{{2}}(:?\d{{2}})?)$", "a time with its zone, as 2026-01-31T14:30:00Z"),
    "localTime": "const localTime = "
    + _matching(f"^{_DAY}[T ]{_TIME}$", "a time without a zone, as 2026-01-31T14:30:00"),
    "known": """/** Whether a value is there, and can be compared. */
const known = <T>(value: T): value is NonNullable<T> => value !== null && value !== undefined && value === value;
""",
    "ascii": """/** Whether a text is one whose letters every server knows alike. */
const ascii = (text: string): boolean => /^[\\x00-\\x7f]*$/.test(text);
""",
    "characters": """/** How many characters a text has, as PostgreSQL counts them. */
const characters = (text: string): number => [...text].length;
""",
    "fits": """/** Whether a text has room in a column of a width; blanks at its end are cut off. */
const fits = (text: string, width: number): boolean => characters(text.replace(/ +$/, "")) <= width;
""",
    "kept": """/** A text as the server keeps it. */
const kept = <T extends string | null | undefined>(text: T, width = Infinity): T =>
  (typeof text === "string" && characters(text) > width ? [...text].slice(0, width).join("") : text) as T;
""",
    "blank": """/** A text of fixed width as the server compares it: without the blanks at its end. */
const blank = <T extends string | null | undefined>(text: T): T =>
  (typeof text === "string" ? text.replace(/ +$/, "") : text) as T;
""",
    "lower": """/** A UUID as the server writes it. */
const lower = <T extends string | null | undefined>(text: T): T =>
  (typeof text === "string" ? text.toLowerCase() : text) as T;
""",
    "decimal": """/** A number of so many digits after the point; NaN where the server would round it, so that the server decides. */
const decimal = (value: string | number | null | undefined, scale: number): number | null | undefined => {
  if (value === null || value === undefined) return value;
  const [, digits = ""] = String(value).split(".");
  return digits.length <= scale && !/e/i.test(String(value)) ? Number(value) : NaN;
};
""",
    "moment": """/** A date or time in milliseconds; NaN where it is finer than that, so that the server decides. */
const moment = (value: string | null | undefined): number | null | undefined => {
  if (value === null || value === undefined) return value;
  if (/\\.\\d{4,}/.test(value)) return NaN;
  const iso = value.replace(" ", "T").replace(/(T.*[+-]\\d{2})$/, "$1:00");
  return Date.parse(/T/.test(iso) && !/(Z|[+-]\\d{2}:?\\d{2})$/.test(iso) ? `${iso}Z` : iso);
};
""",
}
"""By name, each after those that it needs."""
