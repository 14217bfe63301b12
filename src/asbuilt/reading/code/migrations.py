"""Tables in migrations of frameworks: Laravel's `$table->string('name')`, Rails' `t.string :name, null: false`."""

import re
from collections.abc import Iterator

from asbuilt.model.entities import EntityMention, FieldMention, IndexKey, IndexMention, Reference, UniqueMention
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.types import Family, TypeName
from asbuilt.reading.code.host_types import sql_type
from asbuilt.reading.reader import Context
from asbuilt.text import Excerpt, Span

_TABLE = re.compile(
    r"Schema::create\(\s*['\"](?P<php>\w+)['\"](?P<php_body>.*?)^[ \t]*\}\s*\)\s*;|create_table\s*\(?\s*[:\"'](?P<ruby>\w+)[\"']?(?P<ruby_body>.*?)^[ \t]*end\b",
    re.MULTILINE | re.DOTALL,
)
_PHP = re.compile(r"\$table->(?P<type>\w+)\((?P<args>[^)]*)\)(?P<rest>(?:->\w+\([^)]*\))*)\s*;")
_RUBY = re.compile(r"^[ \t]*t\.(?P<type>\w+)\s+(?P<args>:[^\n]*|\"[^\n]*)$", re.MULTILINE)
_NAME = re.compile(r"""['":](?P<name>[A-Za-z_]\w*)""")
_LINKS = re.compile(r"->(?P<name>\w+)\((?P<args>[^)]*)\)")
_TYPES = {"increments": "serial", "bigincrements": "bigserial", "id": "bigserial", "mediumtext": "text", "longtext": "text", "foreignid": "bigint",
          "foreignuuid": "uuid", "unsignedbiginteger": "bigint", "unsignedinteger": "integer", "biginteger": "bigint", "datetime": "datetime",
          "references": "bigint", "belongs_to": "bigint", "tinyinteger": "smallint", "datetimetz": "timestamptz", "timestamptz": "timestamptz"}  # fmt: skip
_NO_COLUMN = frozenset(
    {
        "index",
        "unique",
        "primary",
        "foreign",
        "timestamps",
        "softdeletes",
        "dropcolumn",
        "engine",
        "remembertoken",
        "timestampstz",
    }
)


def migration_facts(body: Excerpt, context: Context) -> Iterator[Fact]:
    """Yield each table that a migration creates, with the indexes and constraints beside its columns."""
    for match in _TABLE.finditer(body.text):
        language = "php" if match["php"] else "ruby"
        block = body.cut(*match.span(f"{language}_body"))
        fields = tuple(_php_fields(block) if language == "php" else _ruby_fields(block))
        if not fields:
            continue
        entity = EntityMention(
            span=body.span(*match.span()),
            form=Form.CLASS,
            name=match[language],
            name_span=body.span(*match.span(language)),
            fields=fields,
            is_planned=context.is_planned,
            store=context.store,
        )
        yield entity
        yield from _keys(block, entity)


def _php_fields(block: Excerpt) -> Iterator[FieldMention]:
    for match in _PHP.finditer(block.text):
        word = match["type"].lower()
        name = _NAME.match(match["args"].strip()) if match["args"].strip() else None
        if word in _NO_COLUMN or (name is None and word != "id"):
            continue
        links = {link["name"]: link["args"] for link in _LINKS.finditer(match["rest"])}
        span = block.span(*match.span())
        at = match.start("args") + len(match["args"]) - len(match["args"].lstrip())
        place = block.span(at + name.start("name"), at + name.end("name")) if name else block.span(*match.span("type"))
        column = name["name"] if name else "id"
        yield FieldMention(
            span=span,
            form=Form.CLASS,
            name=column,
            name_span=place,
            type=_type(block, match, word),
            is_nullable=Stated("nullable" in links, span),
            is_primary=Stated(True, span)
            if word in ("id", "increments", "bigincrements") or "primary" in links
            else None,
            is_unique=Stated(True, span) if "unique" in links else None,
            is_indexed=Stated(True, span) if "index" in links else None,
            default=Stated(links["default"], span)
            if links.get("default")
            else Stated("now()", span)
            if "useCurrent" in links
            else None,
            references=_php_reference(column, links, span),
        )


def _php_reference(column: str, links: dict[str, str], span: Span) -> Stated[Reference] | None:
    """`foreignId('user_id')->constrained('users')->cascadeOnDelete()`."""
    if "constrained" not in links and "references" not in links:
        return None
    named = _NAME.match(links.get("constrained", "") or links.get("on", ""))
    target = named["name"] if named else column.removesuffix("_id")
    key = _NAME.match(links.get("references", ""))
    action = links.get("onDelete", "").strip("'\" ").upper() or ("CASCADE" if "cascadeOnDelete" in links else None)
    action = "SET NULL" if "nullOnDelete" in links else action
    return Stated(Reference(target, (key["name"],) if key else (), action), span)


def _ruby_fields(block: Excerpt) -> Iterator[FieldMention]:
    for match in _RUBY.finditer(block.text):
        word, name = match["type"].lower(), _NAME.match(match["args"])
        if word in _NO_COLUMN or name is None:
            continue
        is_key = word in ("references", "belongs_to")
        options = match["args"][name.end() :]
        span = block.span(match.start(), match.end())
        default = re.search(r"default:\s*(?:->\s*\{\s*)?(\"[^\"]*\"|'[^']*'|[\w.]+)", options)
        at = match.start("args")
        yield FieldMention(
            span=block.cut(match.start(), match.end()).strip().span(),
            form=Form.CLASS,
            name=name["name"] + ("_id" if is_key else ""),
            name_span=block.span(at + name.start("name"), at + name.end("name")),
            type=_type(block, match, word),
            is_nullable=Stated("null: false" not in options, span),
            is_unique=Stated(True, span) if "unique: true" in options else None,
            default=Stated(default[1], block.span(at + name.end() + default.start(1), at + name.end() + default.end(1)))
            if default
            else None,
            references=Stated(Reference(name["name"]), span) if is_key else None,
        )


def _type(block: Excerpt, match: re.Match[str], word: str) -> Stated[TypeName] | None:
    span = block.span(*match.span("type"))
    if word == "enum":
        return Stated(TypeName("enum", "enum", Family.ENUM), span)
    numbers = tuple(int(n) for n in re.findall(r"(?:,\s*|limit:\s*|precision:\s*|scale:\s*)(\d{1,9})", match["args"]))
    found = sql_type(_TYPES.get(word, word), numbers)
    return (
        Stated(TypeName(word, found.name, found.family, found.arguments, is_serial=found.is_serial), span)
        if found
        else None
    )


_PHP_KEY = re.compile(r"\$table->(?P<kind>index|unique)\(\s*(?:\[(?P<many>[^\]]*)\]|(?P<one>['\"]\w+['\"]))[^)]*\)")
_RUBY_KEY = re.compile(
    r"^[ \t]*t\.(?P<kind>index)\s+(?:\[(?P<many>[^\]]*)\]|(?P<one>:\w+))(?P<options>[^\n]*)$", re.MULTILINE
)


def _keys(block: Excerpt, entity: EntityMention) -> Iterator[Fact]:
    for match in (*_PHP_KEY.finditer(block.text), *_RUBY_KEY.finditer(block.text)):
        group = "many" if match["many"] is not None else "one"
        start = match.start(group)
        keys = tuple(
            IndexKey(name["name"], block.span(start + name.start("name"), start + name.end("name")))
            for name in _NAME.finditer(match[group])
        )
        span = block.cut(*match.span()).strip().span()
        is_unique = match["kind"] == "unique" or "unique: true" in match[0]
        if match["kind"] == "unique":
            yield UniqueMention(
                span=span, form=Form.CLASS, entity=entity.name, columns=tuple(k.text for k in keys), store=entity.store
            )
        else:
            yield IndexMention(
                span=span,
                form=Form.CLASS,
                entity=entity.name,
                name=None,
                keys=keys,
                is_unique=is_unique,
                store=entity.store,
            )
