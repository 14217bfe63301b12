"""Lists and label lines of the chapters around the schema: each line goes to the first group that understands it."""

import re
from collections.abc import Callable

from asbuilt.document.blocks import Block, List, Paragraph
from asbuilt.model.fact import Fact, Statement
from asbuilt.reading.chapters.access_rules import read_access_rule
from asbuilt.reading.chapters.change_logs import read_change
from asbuilt.reading.chapters.checklists import read_box
from asbuilt.reading.chapters.data_classes import read_data_class
from asbuilt.reading.chapters.encryption import read_encryption
from asbuilt.reading.chapters.entries import Entry, entries_of, subject_of, title_of
from asbuilt.reading.chapters.flow import read_source
from asbuilt.reading.chapters.kept_aside import read_kept_aside
from asbuilt.reading.chapters.metrics import read_metric
from asbuilt.reading.chapters.partitions_ahead import read_partitions_ahead
from asbuilt.reading.chapters.personal_data import read_personal_entry
from asbuilt.reading.chapters.procedures import read_step
from asbuilt.reading.chapters.properties import read_property
from asbuilt.reading.chapters.recovery import read_recovery
from asbuilt.reading.chapters.retention import read_retention
from asbuilt.reading.chapters.scenarios import read_scenario
from asbuilt.reading.chapters.schedules import read_schedule
from asbuilt.reading.chapters.statements import is_promise, read_statement, sentences_of
from asbuilt.reading.chapters.targets import read_target
from asbuilt.reading.chapters.volumes import read_volume
from asbuilt.reading.lists.denormalized import copies_in
from asbuilt.reading.lists.schema_labels import labelled_facts
from asbuilt.reading.lists.universal_rules import rules_in
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Span

_LINK = re.compile(r"!?\[[^\]\n]+\]\([^()\n]*\)(?:\s*[-–—:：]\s.*)?|<?https?://\S+>?")


def read_universal(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """`All tables have created_at`, as a line of a list."""
    return rules_in(entry.text)


def read_schema_label(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """`**Indexes**: email, created_at`, among other label lines."""
    return labelled_facts(entry.text, context)


def read_copy(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """`orders.user_email copies users.email, kept by a trigger`."""
    return copies_in(entry.text, entry.title)


EntryReader = Callable[[Entry, Context], tuple[Fact, ...]]
# Of a line's readers those of one group may all find something in it (`daily, kept for 30 days`); the first such group counts.
GROUPS: tuple[tuple[EntryReader, ...], ...] = (
    (read_box,),
    (read_change,),
    (read_universal,),
    (read_schema_label,),
    (read_copy,),
    (read_data_class,),
    (read_personal_entry,),
    (read_kept_aside,),
    (read_recovery, read_retention, read_partitions_ahead, read_schedule, read_source),
    (read_scenario,),
    (read_volume,),
    (read_target,),
    (read_metric,),
    (read_encryption,),
    (read_access_rule,),
    (read_step,),
    (read_property,),
    (read_statement,),
)
# What is only planned promises nothing yet, so that it neither contradicts nor is checked as what stands.
PLANNED: tuple[tuple[EntryReader, ...], ...] = ((read_box,), (read_statement,))
# What a sentence may state that is narrower than a promise.
SPOKEN: tuple[tuple[EntryReader, ...], ...] = (
    (read_copy,),
    (read_kept_aside,),
    (read_recovery, read_retention, read_partitions_ahead, read_schedule),
    (read_target,),
    (read_encryption,),
)


def read_chapter_list(block: Block, context: Context) -> Reading | None:
    """Read a list with its nested items, a fact a line; links and what is left to fill in state none.

    Example: `- Daily full backup, kept 30 days` is a schedule and a retention.
    """
    if not isinstance(block, List):
        return None
    links = {item.raw.strip().span() for _, item in block.walk() if _LINK.fullmatch(item.raw.text.strip())}
    return _read([entry for entry in entries_of(block) if entry.span not in links], context)


def read_label_lines(block: Block, context: Context) -> Reading | None:
    """Read a paragraph of lines that a label in bold opens.

    Example: `**Primary Database**: PostgreSQL 16` is a property of the document.
    """
    entries = entries_of(block) if isinstance(block, Paragraph) else ()
    return _read(list(entries), context) if entries else None


def _read(entries: list[Entry], context: Context) -> Reading:
    facts: list[Fact] = []
    prose = []
    for entry in entries:
        if not entry.words:
            continue
        found = () if entry.is_unfilled else facts_of(entry, context, PLANNED if context.is_planned else GROUPS)
        facts += found
        if not found:
            prose.append(entry.span)
    return Reading(tuple(facts), prose=tuple(prose))


def facts_of(entry: Entry, context: Context, groups: tuple[tuple[EntryReader, ...], ...]) -> tuple[Fact, ...]:
    """Return the facts of the first group of readers that finds any in the line."""
    for group in groups:
        if found := tuple(fact for read in group for fact in read(entry, context)):
            return found
    return ()


def read_sentences(block: Block, context: Context) -> Reading | None:
    """Read a paragraph sentence by sentence; what introduces something else (`as follows:`) is prose.

    Example: `All tables have id and created_at.` is a rule about all of them.
    """
    if not isinstance(block, Paragraph):
        return None
    facts: list[Fact] = []
    prose: list[Span] = []
    for sentence in sentences_of(block.text):
        found = _spoken(Entry(sentence.span(), sentence, None, sentence, subject_of(block), title_of(block)), context)
        facts += found
        prose += [] if found else [sentence.span()]
    return Reading(tuple(facts), prose=tuple(prose))


def _spoken(entry: Entry, context: Context) -> tuple[Fact, ...]:
    if rules := rules_in(entry.text):
        return rules
    if entry.is_unfilled or not is_promise(entry.text.text, context):
        return ()
    return facts_of(entry, context, () if context.is_planned else SPOKEN) or (
        Statement(span=entry.span, chapter=context.chapter, subject=entry.subject, text=entry.words),
    )
