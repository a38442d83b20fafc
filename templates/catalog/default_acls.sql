-- The default privileges of one database; no schema means everywhere.
-- rows: creator, nspname?, defaclobjtype, acl?
SELECT c.rolname AS creator, n.nspname, d.defaclobjtype, d.defaclacl::text AS acl
  FROM pg_catalog.pg_default_acl d
  JOIN pg_catalog.pg_roles c ON c.oid = d.defaclrole
  LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace
 ORDER BY d.oid;
