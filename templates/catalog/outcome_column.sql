-- One column for outcome.sql.
-- rows: name, acl?, owner integer
SELECT a.attname::text AS name, a.attacl AS acl, 10::pg_catalog.oid AS owner
  FROM pg_catalog.pg_attribute a
 WHERE a.attrelid = :'table'::pg_catalog.regclass AND a.attname = :'column'
