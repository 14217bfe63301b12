"""What kind of statement it is, and what it is for."""

import re

from msgspec import Struct

from asbuilt.document.blocks import Fence, Heading
from asbuilt.evidence import Chapter
from asbuilt.model.sql import Role
from asbuilt.reading.reader import Context
from asbuilt.reading.sql.creates import object_kind
from asbuilt.reading.sql.syntax import Node, word_of

ROLLBACK_WORDS = re.compile(
    r"\b(?:roll(?:ing)?[\s-]?backs?|down|revert(?:ing)?|undo|reversal|reverse\s+migration)\b|回滚|回退|откат|revers[ãa]o|롤백|ロールバック|geri al",
    re.IGNORECASE,
)
_QUERY = re.compile(
    r"\bquer(?:y|ies)\b|access\s+patterns?|查询|запрос|쿼리|クエリ|consultas?|requête|abfrage", re.IGNORECASE
)
_SEED = re.compile(
    r"\bseed|fixture|test\s+data|sample\s+data|initial\s+data|demo\s+data|种子|初始|测试数据|демо", re.IGNORECASE
)
_EXAMPLE = re.compile(r"\bexamples?\b|\busage\b|示例|пример|ejemplo|exemplo|例", re.IGNORECASE)
_UP_DOWN = re.compile(
    r"^\W*(?:\+goose\s+|migrate:\s*|migration\s*:?\s*)?(?P<way>up|down|rollback|roll\s?back|forward|revert|undo|回滚)\b(?:\s*(?:migration|script|plan))?\W*$",
    re.IGNORECASE,
)
_KINDS = {
    "create_stmt": "create table", "create_table_as_stmt": "create table as", "view_stmt": "create view", "index_stmt": "create index",
    "create_trig_stmt": "create trigger", "create_event_trig_stmt": "create event trigger", "create_seq_stmt": "create sequence",
    "alter_seq_stmt": "alter sequence", "create_enum_stmt": "create type", "create_range_stmt": "create type",
    "composite_type_stmt": "create type", "alter_enum_stmt": "alter type", "rule_stmt": "create rule", "create_stats_stmt": "create statistics",
    "createdb_stmt": "create database", "dropdb_stmt": "drop database", "create_plang_stmt": "create language",
    "create_fdw_stmt": "create foreign data wrapper", "create_foreign_server_stmt": "create server", "variable_set_stmt": "set",
    "variable_show_stmt": "show", "grant_role_stmt": "grant role", "comment_stmt": "comment", "refresh_mat_view_stmt": "refresh materialized view",
    "check_point_stmt": "checkpoint", "alter_role_set_stmt": "alter role", "alter_database_set_stmt": "alter database",
    "create_am_stmt": "create access method", "create_op_class_stmt": "create operator class", "create_op_family_stmt": "create operator family",
    "constraints_set_stmt": "set constraints", "alter_object_schema_stmt": "alter", "alter_owner_stmt": "alter", "rename_stmt": "alter",
}  # fmt: skip
_SETTINGS = frozenset(
    {"create database", "alter database", "drop database", "create role", "alter role", "drop role", "grant role", "grant database", "revoke database", "alter system", "set",
     "show", "meta", "begin", "commit", "rollback", "start", "transaction", "set constraints", "discard",
     "create table space", "load", "notify", "listen", "unlisten", "lock", "create subscription", "copy", "import foreign schema",
     "use", "delimiter", "pragma", "reassign owned", "drop owned"}
)  # fmt: skip
_MAINTENANCE = frozenset(
    {"vacuum", "analyze", "reindex", "cluster", "checkpoint", "refresh materialized view", "optimize"}
)
_WRITING = frozenset({"insert", "update", "delete", "merge", "truncate", "do", "call"})
_READING = frozenset({"select", "explain", "execute", "prepare", "declare cursor", "fetch"})


_OUTSIDE = frozenset({"OBJECT_DATABASE", "OBJECT_TABLESPACE", "OBJECT_PARAMETER_ACL"})
_PARTS = frozenset({"column", "attribute", "constraint"})


def kind_of(name: str, node: Node) -> str:
    """Return PostgreSQL's command tag in lower case."""
    if name == "drop_stmt":
        return f"drop {object_kind(node, 'remove_type')}"
    if name == "define_stmt":
        return f"create {object_kind(node, 'kind')}"
    if name == "alter_table_stmt":
        return f"alter {object_kind(node, 'objtype')}"
    if name in ("create_function_stmt", "alter_function_stmt"):
        is_procedure = (
            node.is_procedure if name == "create_function_stmt" else word_of(node, "objtype") == "OBJECT_PROCEDURE"
        )
        return f"{name.split('_')[0]} {'procedure' if is_procedure else 'function'}"
    return _special_kind(name, node)


def _special_kind(name: str, node: Node) -> str:
    if name == "create_table_as_stmt" and word_of(node, "objtype") == "OBJECT_MATVIEW":
        return "create materialized view"
    if name == "rename_stmt":
        renamed = object_kind(node, "rename_type")
        return f"alter {object_kind(node, 'relation_type') if renamed in _PARTS else renamed}"
    if name in ("alter_owner_stmt", "alter_object_schema_stmt"):
        return f"alter {object_kind(node, 'object_type')}"
    if name == "transaction_stmt":
        return word_of(node, "kind").removeprefix("TRANS_STMT_").split("_")[0].lower()
    if name == "vacuum_stmt":
        return "vacuum" if node.is_vacuumcmd else "analyze"
    if name == "grant_stmt":
        on_all = " database" if word_of(node, "objtype") in _OUTSIDE else ""
        return ("grant" if node.is_grant else "revoke") + on_all
    return _KINDS.get(name) or name.removesuffix("_stmt").replace("_", " ")


class Section(Struct, frozen=True):
    """What the headings and the label above a fence say it is for."""

    chapter: Chapter
    titles: tuple[str, ...] = ()
    is_rollback: bool = False
    is_planned: bool = False

    def speaks_of(self, pattern: re.Pattern[str]) -> bool:
        return any(pattern.search(title) for title in self.titles)


def section_of(block: Fence, context: Context) -> Section:
    """Return what a fence is for, as its headings and label tell."""
    headings: list[Heading] = list(block.path)
    titles = tuple(h.text.text for h in headings[-2:])
    label = block.label.text if block.label is not None and len(block.label.text) < 80 else ""
    spoken = (*titles, label) if label else titles
    inner = spoken[-2:] if context.chapter == Chapter.MIGRATION else ()
    return Section(context.chapter, spoken, any(ROLLBACK_WORDS.search(t) for t in inner), context.is_planned)


def direction_of(comment: str) -> str | None:
    """Return `up` or `down` where a comment by itself parts a migration into its two ways."""
    found = _UP_DOWN.match(comment)
    return None if found is None else "up" if found["way"].lower() in ("up", "forward") else "down"


def role_of(kind: str, section: Section, *, is_rollback: bool = False, calls_system: bool = False) -> Role:
    """Return what a statement is for, by its kind and the section it stands in."""
    if kind in _SETTINGS or calls_system:
        return Role.SETTING
    if kind in _MAINTENANCE:
        return Role.MAINTENANCE
    if kind in _READING:
        return _reading_role(section)
    if section.is_rollback or is_rollback:
        return Role.ROLLBACK
    return _writing_role(kind, section) if kind in _WRITING else _schema_role(section)


def _reading_role(section: Section) -> Role:
    if section.chapter in (Chapter.MONITORING, Chapter.BACKUP):
        return Role.HEALTH
    if section.chapter in (Chapter.VOLUME, Chapter.ACCESS) or section.speaks_of(_QUERY):
        return Role.QUERY
    return Role.EXAMPLE


def _writing_role(kind: str, section: Section) -> Role:
    if section.chapter == Chapter.MIGRATION:
        return Role.BACKFILL
    if kind in ("delete", "truncate"):
        return Role.PURGE if section.chapter in _PURGING else Role.EXAMPLE
    if section.speaks_of(_SEED) or section.chapter == Chapter.SEEDING:
        return Role.SEED
    if section.chapter in (Chapter.ACCESS, Chapter.VOLUME) or section.speaks_of(_QUERY) or section.speaks_of(_EXAMPLE):
        return Role.EXAMPLE
    if section.chapter == Chapter.MONITORING:
        return Role.MAINTENANCE
    if kind == "do":
        return Role.SCHEMA
    return Role.SEED if kind in ("insert", "merge") else Role.EXAMPLE


_PURGING = frozenset({Chapter.PRIVACY, Chapter.BACKUP, Chapter.VOLUME, Chapter.MONITORING, Chapter.SECURITY})


def _schema_role(section: Section) -> Role:
    return Role.MIGRATION if section.chapter == Chapter.MIGRATION else Role.SCHEMA
