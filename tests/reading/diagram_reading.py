"""Reading one drawing with the readers of diagrams, for their tests."""

from msgspec import Struct

from asbuilt.document import parse
from asbuilt.document.blocks import Block
from asbuilt.evidence import Chapter
from asbuilt.model.entities import EntityMention, RelationshipMention
from asbuilt.model.fact import Fact, Stated
from asbuilt.reading.diagrams.ascii_boxes import read_ascii_boxes
from asbuilt.reading.diagrams.ascii_trees import read_ascii_tree
from asbuilt.reading.diagrams.mermaid_class import read_mermaid_class
from asbuilt.reading.diagrams.mermaid_er import read_mermaid_er
from asbuilt.reading.diagrams.mermaid_flow import read_mermaid_flow, read_mermaid_prose
from asbuilt.reading.reader import Context, Reading
from asbuilt.text import Source, Span

DIAGRAM_READERS = (
    read_mermaid_er,
    read_mermaid_flow,
    read_mermaid_class,
    read_mermaid_prose,
    read_ascii_boxes,
    read_ascii_tree,
)


class Drawn:
    """What the readers made of the first block of a document."""

    def __init__(self, text: str, chapter: Chapter = Chapter.ENTITIES) -> None:
        document = parse(Source("design.md", text))
        self.source = document.source
        self.block: Block = document.blocks[0]
        context = Context(document, chapter)
        made = [(r.__name__, reading) for r in DIAGRAM_READERS if (reading := r(self.block, context)) is not None]
        assert len(made) < 2, f"{[name for name, _ in made]} claim the same block"
        self.reader, self.reading = made[0] if made else ("", Reading())

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.reading.facts

    @property
    def entities(self) -> dict[str, EntityMention]:
        return {fact.name: fact for fact in self.facts if isinstance(fact, EntityMention)}

    @property
    def relationships(self) -> list[RelationshipMention]:
        return [fact for fact in self.facts if isinstance(fact, RelationshipMention)]

    def texts(self, spans: tuple[Span, ...]) -> list[str]:
        return [self.source[span] for span in spans]

    def check_spans(self) -> None:
        """Every span of every fact lies in the block, and a name's span holds the name."""
        for span in (*self.reading.prose, *self.reading.unread):
            assert span in self.block.span
            assert self.source[span].strip()
        for fact in self.facts:
            self._check(fact)

    def _check(self, fact: Fact) -> None:
        assert fact.span in self.block.span
        name = getattr(fact, "name", None)
        if name is not None:
            assert self.source[fact.name_span] == name
            assert fact.name_span in fact.span
        for field in fact.__struct_fields__:
            value = getattr(fact, field)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Fact):
                    self._check(part)
                elif isinstance(part, Stated):
                    assert part.span in self.block.span
                    assert not isinstance(part.value, Struct) or self.source[part.span].strip()
