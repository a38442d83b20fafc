-- Which tables and views have columns of some names.
SELECT n.nspname, c.relname, a.attname
  FROM pg_catalog.pg_attribute a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_(toast|temp_)'
 WHERE a.attname = ANY (ARRAY[:columns]::text[]) AND NOT a.attisdropped;
