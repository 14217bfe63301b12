"""What is watched, and what raises an alarm: metric bullets, alert bullets and tables."""

import re
from functools import lru_cache

from asbuilt.document.blocks import Block, Table
from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Alert, Metric
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry, title_of
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.phrases.quantities import bytes_of, count, milliseconds, percent
from asbuilt.reading.reader import Context, Reading

_ALERT = re.compile(
    r"\balert|\balarm|\bwarning|threshold|告警|报警|警报|阈值|閾值|警報|알림|경고|임계|оповещ|тревог|порог|アラート|警告|閾値|alerta|umbral|limiar|warnung|uyarı",
    re.IGNORECASE,
)
_METRIC = re.compile(
    r"metric|\bKPI|to track|to monitor|指标|指標|監控|监控|지표|모니터링|метрик|показател|メトリクス|監視|métrica|indicador|metrik|kennzahl",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"[<>≤≥＜＞]=?\s*~?[^,;，；)）]*|(?:over|above|below|under|exceed\w*|more than|less than|超过|高于|低于|大于|小于|초과|이상|미만|более|менее|выше|ниже|超|以上|未満)\s*[^,;，；)）]*\d[^,;，；)）]*",
    re.IGNORECASE,
)


def read_metric(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line under a heading about alerts or metrics, or one of the monitoring chapter that states a limit."""
    under = _topmost(entry.title)
    if under != "alert" and context.chapter != Chapter.MONITORING:
        return ()
    limit = _LIMIT.search(entry.text.text)
    is_alert = under == "alert" or (_ALERT.search(entry.text.text) and context.chapter == Chapter.MONITORING)
    if is_alert or (limit and context.chapter == Chapter.MONITORING and under == "metric" and entry.key):
        return (_alert(entry),)
    if under == "metric" and context.chapter == Chapter.MONITORING:
        return (Metric(span=entry.span, form=Form.LISTING, name=entry.key.text if entry.key else entry.text.text),)
    return ()


@lru_cache(maxsize=4096)
def _topmost(title: str) -> str | None:
    """What the innermost label or heading that speaks of either is about."""
    for line in title.split("\n"):
        if _ALERT.search(line):
            return "alert"
        if _METRIC.search(line):
            return "metric"
    return None


def _alert(entry: Entry) -> Alert:
    text = entry.words
    name = entry.key.text if entry.key else re.sub(r"\s*[(（]?\s*$", "", _LIMIT.split(text)[0]).strip() or text
    threshold, unit = threshold_in(text if entry.key is None else entry.value.text)
    return Alert(span=entry.span, form=Form.LISTING, name=name, threshold=threshold, unit=unit, text=text)


def threshold_in(text: str) -> tuple[float | None, str]:
    """Return the bound that `text` states and its unit: %, ms, bytes or, of plain numbers, none."""
    limit = _LIMIT.search(text)
    stated = limit[0] if limit else text
    if (found := percent(stated)) is not None:
        return found, "%"
    if (found := milliseconds(stated)) is not None:
        return found, "ms"
    if (size := bytes_of(stated)) is not None:
        return float(size), "bytes"
    number = count(stated) if limit else None
    return (float(number), "") if number is not None else (None, "")


def read_alert_table(block: Block, context: Context) -> Reading | None:
    """Read a table with a column for the threshold: one alert a row.

    Example: `| connections | > 80 % |` is an alert.
    """
    if not isinstance(block, Table) or len(block.header.cells) < 2:
        return None
    heads = [cell.text.text for cell in block.header.cells]
    column = next((i for i, head in enumerate(heads) if i and _ALERT.search(head)), None)
    if column is None or not (context.chapter == Chapter.MONITORING or _ALERT.search(title_of(block))):
        return None
    facts = []
    for row in block.rows:
        cell = row.cells[column].text
        if row.cells[0].text.text.strip() and not find_placeholders(cell):
            threshold, unit = threshold_in(cell.text)
            name = row.cells[0].text.text.strip()
            facts.append(
                Alert(span=row.span, form=Form.LISTING, name=name, threshold=threshold, unit=unit, text=cell.text)
            )
    return Reading(tuple(facts)) if facts else None
