"""What needs what in a database, as PostgreSQL itself keeps account of it (`pg_depend`), in terms of items."""

from collections import defaultdict
from functools import cache

from asbuilt.engines.base import Session
from asbuilt.engines.changes import Needs
from asbuilt.engines.postgres.catalog_others import OPERATOR_NAME, PRIVILEGES_NAME
from asbuilt.engines.postgres.inspecting import SEARCH_PATH
from asbuilt.engines.state import Item

_QUALIFIED = "CASE {schema}.nspname WHEN 'public' THEN '' ELSE {schema}.nspname || '.' END || {name}"


def _name(schema: str, name: str) -> str:
    return _QUALIFIED.format(schema=schema, name=name)


_RELATION = _name("n", "c.relname")
_TABLE = f"(SELECT {_RELATION} FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = {{oid}})"
_KIND = """CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'c' THEN 'composite'
           WHEN 'S' THEN 'sequence' ELSE 'table' END"""

THINGS = f"""
relations AS (
    SELECT c.oid, c.reltype, {_KIND} AS kind, {_RELATION} AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
),
owned AS (
    SELECT d.objid AS sequence, d.refobjid AS relation, d.refobjsubid AS column
    FROM pg_depend d
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
      AND d.refobjsubid > 0 AND d.objid IN (SELECT oid FROM relations WHERE kind = 'sequence')
),
types AS (
    SELECT t.oid, CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' ELSE 'range' END AS kind,
           {_name("n", "t.typname")} AS name
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('e', 'd', 'r') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT r.reltype, r.kind, r.name FROM relations r WHERE r.reltype <> 0
),
classes AS (
    SELECT c.oid, c.opcfamily, c.opcintype, {_name("n", "c.opcname")} || ' USING ' || a.amname AS name
    FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace JOIN pg_am a ON a.oid = c.opcmethod WHERE c.oid >= 16384
),
things (classid, objid, sub, kind, name, "table") AS (
    SELECT 'pg_class'::regclass::oid, r.oid, 0, r.kind, r.name, '' FROM relations r
    WHERE r.oid NOT IN (SELECT sequence FROM owned)
    UNION ALL
    SELECT 'pg_class'::regclass, o.sequence, 0, 'column', a.attname::text, r.name
    FROM owned o JOIN relations r ON r.oid = o.relation JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = o.column
    UNION ALL
    SELECT 'pg_class'::regclass, r.oid, a.attnum, CASE r.kind WHEN 'table' THEN 'column' ELSE r.kind END,
           CASE r.kind WHEN 'table' THEN a.attname::text ELSE r.name END, CASE r.kind WHEN 'table' THEN r.name ELSE '' END
    FROM relations r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'pg_class'::regclass, i.indexrelid, 0, CASE WHEN k.oid IS NULL THEN 'index' ELSE 'constraint' END,
           coalesce(k.conname, c.relname)::text, r.name
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN relations r ON r.oid = i.indrelid
    LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
    UNION ALL
    SELECT 'pg_attrdef'::regclass, d.oid, 0, 'column', a.attname::text, r.name
    FROM pg_attrdef d JOIN relations r ON r.oid = d.adrelid JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.adnum
    UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid, 0, 'constraint', k.conname::text, r.name
    FROM pg_constraint k JOIN relations r ON r.oid = k.conrelid
    UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid, 0, t.kind, t.name, '' FROM pg_constraint k JOIN types t ON t.oid = k.contypid
    UNION ALL
    SELECT 'pg_trigger'::regclass, g.oid, 0, 'trigger', g.tgname::text, r.name
    FROM pg_trigger g JOIN relations r ON r.oid = g.tgrelid WHERE NOT g.tgisinternal AND r.kind = 'table'
    UNION ALL
    SELECT 'pg_policy'::regclass, p.oid, 0, 'policy', p.polname::text, r.name
    FROM pg_policy p JOIN relations r ON r.oid = p.polrelid
    UNION ALL
    SELECT 'pg_rewrite'::regclass, w.oid, 0, CASE w.rulename WHEN '_RETURN' THEN r.kind ELSE 'rule' END,
           CASE w.rulename WHEN '_RETURN' THEN r.name ELSE r.name || '.' || w.rulename END, ''
    FROM pg_rewrite w JOIN relations r ON r.oid = w.ev_class
    UNION ALL
    SELECT 'pg_type'::regclass, t.oid, 0, t.kind, t.name, '' FROM types t
    UNION ALL
    SELECT 'pg_type'::regclass, e.typarray, 0, t.kind, t.name, ''
    FROM types t JOIN pg_type e ON e.oid = t.oid WHERE e.typarray <> 0
    UNION ALL
    SELECT 'pg_proc'::regclass, p.oid, 0,
           CASE p.prokind WHEN 'w' THEN 'window function' WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           {_name("n", "p.proname")} || '(' || pg_get_function_identity_arguments(p.oid) || ')', ''
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT 'pg_namespace'::regclass, n.oid, 0, 'schema', n.nspname::text, '' FROM pg_namespace n
    WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('public', 'information_schema')
    UNION ALL
    SELECT 'pg_extension'::regclass, e.oid, 0, 'extension', e.extname::text, '' FROM pg_extension e
    UNION ALL
    SELECT 'pg_statistic_ext'::regclass, s.oid, 0, 'statistics', {_name("n", "s.stxname")}, ''
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
    UNION ALL
    SELECT 'pg_collation'::regclass, k.oid, 0, 'collation', {_name("n", "k.collname")}, ''
    FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace WHERE k.oid >= 16384
    UNION ALL
    SELECT 'pg_ts_config'::regclass, f.oid, 0, 'text search configuration', {_name("n", "f.cfgname")}, ''
    FROM pg_ts_config f JOIN pg_namespace n ON n.oid = f.cfgnamespace WHERE f.oid >= 16384
    UNION ALL
    SELECT 'pg_operator'::regclass, o.oid, 0, 'operator',
           {_name("n", OPERATOR_NAME)}, ''
    FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE o.oid >= 16384
    UNION ALL
    SELECT 'pg_publication_rel'::regclass, r.oid, 0, 'publication', p.pubname::text, ''
    FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
    UNION ALL
    SELECT 'pg_publication'::regclass, p.oid, 0, 'publication', p.pubname::text, '' FROM pg_publication p
    UNION ALL
    SELECT 'pg_ts_dict'::regclass, d.oid, 0, 'text search dictionary', {_name("n", "d.dictname")}, ''
    FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace WHERE d.oid >= 16384
    UNION ALL
    SELECT 'pg_cast'::regclass, c.oid, 0, 'cast', format('%s AS %s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)), ''
    FROM pg_cast c WHERE c.oid >= 16384
    UNION ALL
    SELECT 'pg_opclass'::regclass, c.oid, 0, 'operator class', c.name, '' FROM classes c
    UNION ALL
    SELECT 'pg_opfamily'::regclass, f.oid, 0, CASE WHEN own.oid IS NULL THEN 'operator family' ELSE 'operator class' END,
           {_name("n", "f.opfname")} || ' USING ' || a.amname, ''
    FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod
    LEFT JOIN pg_opclass own ON own.opcfamily = f.oid AND own.opcname = f.opfname AND own.opcnamespace = f.opfnamespace
    WHERE f.oid >= 16384
    UNION ALL
    SELECT 'pg_amop'::regclass, o.oid, 0, 'operator class', c.name, ''
    FROM pg_amop o JOIN classes c ON c.opcfamily = o.amopfamily AND c.opcintype = o.amoplefttype
    UNION ALL
    SELECT 'pg_amproc'::regclass, p.oid, 0, 'operator class', c.name, ''
    FROM pg_amproc p JOIN classes c ON c.opcfamily = p.amprocfamily AND c.opcintype = p.amproclefttype
    UNION ALL
    SELECT 'pg_foreign_data_wrapper'::regclass, w.oid, 0, 'foreign data wrapper', w.fdwname::text, '' FROM pg_foreign_data_wrapper w
    UNION ALL
    SELECT 'pg_foreign_server'::regclass, s.oid, 0, 'server', s.srvname::text, '' FROM pg_foreign_server s
    UNION ALL
    SELECT 'pg_default_acl'::regclass, d.oid, 0, 'default privileges', {PRIVILEGES_NAME}, ''
    FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
    UNION ALL
    SELECT 'pg_event_trigger'::regclass, e.oid, 0, 'event trigger', e.evtname::text, '' FROM pg_event_trigger e
)
"""

# A type, function or operator that an extension brings stands for the extension.
NEEDS = f"""
WITH {THINGS},
members AS (
    SELECT d.classid, d.objid, e.extname::text AS extension
    FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
    WHERE d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
)
SELECT DISTINCT a.kind, a.name, a."table",
       coalesce(b.kind, 'extension'), coalesce(b.name, m.extension), coalesce(b."table", '')
FROM pg_depend d
JOIN things a ON a.classid = d.classid AND a.objid = d.objid AND a.sub = d.objsubid
LEFT JOIN members m ON m.classid = d.refclassid AND m.objid = d.refobjid
LEFT JOIN things b ON m.objid IS NULL AND b.classid = d.refclassid AND b.objid = d.refobjid AND b.sub = d.refobjsubid
WHERE d.deptype IN ('n', 'a', 'i', 'P', 'S') AND (b.name IS NOT NULL OR m.extension IS NOT NULL)
"""
# A replica identity and a clustering have no entry in pg_depend.
MARKS = f"""
SELECT m.kind, {_RELATION}, {_KIND}, coalesce(k.conname, ic.relname)::text, k.oid IS NOT NULL
FROM (
    SELECT 'replica identity' AS kind, t.oid AS relation, i.indexrelid AS index
    FROM pg_class t LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisreplident WHERE t.relreplident <> 'd' AND t.relkind IN ('r', 'p')
    UNION ALL
    SELECT 'clustering', i.indrelid, i.indexrelid FROM pg_index i WHERE i.indisclustered
) m
JOIN pg_class c ON c.oid = m.relation JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class ic ON ic.oid = m.index
LEFT JOIN pg_constraint k ON k.conindid = m.index AND k.contype IN ('p', 'u', 'x')
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
"""


def needs(session: Session) -> Needs:
    """Return what each thing in the session's database cannot be without; what lives in a table needs the table."""
    found: dict[Item, set[Item]] = defaultdict(set)
    with session.attempt():
        session.execute(f"SET LOCAL search_path = {SEARCH_PATH}")
        rows = session.rows(NEEDS)
        marks = session.rows(MARKS)
    item_of = cache(Item)
    for kind, name, table, *other in rows:
        item, needed = item_of(kind, name, table), item_of(*other)
        if item is not needed:
            found[item].add(needed)
    for kind, relation, home, index, is_constraint in marks:
        found[item_of(kind, relation)].add(item_of(home, relation))
        if index and home == "table":
            found[item_of(kind, relation)].add(item_of("constraint" if is_constraint else "index", index, relation))
    parts = {item for item, others in found.items() for item in (item, *others) if item.table}
    for part in parts:
        found[part].add(item_of("table", part.table))
    return {item: frozenset(needed) for item, needed in found.items()}
