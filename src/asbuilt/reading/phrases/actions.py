"""What happens to a row when the row that it references goes or changes."""

import re

from asbuilt.model.fact import Stated
from asbuilt.text import Excerpt

_ACTIONS: tuple[tuple[str, str], ...] = (
    (r"set[\s_-]*null|置空|设为空|обнул", "SET NULL"),
    (r"set[\s_-]*default", "SET DEFAULT"),
    (r"restrict|禁止|限制|запре", "RESTRICT"),
    (r"no[\s_-]*action|无操作", "NO ACTION"),
    (r"cascade|级联|каскад|캐스케이드|연쇄|カスケード|cascata|cascada", "CASCADE"),
)


def action_in(excerpt: Excerpt) -> Stated[str] | None:
    """Return the first action that `excerpt` names, in PostgreSQL's words."""
    found = [(m, action) for pattern, action in _ACTIONS if (m := re.search(pattern, excerpt.text, re.IGNORECASE))]
    if not found:
        return None
    match, action = min(found, key=lambda pair: pair[0].start())
    return Stated(action, excerpt.span(*match.span()))


def stated_actions(excerpt: Excerpt) -> tuple[Stated[str] | None, Stated[str] | None]:
    """Return what `excerpt` says of deleting and of updating (`ON DELETE CASCADE, ON UPDATE RESTRICT`)."""
    return _after(r"on\s+delete|delete|删除|при\s+удалении|삭제", excerpt), _after(
        r"on\s+update|update|更新|при\s+обновлении", excerpt
    )


def _after(words: str, excerpt: Excerpt) -> Stated[str] | None:
    found = re.search(rf"(?:{words})[^A-Za-z,;]*(?P<rest>[^,;，；]*)", excerpt.text, re.IGNORECASE)
    return action_in(excerpt.cut(*found.span("rest"))) if found else None
