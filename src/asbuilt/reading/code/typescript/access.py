"""Access patterns: interfaces of operations (`getById: (id: string) => Promise<User>`) and calls of an ORM's client."""

import re
from collections.abc import Iterator

from asbuilt.model.chapters import AccessOperation
from asbuilt.model.fact import Form
from asbuilt.model.names import words
from asbuilt.reading.code.tokens import Code
from asbuilt.reading.code.typescript.calls import Call, calls
from asbuilt.reading.code.typescript.declarations import Declaration, Member, Range, members
from asbuilt.reading.phrases.placeholders import is_placeholder

_VERBS: dict[str, str] = {
    "create": "create", "add": "create", "insert": "create", "save": "create", "register": "create", "get": "get", "find": "get",
    "fetch": "get", "load": "get", "read": "get", "retrieve": "get", "update": "update", "set": "update", "edit": "update",
    "modify": "update", "patch": "update", "delete": "delete", "remove": "delete", "destroy": "delete", "list": "list", "all": "list",
    "search": "search", "count": "aggregate", "aggregate": "aggregate", "sum": "aggregate", "page": "page", "paginate": "page",
    "upsert": "upsert", "exists": "get", "archive": "update", "restore": "update",
}  # fmt: skip
_METHODS: dict[str, str] = {
    "findUnique": "get", "findUniqueOrThrow": "get", "findFirst": "get", "findFirstOrThrow": "get", "findOne": "get", "findById": "get",
    "findByPk": "get", "findOneBy": "get", "findMany": "list", "findAll": "list", "findBy": "list", "find": "list",
    "findAndCount": "page", "create": "create", "createMany": "create", "insertOne": "create", "insertMany": "create", "save": "create",
    "update": "update", "updateMany": "update", "updateOne": "update", "findByIdAndUpdate": "update", "findOneAndUpdate": "update",
    "upsert": "upsert", "delete": "delete", "deleteMany": "delete", "deleteOne": "delete", "findByIdAndDelete": "delete",
    "destroy": "delete", "count": "aggregate", "countDocuments": "aggregate", "aggregate": "aggregate", "groupBy": "aggregate",
}  # fmt: skip
_OWNER = re.compile(
    r"^I?(?P<entity>[A-Z]\w*?)(?:Data)?(?:Access|Repository|Repo|Dao|DAO|Store|Operations|Queries|Crud|CRUD|Service|DataSource)$"
)
_CLIENT = re.compile(r"^(?:prisma\w*|db|tx|client|orm|knex|trx|dbClient)$", re.IGNORECASE)
_VALUES = frozenset({"string", "number", "bigint", "boolean", "Date", "UUID", "ObjectId", "uuid"})


def declared_operations(code: Code, declaration: Declaration) -> Iterator[AccessOperation]:
    """Yield the operations that an interface such as `UserAccess` lists."""
    owner = _OWNER.match(declaration.name)
    if owner is None or declaration.kind not in ("interface", "type") or is_placeholder(declaration.name):
        return
    for member in members(code, _body(code, declaration) or (0, 0)):
        signature = _signature(code, member)
        verb = next((_VERBS[w] for w in words(member.name) if w in _VERBS), None)
        if signature is not None and verb is not None:
            parameters, returned = signature
            yield AccessOperation(
                span=code.span(*member.tokens),
                form=Form.INTERFACE,
                entity=owner["entity"],
                operation=_operation(verb, returned),
                by=_keys(code, parameters) if verb != "create" else (),
                text=code.text(*member.tokens),
            )


def _body(code: Code, declaration: Declaration) -> Range | None:
    if declaration.value and code.word(declaration.value[0]) == "{" and declaration.value[0] in code.pairs:
        return declaration.value[0] + 1, code.pairs[declaration.value[0]]
    return declaration.body


def _signature(code: Code, member: Member) -> tuple[Range, str] | None:
    """Return the parameters and the returned type of a method, or of a member that holds a function."""
    if member.parameters is not None:
        return member.parameters, code.text(*member.type) if member.type else ""
    if member.type is None:
        return None
    start, end = member.type
    closing = code.pairs.get(start)
    if code.word(start) != "(" or closing is None or code.word(closing + 1) != "=>":
        return None
    return (start + 1, closing), code.text(closing + 2, end) if closing + 2 < end else ""


def _operation(verb: str, returned: str) -> str:
    """A getter of many is a list; a page names itself."""
    if verb != "get":
        return verb
    if re.search(r"\bPag(?:e|inated)", returned):
        return "page"
    return "list" if re.search(r"\[\]|Array<|List<", returned) else "get"


def _keys(code: Code, parameters: Range) -> tuple[str, ...]:
    """Return the parameters that are plain values; objects are data, not keys."""
    found = (m for m in members(code, parameters) if m.type is not None)
    return tuple(m.name for m in found if m.type and code.text(*m.type).removesuffix("[]") in _VALUES)


def client_operations(code: Code) -> Iterator[AccessOperation]:
    """Yield the operations that calls of an ORM's client make: `prisma.user.findUnique({ where: { id } })`."""
    for call in calls(code):
        entity = _entity(call)
        if entity is not None:
            yield AccessOperation(
                span=code.span(call.start, call.arguments[1] + 1),
                form=Form.EXAMPLE,
                entity=entity,
                operation=_METHODS[call.method],
                by=_where(code, call.arguments) if call.method not in ("create", "createMany") else (),
                text=code.text(call.start, call.arguments[1] + 1),
            )


def _entity(call: Call) -> str | None:
    """`prisma.user`, `this.db.users`, `userRepository`: the entity that a call is about."""
    if call.method not in _METHODS:
        return None
    *before, last = call.receiver
    if before and _CLIENT.match(before[-1]):
        return last
    owner = re.match(r"^(\w+?)(?:Repository|Repo)$", last)
    return owner[1] if owner and words(owner[1]) else None


def _where(code: Code, arguments: Range) -> tuple[str, ...]:
    """Return the fields that the `where` of a call names; those of MongoDB's first argument likewise."""
    if arguments[0] >= arguments[1] or code.word(arguments[0]) != "{" or arguments[0] not in code.pairs:
        return ()
    given = list(members(code, (arguments[0] + 1, code.pairs[arguments[0]])))
    where = next((m.content for m in given if m.name == "where"), None)
    if where is None or code.word(where[0]) != "{" or where[0] not in code.pairs:
        return ()
    inner = members(code, (where[0] + 1, code.pairs[where[0]]))
    return tuple(m.name for m in inner if m.name not in ("AND", "OR", "NOT"))
