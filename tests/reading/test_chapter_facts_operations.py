"""Backups, recovery, retention, schedules, metrics, alerts: from lines and tables to facts."""

import pytest
from chapter_reading import facts, texts

from asbuilt.model.chapters import Alert, Metric, RecoveryObjective, Retention, Schedule
from asbuilt.model.fact import Placeholder, Statement

DAY = 86_400


@pytest.mark.parametrize(
    ("heading", "line", "subject", "every"),
    [
        ("Backup Schedule", "Daily: Full backup", "Full backup", DAY),
        ("Backup Schedule", "Hourly: Incremental backup", "Incremental backup", 3600),
        ("Backup", "Full backup: every 6 hours", "Full backup", 6 * 3600),
        ("Backup", "Daily automated backups", "Daily automated backups", DAY),
        ("Backup", "**Frequency**: daily", "Backup", DAY),
        ("Maintenance", "VACUUM ANALYZE: weekly", "VACUUM ANALYZE", 7 * DAY),
        ("备份策略", "每天全量备份", "每天全量备份", DAY),
        ("备份策略", "每 6 小时增量备份", "每 6 小时增量备份", 6 * 3600),
        ("백업", "전체 백업: 매일", "전체 백업", DAY),
        ("Резервное копирование", "Полная копия: ежедневно", "Полная копия", DAY),
        ("Respaldo", "Copia completa: diario", "Copia completa", DAY),
    ],
)
def test_what_happens_again_and_again(heading: str, line: str, subject: str, every: int) -> None:
    found = facts(f"## {heading}\n\n- {line}\n", Schedule)
    assert [(s.subject, s.every_seconds) for s in found] == [(subject, every)]


def test_a_continuous_schedule_has_no_interval() -> None:
    found = facts("## Backup Schedule\n\n- Continuous: Transaction log backup\n", Schedule)
    assert [(s.subject, s.every_seconds) for s in found] == [("Transaction log backup", None)]


def test_a_cron_expression_is_kept_as_written() -> None:
    found = facts("## Backup\n\n- `0 2 * * 0`: base backup\n- dump `*/15 1,3 * * MON-FRI`\n", Schedule)
    assert [s.cron for s in found] == ["0 2 * * 0", "*/15 1,3 * * MON-FRI"]
    assert found[0].subject == "base backup"


def test_a_line_may_say_how_often_and_how_long() -> None:
    line = "## Backup\n\n- Full backup: daily at 02:00, kept for 30 days\n"
    assert [s.every_seconds for s in facts(line, Schedule)] == [DAY]
    assert [(r.subject, r.seconds) for r in facts(line, Retention)] == [("Full backup", 30 * DAY)]


@pytest.mark.parametrize(
    ("line", "subject", "seconds"),
    [
        ("Retention period: 30 days", "Storage", 30 * DAY),
        ("audit logs: kept for 7 years", "audit logs", 7 * 365 * DAY),
        ("Sessions are deleted after 30 days", "Sessions", 30 * DAY),
        ("审计日志：保留 5 年", "审计日志", 5 * 365 * DAY),
        ("로그: 90일 보관", "로그", 90 * DAY),
        ("Согласие хранится 5 лет", "Согласие", 5 * 365 * DAY),
        ("invoices: kept forever", "invoices", None),
    ],
)
def test_how_long_something_is_kept(line: str, subject: str, seconds: int | None) -> None:
    found = facts(f"## Storage\n\n- {line}\n", Retention)
    assert [(r.subject, r.seconds) for r in found] == [(subject, seconds)]


def test_under_a_heading_about_retention_a_time_is_enough() -> None:
    found = facts("## Data retention\n\n- Orders: 10 years\n- Ask the legal team\n", Retention)
    assert [(r.subject, r.seconds) for r in found] == [("Orders", 10 * 365 * DAY)]


@pytest.mark.parametrize("header", ["| Data | Retention |", "| 数据 | 保留期 |", "| Данные | Срок хранения |"])
def test_a_table_of_retention(header: str) -> None:
    found = facts(f"{header}\n|---|---|\n| Orders | 10 years |\n| Sessions | 30天 |\n| x | [X] days |\n", Retention)
    assert [(r.subject, r.seconds) for r in found] == [("Orders", 3650 * DAY), ("Sessions", 30 * DAY)]


def test_recovery_objectives() -> None:
    text = "## Recovery\n\n- **RTO**: 4 hours\n- RPO (Recovery Point Objective): 15 min\n- 恢复时间目标：1小时\n"
    assert [(o.name, o.seconds) for o in facts(text, RecoveryObjective)] == [
        ("RTO", 14400),
        ("RPO", 900),
        ("RTO", 3600),
    ]
    assert texts(text, RecoveryObjective)[0] == "**RTO**: 4 hours"


def test_two_objectives_in_a_line_have_their_own_places() -> None:
    text = "## Recovery\n\n- RTO: 1 h, RPO: 5 min\n"
    assert texts(text, RecoveryObjective) == ["RTO: 1 h", "RPO: 5 min"]


def test_what_is_left_to_fill_in_is_no_fact() -> None:
    text = "## Backup\n\n- **RTO**: [Recovery Time Objective]\n- Retention period: [X] days\n- Off-site storage\n"
    assert facts(text, RecoveryObjective) == []
    assert facts(text, Retention) == []
    assert [s.text for s in facts(text, Statement)] == ["Off-site storage"]
    assert [p.wanted for p in facts(text, Placeholder)] == [
        "RTO: Recovery Time Objective",
        "Retention period: [X] days",
    ]


@pytest.mark.parametrize(
    "heading", ["Key Metrics", "Metrics to Track", "监控指标", "모니터링 지표", "Метрики", "メトリクス"]
)
def test_metrics(heading: str) -> None:
    found = facts(f"## Monitoring\n\n### {heading}\n\n- Cache hit ratio\n- **CPU**: by host\n", Metric)
    assert [m.name for m in found] == ["Cache hit ratio", "CPU"]


@pytest.mark.parametrize(
    ("line", "name", "threshold", "unit"),
    [
        ("Slow query alerts (> 500 ms)", "Slow query alerts", 500.0, "ms"),
        ("Disk usage over 85%", "Disk usage", 85.0, "%"),
        ("Connections: > 100", "Connections", 100.0, ""),
        ("Table size > 10 GB", "Table size", 10.0 * 1024**3, "bytes"),
        ("磁盘使用率超过 85%", "磁盘使用率", 85.0, "%"),
        ("Connection pool exhaustion", "Connection pool exhaustion", None, ""),
    ],
)
def test_alerts(line: str, name: str, threshold: float | None, unit: str) -> None:
    found = facts(f"## Monitoring\n\n### Alerts\n\n- {line}\n", Alert)
    assert [(a.name, a.threshold, a.unit) for a in found] == [(name, threshold, unit)]


def test_a_table_of_alerts() -> None:
    text = "## 监控告警\n\n| 指标 | 阈值 | 动作 |\n|---|---|---|\n| CPU | > 80% | page |\n| 延迟 | > 250 ms | mail |\n"
    assert [(a.name, a.threshold, a.unit) for a in facts(text, Alert)] == [("CPU", 80.0, "%"), ("延迟", 250.0, "ms")]


def test_a_table_of_backups_says_how_often_and_how_long() -> None:
    text = "## Backups\n\n| Type | Frequency | Retention | Place |\n|---|---|---|---|\n"
    text += "| Full | Daily | 30 days | S3 |\n| WAL | Continuous | 7 days | S3 |\n| Dump | `0 2 * * *` | [X] days | |\n"
    assert [(s.subject, s.every_seconds, s.cron) for s in facts(text, Schedule)] == [
        ("Full", DAY, None),
        ("WAL", None, None),
        ("Dump", None, "0 2 * * *"),
    ]
    assert [(r.subject, r.seconds) for r in facts(text, Retention)] == [("Full", 30 * DAY), ("WAL", 7 * DAY)]


def test_a_table_of_recovery_objectives() -> None:
    text = "| 场景 | RTO | RPO |\n|---|---|---|\n| 数据库崩溃 | 1小时 | 5分钟 |\n"
    assert [(o.name, o.seconds) for o in facts(text, RecoveryObjective)] == [("RTO", 3600), ("RPO", 300)]


def test_a_line_of_several_retentions() -> None:
    found = facts("# Data\n\n- Retention: logs 30d; sessions 7 days, the rest stays\n", Retention)
    assert [(r.subject, r.seconds) for r in found] == [("logs", 30 * DAY), ("sessions", 7 * DAY)]


def test_sentences_state_operations_too() -> None:
    text = "## Backup\n\nWe take full backups daily. They are kept for 30 days. The team is proud of them.\n"
    assert [s.every_seconds for s in facts(text, Schedule)] == [DAY]
    assert [r.seconds for r in facts(text, Retention)] == [30 * DAY]
    assert [s.text for s in facts(text, Statement)] == ["The team is proud of them."]


def test_a_table_whose_rows_are_the_operations() -> None:
    text = (
        "## 備份目標\n\n| 指標 | 目標 | 方法 |\n|---|---|---|\n| **RPO** (Recovery Point Objective) | 1 小時 | WAL |\n"
    )
    text += "| **RTO** | 15 分鐘 | standby |\n| 備份保留期 | 30 天 | S3 |\n| 演练频率 | 每周 | |\n"
    assert [(o.name, o.seconds) for o in facts(text, RecoveryObjective)] == [("RPO", 3600), ("RTO", 900)]
    assert [(r.subject, r.seconds) for r in facts(text, Retention)] == [("備份保留期", 30 * DAY)]
    assert [(s.subject, s.every_seconds) for s in facts(text, Schedule)] == [("演练频率", 7 * DAY)]


def test_how_often_is_not_how_long() -> None:
    text = "## 备份策略\n\n- 小时级备份: 每小时一次，保留最近 24 个\n- 天级备份: 每天凌晨 3:00，保留最近 30 天\n"
    assert [s.every_seconds for s in facts(text, Schedule)] == [3600, DAY]
    assert [(r.subject, r.seconds) for r in facts(text, Retention)] == [("天级备份", 30 * DAY)]


def test_what_is_only_planned_is_a_statement() -> None:
    text = "## Backup\n\n### Future plans\n\n- Backups: kept for 90 days\n"
    assert facts(text, Retention) == []
    assert [s.text for s in facts(text, Statement)] == ["Backups: kept for 90 days"]
