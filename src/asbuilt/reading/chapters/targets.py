"""Targets of performance: `认证响应时间: < 100ms (95%请求)`, `p95 < 50ms`, `Availability: 99.9%`, `TPS: 5,000`."""

import re
from functools import lru_cache

from asbuilt.document.blocks import Block, Row, Table
from asbuilt.model.chapters import Target
from asbuilt.model.fact import Fact, Form
from asbuilt.model.revising import revised
from asbuilt.reading.chapters.entries import Entry, title_of
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.phrases.quantities import bytes_of, count, milliseconds, percent
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt

_TITLE = re.compile(
    r"target|\bSL[AOI]s?\b|performance|latency|response time|benchmark|goal|non-functional|性能|指标|指標|目标|响应|響應|성능|목표|지표|производительн|целев|"
    r"性能|目標|rendimiento|desempenho|objetivo|\bmetas\b|leistung|performans|hedef",
    re.IGNORECASE,
)
_ALERT = re.compile(r"alert|alarm|warning|告警|报警|알림|оповещ|アラート", re.IGNORECASE)
_METRICS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(words, re.IGNORECASE))
    for name, words in (
        ("availability", r"availab|uptime|可用性|가용성|доступност|可用|稼働|disponibil|verfügbar|erişilebilir"),
        ("hit ratio", r"hit[ -]r(?:atio|ate)|命中率|적중률|попадан|ヒット率"),
        ("error rate", r"error|failure|错误率|失败率|오류율|ошибок|エラー率"),
        (
            "throughput",
            r"\bTPS\b|\bQPS\b|\bRPS\b|throughput|(?:requests?|queries|transactions|writes|reads|tokens|ops)\s*(?:/|per)|吞吐|처리량|пропускн|スループット|/\s*(?:s|sec|second|秒)\b",
        ),
        ("concurrency", r"concurren|connections?|simultaneous|并发|동시|одновременн|同時|並行"),
        ("capacity", r"capacity|scal|users|扩展|容量|용량|확장|ёмкост|容量|拡張"),
    )
)
_PERCENTILE = re.compile(
    r"\bp(?P<p>\d{2}(?:\.\d+)?|999)\b|(?P<q>\d{2}(?:\.\d+)?)(?:th|st|nd|rd)\b|(?P<r>\d{2}(?:\.\d+)?)\s*[%％]\s*(?:of\s+)?(?:请求|requests?|queries|요청|запрос|のリクエスト|查询)|(?P<s>\d{2})\s*分位",
    re.IGNORECASE,
)
_VERB = re.compile(
    r"\s+(?:should|must|will|shall|is|are|takes?|responds?)\b.*$|\s*(?:应|需|必须|应该|应当)$", re.IGNORECASE
)
_USERS = re.compile(r"user|用户|사용자|пользовател|ユーザ|usuári|usuari|nutzer|kullanıcı", re.IGNORECASE)
_UNITS = {"throughput": "per second", "concurrency": "connections", "capacity": "users"}
_BOUND = re.compile(
    r"[<>≤≥＜＞~≈]|\b(?:under|within|below|less than|at most|up to|max|target)|以内|低于|小于|不超过|이내|이하|미만|менее|до |以下|未満|menos de|unter",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def _is_titled(title: str) -> bool:
    return _TITLE.search(title) is not None


def read_target(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line under a heading about performance or targets, or one that states a percentile, with a quantity."""
    text = entry.text
    if not (_is_titled(entry.title) or (entry.key and _TITLE.search(entry.key.text)) or _PERCENTILE.search(text.text)):
        return ()
    if _ALERT.search(entry.title) or _ALERT.search(text.text):
        return ()
    target = _target(text, _subject(entry), entry.value.text if entry.key else text.text)
    return (revised(target, span=entry.span),) if target else ()


def _subject(entry: Entry) -> str:
    stated = _VERB.sub("", _BOUND.split(entry.text.text)[0].strip(" :：(（"))
    return entry.key.text if entry.key else stated if stated != entry.text.text else entry.subject


def read_target_table(block: Block, context: Context) -> Reading | None:
    """Read a table under a heading about performance, or with a column for targets, whose cells state bounds.

    Example: `| order list | p95 < 50ms |` is a target for a latency.
    """
    if not isinstance(block, Table) or len(block.header.cells) < 2 or _ALERT.search(title_of(block)):
        return None
    heads = [cell.text.text for cell in block.header.cells]
    if not any(_TITLE.search(head) or _PERCENTILE.search(head) for head in heads[1:]):
        return None
    columns = [i for i, head in enumerate(heads) if i and _is_bound(head)]
    facts = [fact for row in block.rows for fact in _targets(heads, row, columns)]
    is_table = facts and len({f.subject for f in facts}) * 2 >= len(block.rows)
    return Reading(tuple(facts)) if is_table else None


def _is_bound(head: str) -> bool:
    """Tell whether a column states what is aimed at, and not what is measured today."""
    return bool(_TITLE.search(head) or _PERCENTILE.search(head) or any(words.search(head) for _, words in _METRICS))


def _targets(heads: list[str], row: Row, columns: list[int]) -> list[Target]:
    subject = row.cells[0].text.text.strip()
    filled = [(heads[i], row.cells[i].text.strip()) for i in columns if not find_placeholders(row.cells[i].text)]
    found = [_target(cell, subject, cell.text, f"{head} {cell.text}") for head, cell in filled if subject and cell.text]
    return [target for target in found if target]


def _target(place: Excerpt, subject: str, value: str, hint: str = "") -> Target | None:
    words = f"{subject} {hint or place.text}"
    metric = next((name for name, pattern in _METRICS if pattern.search(words)), "latency")
    bound = _bound(value, metric, words)
    if bound is None:
        return None
    number, unit = bound
    metric = metric if unit != "ms" else "latency"
    text = place.text
    return Target(
        span=place.span(), form=Form.LISTING, subject=subject, metric=metric, value=number, unit=unit,
        percentile=_percentile(words), text=text,
    )  # fmt: skip


def _bound(value: str, metric: str, words: str) -> tuple[float, str] | None:
    """The quantity and its unit: a latency counts where a bound or nothing else stands, a number where the metric is one of counts."""
    plain = _PERCENTILE.sub(" ", value)
    if metric in ("throughput", "concurrency", "capacity") and (number := count(plain.split("/")[0])) is not None:
        return float(number), "users" if metric == "concurrency" and _USERS.search(words) else _UNITS[metric]
    if (latency := milliseconds(plain)) is not None and (_BOUND.search(value) or len(plain.strip()) <= 24):
        return latency, "ms"
    if (share := percent(plain)) is not None:
        return share, "%"
    size = bytes_of(plain) if _BOUND.search(value) else None
    return (float(size), "bytes") if size is not None else None


def _percentile(text: str) -> float | None:
    match = _PERCENTILE.search(text)
    if match is None:
        return None
    stated = next(group for group in match.groups() if group)
    return 99.9 if stated == "999" else float(stated)
