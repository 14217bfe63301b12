"""Volumes, targets, scenarios, sources, steps, change logs: from tables and lines to facts."""

import pytest
from chapter_reading import facts, texts

from asbuilt.model.chapters import ChangeLogEntry, DataSource, Retention, Scenario, Step, Target, Volume
from asbuilt.model.fact import Placeholder


def volumes(markdown: str) -> list[tuple[str, int | None, float, float | None]]:
    return [(v.entity, v.rows, v.after_years, v.growth_per_year) for v in facts(markdown, Volume)]


def test_a_table_of_volumes() -> None:
    text = "| Entity | Initial Volume | 1 Year | 3 Years | Growth Rate |\n|---|---|---|---|---|\n| Order | 1K | 100K | 1M | 50x/year |\n"
    assert volumes(text) == [("Order", 1000, 0.0, 50.0), ("Order", 100_000, 1.0, 50.0), ("Order", 1_000_000, 3.0, 50.0)]
    assert texts(text, Volume) == ["1K", "100K", "1M"]


@pytest.mark.parametrize(
    "header",
    [
        "| 表 | 当前 | 1年 | 增长率 |",
        "| 테이블 | 현재 | 1년 | 성장률 |",
        "| Таблица | Сейчас: текущий объём | 1 год | Рост |",
        "| Table | Now | Year 1 | Growth |",
    ],
)
def test_volumes_in_many_languages(header: str) -> None:
    found = volumes(f"{header}\n|---|---|---|---|\n| orders | 10万 | 1M | 50%/year |\n")
    assert found == [("orders", 100_000, 0.0, 1.5), ("orders", 1_000_000, 1.0, 1.5)]


def test_bullets_of_volumes() -> None:
    text = "## Data volume\n\n- Users: 10K/year\n- Orders: ~1M rows, growing 20%/year\n- Latency: < 100\n"
    assert volumes(text) == [("Users", 10_000, 1.0, None), ("Orders", 1_000_000, 0.0, 1.2)]


def test_a_table_of_something_else_has_no_volumes() -> None:
    assert volumes("| Table | Row count limit | Owner |\n|---|---|---|\n| users | none | team |\n") == []
    assert volumes("| Step | 1 Year |\n|---|---|\n| a | 100 |\n") == []


@pytest.mark.parametrize(
    ("line", "metric", "value", "unit", "percentile"),
    [
        ("**认证响应时间**: < 100ms (95%请求)", "latency", 100.0, "ms", 95.0),
        ("API p95 latency < 50ms", "latency", 50.0, "ms", 95.0),
        ("Reads: 99th percentile under 0.2 s", "latency", 200.0, "ms", 99.0),
        ("Availability: 99.9%", "availability", 99.9, "%", None),
        ("**可用性**: 99.9%", "availability", 99.9, "%", None),
        ("Cache hit ratio: > 90%", "hit ratio", 90.0, "%", None),
        ("**TPS**: 5,000 tokens/秒生成", "throughput", 5000.0, "per second", None),
        ("**并发用户**: 10,000+", "concurrency", 10_000.0, "users", None),
        ("Max connections: 200", "concurrency", 200.0, "connections", None),
        ("**扩展能力**: 支持水平扩展到100万用户", "capacity", 1_000_000.0, "users", None),
    ],
)
def test_targets(line: str, metric: str, value: float, unit: str, percentile: float | None) -> None:
    found = facts(f"## Performance targets\n\n- {line}\n", Target)
    assert [(t.metric, t.value, t.unit, t.percentile) for t in found] == [(metric, value, unit, percentile)]


def test_a_table_of_targets() -> None:
    text = "| Operation | p95 | p99 | Throughput |\n|---|---|---|---|\n| Login | < 100 ms | < 250 ms | 500 rps |\n"
    found = facts(text, Target)
    assert [(t.subject, t.metric, t.value, t.percentile) for t in found] == [
        ("Login", "latency", 100.0, 95.0),
        ("Login", "latency", 250.0, 99.0),
        ("Login", "throughput", 500.0, None),
    ]


def test_a_metric_with_percentiles_and_no_bound_is_no_target() -> None:
    assert facts("## Key Metrics\n\n- Query performance (p50, p95, p99)\n", Target) == []


@pytest.mark.parametrize(
    ("line", "rows"),
    [
        ("Empty tables", 0),
        ("Single record", 1),
        ("Small dataset (100 records)", 100),
        ("Large dataset (1,000,000 records)", 1_000_000),
        ("Edge cases (max 255 characters)", None),
        ("大数据集（100万条）", 1_000_000),
    ],
)
def test_scenarios(line: str, rows: int | None) -> None:
    assert [s.rows for s in facts(f"## Test data\n\n### Data Scenarios\n\n- {line}\n", Scenario)] == [rows]


def test_sources() -> None:
    text = "## Data Flow\n\n### Data Sources\n\n- **Stripe**: webhooks → payments\n- CSV files → products\n"
    assert [(s.name, s.text) for s in facts(text, DataSource)] == [
        ("Stripe", "webhooks → payments"),
        ("CSV files", "CSV files → products"),
    ]


def test_a_drawing_of_stages() -> None:
    text = "## Data Flow\n\n```\nRaw Data → Validation → Storage\n```\n"
    assert [(s.number, s.text) for s in facts(text, Step)] == [(1, "Raw Data"), (2, "Validation"), (3, "Storage")]
    assert texts(text, Step) == ["Raw Data", "Validation", "Storage"]


def test_numbered_steps() -> None:
    text = "## Migration\n\n### Sequence\n\n1. Add the column\n2. **Backfill**: copy\n3. [Next step of the plan]\n"
    assert [(s.number, s.subject) for s in facts(text, Step)] == [(1, "Sequence"), (2, "Sequence")]


def test_numbered_kinds_are_no_steps() -> None:
    assert facts("## Backup\n\n### Backup Types\n\n1. Full\n2. Incremental\n", Step) == []


@pytest.mark.parametrize(
    "header",
    [
        "| Version | Date | Changes | Author |",
        "| 版本 | 日期 | 变更内容 | 作者 |",
        "| Версия | Дата | Изменения | Автор |",
        "| バージョン | 日付 | 変更内容 | 作成者 |",
    ],
)
def test_a_change_log(header: str) -> None:
    text = f"{header}\n|---|---|---|---|\n| 1.0.0 | YYYY-MM-DD | First | Ann |\n| 1.1.0 | 2024-01-02 | Roles | Bob |\n"
    found = facts(text, ChangeLogEntry)
    assert [(c.version, c.date, c.changes, c.author) for c in found] == [
        ("1.0.0", "YYYY-MM-DD", "First", "Ann"),
        ("1.1.0", "2024-01-02", "Roles", "Bob"),
    ]
    assert [p.text for p in facts(text, Placeholder)] == ["YYYY-MM-DD"]


def test_a_change_log_as_a_list() -> None:
    text = (
        "## Changelog\n\n- 1.2.0 (2024-01-02): added roles\n- v1.1 - 2023-05-05 - fixed indexes\n- 2023-01-01: first\n"
    )
    assert [(c.version, c.date, c.changes) for c in facts(text, ChangeLogEntry)] == [
        ("1.2.0", "2024-01-02", "added roles"),
        ("v1.1", "2023-05-05", "fixed indexes"),
        ("", "2023-01-01", "first"),
    ]


def test_what_is_measured_today_is_no_target() -> None:
    text = (
        "| Metric | Current | Target |\n|---|---|---|\n| Login latency | 300 ms | < 100 ms |\n| Uptime | 99% | [X]% |\n"
    )
    assert [(t.subject, t.value) for t in facts(text, Target)] == [("Login latency", 100.0)]


def test_a_sentence_may_state_a_target() -> None:
    found = facts("## Performance\n\nQueries should take less than 50 ms at p95.\n", Target)
    assert [(t.subject, t.value, t.percentile) for t in found] == [("Queries", 50.0, 95.0)]


def test_arrows_among_entities_are_no_steps() -> None:
    assert facts("## Entities\n\n```\nusers → orders\n```\n", Step) == []


def test_a_table_may_count_rows_and_say_how_long_they_stay() -> None:
    text = "## Estimated size\n\n| Table | Rows/day | Retention | Size |\n|---|---|---|---|\n| events | 1M | 90 days | 50 GB |\n"
    assert [(v.rows, round(v.after_years * 365)) for v in facts(text, Volume)] == [(1_000_000, 1)]
    assert [(r.subject, r.seconds) for r in facts(text, Retention)] == [("events", 90 * 86_400)]


def test_numbered_points_of_other_chapters_are_no_steps() -> None:
    assert facts("## Security\n\n1. **Authentication**: JWT with an expiry\n", Step) == []
