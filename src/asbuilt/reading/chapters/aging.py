"""What goes once it is old: `partitions older than 12 months are dropped`, `archive orders older than 2 years`."""

import re

from asbuilt.reading.phrases.quantities import duration

_VERB = r"archiv|drop|delet|remov|purg|detach|mov|truncat|eras|expir"
_ACT = rf"(?:{_VERB})\w*"
_NAMED = r"(?P<subject>[^.;:,]{2,60}?)"
_SHAPES = tuple(
    re.compile(shape, re.IGNORECASE)
    for shape in (
        rf"\b{_ACT}\s+{_NAMED}\s+(?:(?:that|which)\s+are\s+)?older\s+than\s+(?P<time>.+)",
        rf"(?:^|[.;:,]\s*){_NAMED}\s+(?:(?:that|which)\s+are\s+)?older\s+than\s+(?P<time>.+?)\s+(?:(?:is|are|get|gets|can|may|must|will|to|be|shall)\s+)+\w*.*?{_ACT}.*",
        rf"\b{_ACT}\s+(?P<subject>[^.;:,]*?\bpartitions?\b[^.;:,]*?)\s+(?:\w+\s+)?after\s+(?P<time>.+)",
        rf"(?:^|[.;:,]\s*)(?P<subject>[^.;:,]*?\bpartitions?\b[^.;:,]*?)\s+(?:(?:is|are|get|gets|will|be)\s+)+[^.;]*?{_ACT}\s+(?:\w+\s+)?after\s+(?P<time>.+)",
    )
)
_LIKELY = re.compile(r"older\s+than|\bpartitions?\b.*\bafter\b|\bafter\b.*\bpartitions?\b", re.IGNORECASE | re.DOTALL)
_DROPPED = r"drop|delet|remov|purg|destroy|eras|truncat|删除|刪除|清除|удал|삭제|削除|lösch|elimin|exclu[ií]|supprim"
_GOES = re.compile(_DROPPED, re.IGNORECASE)
_NEGATED = re.compile(rf"\b(?:not|never|no|without|instead of|nothing)\b[^.;]{{0,30}}(?:{_DROPPED})", re.IGNORECASE)
_ARCHIVED = re.compile(
    r"archiv|cold|glacier|\bs3\b|offline|\bmoved?\b|归档|歸檔|архив|アーカイブ|아카이브", re.IGNORECASE
)
_STAYS = re.compile(
    r"anonymi|pseudonymi|\bmask|\bsoft|\bat least\b|\bmin(?:imum)?\b|\bno(?:t)? less\b|至少|最少|不少于|不少於|не менее|最低|최소|匿名|脱敏|обезлич",
    re.IGNORECASE,
)


def aged(text: str) -> tuple[str, int] | None:
    """Return what goes once it is old, and at which age in seconds; None where the text does not say that."""
    if not _LIKELY.search(text):
        return None
    for shape in _SHAPES:
        found = shape.search(text)
        if found and (length := duration(found["time"])) is not None:
            return found["subject"].strip(" -–—`*"), length
    return None


def fate_of(text: str) -> str:
    """Return what becomes of what is kept no longer: `dropped`, `archived`, `stays` (only changed, or kept at least so long), empty where unsaid."""
    if _STAYS.search(text):
        return "stays"
    if _ARCHIVED.search(text) or _NEGATED.search(text):
        return "archived"
    return "dropped" if _GOES.search(text) else ""
