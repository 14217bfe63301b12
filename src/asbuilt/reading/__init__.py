"""Blocks to facts: readers by the kind of block that they are asked about.

`READERS` of a kind are all asked about every such block, and no two may claim the same one. `FALLBACKS` are asked in
order about what no reader claimed: the first that takes a block has it.
"""

from asbuilt.document.blocks import Document, Fence, List, Paragraph, Table
from asbuilt.reading.chapters.cache_keys import read_cache_fence, read_cache_labels, read_cache_list, read_cache_table
from asbuilt.reading.chapters.chapter_readers import CHAPTER_READERS
from asbuilt.reading.code.dynamodb import read_dynamodb
from asbuilt.reading.code.firestore import read_firestore
from asbuilt.reading.code.host_classes import read_host_classes
from asbuilt.reading.code.json_examples import read_json
from asbuilt.reading.code.mongodb import read_mongodb
from asbuilt.reading.code.prisma import read_prisma
from asbuilt.reading.code.python_classes import read_python
from asbuilt.reading.code.typescript import read_typescript
from asbuilt.reading.code.yaml_config import read_application_code, read_yaml
from asbuilt.reading.diagrams.ascii_boxes import read_ascii_boxes
from asbuilt.reading.diagrams.ascii_trees import read_ascii_tree
from asbuilt.reading.diagrams.mermaid_class import read_mermaid_class
from asbuilt.reading.diagrams.mermaid_er import read_mermaid_er
from asbuilt.reading.diagrams.mermaid_flow import read_mermaid_flow, read_mermaid_prose
from asbuilt.reading.lists.index_lists import read_index_line
from asbuilt.reading.lists.plain_schemas import read_plain_schema
from asbuilt.reading.lists.schema_lists import read_schema_list
from asbuilt.reading.offering import DocumentReading, offer
from asbuilt.reading.reader import Readers
from asbuilt.reading.sql import read_sql
from asbuilt.reading.tables.schema_tables import read_schema_table

READERS: Readers = {
    Fence: (
        read_sql,
        read_mermaid_er,
        read_mermaid_class,
        read_mermaid_flow,
        read_mermaid_prose,
        read_plain_schema,
        read_ascii_boxes,
        read_ascii_tree,
        read_typescript,
        read_prisma,
        read_python,
        read_host_classes,
        read_mongodb,
        read_dynamodb,
        read_firestore,
        read_cache_fence,
        read_json,
        read_yaml,
    ),
    Table: (read_schema_table, read_cache_table),
    List: (read_schema_list, read_cache_list),
    Paragraph: (read_index_line, read_plain_schema, read_cache_labels),
}
FALLBACKS: Readers = {**CHAPTER_READERS, Fence: (read_application_code, *CHAPTER_READERS[Fence])}


def read(document: Document) -> DocumentReading:
    """Read a document to facts; account for every line. Never raises on what a document holds."""
    return offer(document, READERS, FALLBACKS)


__all__ = ["FALLBACKS", "READERS", "DocumentReading", "read"]
