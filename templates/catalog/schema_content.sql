-- How much lies in a schema.
-- row: objects integer
SELECT pg_catalog.count(*) AS objects
  FROM pg_catalog.pg_depend d
  JOIN pg_catalog.pg_namespace n ON n.oid = d.refobjid
 WHERE d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.deptype = 'n'
   AND n.nspname = :'schema';
