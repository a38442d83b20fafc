-- The schemas of one database.
SELECT n.nspname, o.rolname AS owner, n.nspacl::text AS acl
  FROM pg_catalog.pg_namespace n
  JOIN pg_catalog.pg_roles o ON o.oid = n.nspowner
 WHERE n.nspname !~ '^pg_(toast|temp_)'
 ORDER BY n.oid;
