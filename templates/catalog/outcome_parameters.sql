-- Some configuration parameters for outcome.sql. One without privileges has no row.
-- rows: name, acl?, owner integer
SELECT n.name, p.paracl AS acl, 10::pg_catalog.oid AS owner
  FROM pg_catalog.unnest(ARRAY[:values]::text[]) AS n(name)
  LEFT JOIN pg_catalog.pg_parameter_acl p ON p.parname = n.name
