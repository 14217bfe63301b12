"""Who may do what: roles, row level rules, masking, permissions, in words and in tables."""

import re
from functools import lru_cache

from asbuilt.document.blocks import Block, Table
from asbuilt.evidence import Chapter
from asbuilt.model.chapters import AccessRule
from asbuilt.model.fact import Fact, Form
from asbuilt.reading.chapters.entries import Entry, title_of
from asbuilt.reading.phrases.placeholders import find_placeholders
from asbuilt.reading.reader import Context, Reading

_TITLE = re.compile(
    r"access control|access rule|\broles?\b|permission|\bRLS\b|row[ -]level|masking|authoriz|privilege|\bRBAC\b|polic(?:y|ies)|权限|權限|角色|访问控制|存取控制|脱敏|권한|역할|접근 ?제어|"
    r"доступ|рол[иь]|права\b(?! субъект)|権限|ロール|アクセス制御|control de acceso|permis|controle de acesso|zugriff|yetki|hak akses",
    re.IGNORECASE,
)
_WORDS = re.compile(
    r"role[ -]based|row[ -]level|column[ -]level security|\bRLS\b|\bRBAC\b|\bABAC\b|\bGRANT\b|only (?:the )?(?:owner|admin|user)s?|can (?:only )?(?:read|write|view|"
    r"see|edit|delete|insert|update|access|manage)|least privilege|masked|masking|行级|只读|只能|角色|권한|역할|행 수준|роль|доступ|行レベル",
    re.IGNORECASE,
)
_AUDIT = re.compile(r"\baudit|\blogging\b|审计|감사|аудит|監査", re.IGNORECASE)
_ROLE = re.compile(r"\brole|\buser type|\bactor|角色|역할|роль|ロール|\brol\b|papel|rolle|peran", re.IGNORECASE)


@lru_cache(maxsize=4096)
def _is_titled(title: str) -> bool:
    return _TITLE.search(title) is not None


def read_access_rule(entry: Entry, context: Context) -> tuple[Fact, ...]:
    """A line under a heading about access, or one of the security chapter that says who may."""
    text = entry.words
    if _AUDIT.search(entry.name) or (entry.key is None and _AUDIT.search(text)):
        return ()
    if not _is_titled(entry.title) and not (context.chapter == Chapter.SECURITY and _WORDS.search(text)):
        return ()
    if context.chapter not in (Chapter.SECURITY, Chapter.PRIVACY) and not _WORDS.search(text):
        return ()
    subject = entry.key.text if entry.key else entry.subject
    return (AccessRule(span=entry.span, form=Form.LISTING, subject=subject, text=text),)


def read_role_table(block: Block, context: Context) -> Reading | None:
    """Read a table of roles and what they may; each row is a rule in the words of its header.

    Example: `| support | read orders |` says what that role may do.
    """
    if not isinstance(block, Table) or len(block.header.cells) < 2:
        return None
    heads = [cell.text.text.strip() for cell in block.header.cells]
    is_matrix = context.chapter == Chapter.SECURITY and _TITLE.search(title_of(block)) is not None
    if not _ROLE.search(heads[0]) and not is_matrix:
        return None
    facts = []
    for row in block.rows:
        cells = [cell.text.text.strip() for cell in row.cells]
        if cells[0] and not any(find_placeholders(cell.text) for cell in row.cells):
            text = "; ".join(f"{head}: {cell}" for head, cell in zip(heads[1:], cells[1:], strict=False) if cell)
            facts.append(AccessRule(span=row.span, form=Form.LISTING, subject=cells[0], text=text))
    return Reading(tuple(facts)) if facts else None
