-- What some roles (:roles is a list of literals) have granted on shared objects of others: DROP OWNED takes it
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
     AND s.dbid = 0
), object AS (
  SELECT 'DATABASE' AS kind, NULL::name AS nspname, d.datname::text AS name, NULL::name AS attname, d.datdba AS owner, d.datacl AS acl, 0::oid AS namespace
    FROM pg_catalog.pg_database d
   WHERE d.datacl IS NOT NULL AND ('pg_catalog.pg_database'::pg_catalog.regclass, d.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'TABLESPACE' AS kind, NULL::name AS nspname, t.spcname::text AS name, NULL::name AS attname, t.spcowner AS owner, t.spcacl AS acl, 0::oid AS namespace
    FROM pg_catalog.pg_tablespace t
   WHERE t.spcacl IS NOT NULL AND ('pg_catalog.pg_tablespace'::pg_catalog.regclass, t.oid) IN (SELECT classid, objid FROM dependent)
  UNION ALL
  SELECT 'PARAMETER' AS kind, NULL::name AS nspname, p.parname AS name, NULL::name AS attname, 10 AS owner, p.paracl AS acl, 0::oid AS namespace
    FROM pg_catalog.pg_parameter_acl p
   WHERE p.paracl IS NOT NULL AND ('pg_catalog.pg_parameter_acl'::pg_catalog.regclass, p.oid) IN (SELECT classid, objid FROM dependent)
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
