"""Which classes and interfaces are entities: their names tell, and what they hold."""

from asbuilt.evidence import Chapter
from asbuilt.model.names import words

_NO_ENTITY = frozenset(
    {"request", "response", "dto", "service", "config", "configuration", "store", "handler", "manager", "repository", "controller", "props",
     "options", "params", "parameters", "input", "output", "result", "payload", "error", "exception", "client", "factory", "middleware",
     "context", "provider", "builder", "adapter", "helper", "util", "utils", "mapper", "serializer", "validator", "resolver", "gateway",
     "module", "interface", "dao", "access", "cache", "queue", "worker", "job", "listener", "processor", "api", "server", "connection",
     "pool", "schema", "test", "tests", "mixin", "base", "args", "viewmodel", "vm", "form", "filter", "query", "command", "migration",
     "seeder", "pipeline", "engine", "loader", "reader", "writer", "generator", "hook", "policy", "strategy", "dbcontext", "db", "database",
     "view", "viewset", "router", "wrapper", "decorator", "monitor", "limiter", "optimizer", "bearer", "create", "update", "insert"}
)  # fmt: skip
_SHAPES = frozenset({"create", "update", "insert", "new", "patch", "partial", "upsert"})
_PLACES = frozenset(
    {Chapter.OVERVIEW, Chapter.ENTITIES, Chapter.INTEGRITY, Chapter.SEEDING, Chapter.FILES, Chapter.FLOW}
)


def is_entity_name(name: str) -> bool:
    """Tell whether a class of this name may hold rows: `UserService`, `CreateUserRequest` and `Config` do not."""
    spoken = words(name)
    if not spoken or spoken[-1] in _NO_ENTITY:
        return False
    return not (len(spoken) > 1 and spoken[0] in _SHAPES)


def is_entity(name: str, fields: tuple[str, ...], chapter: Chapter) -> bool:
    """Tell whether a class describes an entity; far from the chapters of entities it needs an identifier to count as one."""
    if not fields or not is_entity_name(name):
        return False
    keys = {field.lower().replace("_", "") for field in fields}
    has_key = bool(keys & {"id", "uuid", "pk", "guid"}) or f"{name.lower()}id" in keys
    return has_key or chapter in _PLACES


def entity_of_schema(name: str) -> str:
    """Return the entity that a validator's name speaks of: `CreateUserSchema` is about `User`."""
    first = words(name)[0] if words(name) else ""
    if first in _SHAPES | {"register", "signup", "base"} and name[len(first) : len(first) + 1].isupper():
        name = name[len(first) :]
    for suffix in ("ValidationSchema", "Schema", "Validator", "Validation", "Input", "Dto", "DTO", "Request", "Type"):
        name = name.removesuffix(suffix) if len(name) > len(suffix) else name
    return name.strip("_")
