"""Tables of keys and values: technologies, environments, settings (`层级 | 技术选择 | 理由`)."""

import re

from asbuilt.document.blocks import Block, Table
from asbuilt.model.chapters import Property
from asbuilt.model.fact import Form
from asbuilt.reading.chapters.entries import title_of
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading

_HEAD = re.compile(
    r"technolog|\bstack\b|\btool|library|framework|\bvalue\b|setting|\bversion\b|provider|product|engine|\bchoice|选型|技术|工具|框架|取值|\b值|配置|기술|도구|값|설정|технолог|"
    r"инструмент|значение|技術|ツール|値|設定|tecnolog|herramienta|ferramenta|\bvalor\b|technik|werkzeug|\bwert\b|teknoloji|\bdeğer\b|teknologi",
    re.IGNORECASE,
)
_KEY = re.compile(
    r"layer|component|categor|\barea\b|concern|environment|\bkey\b|\bitem\b|\bfield\b|propert|parameter|setting|\bname\b|层|组件|类型|环境|项目|参数|配置项|계층|구성|환경|항목|слой|компонент|среда|параметр|"
    r"層|レイヤ|コンポーネント|環境|項目|capa|componente|entorno|camada|ambiente|schicht|komponente|umgebung|katman|bileşen|lapisan|komponen",
    re.IGNORECASE,
)
_ENVIRONMENT = re.compile(
    r"environment|\benv\b|环境|환경|окружени|環境|entorno|ambiente|umgebung|ortam|lingkungan", re.IGNORECASE
)


def read_property_table(block: Block, context: Context) -> Reading | None:
    """Read a table of what is used for what: the first column is the key, the second the value.

    Example: `| Cache | Redis 7 |` is a property.
    """
    if not isinstance(block, Table) or not 2 <= len(block.header.cells) <= 5:
        return None
    first, second = (cell.text.text for cell in block.header.cells[:2])
    if not _KEY.search(first):
        return None
    if not (_HEAD.search(second) or _ENVIRONMENT.search(first) or _ENVIRONMENT.search(title_of(block))):
        return None
    facts = []
    for row in block.rows:
        key, value = (cell.text.strip() for cell in row.cells[:2])
        if key.text and value.text and not find_placeholders(key) and not find_placeholders(value):
            facts.append(
                Property(
                    span=row.span,
                    form=Form.LISTING,
                    chapter=context.chapter,
                    key=key.text,
                    value=value.text,
                    value_span=value.span(),
                )
            )
    return Reading(tuple(facts)) if facts else None
