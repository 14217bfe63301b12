"""What stands in a database and is not inspected: counted, so that it can be named instead of passed over in silence."""

from collections.abc import Sequence

from asbuilt.engines.base import Session
from asbuilt.engines.postgres.catalog import SCHEMAS, for_version, own_object

_MADE_HERE = 16384
"""Below this oid everything is the server's own."""
_RELATION = "FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM schemas)"
_OWN_RELATION = f"{_RELATION} AND {own_object('pg_class', 'c.oid')}"


def _made(catalog: str) -> str:
    return f"FROM {catalog} x0 WHERE x0.oid >= {_MADE_HERE} AND {own_object(catalog, 'x0.oid')}"


_COUNTED: tuple[tuple[str, str, str], ...] = (
    ("user mapping", "user mappings", "FROM pg_user_mappings"),
    ("subscription", "subscriptions", "FROM pg_subscription s WHERE s.subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())"),
    ("conversion", "conversions", _made("pg_conversion")),
    ("transform", "transforms", _made("pg_transform")),
    ("language", "languages", _made("pg_language")),
    ("access method", "access methods", _made("pg_am")),
    ("text search parser", "text search parsers", _made("pg_ts_parser")),
    ("text search template", "text search templates", _made("pg_ts_template")),
    (
        "base type", "base types",
        "FROM pg_type t WHERE t.typnamespace IN (SELECT oid FROM schemas) AND (t.typtype = 'b' AND t.typcategory <> 'A' OR t.typtype = 'p') "
        f"AND {own_object('pg_type', 't.oid')}",
    ),
    ("large object", "large objects", "FROM pg_largeobject_metadata"),
    ("security label", "security labels", "FROM pg_seclabel"),
    ("relation in a tablespace of its own", "relations in tablespaces of their own", f"{_OWN_RELATION} AND c.reltablespace <> 0"),
    (
        "table with another access method", "tables with another access method",
        f"{_OWN_RELATION} AND c.relkind IN ('r', 'p', 'm') AND c.relam <> 0 AND c.relam <> (SELECT a.oid FROM pg_am a WHERE a.amname = 'heap')",
    ),
    ("table of a type", "tables of a type", f"{_OWN_RELATION} AND c.reloftype <> 0"),
    (
        "sequence logged otherwise than its table", "sequences logged otherwise than their tables",
        "FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S' JOIN pg_class c ON c.oid = d.refobjid "
        "WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') "
        "AND s.relpersistence <> c.relpersistence{v15: }{v14: AND false} AND c.relnamespace IN (SELECT oid FROM schemas)",
    ),
    (
        "statistics target of an index", "statistics targets of indexes",
        "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
        "WHERE c.relkind IN ('i', 'I') AND a.attstattarget >= 0 AND c.relnamespace IN (SELECT oid FROM schemas)",
    ),
    (
        "comment on a NOT NULL constraint", "comments on NOT NULL constraints",
        "FROM pg_constraint k JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass "
        "WHERE k.contype = 'n' AND k.connamespace IN (SELECT oid FROM schemas)",
    ),
    ("dependency declared on an extension", "dependencies declared on extensions", "FROM pg_depend d WHERE d.deptype = 'x'"),
    (
        "relation with MAINTAIN granted", "relations with MAINTAIN granted",
        f"{_OWN_RELATION} AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.privilege_type = 'MAINTAIN' AND a.grantee <> c.relowner)",
    ),
    (
        "relation whose owner lacks rights", "relations whose owners lack rights",
        f"{_OWN_RELATION} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relacl IS NOT NULL AND EXISTS (SELECT FROM "
        "aclexplode(acldefault('r', c.relowner)) d WHERE d.privilege_type <> 'MAINTAIN' AND NOT EXISTS (SELECT FROM "
        "aclexplode(c.relacl) a WHERE a.grantee = c.relowner AND a.privilege_type = d.privilege_type))",
    ),
    (
        "schema public with an owner of its own", "schema public with an owner of its own",
        "FROM pg_namespace n WHERE n.nspname = 'public' "
        "AND n.nspowner NOT IN (10, (SELECT d.datdba FROM pg_database d WHERE d.datname = current_database())) "
        "AND pg_get_userbyid(n.nspowner) NOT IN ('pg_database_owner', current_user)",
    ),
)  # fmt: skip
_UNREAD = f"WITH schemas AS ({SCHEMAS}) " + " UNION ALL ".join(
    f"SELECT {at}, (SELECT count(*) {sql})" for at, (_, _, sql) in enumerate(_COUNTED)
)


def unread(session: Session) -> tuple[str, ...]:
    """Return what the session's database holds beside its state, in words with numbers; what the role may not count is left out."""
    major = int(session.rows("SHOW server_version_num")[0][0]) // 10000
    rows: Sequence[tuple[int, int]] = [(at, number) for at, number in session.rows(for_version(_UNREAD, major))]
    return tuple(f"{number:,} {_COUNTED[at][min(number, 2) - 1]}" for at, number in sorted(rows) if number)
