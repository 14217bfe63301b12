"""Which language a fence's content is in, so that exactly one reader of code claims it."""

import re
from enum import StrEnum
from functools import lru_cache

from asbuilt.document.blocks import Block, Fence


class Language(StrEnum):
    """The languages, other than SQL and diagrams, that have a reader."""

    TYPESCRIPT = "typescript"
    PRISMA = "prisma"
    PYTHON = "python"
    CSHARP = "csharp"
    JAVA = "java"
    KOTLIN = "kotlin"
    GO = "go"
    DART = "dart"
    RUST = "rust"
    SWIFT = "swift"
    PHP = "php"
    RUBY = "ruby"
    MONGODB = "mongodb"
    DYNAMODB = "dynamodb"
    FIRESTORE = "firestore"
    CACHE = "cache"
    JSON = "json"
    YAML = "yaml"


_L = Language
_NAMES: dict[str, Language] = {
    "typescript": _L.TYPESCRIPT, "ts": _L.TYPESCRIPT, "tsx": _L.TYPESCRIPT, "javascript": _L.TYPESCRIPT, "js": _L.TYPESCRIPT,
    "jsx": _L.TYPESCRIPT, "mjs": _L.TYPESCRIPT, "node": _L.TYPESCRIPT, "zod": _L.TYPESCRIPT, "prisma": _L.PRISMA, "python": _L.PYTHON,
    "py": _L.PYTHON, "python3": _L.PYTHON, "csharp": _L.CSHARP, "cs": _L.CSHARP, "c#": _L.CSHARP, "java": _L.JAVA, "kotlin": _L.KOTLIN,
    "kt": _L.KOTLIN, "go": _L.GO, "golang": _L.GO, "dart": _L.DART, "rust": _L.RUST, "rs": _L.RUST, "swift": _L.SWIFT, "php": _L.PHP,
    "laravel": _L.PHP, "ruby": _L.RUBY, "rb": _L.RUBY, "mongodb": _L.MONGODB, "mongo": _L.MONGODB, "mongosh": _L.MONGODB,
    "redis": _L.CACHE, "json": _L.JSON, "jsonc": _L.JSON, "json5": _L.JSON, "yaml": _L.YAML, "yml": _L.YAML,
}  # fmt: skip
_UNNAMED = frozenset({"", "text", "txt", "plaintext", "plain", "code", "pseudo", "pseudocode"})
_MONGODB = re.compile(
    r"\bdb\.(?:\w+|getCollection\([^)\n]*\))\.(?:createIndex|ensureIndex|createIndexes)\s*\(|\bdb\.createCollection\s*\(|\$jsonSchema\b"
    r"|\bnew\s+(?:mongoose\.)?Schema\s*(?:<[^>\n]*>)?\s*\(|\bmongoose\.model\s*\(|^[ \t]*[\"']?_id[\"']?\s*:\s*[\"']?(?:ObjectId|String|UUID)\b",
    re.MULTILINE,
)
_DYNAMODB = re.compile(
    r"^[ \t]*(?:-\s*)?(?:Table(?:Name)?|BillingMode|GlobalSecondaryIndexes|AttributeDefinitions)\s*:.*^[ \t]*(?:-\s*)?"
    r"(?:Partition ?Key|KeySchema|HashKey|PK)\s*:|^[ \t]*Type:\s*[\"']?AWS::DynamoDB::Table",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_KEY_LINE = re.compile(
    r"""^[ \t]*(?:-\s*)?["']?(?:key|pattern|key[ _-]?pattern)["']?\s*[:=]\s*.*[:{<*]""", re.MULTILINE | re.IGNORECASE
)
_TTL_LINE = re.compile(
    r"^[ \t]*(?:-\s*)?[\"']?(?:ttl|expir\w*|invalidat\w*)[\"']?\s*[:=]|\{[^}\n]*\bttl\s*:", re.MULTILINE | re.IGNORECASE
)
_KEY_PATTERN = re.compile(r"""^[ \t]*(?:-\s*)?[`"']?[A-Za-z_][\w-]*(?::[\w-]+)*:[{<*][\w.]+""", re.MULTILINE)
_FIRESTORE = re.compile(
    r"^[ \t│├└─|`+*-]*(?:/?[A-Za-z_]\w*/\{\w+\}|/?[A-Za-z_]\w*(?:/|[ \t]*\((?:sub-?)?collection\))[ \t]*\n[ \t│├└─|`+*-]*\{\w+\}/?[ \t]*$)",
    re.MULTILINE | re.IGNORECASE,
)
_SNIFFED: tuple[tuple[Language, re.Pattern[str]], ...] = (
    (_L.PRISMA, re.compile(r"^[ \t]*(?:model|enum)\s+\w+\s*\{[^}]*(?:@id|@@|@default|@relation)", re.MULTILINE)),
    (_L.DART, re.compile(r"^[ \t]*class\s+\w+[^{\n]*\{\s*(?:final\s+)?(?:late\s+)?(?:String|int|DateTime|double|bool)\??\s+\w+\s*;", re.MULTILINE)),
    (_L.CSHARP, re.compile(r"^[ \t]*public\s+(?:class|record|enum)\s+\w+[^;]*?\{\s*get\s*;", re.MULTILINE)),
    (_L.JAVA, re.compile(r"^[ \t]*@Entity\b.*?^[ \t]*(?:public\s+)?class\s+\w+[^;{]*\{\s*(?:@|private)", re.MULTILINE | re.DOTALL)),
    (_L.GO, re.compile(r"^[ \t]*type\s+\w+\s+struct\s*\{", re.MULTILINE)),
    (_L.RUST, re.compile(r"^[ \t]*(?:pub\s+)?struct\s+\w+\s*\{\s*(?:#\[|pub\s|\w+\s*:)", re.MULTILINE)),
    (_L.PYTHON, re.compile(r"^class\s+\w+(?:\([\w., =]*\))?:\s*$", re.MULTILINE)),
    (_L.TYPESCRIPT, re.compile(r"^[ \t]*(?:export\s+)?(?:default\s+)?(?:interface\s+\w+[^{\n]*\{|enum\s+\w+\s*\{|type\s+\w+\s*=|const\s+\w+\s*=)", re.MULTILINE)),
    (_L.JSON, re.compile(r"\A\s*[\[{]\s*(?:[{}\]]|\"[^\"\n]*\"\s*:)|\A\s*\{[ \t]*(?://[^\n]*)?\n\s*[A-Za-z_]\w*\??\s*:\s*[\w\"\[{]")),
)  # fmt: skip


def language_of(block: Block) -> Language | None:
    """Return the language of a fence, or None where it is no fence or none that a reader of code knows."""
    return _language(block.language, block.body.text) if isinstance(block, Fence) else None


@lru_cache(maxsize=512)
def _language(name: str, text: str) -> Language | None:
    named = _NAMES.get(name)
    if named is None and name not in _UNNAMED:
        return None
    if named in (None, _L.TYPESCRIPT, _L.JSON, _L.MONGODB) and (named == _L.MONGODB or _MONGODB.search(text)):
        return _L.MONGODB
    if named in (None, _L.YAML, _L.JSON) and (special := _special_yaml(text)):
        return special
    if named is not None:
        return named
    return next((language for language, shape in _SNIFFED if shape.search(text)), None)


def _special_yaml(text: str) -> Language | None:
    """Tables of DynamoDB, keys of a cache and paths of Firestore are written in what is often called YAML."""
    if _DYNAMODB.search(text):
        return _L.DYNAMODB
    if re.search(r"^[ \t]*(?:apiVersion|services|kind)\s*:", text, re.MULTILINE):
        return None
    if (_KEY_LINE.search(text) or _KEY_PATTERN.search(text)) and (_TTL_LINE.search(text) or _mentions_ttl(text)):
        return _L.CACHE
    return _L.FIRESTORE if _FIRESTORE.search(text) else None


def _mentions_ttl(text: str) -> bool:
    return len(_KEY_PATTERN.findall(text)) * 2 >= len([line for line in text.splitlines() if line.strip()])
