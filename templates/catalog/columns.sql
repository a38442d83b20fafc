-- The columns of every table and view of one database, table by table. :system_schemas: those of the
-- system's schemas that are asked for.
-- rows: nspname, relname, attname
SELECT n.nspname, c.relname, a.attname
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
  JOIN pg_catalog.pg_namespace n
    ON n.oid = c.relnamespace AND n.nspname !~ '^pg_(toast|temp_)'
   AND (n.nspname NOT IN ('pg_catalog', 'information_schema')
        OR n.nspname = ANY (ARRAY[:system_schemas]::text[]))
 WHERE a.attnum > 0 AND NOT a.attisdropped
 ORDER BY n.nspname, c.relname, a.attnum;
