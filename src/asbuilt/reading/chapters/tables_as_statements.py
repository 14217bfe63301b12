"""Any other table of a design: decisions, catalogues, policies, sample data. Row by row in the words of its header."""

import re

from asbuilt.document.blocks import Block, Row, Table
from asbuilt.model.fact import Fact, Form, Statement
from asbuilt.reading.chapters.entries import subject_of
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading

_NO_DESIGN = re.compile(
    r"\b(?:endpoint|method|route|url|command|file|path|script|document|link|problem|symptom|question|term|issue|bug|reference)s?\b|文件|路径|命令|接口|问题|链接|术语|파일|명령|"
    r"файл|команд|ссылк|ファイル|コマンド|archivo|comando|arquivo|datei|befehl|dosya|komut",
    re.IGNORECASE,
)


def read_table_rows(block: Block, context: Context) -> Reading | None:
    """A table that no other reader took: a statement a row, or prose where its header speaks of files, commands, terms."""
    if not isinstance(block, Table):
        return None
    heads = [cell.text.text.strip() for cell in block.header.cells]
    if heads and _NO_DESIGN.search(heads[0]):
        return Reading(prose=(block.span,))
    facts: list[Fact] = []
    for row in block.rows:
        if _is_filled(row) and not any(find_placeholders(cell.text) for cell in row.cells):
            facts.append(_statement(heads, row, subject_of(block), context))
    return Reading(tuple(facts))


def _is_filled(row: Row) -> bool:
    return any(cell.text.text.strip() for cell in row.cells)


def _statement(heads: list[str], row: Row, subject: str, context: Context) -> Statement:
    cells = [cell.text.text.strip() for cell in row.cells]
    text = "; ".join(f"{head}: {cell}" if head else cell for head, cell in zip(heads, cells, strict=False) if cell)
    return Statement(span=row.span, form=Form.LISTING, chapter=context.chapter, subject=cells[0] or subject, text=text)
