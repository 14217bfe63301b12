"""Types of host languages as types of a model: never PostgreSQL's own words, so that any type of the family agrees."""

import re

from asbuilt.model.types import KNOWN, Family, TypeName, type_name

_WORDS: dict[str, str] = {
    "string": "string", "str": "string", "&str": "string", "char": "string", "character": "string", "varchar": "string", "text": "text",
    "charfield": "string", "textfield": "text", "emailfield": "string", "urlfield": "string", "slugfield": "string", "email": "string",
    "emailstr": "string", "httpurl": "text", "unicode": "string", "unicodetext": "text", "symbol": "string", "filepathfield": "string",
    "number": "number", "int": "int64", "integer": "int32", "long": "int64", "short": "int16", "byte": "int16", "uint": "int64",
    "int8": "int16", "int16": "int16", "int32": "int32", "int64": "int64", "uint8": "int16", "uint16": "int32", "uint32": "int64",
    "uint64": "int64", "i8": "int16", "i16": "int16", "i32": "int32", "i64": "int64", "u8": "int16", "u16": "int32", "u32": "int64",
    "u64": "int64", "usize": "int64", "bigint": "int64", "biginteger": "int64", "smallint": "int16", "smallinteger": "int16",
    "positiveint": "int32", "integerfield": "int32", "bigintegerfield": "int64", "smallintegerfield": "int16", "serial": "int32",
    "positiveintegerfield": "int32", "positivesmallintegerfield": "int16", "autofield": "int32", "bigautofield": "int64",
    "bigserial": "int64", "unsignedbiginteger": "int64", "biginc": "int64", "unsignedinteger": "int64", "tinyinteger": "int16",
    "float": "float64", "double": "float64", "f32": "float32", "f64": "float64", "float32": "float32", "float64": "float64",
    "floatfield": "float64", "real": "float32", "doubleprecision": "float64", "num": "number",
    "decimal": "bigdecimal", "numeric": "bigdecimal", "bigdecimal": "bigdecimal", "decimalfield": "bigdecimal", "money": "bigdecimal",
    "decimal128": "bigdecimal", "bool": "bool", "boolean": "bool", "booleanfield": "bool", "nullbooleanfield": "bool",
    "date": "date", "datefield": "date", "localdate": "date", "dateonly": "date", "naivedate": "date", "time": "time", "timefield": "time",
    "localtime": "time", "datetime": "datetime", "datetimefield": "datetime", "timestamp": "datetime", "timestamptz": "datetime",
    "instant": "datetime", "datetimeoffset": "datetime", "localdatetime": "datetime", "offsetdatetime": "datetime",
    "zoneddatetime": "datetime", "naivedatetime": "datetime", "time.time": "datetime", "datetime.datetime": "datetime",
    "datetime.date": "date", "timestamps": "datetime", "datetimetz": "datetime", "nulltime": "datetime", "datetime<utc>": "datetime",
    "duration": "duration", "timedelta": "duration", "durationfield": "duration", "timespan": "duration", "interval": "duration",
    "uuid": "guid", "guid": "guid", "uuidfield": "guid", "uuid.uuid": "guid", "uniqueidentifier": "guid", "objectid": "objectid",
    "primitive.objectid": "objectid", "types.objectid": "objectid", "schema.types.objectid": "objectid", "mongoose.schema.types.objectid": "objectid",
    "any": "any", "unknown": "any", "object": "object", "dict": "dict", "map": "map", "record": "object", "json": "any", "jsonb": "any",
    "jsonfield": "any", "jsonvalue": "any", "hashmap": "map", "dictionary": "map", "mixed": "any", "interface{}": "any", "value": "any",
    "jsonnode": "any", "jsondocument": "any", "serde_json.value": "any", "datatypes.json": "any", "prisma.jsonvalue": "any", "mapping": "map",
    "bytes": "bytes", "buffer": "bytes", "uint8array": "bytes", "blob": "bytes", "binary": "bytes", "largebinary": "bytes",
    "binaryfield": "bytes", "bytea": "bytes", "data": "bytes", "enum": "enum", "inet": "ip", "ipaddress": "ip", "cidr": "ip",
    "genericipaddressfield": "ip", "ip": "ip", "net.ip": "ip",
}  # fmt: skip
_ARRAY = re.compile(r"^(?:(?:readonly\s+)?(?P<ts>.+?)\s*\[\s*\]|\[\](?P<go>.+)|\[\s*(?P<swift>[\w.]+)\s*\]"
                    r"|(?:Array|ReadonlyArray|List|list|Vec|Set|set|Sequence|ICollection|IEnumerable|IList|HashSet|Collection|Tuple|tuple)"
                    r"\s*[<\[](?P<of>.+)[>\]])$")  # fmt: skip
_MAP = re.compile(
    r"^(?:Record|Map|Dict|dict|Dictionary|HashMap|Mapping|BTreeMap|IDictionary|Partial|Json)\s*[<\[].*[>\]]$|^map\[.*",
    re.DOTALL,
)


def host_type(raw: str, *, date_is_instant: bool = False) -> TypeName | None:
    """Return the type that a host language's `raw` stands for, or None where it is another class or no type.

    `date_is_instant`: the language's `Date` holds a time of day too (JavaScript, Java, MongoDB).
    """
    text = raw.strip().lstrip("*&").strip()
    if array := _ARRAY.match(text):
        inner = host_type(next(g for g in array.groups() if g), date_is_instant=date_is_instant)
        if inner is None or inner.is_array:
            return None
        return TypeName(raw, inner.name, inner.family, inner.arguments, True)
    if _MAP.match(text) or text.startswith("{"):
        return TypeName(raw, "jsonb", Family.JSON)
    return _plain(raw, text, date_is_instant)


def _plain(raw: str, text: str, date_is_instant: bool) -> TypeName | None:
    word = re.sub(r"\s*[(<].*$", "", text, flags=re.DOTALL).strip().lower().replace("::", ".")
    if word == "date" and date_is_instant:
        word = "datetime"
    known = KNOWN.get(_WORDS.get(word, ""))
    if known is None:
        return None
    numbers = re.search(r"\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)", text)
    name, family, _ = known
    if numbers is None or family not in (Family.STRING, Family.DECIMAL):
        return TypeName(raw, name, family)
    return TypeName(raw, name, family, tuple(int(n) for n in numbers.groups() if n))


def sql_type(raw: str, arguments: tuple[int, ...] = ()) -> TypeName | None:
    """Return the type that an ORM's word for a column stands for (`varchar`, `timestamptz`), with its numbers."""
    written = f"{raw}({', '.join(map(str, arguments))})" if arguments else raw
    found = type_name(written)
    if found is None or found.family == Family.OTHER:
        return host_type(raw)
    return found
