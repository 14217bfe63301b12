"""What entities are called in the database: as SQL says, else by the document's own convention."""

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from asbuilt.model.entities import ConstraintMention, ForeignKeyMention, IndexMention, Store
from asbuilt.model.fact import Fact, Form
from asbuilt.model.merging.drafts import Draft, Drafts
from asbuilt.model.names import normal, plural, singular, words
from asbuilt.model.sql import QueryPattern, SqlStatement


class Convention(Struct, frozen=True):
    """How names are written: `case` is snake, pascal, camel or upper."""

    case: str = "snake"
    is_plural: bool = True
    is_shown: bool = False

    def spell(self, name: str) -> str:
        """Return `name`, in whatever spelling, in this one."""
        parts = normal(name).split("_")
        parts[-1] = plural(parts[-1]) if self.is_plural and parts[-1].isascii() else parts[-1]
        if self.case == "upper":
            return "_".join(parts).upper()
        if self.case == "snake":
            return "_".join(parts)
        spelled = "".join(part.capitalize() for part in parts)
        return spelled if self.case == "pascal" else spelled[:1].lower() + spelled[1:]

    @property
    def words(self) -> str:
        return f"{self.case} case, {'plural' if self.is_plural else 'singular'}"


def name_entities(drafts: Drafts, facts: Sequence[Fact]) -> Convention:
    """Give every draft its name, and return the convention found. What the queries among `facts` call a table counts last."""
    in_sql = _sql_spellings(drafts)
    in_queries = _query_spellings(facts)
    votes = list(in_sql.values()) or _plain_names(drafts) or list(in_queries.values())
    convention = _majority(votes)
    for draft in drafts.distinct():
        draft.name = _given_name(draft, in_sql, in_queries) or _derived_name(drafts, draft, convention)
    return convention


def _sql_spellings(drafts: Drafts) -> dict[str, str]:
    """Return the tables' names by normal form, as definitions have them, else as SQL speaks of them."""
    found: dict[str, str] = {}
    for draft in drafts.relational():
        for mention in draft.mentions:
            if mention.form == Form.SQL and not mention.is_external:
                found.setdefault(normal(mention.name), mention.name)
    for fact in drafts.facts:
        for name in _names_in_sql(fact):
            found.setdefault(normal(name), name)
    return {key: name.rpartition(".")[2] for key, name in found.items()}


def _query_spellings(facts: Sequence[Fact]) -> dict[str, str]:
    """Return the tables' names by normal form, as the stated queries have them."""
    queries = (fact.statement for fact in facts if isinstance(fact, QueryPattern))
    names = [name for query in queries for name in _names_in_sql(query)]
    return {normal(name): name for name in reversed(names)}


def _names_in_sql(fact: object) -> list[str]:
    if isinstance(fact, SqlStatement):
        needed = [need.name for need in fact.needs]
        return [n.name for n in needed if n.kind == "table" and n.schema in (None, "public")]
    if isinstance(fact, ForeignKeyMention) and fact.form == Form.SQL:
        return [fact.entity, fact.target]
    if isinstance(fact, ConstraintMention | IndexMention) and fact.form == Form.SQL:
        return [fact.entity]
    return []


def _plain_names(drafts: Drafts) -> list[str]:
    """Return the names outside SQL that are written as a table's: `users`, `order_items`."""
    return [
        next(filter(_is_plain, draft.names), "") for draft in drafts.relational() if any(map(_is_plain, draft.names))
    ]


def _is_plain(name: str) -> bool:
    return name.isascii() and name.islower() and name.replace("_", "").isalnum()


def _majority(names: list[str]) -> Convention:
    """Return the convention that most of `names` follow; snake case plural where there are none."""
    if not names:
        return Convention()
    cases = Counter(case_of(name) for name in names)
    numbers = Counter(_is_plural(name) for name in names)
    is_plural = numbers[True] >= numbers[False] if numbers[True] or numbers[False] else True
    return Convention(max(cases, key=lambda c: cases[c]), is_plural, is_shown=True)


def case_of(name: str) -> str:
    """Return how a name is written: snake, upper, pascal or camel."""
    if name.islower():
        return "snake"
    if name.isupper():
        return "upper"
    return "pascal" if name[:1].isupper() else "camel"


def _is_plural(name: str) -> bool | None:
    last = (words(name) or (name.lower(),))[-1]
    if singular(last) != last:
        return True
    return False if plural(last) != last else None


def _given_name(draft: Draft, in_sql: dict[str, str], in_queries: dict[str, str]) -> str | None:
    """Return the name that the document itself writes for the table; a query's word counts last."""
    if draft.store != Store.RELATIONAL:
        return draft.mentions[0].alias or draft.mentions[0].name
    if draft.definitions:
        return draft.definitions[0].name
    alias = next((m.alias for m in draft.mentions if m.alias), None)
    spoken = next((in_sql[normal(m.name)] for m in draft.mentions if normal(m.name) in in_sql), None)
    asked = next((in_queries[normal(m.name)] for m in draft.mentions if normal(m.name) in in_queries), None)
    return alias or spoken or next(filter(_is_plain, draft.names), None) or asked


def _derived_name(drafts: Drafts, draft: Draft, convention: Convention) -> str:
    mention = draft.mentions[0]
    name = convention.spell(mention.name)
    if name != mention.name and not draft.is_assumed:
        why = f"tables here are named in {convention.words}" if convention.is_shown else "no table is named in SQL"
        drafts.assume(mention.name_span, mention.name, name, f"the table's name: {why}")
    return name
