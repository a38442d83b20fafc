-- What depends on some roles, in every database at once: :roles is a list of literals. No datname: shared objects.
-- rows: rolname, datname?, class, deptype, objects integer
SELECT r.rolname, d.datname, c.relname AS class, s.deptype, pg_catalog.count(*) AS objects
  FROM pg_catalog.pg_shdepend s
  JOIN pg_catalog.pg_roles r ON r.oid = s.refobjid
  JOIN pg_catalog.pg_class c ON c.oid = s.classid
  LEFT JOIN pg_catalog.pg_database d ON d.oid = s.dbid
 WHERE s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass
   AND r.rolname = ANY (ARRAY[:roles]::text[])
 GROUP BY r.rolname, d.datname, c.relname, s.deptype
 ORDER BY d.datname NULLS FIRST, r.rolname, s.deptype NOT IN ('o', 'r'), s.deptype,
          c.relname IN ('pg_default_acl', 'pg_user_mapping'), c.relname;
