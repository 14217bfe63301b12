"""Bullets about partitioning: `**Table**: orders`, `**Partition Key**: created_at`, `**Strategy**: Range`, `**Rationale**: …`."""

import re
from collections.abc import Iterator

from asbuilt.document.blocks import Item, List
from asbuilt.model.entities import PartitioningMention
from asbuilt.model.fact import Fact, Form
from asbuilt.model.revising import revised
from asbuilt.reading.chapters.entries import entries_of
from asbuilt.reading.chapters.partitions_ahead import read_partitions_ahead
from asbuilt.reading.chapters.retention import read_retention
from asbuilt.reading.lists.leftovers import facts_in_words
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Excerpt, Span

_WORD = re.compile(r"partition|分区|секцион|партицион|파티션|パーティション|partici|bölüm|partisi")
_KEYS: tuple[tuple[str, str], ...] = (
    (
        "columns",
        r"partition(?:ing)?\s+(?:key|column)s?|分区键|分区字段|ключ\s+секционирования|파티션\s*키|パーティションキー",
    ),
    (
        "strategy",
        r"(?:partition(?:ing)?\s+)?(?:strategy|type|method)|分区(?:策略|方式|类型)|策略|стратегия|тип|전략|方式|estrategia|estratégia",
    ),
    ("table", r"tables?|entity|表(?:名)?|таблица|테이블|テーブル|tabla|tabela|tablo|tabel"),
    ("rationale", r"rationale|reason|why|理由|原因|причина|이유|purpose|justificación|justificativa"),
)
_LINE = re.compile(r"^\W*(?P<key>[^:：]{2,40}?)\W*[:：]\s*(?P<value>.+)$", re.DOTALL)
_SENTENCE = (
    re.compile(r"^\W*(?:partition\s+)?[`*]*(?P<table>[A-Za-z_]\w*)[`*]*\s*(?:table\s*)?[:：\-–—]?\s*(?:is\s+|are\s+)?(?:partition(?:ed)?\s*)?(?:by\s+)?(?P<strategy>range|list|hash)\s*(?:partition\w*\s*)?(?:on|by|of)?\s*[(（]?\s*`?(?P<columns>[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)`?\s*[)）]?(?P<rest>.*)$", re.IGNORECASE | re.DOTALL),
    re.compile(r"^\W*(?:partition\s+)?[`*]*(?P<table>[A-Za-z_]\w*)[`*]*\s*(?:table\s*)?[:：\-–—]?\s*(?:is\s+|are\s+)?(?:partition(?:ed)?\s+)?by\s+`?(?P<columns>[A-Za-z_]\w*)`?\s*[(（]\s*(?P<strategy>range|list|hash)\b(?P<rest>.*)$", re.IGNORECASE | re.DOTALL),
)  # fmt: skip


def read_partitioning_list(block: List, context: Context) -> Reading | None:
    """Read a list about how tables are partitioned: one by its keys, or one an item."""
    near = f"{block.label.text if block.label else ''}\n{block.heading.text.text if block.heading else ''}"
    if not any(_WORD.search(text.lower()) for text in (near, *(item.text.text for item in block.items))):
        return None
    keyed = _by_keys(block, context)
    if keyed is not None:
        return keyed
    found = [(item, _sentence(item.text.strip())) for item in block.items]
    if sum(one is not None for _, one in found) * 2 < len(found):
        return None
    facts: list[Fact] = []
    for item, one in found:
        facts += [one, *_upkeep(block, (item,), one.entity, context)] if one else facts_in_words(item, block, context)
    return Reading(tuple(facts))


def _upkeep(block: List, items: tuple[Item, ...], table: str, context: Context) -> Iterator[Fact]:
    """Yield what the items say of how long the table's partitions are kept, and how far ahead they are made."""
    spans = {item.raw.strip().span() for item in items}
    for entry in entries_of(block):
        if entry.span in spans and not entry.is_unfilled:
            yield from (revised(fact, subject=table) for fact in read_retention(entry, context))
            yield from (revised(fact, subject=table) for fact in read_partitions_ahead(entry, context))


def _by_keys(block: List, context: Context) -> Reading | None:
    """Read `Table: …`, `Partition Key: …`; where the values are still to be filled in there is nothing to state."""
    said: dict[str, Excerpt] = {}
    items = block.items
    for item in items:
        line = _LINE.match(item.text.text)
        key = next(
            (name for name, words in _KEYS if line and re.fullmatch(words, line["key"].strip("*` "), re.IGNORECASE)),
            None,
        )
        if key and line:
            said.setdefault(key, item.text.cut(*line.span("value")).strip())
    if "columns" not in said or not ({"table", "strategy"} & set(said)):
        return None
    if any(find_placeholders(said[key]) for key in ("table", "columns") if key in said):
        return Reading()
    span = Span.cover(item.span for item in items)
    table = said["table"].text.strip("`* .") if "table" in said else context.entity
    columns = tuple(re.findall(r"[A-Za-z_]\w*", said["columns"].text.split("(")[0])) if "columns" in said else ()
    if not table or not columns:
        return None
    strategy = said.get("strategy")
    rationale = said.get("rationale")
    words = (strategy.text if strategy else "", rationale.text if rationale else "")
    return Reading((_made(span, table, columns, *words), *_upkeep(block, items, table, context)))


def _sentence(text: Excerpt) -> PartitioningMention | None:
    found = next((m for shape in _SENTENCE if (m := shape.match(text.text))), None)
    if not found or find_placeholders(text):
        return None
    columns = tuple(re.findall(r"[A-Za-z_]\w*", found["columns"]))
    return _made(text.span(), found["table"], columns, found["strategy"], found["rest"])


def _made(span: Span, table: str, columns: tuple[str, ...], strategy: str, rationale: str) -> PartitioningMention:
    kind = re.search(r"range|list|hash|范围|列表|哈希|диапазон", strategy, re.IGNORECASE)
    words = {"范围": "range", "列表": "list", "哈希": "hash", "диапазон": "range"}
    return PartitioningMention(
        span=span,
        form=Form.LISTING,
        entity=table,
        columns=columns,
        strategy=words.get(kind[0].lower(), kind[0].lower()) if kind else None,
        rationale=rationale.strip(" \t-–—:：,.()（）"),
    )
