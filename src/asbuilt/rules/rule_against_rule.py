"""Two sentences give the same thing different numbers.

**Why it matters.** Backups are kept 30 days here and 7 there: whoever relies on the longer one finds nothing.

**Example.** "Retention: 30 days" for backups in one chapter, "7 days" in another; one cache key with two TTLs; two RTOs.

**What to do.** Decide which holds, and write it once.
"""

import re
from collections.abc import Hashable, Iterator

from asbuilt.diagnostics import Diagnostic, Edit, Fix, Label, contradiction
from asbuilt.model.chapters import CacheKey, RecoveryObjective, Retention, Target
from asbuilt.model.design import Design
from asbuilt.model.fact import Fact
from asbuilt.model.names import normal
from asbuilt.text import Source, Span


def check(design: Design) -> Iterator[Diagnostic]:
    known: dict[Hashable, tuple[Fact, float]] = {}
    for fact in design.facts:
        said = _rule(fact)
        if said is None:
            continue
        identity, subject, value = said
        first, counted = known.setdefault(identity, (fact, value))
        if counted != value and first.span != fact.span:
            one, other = _text(fact), _text(first)
            yield contradiction(
                "rule_against_rule",
                f"{subject} is said to be {one} here, and {other} there",
                Label(fact.span, one),
                Label(first.span, other),
                help="decide which holds, and write it once",
                fixes=_fixes(design.source, fact, first),
            )


def _rule(fact: Fact) -> tuple[Hashable, str, float] | None:
    """Return what a fact sets a number for, in words, and the number."""
    if isinstance(fact, Retention) and fact.seconds is not None and fact.subject.strip():
        subject = re.sub(r"\s*retention\s*", " ", fact.subject, flags=re.IGNORECASE).strip().lower()
        return ("retention", normal(subject)), f"the retention of {subject}" if subject else "retention", fact.seconds
    if isinstance(fact, RecoveryObjective) and fact.seconds is not None:
        return ("objective", fact.name.lower()), f"the {fact.name}", fact.seconds
    if isinstance(fact, CacheKey) and fact.ttl_seconds is not None:
        return ("ttl", fact.pattern), f"the TTL of `{fact.pattern}`", fact.ttl_seconds
    if isinstance(fact, Target) and fact.value is not None and fact.subject.strip():
        key = ("target", normal(fact.subject), fact.metric, fact.percentile, fact.unit)
        return key, f"the {fact.metric} of {fact.subject.strip()}", fact.value
    return None


def _fixes(source: Source, here: Fact, there: Fact) -> tuple[Fix, ...]:
    """Return a fix in either direction, where both places show plainly what the quantity is."""
    one, other = _place(source, here), _place(source, there)
    if one is None or other is None:
        return ()
    return (
        Fix(f"write `{source[other]}` here", (Edit(one, source[other]),)),
        Fix(f"write `{source[one]}` there", (Edit(other, source[one]),)),
    )


def _place(source: Source, fact: Fact) -> Span | None:
    """Return where a fact's quantity is written; none where there are several."""
    if isinstance(fact, CacheKey):
        return fact.ttl_span
    found = list(_QUANTITY.finditer(source.text, fact.span.start, fact.span.end))
    return Span(found[0].start(), found[0].end()) if len(found) == 1 else None


_QUANTITY = re.compile(r"(?<![\w.])\d[\d.,]*(?:[ \u00a0-]?[^\W\d_]+|\s?[%％])?")
_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


def _text(fact: Fact) -> str:
    said = _rule(fact)
    if said is None or isinstance(fact, Target):
        return f"`{fact.value:g} {fact.unit}`" if isinstance(fact, Target) and fact.value is not None else ""
    name, size = next((n, s) for n, s in _UNITS if said[2] % s == 0 or s == 1)
    count = said[2] / size
    return f"{count:g} {name}{'' if count == 1 else 's'}"
