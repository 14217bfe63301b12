"""What kind of component a label in an architecture drawing names."""

import re

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("cache", re.compile(r"\b(?:cache|redis|memcached|cdn)|缓存|キャッシュ|кэш", re.IGNORECASE)),
    ("search", re.compile(r"\b(?:search|elastic|opensearch|solr)|搜索|поиск", re.IGNORECASE)),
    ("queue", re.compile(r"\b(?:queue|kafka|rabbit\w*|sqs|stream|event bus|message broker)\b|队列", re.IGNORECASE)),
    ("storage", re.compile(r"\b(?:s3|bucket|blob|object storage|file storage)\b", re.IGNORECASE)),
    ("database", re.compile(r"database|postgres|mysql|mongo|sqlite|dynamo|\bdb\b|数据库|база", re.IGNORECASE)),
)


def kind_named(label: str) -> str:
    """Return `database`, `cache`, `queue`, … where the label says so, else nothing."""
    return next((kind for kind, words in _KINDS if words.search(label)), "")
