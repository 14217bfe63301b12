"""The statements that inspection reads the system catalogs with: few, whatever the size of the database.

Each takes the schemas' oids and leaves out what belongs to an extension. Grants come as `role: RIGHTS` without the
owner's own. `{v18: …}` is there from that version on: catalogs differ between 14 and 18, what is read must not.
"""

import re

STUB_COMMENT = "plays the platform here; made by asbuilt"
"""The comment of a schema that plays a platform's part on the embedded server."""

PLATFORM_OWNERS = "^(supabase_|rds|cloudsql|azure_)"
"""Who owns the schemas that a platform provides."""

_RIGHTS = """CASE WHEN {acl} IS NOT NULL THEN ARRAY(
    SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END || ': '
        || string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', '
                      ORDER BY a.privilege_type)
    FROM aclexplode({acl}) a
    WHERE a.grantee <> {owner} AND a.privilege_type <> 'MAINTAIN'
    GROUP BY a.grantee ORDER BY 1) END"""


def rights_of(acl: str, owner: str) -> str:
    """The grants in an access list as lines, the owner's own left out."""
    return _RIGHTS.format(acl=acl, owner=owner)


def _storage(letter: str) -> str:
    return f"CASE {letter} WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END"


def _modifying(letter: str, function: str) -> str:
    """What an aggregate says of how a final function treats the state, where that is not the usual for its kind."""
    return f"""CASE WHEN {letter} <> CASE g.aggkind WHEN 'n' THEN 'r' ELSE 'w' END THEN '{function}_MODIFY = '
                    || CASE {letter} WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END END"""


def own_object(catalog: str, oid: str) -> str:
    """The condition that no extension owns the object."""
    return (
        f"NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = '{catalog}'::regclass AND x.objid = {oid} "
        "AND x.deptype = 'e')"
    )


SCHEMAS = f"""
SELECT n.oid, n.nspname, pg_get_userbyid(n.nspowner), obj_description(n.oid, 'pg_namespace'),
       {rights_of("n.nspacl", "n.nspowner")},
       current_user::text, (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database())
FROM pg_namespace n
WHERE n.nspname !~ '^(pg_|asbuilt_kept_)' AND n.nspname NOT IN ('information_schema', 'asbuilt')
  AND pg_get_userbyid(n.nspowner) !~ '{PLATFORM_OWNERS}'
  AND obj_description(n.oid, 'pg_namespace') IS DISTINCT FROM '{STUB_COMMENT}'
  AND {own_object("pg_namespace", "n.oid")}
"""

RELATIONS = f"""
SELECT c.oid, n.nspname, c.relname, c.relkind::text, c.relpersistence::text, pg_get_userbyid(c.relowner),
       c.relrowsecurity, c.relforcerowsecurity,
       coalesce(c.reloptions, (SELECT ft.ftoptions FROM pg_foreign_table ft WHERE ft.ftrelid = c.oid))
           || (SELECT array_agg('toast.' || o) FROM pg_class tc, unnest(tc.reloptions) o WHERE tc.oid = c.reltoastrelid), obj_description(c.oid, 'pg_class'),
       CASE c.relkind WHEN 'c' THEN (SELECT {rights_of("t.typacl", "t.typowner")} FROM pg_type t WHERE t.oid = c.reltype)
            ELSE {rights_of("c.relacl", "c.relowner")} END,
       CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END,
       pg_get_expr(c.relpartbound, c.oid),
       ARRAY(SELECT CASE pn.nspname WHEN 'public' THEN '' ELSE pn.nspname || '.' END || p.relname
             FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
             WHERE i.inhrelid = c.oid ORDER BY i.inhseqno),
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END,
       (SELECT fs.srvname FROM pg_foreign_table ft JOIN pg_foreign_server fs ON fs.oid = ft.ftserver WHERE ft.ftrelid = c.oid)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = ANY (%(schemas)s) AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND {own_object("pg_class", "c.oid")}
"""

COLUMNS = f"""
SELECT a.attrelid, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text,
       CASE WHEN a.attcollation <> t.typcollation AND a.attcollation <> 0
            THEN (SELECT CASE WHEN kn.nspname IN ('pg_catalog', 'public') THEN '' ELSE kn.nspname || '.' END || k.collname
                  FROM pg_collation k JOIN pg_namespace kn ON kn.oid = k.collnamespace WHERE k.oid = a.attcollation) END,
       col_description(a.attrelid, a.attnum),
       {rights_of("a.attacl", "c.relowner")},
       owned.name, owned.options, owned.comment, owned.rights,
       CASE WHEN a.attstattarget >= 0 OR a.attoptions IS NOT NULL OR a.attfdwoptions IS NOT NULL OR a.attcompression <> '' OR a.attstorage <> t.typstorage
            THEN ARRAY(
                SELECT s.told FROM (VALUES
                    ('storage', CASE WHEN a.attstorage <> t.typstorage AND c.relkind IN ('r', 'p', 'f', 'm')
                        THEN {_storage("a.attstorage")} || ' instead of ' || {_storage("t.typstorage")} END),
                    ('compression', CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END),
                    ('statistics', CASE WHEN a.attstattarget >= 0 THEN a.attstattarget::text END)) v(key, value)
                CROSS JOIN LATERAL (SELECT v.key || '=' || v.value) s(told) WHERE v.value IS NOT NULL
                UNION ALL SELECT unnest(a.attoptions) UNION ALL SELECT 'option ' || unnest(a.attfdwoptions) ORDER BY 1) END
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN (
    SELECT o.refobjid, o.refobjsubid, CASE sn.nspname WHEN 'public' THEN '' ELSE sn.nspname || '.' END || sc.relname AS name,
           format('AS %%s START %%s INCREMENT %%s MINVALUE %%s MAXVALUE %%s CACHE %%s', format_type(s.seqtypid, NULL), s.seqstart,
                  s.seqincrement, s.seqmin, s.seqmax, s.seqcache) || CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END AS options,
           obj_description(sc.oid, 'pg_class') AS comment, {rights_of("sc.relacl", "sc.relowner")} AS rights
    FROM pg_depend o
    JOIN pg_class sc ON sc.oid = o.objid AND o.classid = 'pg_class'::regclass AND sc.relkind = 'S'
    JOIN pg_namespace sn ON sn.oid = sc.relnamespace
    JOIN pg_sequence s ON s.seqrelid = sc.oid
    WHERE o.refclassid = 'pg_class'::regclass AND o.deptype IN ('a', 'i') AND o.refobjsubid > 0
) owned ON owned.refobjid = a.attrelid AND owned.refobjsubid = a.attnum
WHERE c.relnamespace = ANY (%(schemas)s) AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c')
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""

CONSTRAINTS = """
SELECT k.conrelid, k.contypid, k.conname, k.contype::text, pg_get_constraintdef(k.oid),
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, i)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i),
       pg_get_expr(k.conbin, k.conrelid),
       CASE WHEN k.confrelid <> 0 THEN (SELECT CASE fn.nspname WHEN 'public' THEN '' ELSE fn.nspname || '.' END || f.relname
             FROM pg_class f JOIN pg_namespace fn ON fn.oid = f.relnamespace WHERE f.oid = k.confrelid) END,
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u(n, i)
             JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.i),
       k.confdeltype::text, k.confupdtype::text, k.convalidated, k.condeferrable, k.conislocal,
       {v18: k.conenforced}{v14: true},
       obj_description(k.oid, 'pg_constraint')
FROM pg_constraint k
WHERE k.connamespace = ANY (%(schemas)s)
  AND k.contype IN ('p', 'u', 'c', 'f', 'x', 'n')
  AND NOT (k.contype = 'f' AND k.conparentid <> 0)
  AND NOT (k.contype = 'n' AND k.convalidated AND NOT (k.connoinherit AND k.conrelid <> 0))
"""

INDEXES = """
SELECT i.indrelid, c.relname, pg_get_indexdef(i.indexrelid), am.amname, i.indisunique, i.indisvalid AND i.indisready,
       pg_get_expr(i.indpred, i.indrelid, true),
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnatts) k ORDER BY k),
       i.indnkeyatts,
       k.conname, c.reloptions, obj_description(c.oid, 'pg_class')
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_am am ON am.oid = c.relam
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
WHERE t.relnamespace = ANY (%(schemas)s) AND t.relkind IN ('r', 'p', 'm', 'f')
"""

TRIGGERS = """
SELECT g.tgrelid, g.tgname, pg_get_triggerdef(g.oid), g.tgenabled::text,
       CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || p.proname, obj_description(g.oid, 'pg_trigger')
FROM pg_trigger g
JOIN pg_class c ON c.oid = g.tgrelid
JOIN pg_proc p ON p.oid = g.tgfoid
JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE NOT g.tgisinternal AND g.tgparentid = 0 AND c.relnamespace = ANY (%(schemas)s)
"""

POLICIES = """
SELECT p.polrelid, p.polname, p.polcmd::text, p.polpermissive,
       ARRAY(SELECT CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r)::text END FROM unnest(p.polroles) r ORDER BY 1),
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid), obj_description(p.oid, 'pg_policy')
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
WHERE c.relnamespace = ANY (%(schemas)s)
"""

TYPES = f"""
SELECT t.oid, n.nspname, t.typname, t.typtype::text, pg_get_userbyid(t.typowner), obj_description(t.oid, 'pg_type'),
       {rights_of("t.typacl", "t.typowner")},
       ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder),
       format_type(t.typbasetype, t.typtypmod), t.typnotnull, t.typdefault,
       CASE WHEN t.typcollation <> 0 AND t.typcollation <> b.typcollation
            THEN (SELECT CASE WHEN kn.nspname IN ('pg_catalog', 'public') THEN '' ELSE kn.nspname || '.' END || k.collname
                  FROM pg_collation k JOIN pg_namespace kn ON kn.oid = k.collnamespace WHERE k.oid = t.typcollation) END,
       (SELECT concat_ws(', ', 'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
                         'SUBTYPE_OPCLASS = ' || (SELECT quote_ident(cn.nspname) || '.' || quote_ident(c.opcname) FROM pg_opclass c
                             JOIN pg_namespace cn ON cn.oid = c.opcnamespace WHERE c.oid = r.rngsubopc AND NOT c.opcdefault),
                         'COLLATION = ' || (SELECT quote_ident(kn.nspname) || '.' || quote_ident(k.collname) FROM pg_collation k
                             JOIN pg_namespace kn ON kn.oid = k.collnamespace JOIN pg_type st ON st.oid = r.rngsubtype
                             WHERE k.oid = r.rngcollation AND r.rngcollation <> st.typcollation),
                         'CANONICAL = ' || nullif(r.rngcanonical, 0)::regproc, 'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff, 0)::regproc,
                         'MULTIRANGE_TYPE_NAME = ' || (SELECT quote_ident(mn.nspname) || '.' || quote_ident(m.typname) FROM pg_type m
                             JOIN pg_namespace mn ON mn.oid = m.typnamespace WHERE m.oid = r.rngmultitypid AND m.typname <> left(
                             CASE WHEN t.typname LIKE '%%range%%' THEN regexp_replace(t.typname, 'range', 'multirange')
                                  ELSE t.typname || '_multirange' END, 63)))
        FROM pg_range r WHERE r.rngtypid = t.oid)
FROM pg_type t
JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_type b ON b.oid = t.typbasetype
WHERE t.typnamespace = ANY (%(schemas)s) AND t.typtype IN ('e', 'd', 'r') AND {own_object("pg_type", "t.oid")}
"""

ROUTINES = f"""
SELECT p.oid, n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), p.prokind::text,
       CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid) END,
       pg_get_userbyid(p.proowner), obj_description(p.oid, 'pg_proc'),
       {rights_of("p.proacl", "p.proowner")},
       CASE WHEN p.prokind = 'a' THEN concat_ws(', ', 'SFUNC = ' || g.aggtransfn, 'STYPE = ' || format_type(g.aggtranstype, NULL),
                 'SSPACE = ' || nullif(g.aggtransspace, 0), 'FINALFUNC = ' || nullif(g.aggfinalfn, 0)::regproc,
                 CASE WHEN g.aggfinalextra THEN 'FINALFUNC_EXTRA' END, {_modifying("g.aggfinalmodify", "FINALFUNC")},
                 'COMBINEFUNC = ' || nullif(g.aggcombinefn, 0)::regproc, 'SERIALFUNC = ' || nullif(g.aggserialfn, 0)::regproc,
                 'DESERIALFUNC = ' || nullif(g.aggdeserialfn, 0)::regproc, 'INITCOND = ' || quote_literal(g.agginitval),
                 'MSFUNC = ' || nullif(g.aggmtransfn, 0)::regproc, 'MINVFUNC = ' || nullif(g.aggminvtransfn, 0)::regproc,
                 'MSTYPE = ' || format_type(nullif(g.aggmtranstype, 0), NULL), 'MSSPACE = ' || nullif(g.aggmtransspace, 0),
                 'MFINALFUNC = ' || nullif(g.aggmfinalfn, 0)::regproc, CASE WHEN g.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
                 {_modifying("g.aggmfinalmodify", "MFINALFUNC")}, 'MINITCOND = ' || quote_literal(g.aggminitval),
                 'SORTOP = ' || (SELECT format('OPERATOR(%%I.%%s)', sn.nspname, s.oprname) FROM pg_operator s
                     JOIN pg_namespace sn ON sn.oid = s.oprnamespace WHERE s.oid = g.aggsortop),
                 'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
                 CASE WHEN g.aggkind = 'h' THEN 'HYPOTHETICAL' END) END
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
LEFT JOIN pg_aggregate g ON g.aggfnoid = p.oid
WHERE p.pronamespace = ANY (%(schemas)s) AND {own_object("pg_proc", "p.oid")}
  AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_proc'::regclass AND i.objid = p.oid AND i.deptype = 'i')
"""

SEQUENCES = f"""
SELECT n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
       s.seqcycle, c.relpersistence::text, pg_get_userbyid(c.relowner), obj_description(c.oid, 'pg_class'),
       {rights_of("c.relacl", "c.relowner")}
FROM pg_sequence s
JOIN pg_class c ON c.oid = s.seqrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relnamespace = ANY (%(schemas)s) AND {own_object("pg_class", "c.oid")}
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                  AND d.deptype IN ('a', 'i') AND d.refclassid = 'pg_class'::regclass)
"""

SHIMMED = """
SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'asbuilt' AND c.relname = 'extensions'
                 AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))
"""
SHIMS = "SELECT 'extension', name, 'extension ' || name, NULL, NULL FROM asbuilt.extensions"

_VERSIONED = re.compile(r"(?:\{v\d+: [^{}]*\})+")
_FROM = re.compile(r"\{v(\d+): ([^{}]*)\}")


def for_version(sql: str, major: int) -> str:
    """Return the statement for a major version: `{v18: x}{v14: y}` is x from 18 on, y from 14 on before that."""

    def chosen(found: re.Match[str]) -> str:
        parts = [(int(part[1]), part[2]) for part in _FROM.finditer(found[0])]
        return max((part for part in parts if part[0] <= major), default=(0, ""))[1]

    return _VERSIONED.sub(chosen, sql)
