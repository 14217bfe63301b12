"""A whole document from a state: overview, diagram, types, a section a table, and everything else that stands there."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from asbuilt.engines.state import DatabaseState, Item, ObjectState
from asbuilt.writing.diagram import diagram
from asbuilt.writing.groups import Group, groups_of, root_of
from asbuilt.writing.markdown import chapters, code, listed, prose, quote, sql

Statements = Mapping[Item, Sequence[str]]
_CHAPTERS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Schemas and extensions", (("schema", "Schemas"), ("extension", "Extensions"))),
    ("Types", (("enum", "Enums"), ("domain", "Domains"), ("composite", "Composite types"), ("range", "Ranges"))),
)
_LATER: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Views", (("view", "Views"), ("materialized view", "Materialized views"))),
    (
        "Functions and procedures",
        (("function", "Functions"), ("procedure", "Procedures"), ("aggregate", "Aggregates"), ("window function", "Window functions")),
    ),
    ("Sequences", (("sequence", "Sequences"),)),
    ("Statistics", (("statistics", "Statistics"),)),
)  # fmt: skip
_IN_TABLES = ("rule", "replica identity", "clustering")
"""What stands with its table; a rule's name begins with the table's, the others have no name but that."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a document is about: its title, where and when the database was read, and what could not be seen there."""

    title: str
    database: str
    place: str
    date: str
    purpose: str = ""
    notes: tuple[str, ...] = ()


def written(
    subject: Subject, state: DatabaseState, statements: Statements, unspoken: frozenset[str] = frozenset()
) -> str:
    """Return the document. Each statement stands in it once; the same state gives the same text.

    What the comments of the `unspoken` tables say is left to their statements: as prose it would state something.
    """
    book = _Book(state, statements, unspoken)
    title = f"{subject.title} – Data Design" if subject.title else "Data Design"
    blocks = [f"# {title}", *chapters(_parts(subject, book))]
    return "\n\n".join(blocks) + "\n"


@dataclass(frozen=True, slots=True)
class _Book:
    """What there is to write about."""

    state: DatabaseState
    statements: Statements
    unspoken: frozenset[str]

    def of(self, kind: str) -> list[ObjectState]:
        """Return the objects of a kind, those left out that stand with their table."""
        return [o for (found, _), o in self.state.objects.items() if found == kind and not self._table_of(o)]

    def beside(self, table: str) -> list[str]:
        """Return the statements for what stands with a table, or a materialised view."""
        found = [o for o in self.state.objects.values() if o.kind in _IN_TABLES and self._table_of(o) == table]
        return [s for thing in found for s in self.sql(thing.kind, thing.name)]

    def _table_of(self, thing: ObjectState) -> str:
        table = thing.name.rpartition(".")[0] if thing.kind == "rule" else thing.name
        return table if thing.kind in _IN_TABLES and table in self.state.tables else ""

    def sql(self, kind: str, name: str) -> tuple[str, ...]:
        return tuple(self.statements.get(Item(kind, name), ()))


def _parts(subject: Subject, book: _Book) -> Iterator[tuple[str, list[str]]]:
    groups = groups_of(book.state)
    yield "Overview", list(_overview(subject, book))
    if any(group.tables for group in groups):
        yield "Entity relationship diagram", list(_diagrams(book, groups))
    yield from _object_chapters(book, _CHAPTERS)
    for group in groups:
        yield _title(group, groups), [block for name in group.tables for block in _section(book, name)]
    yield from _object_chapters(book, _LATER)
    yield from _object_chapters(book, (("Other objects", tuple(_other_kinds(book))),))


def _overview(subject: Subject, book: _Book) -> Iterator[str]:
    if subject.purpose:
        yield prose(subject.purpose)
    yield (
        f"Written by `asbuilt init` on {subject.date} from {subject.place}, as it stood. From here on this document leads: "
        "change it, and `asbuilt plan` shows what would follow."
    )
    lines = [f"- **Database**: {subject.database}", f"- **Holds**: {_counts(book)}"]
    yield "\n".join([*lines, *(f"- {note}" for note in subject.notes)])


def _counts(book: _Book) -> str:
    """Return how many things of each kind there are, in words."""
    tables = list(book.state.tables.values())
    partitions = sum(table.partition_bound is not None for table in tables)
    kinds = Counter(kind for kind, _ in book.state.objects)
    counts = [("table", len(tables) - partitions), ("partition", partitions), *sorted(kinds.items())]
    return listed(f"{number} {_plural(kind, number)}" for kind, number in counts if number)


def _plural(kind: str, number: int) -> str:
    if number == 1 or kind.endswith("s"):
        return kind
    return f"{kind[:-1]}ies" if kind.endswith(("ry", "ly")) else f"{kind}es" if kind.endswith("ss") else f"{kind}s"


def _diagrams(book: _Book, groups: Sequence[Group]) -> Iterator[str]:
    for group in groups:
        if len(groups) > 1:
            yield f"### {_title(group, groups)}"
        yield diagram(book.state, group)


def _title(group: Group, groups: Sequence[Group]) -> str:
    """Return what a group of tables is called, by what sets it apart from the others."""
    where = f" in {code(group.schema)}" if len({g.schema for g in groups}) > 1 else ""
    if group.hub:
        return f"Entities around {code(group.hub)}"
    return f"{'Other entities' if group.is_rest else 'Entities'}{where}"


def heading_of(table: str) -> str:
    """Return the heading of a table's section, its number left out."""
    return f"### {code(table)}"


def _section(book: _Book, name: str) -> Iterator[str]:
    """Yield a table: what its comment says, and the statements that make it, its partitions and its rules."""
    table = book.state.tables[name]
    yield heading_of(name)
    if table.comment and name not in book.unspoken:
        yield quote(table.comment)
    partitions = [t.name for t in book.state.tables.values() if t.name != name and root_of(book.state, t) == name]
    made = [s for part in (name, *partitions) for s in book.sql("table", part)]
    yield sql(made + [s for part in (name, *partitions) for s in book.beside(part)])


def _object_chapters(
    book: _Book, wanted: Sequence[tuple[str, Sequence[tuple[str, str]]]]
) -> Iterator[tuple[str, list[str]]]:
    """Yield the chapters for which there is something to say; a chapter of one kind needs no sections."""
    for title, kinds in wanted:
        present = [(kind, words) for kind, words in kinds if book.of(kind)]
        blocks: list[str] = []
        for kind, words in present:
            blocks += [f"### {words}"] if len(present) > 1 else []
            blocks.append(sql([s for o in book.of(kind) for s in book.sql(kind, o.name)]))
        if blocks:
            yield title, blocks


def _other_kinds(book: _Book) -> Iterator[tuple[str, str]]:
    """Yield the kinds that have no chapter of their own, with their titles."""
    known = {kind for _, kinds in (*_CHAPTERS, *_LATER) for kind, _ in kinds}
    for kind in dict.fromkeys(kind for kind, _ in book.state.objects if kind not in known):
        if book.of(kind):
            yield kind, _plural(kind, 2).capitalize()
