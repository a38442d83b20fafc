-- What some roles (:roles is a list of literals) have granted on objects of others: DROP OWNED takes it
-- from those who have it, unless they have it from the owner, too.
-- rows: kind keywords, nspname?, name, attname?, grantor?, closed_schema?, grantee?,
-- rows: is_grantable bool,
-- rows: privileges keywords
WITH dropped AS (
  SELECT oid, rolname FROM pg_catalog.pg_roles WHERE rolname = ANY (ARRAY[:roles]::text[])
), dependent AS (
  SELECT s.classid, s.objid
    FROM pg_catalog.pg_shdepend s
    JOIN dropped l ON l.oid = s.refobjid
   WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.deptype = 'a'
     AND s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
), object AS (
  SELECT CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind, n.nspname AS nspname, c.relname::text AS name, NULL::name AS attname, c.relowner AS owner, c.relacl AS acl, c.relnamespace AS namespace
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relacl IS NOT NULL AND ('pg_catalog.pg_class'::pg_catalog.regclass, c.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'TABLE' AS kind, n.nspname AS nspname, c.relname::text AS name, a.attname AS attname, c.relowner AS owner, a.attacl AS acl, c.relnamespace AS namespace
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE a.attacl IS NOT NULL AND ('pg_catalog.pg_class'::pg_catalog.regclass, c.oid) IN (SELECT classid, objid FROM dependent) AND NOT a.attisdropped
  UNION ALL
  SELECT 'ROUTINE' AS kind, NULL::name AS nspname, p.oid::pg_catalog.regprocedure::text AS name, NULL::name AS attname, p.proowner AS owner, p.proacl AS acl, p.pronamespace AS namespace
    FROM pg_catalog.pg_proc p
   WHERE p.proacl IS NOT NULL AND ('pg_catalog.pg_proc'::pg_catalog.regclass, p.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'TYPE' AS kind, n.nspname AS nspname, t.typname::text AS name, NULL::name AS attname, t.typowner AS owner, t.typacl AS acl, t.typnamespace AS namespace
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
   WHERE t.typacl IS NOT NULL AND ('pg_catalog.pg_type'::pg_catalog.regclass, t.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'SCHEMA' AS kind, NULL::name AS nspname, n.nspname::text AS name, NULL::name AS attname, n.nspowner AS owner, n.nspacl AS acl, 0::oid AS namespace
    FROM pg_catalog.pg_namespace n
   WHERE n.nspacl IS NOT NULL AND ('pg_catalog.pg_namespace'::pg_catalog.regclass, n.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'LANGUAGE' AS kind, NULL::name AS nspname, l.lanname::text AS name, NULL::name AS attname, l.lanowner AS owner, l.lanacl AS acl, 0::oid AS namespace
    FROM pg_catalog.pg_language l
   WHERE l.lanacl IS NOT NULL AND ('pg_catalog.pg_language'::pg_catalog.regclass, l.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'FOREIGN DATA WRAPPER' AS kind, NULL::name AS nspname, f.fdwname::text AS name, NULL::name AS attname, f.fdwowner AS owner, f.fdwacl AS acl, 0::oid AS namespace
    FROM pg_catalog.pg_foreign_data_wrapper f
   WHERE f.fdwacl IS NOT NULL AND ('pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, f.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'FOREIGN SERVER' AS kind, NULL::name AS nspname, s.srvname::text AS name, NULL::name AS attname, s.srvowner AS owner, s.srvacl AS acl, 0::oid AS namespace
    FROM pg_catalog.pg_foreign_server s
   WHERE s.srvacl IS NOT NULL AND ('pg_catalog.pg_foreign_server'::pg_catalog.regclass, s.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'LARGE OBJECT' AS kind, NULL::name AS nspname, m.oid::text AS name, NULL::name AS attname, m.lomowner AS owner, m.lomacl AS acl, 0::oid AS namespace
    FROM pg_catalog.pg_largeobject_metadata m
   WHERE m.lomacl IS NOT NULL AND ('pg_catalog.pg_largeobject'::pg_catalog.regclass, m.oid) IN (SELECT classid, objid FROM dependent)
)
SELECT o.kind, o.nspname, o.name, o.attname, NULL::name AS grantor,
       NULL::name AS closed_schema, g.rolname AS grantee, x.is_grantable,
       pg_catalog.string_agg(DISTINCT x.privilege_type, ',' ORDER BY x.privilege_type) AS privileges
  FROM object o
 CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) x
  JOIN dropped l ON l.oid = x.grantor
  LEFT JOIN pg_catalog.pg_roles g ON g.oid = x.grantee
 WHERE o.owner <> x.grantor
   AND (x.grantee = 0 OR g.oid IS NOT NULL)
   AND x.grantee NOT IN (SELECT oid FROM dropped)
   AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(o.acl) y
                    WHERE y.grantor = o.owner AND y.grantee = x.grantee
                      AND y.privilege_type = x.privilege_type AND y.is_grantable >= x.is_grantable)
 GROUP BY o.kind, o.nspname, o.name, o.attname, g.rolname, x.is_grantable
 UNION ALL
-- What they hold from others than the owner, which DROP OWNED leaves.
SELECT o.kind, o.nspname, o.name, o.attname, r.rolname, n.nspname,
       l.rolname, false, pg_catalog.string_agg(DISTINCT x.privilege_type, ',' ORDER BY x.privilege_type)
  FROM object o
 CROSS JOIN LATERAL pg_catalog.aclexplode(o.acl) x
  JOIN dropped l ON l.oid = x.grantee
  JOIN pg_catalog.pg_roles r ON r.oid = x.grantor
  LEFT JOIN pg_catalog.pg_namespace n
    ON n.oid = o.namespace AND NOT pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')
 WHERE o.owner NOT IN (x.grantor, x.grantee) AND x.grantor NOT IN (SELECT oid FROM dropped) AND NOT r.rolsuper
 GROUP BY o.kind, o.nspname, o.name, o.attname, r.rolname, n.nspname, l.rolname
 ORDER BY kind, nspname, name, attname, grantor NULLS FIRST, grantee, is_grantable;
