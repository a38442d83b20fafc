-- Large objects of one database, grouped as in relations.sql.
-- rows: nspname?, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, extension_acl?, objects integer
SELECT NULL AS nspname, 'large_object' AS kind, o.rolname AS owner, g.acl::text AS acl,
       false AS is_member, false AS is_initial, false AS is_security_definer, NULL AS extension_acl,
       g.objects
  FROM (SELECT l.lomowner, l.lomacl AS acl, count(*) AS objects
          FROM pg_catalog.pg_largeobject_metadata l
         GROUP BY 1, 2) g
  JOIN pg_catalog.pg_roles o ON o.oid = g.lomowner;
