-- Some functions of pg_catalog: those of :signatures that exist, and those named in :file_functions
-- that are open to others than initdb left them to. Both are lists of literals.
-- rows: signature signature, owner, acl?
WITH asked AS (
  SELECT s.signature, pg_catalog.to_regprocedure('pg_catalog.' || s.signature) AS routine
    FROM pg_catalog.unnest(ARRAY[:signatures]::text[]) AS s(signature)
), opened AS (
  SELECT p.oid::pg_catalog.regprocedure::text AS signature,
         p.oid::pg_catalog.regprocedure AS routine
    FROM pg_catalog.pg_proc p
    LEFT JOIN pg_catalog.pg_init_privs i
      ON i.objoid = p.oid AND i.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
     AND i.objsubid = 0
   WHERE p.proname = ANY (ARRAY[:file_functions]::text[])
     AND p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
     AND p.proacl IS DISTINCT FROM i.initprivs
     AND p.oid NOT IN (SELECT a.routine FROM asked a WHERE a.routine IS NOT NULL)
)
SELECT f.signature, o.rolname AS owner, p.proacl::text AS acl
  FROM (SELECT * FROM asked UNION ALL SELECT * FROM opened) f
  JOIN pg_catalog.pg_proc p ON p.oid = f.routine
  JOIN pg_catalog.pg_roles o ON o.oid = p.proowner
 ORDER BY f.signature;
