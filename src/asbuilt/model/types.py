"""Types as documents write them: generic, native, an ORM's or a host language's, side by side.

A type is known by its family. Two types of one family agree unless both are native and differ.
"""

import re
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct

from asbuilt.model.revising import revised
from asbuilt.model.type_words import translated


class Family(StrEnum):
    """What kind of value a type holds."""

    UUID = "uuid"
    STRING = "string"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLOAT = "float"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"
    DATE = "date"
    TIME = "time"
    INTERVAL = "interval"
    JSON = "json"
    BYTES = "bytes"
    NETWORK = "network"
    ENUM = "enum"
    ARRAY = "array"
    GEOMETRY = "geometry"
    SEARCH = "search"
    RANGE = "range"
    OTHER = "other"


class TypeName(Struct, frozen=True):
    """A type as written (`raw`) and as understood.

    `name` is PostgreSQL's name where there is one (`character varying`, `timestamp with time zone`), else the
    written word in lower case; `arguments` its numbers (`(10, 2)`); `is_native` tells whether the words are
    PostgreSQL's own, so that the choice is the document's and not ours. `is_serial` for `serial` and the like.
    """

    raw: str
    name: str
    family: Family
    arguments: tuple[int, ...] = ()
    is_array: bool = False
    is_native: bool = False
    is_serial: bool = False

    @property
    def sql(self) -> str:
        """The type as PostgreSQL takes it."""
        arguments = f"({', '.join(map(str, self.arguments))})" if self.arguments else ""
        base, zone, rest = self.name.partition(" with")
        name = f"{base}{arguments}{zone}{rest}" if self.name.startswith("time") else f"{self.name}{arguments}"
        return name + ("[]" if self.is_array else "")


_T = Family
# written word -> (PostgreSQL's name, family, native?)
KNOWN: dict[str, tuple[str, Family, bool]] = {
    "uuid": ("uuid", _T.UUID, True), "guid": ("uuid", _T.UUID, False), "uniqueidentifier": ("uuid", _T.UUID, False),
    "objectid": ("uuid", _T.UUID, False), "uuid/objectid": ("uuid", _T.UUID, False),
    "cuid": ("text", _T.STRING, False), "ulid": ("text", _T.STRING, False), "nanoid": ("text", _T.STRING, False),
    "varchar": ("character varying", _T.STRING, True), "character varying": ("character varying", _T.STRING, True),
    "char": ("character", _T.STRING, True), "character": ("character", _T.STRING, True), "bpchar": ("character", _T.STRING, True),
    "text": ("text", _T.STRING, True), "citext": ("citext", _T.STRING, True), "name": ("name", _T.STRING, True),
    "string": ("character varying", _T.STRING, False), "str": ("character varying", _T.STRING, False),
    "nvarchar": ("character varying", _T.STRING, False), "nchar": ("character", _T.STRING, False),
    "varchar2": ("character varying", _T.STRING, False), "ntext": ("text", _T.STRING, False),
    "longtext": ("text", _T.STRING, False), "mediumtext": ("text", _T.STRING, False), "tinytext": ("text", _T.STRING, False),
    "email": ("character varying", _T.STRING, False), "url": ("text", _T.STRING, False), "slug": ("character varying", _T.STRING, False),
    "integer": ("integer", _T.INTEGER, True), "int": ("integer", _T.INTEGER, True), "int4": ("integer", _T.INTEGER, True),
    "bigint": ("bigint", _T.INTEGER, True), "int8": ("bigint", _T.INTEGER, True), "long": ("bigint", _T.INTEGER, False),
    "int64": ("bigint", _T.INTEGER, False), "uint64": ("bigint", _T.INTEGER, False), "int32": ("integer", _T.INTEGER, False),
    "uint": ("integer", _T.INTEGER, False), "uint32": ("bigint", _T.INTEGER, False),
    "smallint": ("smallint", _T.INTEGER, True), "int2": ("smallint", _T.INTEGER, True), "int16": ("smallint", _T.INTEGER, False),
    "short": ("smallint", _T.INTEGER, False), "byte": ("smallint", _T.INTEGER, False), "mediumint": ("integer", _T.INTEGER, False),
    "serial": ("integer", _T.INTEGER, True), "serial4": ("integer", _T.INTEGER, True), "bigserial": ("bigint", _T.INTEGER, True),
    "serial8": ("bigint", _T.INTEGER, True), "smallserial": ("smallint", _T.INTEGER, True),
    "decimal": ("numeric", _T.DECIMAL, True), "numeric": ("numeric", _T.DECIMAL, True), "money": ("money", _T.DECIMAL, True),
    "number": ("numeric", _T.DECIMAL, False), "bigdecimal": ("numeric", _T.DECIMAL, False), "currency": ("numeric", _T.DECIMAL, False),
    "float": ("double precision", _T.FLOAT, True), "double": ("double precision", _T.FLOAT, False),
    "double precision": ("double precision", _T.FLOAT, True), "real": ("real", _T.FLOAT, True), "float8": ("double precision", _T.FLOAT, True),
    "float4": ("real", _T.FLOAT, True), "float64": ("double precision", _T.FLOAT, False), "float32": ("real", _T.FLOAT, False),
    "boolean": ("boolean", _T.BOOLEAN, True), "bool": ("boolean", _T.BOOLEAN, True), "bit": ("bit", _T.OTHER, True),
    "tinyint": ("smallint", _T.INTEGER, False),
    "timestamp": ("timestamp without time zone", _T.TIMESTAMP, True),
    "timestamp without time zone": ("timestamp without time zone", _T.TIMESTAMP, True),
    "timestamptz": ("timestamp with time zone", _T.TIMESTAMP, True),
    "timestamp with time zone": ("timestamp with time zone", _T.TIMESTAMP, True),
    "datetime": ("timestamp with time zone", _T.TIMESTAMP, False), "datetime2": ("timestamp with time zone", _T.TIMESTAMP, False),
    "datetimeoffset": ("timestamp with time zone", _T.TIMESTAMP, False), "instant": ("timestamp with time zone", _T.TIMESTAMP, False),
    "date": ("date", _T.DATE, True), "localdate": ("date", _T.DATE, False), "dateonly": ("date", _T.DATE, False),
    "localdatetime": ("timestamp without time zone", _T.TIMESTAMP, False),
    "time": ("time without time zone", _T.TIME, True), "timetz": ("time with time zone", _T.TIME, True),
    "time without time zone": ("time without time zone", _T.TIME, True), "time with time zone": ("time with time zone", _T.TIME, True),
    "interval": ("interval", _T.INTERVAL, True), "duration": ("interval", _T.INTERVAL, False), "timespan": ("interval", _T.INTERVAL, False),
    "json": ("json", _T.JSON, True), "jsonb": ("jsonb", _T.JSON, True), "object": ("jsonb", _T.JSON, False), "map": ("jsonb", _T.JSON, False),
    "dict": ("jsonb", _T.JSON, False), "simple-json": ("jsonb", _T.JSON, False), "any": ("jsonb", _T.JSON, False), "hstore": ("hstore", _T.OTHER, True),
    "array": ("jsonb", _T.JSON, False), "list": ("jsonb", _T.JSON, False),
    "bytea": ("bytea", _T.BYTES, True), "blob": ("bytea", _T.BYTES, False), "binary": ("bytea", _T.BYTES, False),
    "varbinary": ("bytea", _T.BYTES, False), "bytes": ("bytea", _T.BYTES, False), "image": ("bytea", _T.BYTES, False), "longblob": ("bytea", _T.BYTES, False),
    "inet": ("inet", _T.NETWORK, True), "cidr": ("cidr", _T.NETWORK, True), "macaddr": ("macaddr", _T.NETWORK, True), "ip": ("inet", _T.NETWORK, False),
    "enum": ("enum", _T.ENUM, False), "set": ("enum", _T.ENUM, False),
    "tsvector": ("tsvector", _T.SEARCH, True), "tsquery": ("tsquery", _T.SEARCH, True), "vector": ("vector", _T.OTHER, True),
    "xml": ("xml", _T.OTHER, True), "oid": ("oid", _T.INTEGER, True), "regclass": ("regclass", _T.OTHER, True),
    "point": ("point", _T.GEOMETRY, True), "polygon": ("polygon", _T.GEOMETRY, True), "geometry": ("geometry", _T.GEOMETRY, True),
    "geography": ("geography", _T.GEOMETRY, True),
    "int4range": ("int4range", _T.RANGE, True), "int8range": ("int8range", _T.RANGE, True), "numrange": ("numrange", _T.RANGE, True),
    "tsrange": ("tsrange", _T.RANGE, True), "tstzrange": ("tstzrange", _T.RANGE, True), "daterange": ("daterange", _T.RANGE, True),
    "year": ("smallint", _T.INTEGER, False),
}  # fmt: skip

_SHAPE = re.compile(
    r"^\s*`?\s*(?P<name>[A-Za-z_][\w./]*(?:\s+(?:varying|precision|with(?:out)?\s+time\s+zone))*)"
    r"\s*(?:[(<]\s*(?P<args>[^()<>]*)\s*[)>])?"
    r"(?P<zone>\s+with(?:out)?\s+time\s+zone)?(?:\s+(?:unsigned|signed))?"
    r"\s*(?P<array>(?:\[\s*\d*\s*\])*)(?P<null>\?)?\s*`?\s*$",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def type_name(raw: str) -> TypeName | None:
    """Return the type that `raw` writes, or None where it has not the shape of one.

    An unknown word with the shape of a type comes back in family OTHER; `is_known(raw)` tells the difference.
    Of alternatives (`json/text`, `UUID/ObjectId`, `datetime/timestamptz`) the one that PostgreSQL has counts, else the first.
    """
    text = raw.strip().strip("`").strip()
    spoken = translated(text)
    if spoken != text:
        found = type_name(spoken)
        return revised(found, raw=raw, is_native=False) if found else None
    if "/" in text and text.lower() not in KNOWN:
        options = [t for t in map(type_name, text.split("/")) if t is not None and t.family != Family.OTHER]
        native = [t for t in options if t.is_native]
        return _with_raw((native or options)[0], raw) if options else None
    if text.lower().endswith("_array") and is_known(text[:-6]):  # a diagram's words take no brackets
        return type_name(text[:-6] + "[]")
    shape = _SHAPE.match(text)
    if not shape:
        known = KNOWN.get(text.lower())  # `simple-json` has not the shape of an identifier
        return TypeName(raw, known[0], known[1], is_native=known[2]) if known else None
    word = re.sub(r"\s+", " ", (shape["name"] + (shape["zone"] or "")).lower())
    arguments = tuple(int(a) for a in re.findall(r"\d+", shape["args"] or ""))
    name, family, is_native = KNOWN.get(word, (word, Family.OTHER, False))
    if shape["args"] and not arguments and family not in (Family.ENUM, Family.OTHER, Family.GEOMETRY, Family.JSON):
        return None
    if family in (Family.INTEGER, Family.BOOLEAN, Family.ENUM, Family.JSON) or len(arguments) > 2:
        arguments = ()  # `tinyint(1)` and `int(11)` are MySQL's display widths; `float (0.0–1.0, sure)` a remark
    return TypeName(raw, name, family, arguments, bool(shape["array"]), is_native, "serial" in word)


def is_known(raw: str) -> bool:
    """Tell whether `raw` writes a type of the table above, and not just a word that could be one."""
    found = type_name(raw)
    return found is not None and found.family != Family.OTHER


def agree(one: TypeName, other: TypeName) -> bool:
    """Tell whether two places can both be right about a type.

    Native against native must be the same; a generic word (`string`, `datetime`) takes anything of its family
    whose arguments, where both give some, are equal. An enum agrees with strings, decimal with float only if generic.
    """
    if one.is_array != other.is_array:
        return Family.JSON in (one.family, other.family)
    if Family.OTHER in (one.family, other.family):
        return one.family != other.family or one.name == other.name
    if one.family != other.family:
        return _near(one, other)
    if one.arguments and other.arguments and one.arguments != other.arguments:
        return False
    if one.is_native and other.is_native:
        return one.name == other.name
    return True


_NEAR = (
    {Family.ENUM, Family.STRING},
    {Family.DECIMAL, Family.FLOAT},
    {Family.DECIMAL, Family.INTEGER},
    {Family.STRING, Family.UUID},
    {Family.STRING, Family.NETWORK},
    {Family.DATE, Family.TIMESTAMP},
)


def _near(one: TypeName, other: TypeName) -> bool:
    """Families that a generic word may stand in for: `number` for an integer, `string` for a UUID."""
    if one.is_native and other.is_native:
        return False
    return {one.family, other.family} in _NEAR


def _with_raw(found: TypeName, raw: str) -> TypeName:
    return TypeName(raw, found.name, found.family, found.arguments, found.is_array, found.is_native, found.is_serial)
