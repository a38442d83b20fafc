-- Some functions of pg_catalog, those that exist: :signatures is a list of literals.
SELECT s.signature, o.rolname AS owner, p.proacl::text AS acl
  FROM pg_catalog.unnest(ARRAY[:signatures]::text[]) AS s(signature)
  JOIN pg_catalog.pg_proc p ON p.oid = pg_catalog.to_regprocedure('pg_catalog.' || s.signature)
  JOIN pg_catalog.pg_roles o ON o.oid = p.proowner;
