-- Relations that some roles own here (:roles is a list of literals), and how many locks a change of owner takes:
-- the relation, its indexes, its TOAST table with its index, its sequences. A sequence of a column goes with its table.
-- rows: rolname, nspname, relname, relkind, locks integer
SELECT r.rolname, n.nspname, c.relname, c.relkind,
       1 + (SELECT pg_catalog.count(*) FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid)
         + CASE WHEN c.reltoastrelid <> 0 THEN 2 ELSE 0 END
         + (SELECT pg_catalog.count(*)
              FROM pg_catalog.pg_depend d
             WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = c.oid
               AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')) AS locks
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_roles r ON r.oid = c.relowner
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE r.rolname = ANY (ARRAY[:roles]::text[])
   AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S', 'c')
   AND c.relpersistence <> 't'
   AND NOT (c.relkind = 'S' AND EXISTS (
         SELECT FROM pg_catalog.pg_depend d
          WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
            AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a', 'i')))
 ORDER BY r.rolname, c.oid;
