"""Recovery objectives: `**RTO**: 4 hours`, `RPO < 15 min`."""

import re
from itertools import pairwise

from asbuilt.model.chapters import RecoveryObjective
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry
from asbuilt.reading.phrases.quantities import seconds
from asbuilt.reading.reader import Context

_NAMES = re.compile(
    r"(?P<rto>\bRTO\b|recovery[ -]time[ -]objective|恢复时间目标|復旧時間目標|복구 ?시간 ?목표|целевое время восстановления)|"
    r"(?P<rpo>\bRPO\b|recovery[ -]point[ -]objective|恢复点目标|復旧ポイント目標|복구 ?시점 ?목표|целевая точка восстановления)",
    re.IGNORECASE,
)

_LIKELY = re.compile("rto|rpo|recovery|恢复|復旧|복구|целев")  # what opens any of them, found in a tenth of the time
_END = re.compile(r"\d[^,;，；()（）。\n]*[^\s,;，；()（）。](?=\s*[,;，；()（）。])")


def objective_named(text: str) -> str | None:
    """Return RTO or RPO where `text` names one of them."""
    match = _NAMES.search(text) if _LIKELY.search(text.lower()) else None
    return None if match is None else "RTO" if match["rto"] else "RPO"


def read_recovery(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """One fact for each objective that the line names with a time; `RTO (Recovery Time Objective)` names one."""
    text = entry.text
    if not _LIKELY.search(text.text.lower()):
        return ()
    matches = list(_NAMES.finditer(text.text))
    starts = [
        m
        for m, before in zip(matches, [None, *matches], strict=False)
        if before is None or before.lastgroup != m.lastgroup
    ]
    ends = [*(m.start() for m in starts), len(text.text)]
    facts = []
    for match, (start, end) in zip(starts, pairwise(ends), strict=True):
        stated = _END.search(text.text, start, end)
        piece = text.cut(start, stated.end() if stated else end).strip()
        if (length := seconds(piece.text)) is not None:
            name = "RTO" if match["rto"] else "RPO"
            place = entry.span if len(starts) == 1 else piece.span()
            facts.append(RecoveryObjective(span=place, form=Form.LISTING, name=name, seconds=length, text=piece.text))
    return tuple(facts)
