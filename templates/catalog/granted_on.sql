-- What some roles (:roles is a list of literals) hold or have granted on objects here: the ACLs that name one of
-- them, a table's with those of all its columns.
-- rows: kind kind, nspname?, name, number integer?, arguments?, attname?, owner, acl
WITH dependent AS (
  SELECT s.classid, s.objid
    FROM pg_catalog.pg_shdepend s
    JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid AND r.rolname = ANY (ARRAY[:roles]::text[])
   WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.deptype = 'a'
     AND s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
), object AS (
  SELECT k.kind, n.nspname, c.relname::text AS name, NULL::oid AS number, NULL::text AS arguments,
         x.attname, c.relowner AS owner, x.acl
    FROM pg_catalog.pg_class c
    JOIN (VALUES ('r'::"char", 'table'), ('p', 'table'), ('f', 'table'), ('v', 'view'),
                 ('m', 'matview'), ('S', 'sequence')) AS k(relkind, kind)
      ON k.relkind = c.relkind
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   CROSS JOIN LATERAL (
         SELECT NULL::name AS attname, c.relacl AS acl
          UNION ALL
         SELECT a.attname, a.attacl FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped) x
   WHERE x.acl IS NOT NULL
     AND ('pg_catalog.pg_class'::pg_catalog.regclass, c.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END, n.nspname,
         p.proname::text, NULL::oid, a.arguments, NULL::name, p.proowner, p.proacl
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
   CROSS JOIN LATERAL (
         SELECT coalesce(pg_catalog.json_agg(
                    pg_catalog.json_build_array(s.nspname, coalesce(l.typname, t.typname),
                                                l.oid IS NOT NULL) ORDER BY x.place), '[]')::text AS arguments
           FROM pg_catalog.unnest(p.proargtypes) WITH ORDINALITY AS x(type, place)
           JOIN pg_catalog.pg_type t ON t.oid = x.type
           LEFT JOIN pg_catalog.pg_type l ON l.oid = t.typelem AND l.typarray = t.oid
           JOIN pg_catalog.pg_namespace s ON s.oid = coalesce(l.typnamespace, t.typnamespace)) a
   WHERE p.proacl IS NOT NULL
     AND ('pg_catalog.pg_proc'::pg_catalog.regclass, p.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, n.nspname, t.typname::text, NULL::oid, NULL::text,
         NULL::name, t.typowner, t.typacl
    FROM pg_catalog.pg_type t
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
   WHERE t.typacl IS NOT NULL
     AND ('pg_catalog.pg_type'::pg_catalog.regclass, t.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'schema', NULL::name, n.nspname::text, NULL::oid, NULL::text, NULL::name, n.nspowner, n.nspacl
    FROM pg_catalog.pg_namespace n
   WHERE n.nspacl IS NOT NULL
     AND ('pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'language', NULL::name, l.lanname::text, NULL::oid, NULL::text, NULL::name, l.lanowner, l.lanacl
    FROM pg_catalog.pg_language l
   WHERE l.lanacl IS NOT NULL
     AND ('pg_catalog.pg_language'::pg_catalog.regclass, l.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'fdw', NULL::name, f.fdwname::text, NULL::oid, NULL::text, NULL::name, f.fdwowner, f.fdwacl
    FROM pg_catalog.pg_foreign_data_wrapper f
   WHERE f.fdwacl IS NOT NULL
     AND ('pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, f.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'server', NULL::name, s.srvname::text, NULL::oid, NULL::text, NULL::name, s.srvowner, s.srvacl
    FROM pg_catalog.pg_foreign_server s
   WHERE s.srvacl IS NOT NULL
     AND ('pg_catalog.pg_foreign_server'::pg_catalog.regclass, s.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'large_object', NULL::name, m.oid::text, m.oid, NULL::text, NULL::name, m.lomowner, m.lomacl
    FROM pg_catalog.pg_largeobject_metadata m
   WHERE m.lomacl IS NOT NULL
     AND ('pg_catalog.pg_largeobject'::pg_catalog.regclass, m.oid) IN (SELECT classid, objid FROM dependent)
)
SELECT o.kind, o.nspname, o.name, o.number, o.arguments, o.attname, r.rolname AS owner, o.acl::text AS acl
  FROM object o
  JOIN pg_catalog.pg_roles r ON r.oid = o.owner
 ORDER BY o.kind, o.nspname, o.name, o.arguments, o.attname NULLS FIRST;
