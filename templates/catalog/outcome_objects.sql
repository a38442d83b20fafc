-- Some objects of one kind for outcome.sql.
-- rows: name, acl?, owner integer
SELECT o.:name::text AS name, o.:acl AS acl, o.:owner AS owner
  FROM pg_catalog.:catalog o
 WHERE o.:key = ANY (ARRAY[:values]::pg_catalog.:cast[]::pg_catalog.:key_type[])
