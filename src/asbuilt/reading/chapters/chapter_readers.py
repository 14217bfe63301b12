"""The readers for the chapters around the schema, in the order in which they are asked; the first to take a block has it."""

from asbuilt.document.blocks import Fence, FrontMatter, List, Paragraph, Table
from asbuilt.reading.chapters.access_rules import read_role_table
from asbuilt.reading.chapters.change_logs import read_change_log_table
from asbuilt.reading.chapters.chapter_lists import read_chapter_list, read_label_lines, read_sentences
from asbuilt.reading.chapters.flow import read_flow_drawing
from asbuilt.reading.chapters.metrics import read_alert_table
from asbuilt.reading.chapters.operations_tables import read_class_table, read_operations_table
from asbuilt.reading.chapters.personal_data import read_personal_paragraph, read_personal_table
from asbuilt.reading.chapters.properties import read_front_matter
from asbuilt.reading.chapters.tables_as_statements import read_table_rows
from asbuilt.reading.chapters.targets import read_target_table
from asbuilt.reading.chapters.technology import read_property_table
from asbuilt.reading.chapters.text_fences import read_text_fence
from asbuilt.reading.chapters.volumes import read_volume_table
from asbuilt.reading.reader import Readers

CHAPTER_READERS: Readers = {
    FrontMatter: (read_front_matter,),
    Table: (
        read_change_log_table,
        read_volume_table,
        read_operations_table,
        read_class_table,
        read_alert_table,
        read_role_table,
        read_personal_table,
        read_target_table,
        read_property_table,
        read_table_rows,
    ),
    Paragraph: (read_personal_paragraph, read_label_lines, read_sentences),
    List: (read_chapter_list,),
    Fence: (read_flow_drawing, read_text_fence),
}
