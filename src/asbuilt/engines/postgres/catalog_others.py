"""The statement that reads everything that is neither table, type nor routine, each with the statement that makes it.

A row is kind, name, definition, comment, and a JSON object of what the definition leaves out. Columns that only some versions have
are read through `to_jsonb`.
"""

from asbuilt.engines.postgres.catalog import PLATFORM_OWNERS, own_object, rights_of


def _named(schema: str, name: str) -> str:
    """A name, qualified by its schema unless that is `public`, as states have it."""
    return f"CASE {schema}.nspname WHEN 'public' THEN '' ELSE {schema}.nspname || '.' END || {name}"


def _written(schema: str, name: str) -> str:
    """The same, quoted as SQL needs it."""
    return f"CASE {schema}.nspname WHEN 'public' THEN '' ELSE quote_ident({schema}.nspname) || '.' END || quote_ident({name})"


def _options(column: str) -> str:
    """The options of a foreign thing as a clause."""
    return (
        f"coalesce((SELECT ' OPTIONS (' || string_agg(quote_ident(o.option_name) || ' ' || quote_literal(o.option_value), ', ') || ')' "
        f"FROM pg_options_to_table({column}) o), '')"
    )


def _owned(owner: str, more: str = "") -> str:
    """Who owns a thing, and what else its definition leaves out."""
    return f"jsonb_strip_nulls(jsonb_build_object('owner', pg_get_userbyid({owner}){', ' if more else ''}{more}))"


def _grants(acl: str, owner: str) -> str:
    return f"'grants', nullif(array_to_string({rights_of(acl, owner)}, '; '), '')"


def _enabled(letter: str) -> str:
    return f"CASE {letter} WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END"


OPERATOR_NAME = "format('%s (%s, %s)', o.oprname, coalesce(nullif(format_type(o.oprleft, NULL), '-'), 'NONE'), format_type(o.oprright, NULL))"

_STATISTICS = f"""
SELECT 'statistics', {_named("n", "s.stxname")}, pg_get_statisticsobjdef(s.oid), obj_description(s.oid, 'pg_statistic_ext'),
       {_owned("s.stxowner", "'target', nullif(to_jsonb(s) ->> 'stxstattarget', '-1')")}
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE s.stxnamespace = ANY (%(schemas)s)
"""
_EXTENSIONS = """
SELECT 'extension', e.extname, 'extension ' || e.extname, NULL,
       CASE WHEN n.nspname NOT IN ('public', 'extensions', 'pg_catalog') THEN jsonb_build_object('schema', n.nspname) END
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'
"""
_EVENT_TRIGGERS = f"""
SELECT 'event trigger', e.evtname,
       format('CREATE EVENT TRIGGER %%I ON %%s%%s EXECUTE FUNCTION %%s()', e.evtname, e.evtevent,
              (SELECT ' WHEN TAG IN (' || string_agg(quote_literal(t), ', ' ORDER BY t) || ')' FROM unnest(e.evttags) t),
              e.evtfoid::regproc),
       obj_description(e.oid, 'pg_event_trigger'),
       {_owned("e.evtowner", f"'enabled', {_enabled('e.evtenabled')}")}
FROM pg_event_trigger e WHERE {own_object("pg_event_trigger", "e.oid")} AND pg_get_userbyid(e.evtowner) !~ '{PLATFORM_OWNERS}'
"""
_RULES = f"""
SELECT 'rule', {_named("n", "c.relname")} || '.' || r.rulename, pg_get_ruledef(r.oid), obj_description(r.oid, 'pg_rewrite'),
       jsonb_strip_nulls(jsonb_build_object('enabled', {_enabled("r.ev_enabled")}))
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE r.rulename <> '_RETURN' AND c.relnamespace = ANY (%(schemas)s) AND {own_object("pg_class", "c.oid")}
"""
_REPLICA_IDENTITIES = f"""
SELECT 'replica identity', {_named("n", "c.relname")},
       CASE c.relreplident WHEN 'f' THEN 'FULL' ELSE coalesce('USING INDEX ' || (SELECT quote_ident(ic.relname) FROM pg_index i
            JOIN pg_class ic ON ic.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisreplident), 'NOTHING') END, NULL, NULL
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relreplident <> 'd' AND c.relnamespace = ANY (%(schemas)s) AND {own_object("pg_class", "c.oid")}
"""
_CLUSTERINGS = f"""
SELECT 'clustering', {_named("n", "c.relname")}, quote_ident(ic.relname), NULL, NULL
FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisclustered AND c.relnamespace = ANY (%(schemas)s) AND {own_object("pg_class", "c.oid")}
"""
_COLLATIONS = f"""
SELECT 'collation', {_named("n", "k.collname")},
       format('CREATE COLLATION %%s (PROVIDER = %%s, %%s%%s)', {_written("n", "k.collname")},
              CASE k.collprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' ELSE 'builtin' END,
              CASE WHEN k.collprovider = 'c'
                   THEN format('LC_COLLATE = %%L, LC_CTYPE = %%L', to_jsonb(k) ->> 'collcollate', to_jsonb(k) ->> 'collctype')
                   ELSE format('LOCALE = %%L', coalesce(to_jsonb(k) ->> 'colllocale', to_jsonb(k) ->> 'colliculocale', to_jsonb(k) ->> 'collcollate'))
              END || coalesce(', RULES = ' || quote_literal(nullif(to_jsonb(k) ->> 'collicurules', '')), ''),
              CASE WHEN k.collisdeterministic THEN '' ELSE ', DETERMINISTIC = false' END),
       obj_description(k.oid, 'pg_collation'), {_owned("k.collowner")}
FROM pg_collation k JOIN pg_namespace n ON n.oid = k.collnamespace
WHERE k.collnamespace = ANY (%(schemas)s) AND {own_object("pg_collation", "k.oid")}
"""
_OPERATORS = f"""
SELECT 'operator', {_named("n", OPERATOR_NAME.replace("%", "%%"))},
       format('CREATE OPERATOR %%s%%s (FUNCTION = %%s%%s%%s%%s%%s%%s%%s%%s%%s)',
              CASE n.nspname WHEN 'public' THEN '' ELSE quote_ident(n.nspname) || '.' END, o.oprname, o.oprcode::regproc,
              CASE WHEN o.oprleft <> 0 THEN ', LEFTARG = ' || format_type(o.oprleft, NULL) ELSE '' END,
              ', RIGHTARG = ' || format_type(o.oprright, NULL),
              (SELECT format(', COMMUTATOR = OPERATOR(%%I.%%s)', cn.nspname, c.oprname)
               FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprcom),
              (SELECT format(', NEGATOR = OPERATOR(%%I.%%s)', cn.nspname, c.oprname)
               FROM pg_operator c JOIN pg_namespace cn ON cn.oid = c.oprnamespace WHERE c.oid = o.oprnegate),
              CASE WHEN o.oprrest <> 0 THEN ', RESTRICT = ' || o.oprrest::regproc ELSE '' END,
              CASE WHEN o.oprjoin <> 0 THEN ', JOIN = ' || o.oprjoin::regproc ELSE '' END,
              CASE WHEN o.oprcanhash THEN ', HASHES' ELSE '' END, CASE WHEN o.oprcanmerge THEN ', MERGES' ELSE '' END),
       obj_description(o.oid, 'pg_operator'), {_owned("o.oprowner")}
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
WHERE o.oprnamespace = ANY (%(schemas)s) AND o.oprcode <> 0 AND {own_object("pg_operator", "o.oid")}
"""
_OPERATOR_FAMILIES = f"""
SELECT 'operator family', {_named("n", "f.opfname")} || ' USING ' || a.amname,
       format('CREATE OPERATOR FAMILY %%s USING %%I', {_written("n", "f.opfname")}, a.amname), obj_description(f.oid, 'pg_opfamily'),
       {_owned("f.opfowner")}
FROM pg_opfamily f JOIN pg_namespace n ON n.oid = f.opfnamespace JOIN pg_am a ON a.oid = f.opfmethod
WHERE f.opfnamespace = ANY (%(schemas)s) AND {own_object("pg_opfamily", "f.oid")}
  AND NOT EXISTS (SELECT FROM pg_opclass c WHERE c.opcfamily = f.oid AND c.opcname = f.opfname AND c.opcnamespace = f.opfnamespace)
"""
_OPERATOR_CLASSES = f"""
SELECT 'operator class', {_named("n", "c.opcname")} || ' USING ' || a.amname,
       format('CREATE OPERATOR CLASS %%s %%sFOR TYPE %%s USING %%I%%s AS %%s', {_written("n", "c.opcname")},
              CASE WHEN c.opcdefault THEN 'DEFAULT ' ELSE '' END, format_type(c.opcintype, NULL), a.amname,
              (SELECT ' FAMILY ' || {_written("fn", "f.opfname")} FROM pg_opfamily f JOIN pg_namespace fn ON fn.oid = f.opfnamespace
               WHERE f.oid = c.opcfamily AND (f.opfname, f.opfnamespace) <> (c.opcname, c.opcnamespace)),
              concat_ws(', ',
                  (SELECT string_agg(format('OPERATOR %%s %%s%%s', o.amopstrategy, o.amopopr::regoperator,
                      (SELECT ' FOR ORDER BY ' || {_written("sn", "s.opfname")} FROM pg_opfamily s JOIN pg_namespace sn ON sn.oid = s.opfnamespace
                       WHERE s.oid = o.amopsortfamily)), ', ' ORDER BY o.amopstrategy)
                   FROM pg_amop o WHERE o.amopfamily = c.opcfamily AND o.amoplefttype = c.opcintype AND o.amoprighttype = c.opcintype),
                  (SELECT string_agg(format('FUNCTION %%s %%s', p.amprocnum, p.amproc::regprocedure), ', ' ORDER BY p.amprocnum)
                   FROM pg_amproc p WHERE p.amprocfamily = c.opcfamily AND p.amproclefttype = c.opcintype AND p.amprocrighttype = c.opcintype),
                  CASE WHEN c.opckeytype <> 0 THEN 'STORAGE ' || format_type(c.opckeytype, NULL) END)),
       obj_description(c.oid, 'pg_opclass'), {_owned("c.opcowner")}
FROM pg_opclass c JOIN pg_namespace n ON n.oid = c.opcnamespace JOIN pg_am a ON a.oid = c.opcmethod
WHERE c.opcnamespace = ANY (%(schemas)s) AND {own_object("pg_opclass", "c.oid")}
"""
_TEXT_SEARCH = f"""
SELECT 'text search dictionary', {_named("n", "d.dictname")},
       format('CREATE TEXT SEARCH DICTIONARY %%s (TEMPLATE = %%s.%%s%%s)', {_written("n", "d.dictname")}, quote_ident(tn.nspname),
              quote_ident(t.tmplname), coalesce(', ' || d.dictinitoption, '')),
       obj_description(d.oid, 'pg_ts_dict'), {_owned("d.dictowner")}
FROM pg_ts_dict d JOIN pg_namespace n ON n.oid = d.dictnamespace
JOIN pg_ts_template t ON t.oid = d.dicttemplate JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
WHERE d.dictnamespace = ANY (%(schemas)s) AND {own_object("pg_ts_dict", "d.oid")}
UNION ALL
SELECT 'text search configuration', {_named("n", "f.cfgname")},
       format('CREATE TEXT SEARCH CONFIGURATION %%s (PARSER = %%s.%%s)', {_written("n", "f.cfgname")}, quote_ident(pn.nspname), quote_ident(p.prsname)),
       obj_description(f.oid, 'pg_ts_config'),
       {_owned("f.cfgowner")} || coalesce((SELECT jsonb_object_agg('mapping ' || m.alias, m.dictionaries) FROM (
            SELECT t.alias, string_agg(m.mapdict::regdictionary::text, ', ' ORDER BY m.mapseqno) AS dictionaries
            FROM pg_ts_config_map m JOIN LATERAL ts_token_type(f.cfgparser) t ON t.tokid = m.maptokentype
            WHERE m.mapcfg = f.oid GROUP BY t.alias) m), '{{}}')
FROM pg_ts_config f JOIN pg_namespace n ON n.oid = f.cfgnamespace
JOIN pg_ts_parser p ON p.oid = f.cfgparser JOIN pg_namespace pn ON pn.oid = p.prsnamespace
WHERE f.cfgnamespace = ANY (%(schemas)s) AND {own_object("pg_ts_config", "f.oid")}
"""
_CASTS = f"""
SELECT 'cast', format('%%s AS %%s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL)),
       format('CREATE CAST (%%s AS %%s) %%s%%s', format_type(c.castsource, NULL), format_type(c.casttarget, NULL),
              CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END,
              CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END),
       obj_description(c.oid, 'pg_cast'), NULL
FROM pg_cast c WHERE c.oid >= 16384 AND {own_object("pg_cast", "c.oid")}
  AND NOT EXISTS (SELECT FROM pg_depend i WHERE i.classid = 'pg_cast'::regclass AND i.objid = c.oid AND i.deptype = 'i')
"""
_PUBLICATIONS = """
SELECT 'publication', p.pubname,
       format('CREATE PUBLICATION %%I%%s WITH (publish = %%L%%s)', p.pubname,
              CASE WHEN p.puballtables THEN ' FOR ALL TABLES' ELSE (
                  SELECT ' FOR ' || string_agg(m.member, ', ' ORDER BY m.member) FROM (
                      SELECT format('TABLE %%s{v15: %%s%%s}{v14: }', r.prrelid::regclass{v15: ,
                          (SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')' FROM pg_attribute a
                           WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)), ' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')'}{v14: }) AS member
                      FROM pg_publication_rel r WHERE r.prpubid = p.oid
                      {v15: UNION ALL SELECT 'TABLES IN SCHEMA ' || quote_ident(s.nspname) FROM pg_publication_namespace m
                            JOIN pg_namespace s ON s.oid = m.pnnspid WHERE m.pnpubid = p.oid}{v14: }) m) END,
              concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,
                        CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END),
              CASE WHEN p.pubviaroot THEN ', publish_via_partition_root = true' ELSE '' END),
       obj_description(p.oid, 'pg_publication'), jsonb_build_object('owner', pg_get_userbyid(p.pubowner))
FROM pg_publication p
"""
_FOREIGN = f"""
SELECT 'foreign data wrapper', w.fdwname,
       format('CREATE FOREIGN DATA WRAPPER %%I%%s%%s%%s', w.fdwname, ' HANDLER ' || nullif(w.fdwhandler, 0)::regproc,
              ' VALIDATOR ' || nullif(w.fdwvalidator, 0)::regproc, {_options("w.fdwoptions")}),
       obj_description(w.oid, 'pg_foreign_data_wrapper'), {_owned("w.fdwowner", _grants("w.fdwacl", "w.fdwowner"))}
FROM pg_foreign_data_wrapper w WHERE {own_object("pg_foreign_data_wrapper", "w.oid")}
UNION ALL
SELECT 'server', s.srvname,
       format('CREATE SERVER %%I%%s%%s FOREIGN DATA WRAPPER %%I%%s', s.srvname, ' TYPE ' || quote_literal(s.srvtype),
              ' VERSION ' || quote_literal(s.srvversion), w.fdwname, {_options("s.srvoptions")}),
       obj_description(s.oid, 'pg_foreign_server'),
       {_owned("s.srvowner", _grants("s.srvacl", "s.srvowner"))}
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE {own_object("pg_foreign_server", "s.oid")}
"""
PRIVILEGES_NAME = """concat_ws(' ',
           CASE WHEN pg_get_userbyid(d.defaclrole) NOT IN
                (current_user, (SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()))
                THEN 'FOR ROLE ' || quote_ident(pg_get_userbyid(d.defaclrole)) END,
           'IN SCHEMA ' || quote_ident(n.nspname),
           'ON ' || CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                    WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END)"""
"""Default privileges go by what they are for: whose things, where, of which kind; the one who asks needs no mention."""
_DEFAULT_PRIVILEGES = f"""
SELECT 'default privileges', {PRIVILEGES_NAME},
       coalesce(nullif(array_to_string({rights_of("d.defaclacl", "d.defaclrole")}, '; '), ''), 'nobody'), NULL, NULL
FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
WHERE d.defaclnamespace = 0 OR d.defaclnamespace = ANY (%(schemas)s)
"""
OTHERS = "UNION ALL".join(
    (_STATISTICS, _EXTENSIONS, _EVENT_TRIGGERS, _RULES, _REPLICA_IDENTITIES, _CLUSTERINGS, _COLLATIONS, _OPERATORS, _OPERATOR_FAMILIES, _OPERATOR_CLASSES,
     _TEXT_SEARCH, _CASTS, _PUBLICATIONS, _FOREIGN, _DEFAULT_PRIVILEGES)
)  # fmt: skip
