"""What a checker and an editor know of each entity: its fields, what can be asked and written, and what comes of it.

Nothing of it runs. A relation that is not included is an `object`: what `include` adds replaces a type variable of the row's type.
"""

from collections.abc import Iterator
from inspect import getdoc

from asbuilt.access.aio import Entity, Query
from asbuilt.access.schema import Column, Relation, Schema, Table
from asbuilt.cache.plan import CachePlan
from asbuilt.generating.python_types import answer_keys, column_type, field_type, given_type, member, starred, variables

_STEPS = (
    ("distinct", ""),
    ("limit", ", most: int"),
    ("offset", ", rows: int"),
    ("for_update", ", *, skip_locked: bool = False"),
    ("related_by", ", how: Literal['row', 'set']"),
)
_MOST_SELECTED = 8


def signatures(schema: Schema, table: Table, plan: CachePlan, *, is_async: bool) -> str:
    """Return the declarations of a table's entity; what runs is awaited where `is_async`."""
    word = "async def" if is_async else "def"
    return "\n\n".join(
        [_fields(schema, table), _values(table), _reading(schema, table, plan, word), _query(table, word), _entity(table, word)]
    )  # fmt: skip


def _fields(schema: Schema, table: Table) -> str:
    lines = [f"class {table.entity}Fields:"]
    lines += [member(table, column.attribute, field_type(column)) for column in table.columns]
    for relation in table.relations:
        fields = f'"{schema.by_name[relation.target].entity}Fields"'
        lines.append(member(table, relation.name, f"Many[{fields}]" if relation.is_many else fields))
    return "\n".join(lines)


def _values(table: Table) -> str:
    """Return the values that rows can be asked for by, and those that a new row is given."""
    lines = [f"class {table.entity}Values(TypedDict, total=False):"]
    lines += [member(table, column.attribute, given_type(column)) for column in table.columns]
    given = [(column, given_type(column)) for column in table.columns if column.is_written]
    lines += ["", f"class New{table.entity}(TypedDict):"]
    lines += [member(table, c.attribute, kind if c.is_given else f"NotRequired[{kind}]") for c, kind in given]
    lines += [] if given else ["    pass"]
    return "\n".join(lines)


def _reading(schema: Schema, table: Table, plan: CachePlan, word: str) -> str:
    entity = table.entity
    names = [name for column in table.columns for name in (column.attribute, f"-{column.attribute}")]
    lines = [
        f"{entity}Order: TypeAlias = Literal[{', '.join(map(repr, names))}]",
        "",
        f"class {entity}Reading(Answers[Row], Generic[Row]):",
        _step(entity, "where", f", *conditions: Condition, **equal: Unpack[{entity}Values]"),
        _step(entity, "order", f", *by: {entity}Order | Direction | Expression[Any]"),
        f"    {word} load_all(self, **equal: Unpack[{entity}Values]) -> list[Row]: {_body('load_all')}",
        *(_step(entity, name, parameters) for name, parameters in _STEPS),
    ]
    if table.search is not None:
        lines.append(_step(entity, "search", ", words: str"))
    if table.deleted is not None:
        lines.append(_step(entity, "with_deleted"))
    lines += _cached(entity, plan)
    lines += _selects(entity)
    for relation in table.relations:
        lines += _includes(schema, table, relation)
    if table.relations:
        lines.append(f"    def include(self, *names: Any, **related: Any) -> Any: {_body('include')}")
    return "\n".join(lines)


def _step(entity: str, name: str, parameters: str = "", row: str = "Row", body: str = "") -> str:
    return f'    def {name}(self{parameters}) -> "{entity}Query[{row}]": {body or _body(name)}'


def _body(name: str, kind: type = Query) -> str:
    """Return the body of a method that is only declared: what it says of itself, for editors."""
    told = (getdoc(getattr(kind, name)) or "").partition("\n")[0]
    return f'"""{told}"""; ...' if told else "..."


def _cached(entity: str, plan: CachePlan) -> Iterator[str]:
    """Yield the signatures of keeping an answer, one a key."""
    keys = answer_keys(plan)
    for key in keys:
        holes = "".join(f", {hole.name}: object" for hole in key.holes)
        yield from ["    @overload"] if len(keys) > 1 else []
        yield _step(entity, "cached", f", key: Literal[{key.pattern!r}]{starred(holes)}")
    if len(keys) > 1:
        yield f"    def cached(self, key: Any, **values: Any) -> Any: {_body('cached')}"


def _selects(entity: str) -> Iterator[str]:
    """Yield the signatures of selecting values: a tuple of just their types."""
    for count in range(1, _MOST_SELECTED + 1):
        fields = "".join(f", f{n}: Expression[T{n}]" for n in range(1, count + 1))
        yield "    @overload"
        yield _step(
            entity, "select", f"{fields}, /", f"tuple[{', '.join(f'T{n}' for n in range(1, count + 1))}]", "..."
        )
    yield "    @overload"
    yield _step(entity, "select", ", *fields: Expression[Any]", "tuple[Any, ...]", "...")
    yield f"    def select(self, *fields: Any) -> Any: {_body('select')}"


def _includes(schema: Schema, table: Table, relation: Relation) -> Iterator[str]:
    """Yield the signatures of including one relation: by its name, along a path, and as a question of its own."""
    entity, target = table.entity, schema.by_name[relation.target]
    before = f'self: "{entity}Reading[{entity}[{_with(table, relation, "Any")}]]"'

    def signature(parameter: str, row: str) -> Iterator[str]:
        yield "    @overload"
        yield f'    def include({before}, {parameter}) -> "{entity}Query[{entity}[{_with(table, relation, _held(relation, row))}]]": ...'

    yield from signature(f"name: Literal[{relation.name!r}], /", target.entity)
    for further in target.relations:
        behind = _held(further, schema.by_name[further.target].entity)
        row = f"{target.entity}[{_with(target, further, behind, 'object')}]"
        yield from signature(f"name: Literal['{relation.name}.{further.name}'], /", row)
    yield from signature(f'*, {relation.name}: "{target.entity}Reading[Inner]"', "Inner")


def _held(relation: Relation, row: str) -> str:
    """Return the type of what a row holds of a relation."""
    return f"list[{row}]" if relation.is_many else f"{row} | None" if relation.is_optional else row


def _with(table: Table, relation: Relation, kind: str, other: str = "") -> str:
    """Return the arguments of a row's type with one of `kind` for a relation; the others stay, or are `other`."""
    pairs = zip(table.relations, variables(table), strict=True)
    return ", ".join(kind if one is relation else other or variable for one, variable in pairs)


def _query(table: Table, word: str) -> str:
    entity = table.entity
    lines = [f"class {entity}Query({entity}Reading[Row], Generic[Row]):"]
    lines.append(f"    {word} update(self{starred(_changes(table))}) -> int: {_body('update')}")
    lines.append(f"    {word} delete(self, *, for_good: bool = False) -> int: {_body('delete')}")
    return "\n".join(lines)


def _changes(table: Table) -> str:
    """Return the parameters that change a row: all that may be written, but for its key and its version."""
    fixed = {*table.primary_key, table.version}
    written = (c for c in table.columns if c.is_written and c.name not in fixed)
    return "".join(f", {c.attribute}: {given_type(c)} | Expression[Any] = ..." for c in written)


def _entity(table: Table, word: str) -> str:
    entity = table.entity
    written = [column for column in table.columns if column.is_written]
    new = "".join(f", {c.attribute}: {given_type(c)}{'' if c.is_given else ' = ...'}" for c in written)
    lines = [
        f"class {entity}Entity({entity}Reading[{entity}]):",
        f"    fields: {entity}Fields",
        f"    {word} find(self, *conditions: Condition, **equal: Unpack[{entity}Values]) -> {entity} | None: {_body('find', Entity)}",
        f"    {word} create(self{starred(new)}) -> {entity}: {_body('create', Entity)}",
        f"    {word} create_many(self, rows: Sequence[New{entity}]) -> int: {_body('create_many', Entity)}",
        f"    {word} create_all(self, rows: Sequence[New{entity}]) -> list[{entity}]: {_body('create_all', Entity)}",
    ]
    if table.primary_key:
        lines += _by_key(table, word)
    if unique := _given_keys(table):
        on = f"Literal[{', '.join(unique)}]"
        lines.append(
            f"    {word} upsert(self, *, on: {on} | Sequence[{on}] | None = None{new}) -> {entity}: {_body('upsert', Entity)}"
        )
    return "\n".join(lines)


def _given_keys(table: Table) -> list[str]:
    """Return the fields of the unique keys of which a program can give the whole."""
    keys = [[table.by_name[name] for name in names] for names in table.uniques]
    whole = [key for key in keys if all(column.is_written for column in key)]
    return sorted({repr(column.attribute) for key in whole for column in key})


def _by_key(table: Table, word: str) -> Iterator[str]:
    """Yield what is done with one row, by its primary key."""
    entity = table.entity
    keys = [table.by_name[name] for name in table.primary_key]
    key = "".join(f", {c.attribute}: {column_type(c)}" for c in keys) + ", /"
    one = column_type(keys[0]) if len(keys) == 1 else f"tuple[{', '.join(map(column_type, keys))}]"
    version = ", version: int | None = None" if table.version else ""
    yield f"    {word} get(self{key}) -> {entity}: {_body('get', Entity)}"
    yield f"    {word} get_or_none(self{key}) -> {entity} | None: {_body('get_or_none', Entity)}"
    yield f"    {word} get_many(self, keys: Sequence[{one}]) -> list[{entity} | None]: {_body('get_many', Entity)}"
    yield from _loads(table, key, word)
    yield f"    {word} update(self{key}{starred(version + _changes(table))}) -> {entity}: {_body('update', Entity)}"
    yield f"    {word} delete(self{key}, *, for_good: bool = False) -> {entity}: {_body('delete', Entity)}"
    if table.deleted is not None:
        yield f"    {word} restore(self{key}) -> {entity}: {_body('restore', Entity)}"


def _loads(table: Table, key: str, word: str) -> Iterator[str]:
    """Yield the signatures of loading a row: by its primary key, and by the values of each other unique key."""
    others = [names for names in table.uniques if names != table.primary_key]
    by = [key, *(", *" + "".join(f", {_given(table.by_name[name])}" for name in names) for names in others)]
    body = "..." if others else _body("load", Entity)
    for parameters in by:
        yield from ["    @overload"] if others else []
        yield f"    {word} load(self{parameters}) -> {table.entity} | None: {body}"
    if others:
        yield f"    {word} load(self, *key: Any, **unique: Any) -> Any: {_body('load', Entity)}"


def _given(column: Column) -> str:
    return f"{column.attribute}: {column_type(column, may_be_none=False)}"
