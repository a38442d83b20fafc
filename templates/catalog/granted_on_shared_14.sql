-- What some roles (:roles is a list of literals) hold or have granted on shared objects: the ACLs that name one
-- of them. Privileges on parameters came with 15.
-- rows: kind kind, nspname?, name, number integer?, arguments?, attname?, owner, acl
WITH dependent AS (
  SELECT s.classid, s.objid
    FROM pg_catalog.pg_shdepend s
    JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid AND r.rolname = ANY (ARRAY[:roles]::text[])
   WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.deptype = 'a'
     AND s.dbid = 0
), object AS (
  SELECT 'database' AS kind, NULL::name AS nspname, d.datname::text AS name, NULL::oid AS number,
         NULL::text AS arguments, NULL::name AS attname, d.datdba AS owner, d.datacl AS acl
    FROM pg_catalog.pg_database d
   WHERE d.datacl IS NOT NULL
     AND ('pg_catalog.pg_database'::pg_catalog.regclass, d.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'tablespace', NULL::name, t.spcname::text, NULL::oid, NULL::text, NULL::name, t.spcowner, t.spcacl
    FROM pg_catalog.pg_tablespace t
   WHERE t.spcacl IS NOT NULL
     AND ('pg_catalog.pg_tablespace'::pg_catalog.regclass, t.oid) IN (SELECT classid, objid FROM dependent)
)
SELECT o.kind, o.nspname, o.name, o.number, o.arguments, o.attname, r.rolname AS owner, o.acl::text AS acl
  FROM object o
  JOIN pg_catalog.pg_roles r ON r.oid = o.owner
 ORDER BY o.kind, o.nspname, o.name, o.arguments, o.attname NULLS FIRST;
