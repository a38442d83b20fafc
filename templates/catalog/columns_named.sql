-- Which tables and views of some schemas have columns of some names.
-- rows: nspname, relname, attname
SELECT n.nspname, c.relname, a.attname
  FROM pg_catalog.pg_namespace n
  JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
 WHERE n.nspname = ANY (ARRAY[:schemas]::text[])
   AND a.attname = ANY (ARRAY[:columns]::text[]) AND NOT a.attisdropped;
