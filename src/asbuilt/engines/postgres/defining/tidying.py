"""The server's deparsed text as people write it: fewer brackets and casts, the same parse tree.

What cannot be shown to mean the same stays as the server wrote it.
"""

import re
from functools import lru_cache

from asbuilt import sql_parser

_WORDS = (
    (re.compile(r"\bcharacter varying\b"), "varchar"),
    (re.compile(r"\bcharacter\((\d+)\)"), r"char(\1)"),
    (re.compile(r"\btimestamp(\(\d+\))? with time zone\b"), r"timestamptz\1"),
    (re.compile(r"\b(time(?:stamp)?(?:\(\d+\))?) without time zone\b"), r"\1"),
    (re.compile(r"\btime(\(\d+\))? with time zone\b"), r"timetz\1"),
)
_LITERAL = re.compile(r"(?P<text>'(?:[^']|'')*')::(?P<type>.+)\Z", re.DOTALL)
_NUMBER = re.compile(r"\(?'?(?P<number>-?\d+(?:\.\d+)?)'?\)?::(?P<type>[a-z ]+)\Z")
_NUMBERS = frozenset({"smallint", "integer", "bigint", "numeric", "real", "double precision"})
_COLUMN = r'(?:"(?:[^"]|"")+"|\w+)'
_VALUE = r"(?:'(?:[^']|'')*'::[\w.]+|\('(?:[^']|'')*'::character varying\)::text)"
_LISTED = re.compile(
    rf"(?:\((?P<varying>{_COLUMN})\)::text|(?P<plain>{_COLUMN})) (?P<verb>= ANY|<> ALL) \(ARRAY\[(?P<values>{_VALUE}(?:, {_VALUE})+)\]\)"
)
_EACH = re.compile(r"'(?:[^']|'')*'(?=::)")
_PLACES = re.compile(r"\b\w*(?:location|_start|_end|stmt_len): -?\d+")
_ESCAPED = re.compile(r"\bE'((?:[^'\\]|\\\\|'')*)'")
_ROUTINE = re.compile(r"CREATE OR REPLACE (FUNCTION|PROCEDURE) (?:public\.)?")
_NAME = r'(?:"(?:[^"]|"")+"|\w+)'
_INDEX = re.compile(
    rf"(?P<head>CREATE (?:UNIQUE )?INDEX {_NAME} ON (?:ONLY )?)(?:public\.)?(?P<table>{_NAME}(?:\.{_NAME})?) USING btree "
)
_TRIGGER = re.compile(rf"(?P<head>CREATE (?:CONSTRAINT )?TRIGGER {_NAME} .*? ON )public\.(?P<table>{_NAME}) ")


def type_words(name: str) -> str:
    """Return a type as SQL is usually written: `varchar(20)`, `timestamptz`."""
    if '"' in name:
        return name
    for pattern, word in _WORDS:
        name = pattern.sub(word, name)
    return name


def default(expression: str, type_: str) -> str:
    """Return a column's default, its cast to the column's own type left out."""
    bare = re.sub(r"\(\d+(?:,\d+)?\)", "", type_)
    literal = _LITERAL.match(expression)
    if literal and literal["type"] in (bare, type_):
        return literal["text"]
    number = _NUMBER.match(expression)
    if number and number["type"] == bare and bare in _NUMBERS:
        return number["number"]
    return expression_text(expression)


@lru_cache(maxsize=65536)
def expression_text(expression: str) -> str:
    """Return an expression without the brackets that it does not need."""
    return _deparsed("SELECT ", expression)


@lru_cache(maxsize=65536)
def constraint(definition: str) -> str:
    """Return a constraint's definition without the brackets that it does not need."""
    return _deparsed("ALTER TABLE t ADD ", definition)


def _deparsed(before: str, text: str) -> str:
    """Return `text` as PostgreSQL's parser writes it behind `before`, if that means the same."""
    text = _LISTED.sub(_list, text)
    try:
        tree = sql_parser.parse(before + text)
        written = _ESCAPED.sub(_unescaped, sql_parser.deparse(tree))
        is_same = written.startswith(before) and _meaning(sql_parser.parse(written)) == _meaning(tree)
    except sql_parser.PgQueryError:
        return text
    return written[len(before) :] if is_same else text


def _unescaped(found: re.Match[str]) -> str:
    return "'" + found[1].replace("\\\\", "\\") + "'"


def _list(found: re.Match[str]) -> str:
    """Return `status IN ('a', 'b')` for what PostgreSQL makes of it."""
    is_cast = ")::text" in found["values"]
    types = {value.rpartition("::")[2] for value in _EACH.sub("", found["values"]).split(", ")}
    if is_cast != (found["varying"] is not None) or len(types) > 1:
        return found[0]
    verb = "IN" if found["verb"] == "= ANY" else "NOT IN"
    return f"{found['varying'] or found['plain']} {verb} ({', '.join(_EACH.findall(found['values']))})"


def _meaning(tree: object) -> str:
    """Return a parse tree as text, the places in the statement left out."""
    return _PLACES.sub("", str(tree))


def routine(definition: str) -> str:
    """Return a routine's whole definition: made, not replaced, and in `public` without saying so."""
    return _ROUTINE.sub(r"CREATE \1 ", definition.strip(), count=1).removesuffix(";")


def index(definition: str) -> str:
    """Return an index's definition without what goes without saying."""
    return _INDEX.sub(r"\g<head>\g<table> ", definition, count=1)


def trigger(definition: str) -> str:
    return _TRIGGER.sub(r"\g<head>\g<table> ", definition, count=1)
