"""How many rows there are and will be: projection tables, and bullets such as `Users: 10K/year`."""

import re

from asbuilt.document.blocks import Block, Row, Table
from asbuilt.evidence import Chapter
from asbuilt.model.chapters import Volume
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry, title_of
from asbuilt.reading.chapters.operations_tables import operations_in
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.phrases.quantities import count, growth, seconds
from asbuilt.reading.reader import Context, Reading

_YEAR = 365 * 86_400
_ENTITY = re.compile(
    r"entit|table|collection|\bmodel|表|实体|테이블|엔티티|таблиц|сущност|テーブル|エンティティ|tabla|tabela|entidad|tabelle|tablo|tabel",
    re.IGNORECASE,
)
_NOW = re.compile(
    r"initial|current|\bnow\b|today|launch|start|rows?\b|records?\b|volume|count|day 0|初始|当前|目前|當前|现在|现有|数据量|行数|초기|현재|건수|начальн|текущ|初期|現在|件数|inicial|actual|atual|anfang|mevcut",
    re.IGNORECASE,
)
_GROWTH = re.compile(
    r"growth|rate\b|增长|增長|成長率|增速|증가|성장|рост|прирост|増加|成長|crecimiento|crescimento|wachstum|büyüme|pertumbuhan",
    re.IGNORECASE,
)
_LATER = re.compile(r"(?:year|yr|y|год|año|ano|jahr|第|年)\s*(?P<n>\d+)", re.IGNORECASE)
_TITLE = re.compile(
    r"volume|projection|growth|capacity|\bsize|estimate|row count|数据量|數據量|資料量|规模|規模|容量|增长|데이터 ?량|용량|объ[её]м|データ量|件数|volumen|datenmenge|hacim",
    re.IGNORECASE,
)
_ROWS = re.compile(
    r"\b(?:rows?|records?|documents?|entries)\b|条|行|건|행|запис|строк|件|registros|filas|linhas|zeilen|kayıt|baris",
    re.IGNORECASE,
)
_GROWING = re.compile(r"[,;，；(（]|grow|增长|증가|рост", re.IGNORECASE)
_RATE = re.compile(
    r"/\s*(?:year|yr|month|day|week|年|月|日|天|год|мес)|\b(?:per|a) (?:year|month|week|day)|每[年月天日]|в (?:год|месяц|день)",
    re.IGNORECASE,
)


def read_volume_table(block: Block, context: Context) -> Reading | None:
    """Read a table whose first column names entities and whose other columns count their rows at some time.

    Example: `| users | 10K | 1M |` under `Now` and `Year 1` states two volumes.
    """
    if not isinstance(block, Table) or not _ENTITY.search(block.header.cells[0].text.text):
        return None
    heads = [cell.text.text for cell in block.header.cells]
    times = {i: at for i, head in enumerate(heads) if i and (at := _years_of(head)) is not None}
    growing = next((i for i, head in enumerate(heads) if i and _GROWTH.search(head)), None)
    if not times or not (growing is not None or len(times) > 1 or _TITLE.search(title_of(block))):
        return None
    volumes = [volume for row in block.rows for volume in _volumes(row, times, growing)]
    return Reading((*volumes, *operations_in(block, context))) if volumes else None


def _years_of(head: str) -> float | None:
    if _GROWTH.search(head):
        return None
    if _RATE.search(head):
        return _after(head)
    if match := _LATER.search(head):
        return float(match["n"])
    length = seconds(head)
    if length is not None:
        return length / _YEAR if length % _YEAR == 0 else round(length / (30 * 86_400)) / 12
    return 0.0 if _NOW.search(head) else None


def _volumes(row: Row, times: dict[int, float], growing: int | None) -> list[Volume]:
    name = row.cells[0].text.strip()
    if not name.text or find_placeholders(name):
        return []
    rate = growth(row.cells[growing].text.text) if growing is not None else None
    return [
        Volume(span=cell.text.strip().span(), form=Form.LISTING, entity=name.text, entity_span=name.span(), rows=rows,
               after_years=years, growth_per_year=rate, text=cell.text.text.strip())
        for column, years in times.items()
        if (cell := row.cells[column]) and (rows := count(cell.text.text)) is not None
    ]  # fmt: skip


def read_volume(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """`Users: 10K/year` or `orders: ~1M rows` under a heading about volumes, or with a word for rows."""
    if entry.key is None or context.chapter not in (
        Chapter.VOLUME,
        Chapter.ENTITIES,
        Chapter.MONITORING,
        Chapter.OVERVIEW,
    ):
        return ()
    rows = count(entry.value.text)
    if rows is None or len(entry.key.text.split()) > 3:
        return ()
    is_counted = _ROWS.search(entry.value.text) or (
        _TITLE.search(entry.title) and not re.search(r"[<>≤≥]", entry.value.text)
    )
    if not is_counted:
        return ()
    return (
        Volume(
            span=entry.span,
            form=Form.LISTING,
            entity=entry.key.text,
            entity_span=entry.key.span(),
            rows=rows,
            after_years=_after(entry.value.text),
            growth_per_year=growth(entry.value.text),
            text=entry.value.text,
        ),
    )


def _after(text: str) -> float:
    """A rate (`10K/year`) tells the rows after a year, month or day of running."""
    rate = _RATE.search(_GROWING.split(text)[0])
    length = seconds("1 " + rate[0].lstrip("/ ")) or seconds(rate[0].replace("/", "per ")) if rate else None
    return length / _YEAR if length else 0.0
