"""Prisma's schemas: `model User { id String @id … @@map("users") }` and their enumerations."""

import re
from collections.abc import Iterator, Mapping

from asbuilt.document.blocks import Block, Fence
from asbuilt.model.entities import (
    Cardinality,
    EntityMention,
    EnumMention,
    EnumValue,
    FieldMention,
    IndexKey,
    IndexMention,
    PrimaryKeyMention,
    Reference,
    RelationshipMention,
    UniqueMention,
)
from asbuilt.model.fact import Fact, Form, Stated
from asbuilt.model.types import Family, TypeName
from asbuilt.reading.code.host_types import host_type, sql_type
from asbuilt.reading.code.languages import Language, language_of
from asbuilt.reading.phrases.field_comments import with_remark
from asbuilt.reading.phrases.placeholders import is_placeholder
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_BLOCK = re.compile(
    r"^[ \t]*(?P<kind>model|enum|type)\s+(?P<name>\w+|\[[^\]\n]+\])\s*\{(?P<body>(?:[^}\"]|\"[^\"\n]*\"|\")*+)\}",
    re.MULTILINE,
)
_OPEN = re.compile(r"^[ \t]*(?:model|enum)\s+\w+\s*\{?[^\n]*", re.MULTILINE)
_LINE = re.compile(r"[^\n]+")
_FIELD = re.compile(
    r"^\s*(?P<name>\w+)\s+(?P<type>\w+(?:\(\"[^\"]*\"\))?)(?P<many>\[\])?(?P<null>\?)?(?P<rest>(?:\s.*)?)$"
)
_ATTRIBUTE = re.compile(
    r"@(?P<db>db\.)?(?P<name>\w+)(?P<args>\((?:[^()\"]|\"[^\"]*\"|\((?:[^()\"]|\"[^\"]*\")*\))*\))?"
)
_LIST = re.compile(r"\[([^\]]*)\]")
_ACTIONS = {
    "Cascade": "CASCADE",
    "SetNull": "SET NULL",
    "Restrict": "RESTRICT",
    "NoAction": "NO ACTION",
    "SetDefault": "SET DEFAULT",
}
_DEFAULTS = {
    "now()": "now()",
    "uuid()": "gen_random_uuid()",
    "cuid()": None,
    "ulid()": None,
    "nanoid()": None,
    "auto()": None,
}


def read_prisma(block: Block, context: Context) -> Reading | None:
    """Read the models and enumerations of a schema; data sources and generators are configuration, prose.

    Example: `email String @unique` in `model User` is a unique field.
    """
    if language_of(block) != Language.PRISMA or not isinstance(block, Fence):
        return None
    blocks = [m for m in _BLOCK.finditer(block.body.text) if not is_placeholder(m["name"])]
    models = {m["name"]: _mapped(m["body"]) or m["name"] for m in blocks if m["kind"] == "model"}
    enums = {m["name"]: _enum(block.body, m) for m in blocks if m["kind"] == "enum"}
    facts: list[Fact] = [enum for enum in enums.values() if enum.values]
    values = {name: tuple(v.value for v in enum.values) for name, enum in enums.items()}
    for match in blocks:
        if match["kind"] == "model":
            facts += _Model(block.body, match, models, values, context).facts()
    read = [block.body.span(*m.span()) for m in _BLOCK.finditer(block.body.text)]
    opened = (block.body.span(*m.span()) for m in _OPEN.finditer(block.body.text))
    unread = tuple(span for span in opened if not any(span.overlaps(r) for r in read))
    return Reading(tuple(sorted(facts, key=lambda f: f.span)), prose=(block.span,), unread=unread)


def _mapped(body: str) -> str | None:
    match = re.search(r"@@map\(\s*(?:name:\s*)?\"([^\"]+)\"", body)
    return match[1] if match else None


def _enum(body: Excerpt, match: re.Match[str]) -> EnumMention:
    values: list[EnumValue] = []
    for line in _LINE.finditer(match["body"]):
        word = re.match(r"\s*(\w+)(?:\s+@map\(\"([^\"]+)\"\))?", line[0])
        if word:
            group = 2 if word[2] else 1
            start = match.start("body") + line.start() + word.start(group)
            values.append(EnumValue(word[group], body.span(start, start + len(word[group])), word[1]))
    name = body.span(*match.span("name"))
    return EnumMention(
        span=_own(body, match), form=Form.CLASS, name=match["name"], name_span=name, values=tuple(values)
    )


def _own(body: Excerpt, match: re.Match[str]) -> Span:
    return body.span(match.start("kind"), match.end())


class _Model:
    """A model's body, line by line."""

    def __init__(
        self,
        body: Excerpt,
        match: re.Match[str],
        models: Mapping[str, str],
        enums: Mapping[str, tuple[str, ...]],
        context: Context,
    ) -> None:
        self._body = body
        self._match = match
        self._models = models
        self._enums = enums
        self._context = context
        start = match.start("body")
        self._lines = [body.cut(start + m.start(), start + m.end()) for m in _LINE.finditer(match["body"])]

    def facts(self) -> Iterator[Fact]:
        relations = [r for line in self._lines if (r := self._relation(line)) is not None]
        keys = {column: reference for _, references in relations for column, reference in references.items()}
        fields = tuple(f for line in self._lines if (f := self._field(line, keys)) is not None)
        mapped = re.search(r"@@map\(\s*(?:name:\s*)?\"([^\"]+)\"", self._match["body"])
        start = self._match.start("body")
        place = (start + mapped.start(1), start + mapped.end(1)) if mapped else self._match.span("name")
        entity = EntityMention(
            span=_own(self._body, self._match),
            form=Form.CLASS,
            name=mapped[1] if mapped else self._match["name"],
            name_span=self._body.span(*place),
            fields=fields,
            is_complete=True,
            is_planned=self._context.is_planned,
            store=self._context.store,
        )
        yield entity
        columns = self._columns()
        for line in self._lines:
            yield from self._block_attribute(line, entity, columns)
        for line, _ in relations:
            yield from self._relationship(line, entity, fields)

    def _columns(self) -> dict[str, str]:
        """Return the column of each field that `@map` gives another name."""
        found: dict[str, str] = {}
        for line in self._lines:
            field, mapped = _FIELD.match(line.text), re.search(r"(?<!@)@map\(\"([^\"]+)\"", line.text)
            if field and mapped:
                found[field["name"]] = mapped[1]
        return found

    def _relation(self, line: Excerpt) -> tuple[Excerpt, dict[str, Stated[Reference]]] | None:
        """Return a line that holds a relation, and what each of its columns references."""
        field = _FIELD.match(_code(line.text))
        if field is None or field["type"] not in self._models:
            return None
        relation = next((a for a in _ATTRIBUTE.finditer(line.text) if a["name"] == "relation" and a["args"]), None)
        columns, targets = (_named_list(relation["args"], key) if relation else [] for key in ("fields", "references"))
        if relation is None or not columns:
            return line, {}
        span = line.span(*relation.span())
        actions = {
            key: _ACTIONS.get(word, word) for key, word in re.findall(r"on(Delete|Update):\s*(\w+)", relation["args"])
        }
        table = self._models[field["type"]]
        return line, {
            column: Stated(Reference(table, (target,), actions.get("Delete"), actions.get("Update")), span)
            for column, target in zip(columns, targets, strict=False)
        }

    def _field(self, line: Excerpt, keys: Mapping[str, Stated[Reference]]) -> FieldMention | None:
        field = _FIELD.match(_code(line.text))
        if field is None or field["type"] in self._models:
            return None
        attributes = {a["name"]: a for a in _ATTRIBUTE.finditer(field["rest"]) if not a["db"]}
        native = next((a for a in _ATTRIBUTE.finditer(field["rest"]) if a["db"]), None)
        base = field.start("rest")
        mapped = re.search(r"(?<!@)@map\(\s*(?:name:\s*)?\"([^\"]+)\"", line.text)
        values = self._enums.get(field["type"])
        found = FieldMention(
            span=line.strip().span(),
            form=Form.CLASS,
            name=mapped[1] if mapped else field["name"],
            name_span=line.span(*(mapped.span(1) if mapped else field.span("name"))),
            type=self._type(line, field, native, base),
            is_nullable=Stated(True, line.span(*field.span("null")))
            if field["null"]
            else Stated(False, line.span(*field.span("type"))),
            is_primary=_said(line, attributes.get("id"), base),
            is_unique=_said(line, attributes.get("unique"), base),
            default=_default(line, attributes.get("default"), base, is_enum=values is not None),
            references=keys.get(field["name"]),
            values=Stated(values, line.span(*field.span("type"))) if values else None,
        )
        comment = re.search(r"//+\s*(.+)$", line.text)
        return with_remark(found, line.cut(*comment.span(1)) if comment else None)

    def _type(
        self, line: Excerpt, field: re.Match[str], native: re.Match[str] | None, base: int
    ) -> Stated[TypeName] | None:
        span = line.span(*field.span("type"))
        is_many = bool(field["many"])
        if field["type"] in self._enums:
            return Stated(TypeName(field["type"], "enum", Family.ENUM, (), is_many), span)
        found = host_type(field["type"])
        if native is not None and (closer := sql_type(native["name"].lower() + (native["args"] or ""))):
            found, span = closer, line.span(base + native.start(), base + native.end())
        is_serial = "autoincrement()" in field["rest"]
        if found is None:
            return None
        return Stated(
            TypeName(found.raw, found.name, found.family, found.arguments, is_many, found.is_native, is_serial), span
        )

    def _block_attribute(self, line: Excerpt, entity: EntityMention, columns: Mapping[str, str]) -> Iterator[Fact]:
        """`@@id([a, b])`, `@@unique([a, b])`, `@@index([c(sort: Desc)], name: "…")`."""
        match = re.match(r"\s*@@(id|unique|index|fulltext)\s*\((.*)\)", line.text)
        inside = _LIST.search(match[2]) if match else None
        if match is None or inside is None:
            return
        keys = tuple(_index_keys(line, match.start(2) + inside.start(1), inside[1], columns))
        name = re.search(r"\b(?:map|name):\s*\"([^\"]+)\"", match[2])
        span, named = line.strip().span(), name[1] if name else None
        names = tuple(key.text for key in keys)
        if match[1] == "id":
            yield PrimaryKeyMention(span=span, form=Form.CLASS, entity=entity.name, columns=names, store=entity.store)
        elif match[1] == "unique":
            yield UniqueMention(
                span=span, form=Form.CLASS, entity=entity.name, name=named, columns=names, store=entity.store
            )
        else:
            yield IndexMention(
                span=span, form=Form.CLASS, entity=entity.name, name=named, keys=keys, store=entity.store
            )

    def _relationship(
        self, line: Excerpt, entity: EntityMention, fields: tuple[FieldMention, ...]
    ) -> Iterator[RelationshipMention]:
        """Yield the relationship of the side that holds the key; of many to many, where a list faces a list, nothing tells here."""
        field = _FIELD.match(_code(line.text))
        relation = re.search(r"@relation\(.*?fields:\s*\[\s*(\w+)", line.text)
        if field is None or relation is None:
            return
        columns = self._columns()
        via = columns.get(relation[1], relation[1])
        key = next((f for f in fields if f.name == via), None)
        is_alone = bool(key and (key.is_unique or key.is_primary))
        yield RelationshipMention(
            span=line.strip().span(),
            form=Form.CLASS,
            left=entity.name,
            right=self._models[field["type"]],
            left_span=entity.name_span,
            right_span=line.span(*field.span("type")),
            left_count=Cardinality.ZERO_OR_ONE if is_alone else Cardinality.ZERO_OR_MORE,
            right_count=Cardinality.ZERO_OR_ONE if field["null"] else Cardinality.ONE,
            verb=field["name"],
            via=via,
        )


def _code(line: str) -> str:
    return re.sub(r"\s*//.*$", "", line)


def _named_list(arguments: str, name: str) -> list[str]:
    match = re.search(rf"\b{name}:\s*\[([^\]]*)\]", arguments)
    return [word.strip() for word in match[1].split(",") if word.strip()] if match else []


def _said(line: Excerpt, attribute: re.Match[str] | None, base: int) -> Stated[bool] | None:
    return Stated(True, line.span(base + attribute.start(), base + attribute.end())) if attribute else None


def _default(line: Excerpt, attribute: re.Match[str] | None, base: int, is_enum: bool) -> Stated[str] | None:
    """`@default(now())`, `@default("USER")`, `@default(dbgenerated("gen_random_uuid()"))`; `autoincrement()` is the type's matter."""
    if attribute is None or not attribute["args"]:
        return None
    written = attribute["args"][1:-1].strip()
    generated = re.match(r"dbgenerated\(\"(.*)\"\)$", written)
    value = generated[1] if generated else _DEFAULTS.get(written, written)
    if value is None or written.startswith("autoincrement"):
        return None
    if is_enum or (value.startswith('"') and value.endswith('"')):
        value = "'" + value.strip('"') + "'"
    return Stated(value, line.span(base + attribute.start("args") + 1, base + attribute.end("args") - 1))


def _index_keys(line: Excerpt, start: int, inside: str, columns: Mapping[str, str]) -> Iterator[IndexKey]:
    for word in re.finditer(r"(\w+)\s*(\([^)]*\))?", inside):
        span = line.span(start + word.start(1), start + word.end(1))
        yield IndexKey(columns.get(word[1], word[1]), span, is_descending="Desc" in (word[2] or ""))
