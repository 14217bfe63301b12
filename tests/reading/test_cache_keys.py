"""Cache keys in YAML, plain text, lists, tables and label lines."""

import pytest
from code_reading import facts, fence, of, readings

from asbuilt.model.chapters import CacheKey


def keys(text: str) -> list[tuple[str, str, int | None, str | None]]:
    found = of(text, CacheKey)
    assert all(text[k.pattern_span.start : k.pattern_span.end] == k.pattern for k in found)
    return [(k.name, k.pattern, k.ttl_seconds, k.invalidation) for k in found]


def test_groups_of_lines_are_one_key_each() -> None:
    text = fence(
        "yaml",
        "# User cache\nKey: user:{userId}\nTTL: 3600 seconds\nInvalidate: On user update\n\nKey: users:page:{n}\nTTL: 5m # short\n",
        "## Redis Keys",
    )
    assert keys(text) == [
        ("User cache", "user:{userId}", 3600, "On user update"),
        ("users:page", "users:page:{n}", 300, None),
    ]
    first = of(text, CacheKey)[0]
    assert (
        text[first.span.start : first.span.end] == "Key: user:{userId}\nTTL: 3600 seconds\nInvalidate: On user update"
    )
    assert first.ttl_span is not None
    assert text[first.ttl_span.start : first.ttl_span.end] == "3600 seconds"


def test_mappings_nested_flat_and_by_the_key_itself() -> None:
    text = fence(
        "yaml",
        'user: { key: "user:{id}", ttl: 1h }\nsession:\n  key: session:{sid}\n  ttl: 30m\n  invalidate:\n    - logout\n    - timeout\nfeed:{id}: 60\n',
        "## Caching",
    )
    assert keys(text) == [
        ("user", "user:{id}", 3600, None),
        ("session", "session:{sid}", 1800, "logout, timeout"),
        ("feed", "feed:{id}", 60, None),
    ]


def test_commands_and_one_key_a_line() -> None:
    assert keys(fence("redis", "SETEX user:{id} 3600 x\nSET s:{id} v EX 60\nDEL user:{id}:tags", "## Caching")) == [
        ("user", "user:{id}", 3600, None),
        ("s", "s:{id}", 60, None),
        ("user:tags", "user:{id}:tags", None, None),
    ]
    assert keys(
        fence("", "user:{id}      → profile (TTL: 1h), invalidated on update\npage:{n}:list  → 5 min", "## Caching")
    ) == [
        ("user", "user:{id}", 3600, "on update"),
        ("page:list", "page:{n}:list", 300, None),
    ]


def test_a_deployment_is_no_cache() -> None:
    assert (
        facts(fence("yaml", "services:\n  redis:\n    image: redis:7\n    key: a:{b}\n    ttl: 5", "## Caching")) == []
    )


def test_lists_of_keys() -> None:
    text = "## Caching\n\n- `user:{id}` - TTL 1 hour, invalidated on user update\n- **Session**: `session:{sid}` (expires in 30 minutes)\n- Use Redis\n"
    assert keys(text) == [("user", "user:{id}", 3600, "on user update"), ("Session", "session:{sid}", 1800, None)]
    assert [type(f).__name__ for f in facts(text)] == ["CacheKey", "CacheKey", "Statement"]


def test_items_that_belong_to_a_key() -> None:
    flat = "## Caching\n\n- Key: `user:{id}`\n- TTL: 3600\n- Invalidation: on save\n"
    assert keys(flat) == [("user", "user:{id}", 3600, "on save")]
    nested = "## Caching\n\n- **Profile**\n  - Key: `user:{id}`\n  - TTL: 1h\n"
    assert keys(nested) == [("Profile", "user:{id}", 3600, None)]


def test_other_lists_are_declined() -> None:
    assert readings("## Caching\n\n- Cache Layer: Redis\n- TTL: 1 hour\n") == []
    assert readings("## Access\n\n- see http://a.b/c\n- at 10:30 daily\n- `user:{id}` is printed\n- and more\n") == []


def test_tables_of_keys() -> None:
    text = (
        "## Caching\n\n| Data | Key Pattern | TTL | Invalidation |\n|---|---|---|---|\n"
        "| Profile | `user:{id}` | 1h | on update |\n| Page | posts:{n} | 300 | - |\n| Broken | what | 1 | x |\n"
    )
    assert keys(text) == [("Profile", "user:{id}", 3600, "on update"), ("Page", "posts:{n}", 300, None)]
    [(_, reading)] = readings(text)
    assert [text[s.start : s.end].strip("| ").startswith("Broken") for s in reading.unread] == [True]


@pytest.mark.parametrize(
    "table", ["| Key | Value |\n|---|---|\n| a:{b} | c |\n", "| Column | Key |\n|---|---|\n| id | PK |\n"]
)
def test_other_tables_are_declined(table: str) -> None:
    assert readings(f"## Entities\n\n{table}") == []


def test_a_label_line() -> None:
    assert keys("## Caching\n\n**Cache Keys**: `user:{id}` (1h), `post:{id}`\n") == [
        ("user", "user:{id}", 3600, None),
        ("post", "post:{id}", None, None),
    ]


def test_details_behind_a_full_width_colon() -> None:
    text = "## Redis 设计\n\n- `auth:token:{token}`\n  - 作用：登录态\n  - TTL：默认 168 小时\n"
    assert [ttl for _, _, ttl, _ in keys(text)] == [604800]
