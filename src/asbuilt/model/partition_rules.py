"""What a document says of the partitions of a table in time: how far ahead they are made, how long they are kept."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from asbuilt.evidence import Chapter
from asbuilt.model.chapters import PartitionsAhead, Retention
from asbuilt.model.design import Design
from asbuilt.model.names import normal
from asbuilt.text import Span

_GENERIC = re.compile(
    r"\b(?:the|all|of|in|for|each|every|old|older|outdated|expired|past|its|data|rows?|records?|tables?|partitions?|partitioning|"
    r"retention|maintenance|management|lifecycle|strategy|policy|period)\b|"
    r"分区|数据|保留|策略|[`*\"'（）()]",
    re.IGNORECASE,
)
_PARTITION = re.compile(r"partition|分区|секци|партици|파티션|パーティション|partici", re.IGNORECASE)
_COPIES = re.compile(r"back-?ups?|snapshot|dump|\bwal\b|备份|бэкап|백업|バックアップ", re.IGNORECASE)
_ELSEWHERE = (Chapter.BACKUP, Chapter.CACHE, Chapter.SEEDING)
DROPPED, ARCHIVED, STAYS = "dropped", "archived", "stays"


@dataclass(frozen=True, slots=True)
class Kept:
    """How long the partitions of a table are kept, by the document; `is_dropped`: it says plainly that they go then.

    `is_archived`: it wants them kept elsewhere. `text` is what it says, `span` where.
    """

    seconds: int
    text: str
    span: Span
    is_dropped: bool = False
    is_archived: bool = False


def ahead_of(design: Design, table: str) -> PartitionsAhead | None:
    """Return how far ahead the document wants the partitions of a table made: what it says of that table, else of all partitions."""
    stated = design.of(PartitionsAhead)
    own = [fact for fact in stated if _speaks_of(fact.subject, table)]
    others = {entity.name for entity in design.tables()} - {table}
    general = [fact for fact in stated if not any(_speaks_of(fact.subject, other) for other in others)]
    return max(own or general, key=lambda fact: (fact.periods or 0, fact.seconds or 0), default=None)


def kept_of(design: Design, table: str) -> Kept | None:
    """Return how long the document wants the partitions of a table kept; None where it does not say, or says for ever.

    What it says of that table counts more than what it says of all partitions; of several times the longest counts.
    """
    stated = [fact for fact in design.of(Retention) if fact.fate != STAYS and not _is_of_copies(fact)]
    known = {normal(entity.name) for entity in design.tables()}
    own = [fact for fact in stated if _is(fact.subject, table, known)]
    found = own or [fact for fact in stated if _is_of_all(fact)]
    longest = max(found, key=lambda fact: fact.seconds or 0, default=None)
    if longest is None or not longest.seconds or any(fact.seconds is None for fact in found):
        return None
    fates = {fact.fate for fact in found}
    is_archived = ARCHIVED in fates
    return Kept(longest.seconds, longest.text, longest.span, DROPPED in fates and not is_archived, is_archived)


def _is_of_copies(fact: Retention) -> bool:
    """Tell whether a time is that of back-ups and the like, whatever they are of."""
    is_elsewhere = fact.chapter in _ELSEWHERE and not _PARTITION.search(fact.text)
    return is_elsewhere or _COPIES.search(f"{fact.subject} {fact.text}") is not None


def _is(subject: str, table: str, known: Collection[str]) -> bool:
    """Tell whether a subject is all of a table: `orders`, `old partitions of orders`, and not `completed orders`."""
    bare = normal(table.rpartition(".")[2])
    if normal(subject) in known:
        return normal(subject) == bare
    return normal(" ".join(_GENERIC.sub(" ", subject).split())) == bare


def _is_of_all(fact: Retention) -> bool:
    return not _GENERIC.sub(" ", fact.subject).strip() and _PARTITION.search(fact.subject) is not None


def _speaks_of(text: str, table: str) -> bool:
    """Tell whether a line names a table, with its words as they are in it or written apart."""
    words = re.escape(table.rpartition(".")[2]).replace("_", r"[_\s-]")
    return re.search(rf"(?<![^\W_]){words}s?(?![^\W_])", text, re.IGNORECASE) is not None
