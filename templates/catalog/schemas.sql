-- The schemas of one database.
-- rows: nspname, owner, acl?, is_member bool, is_initial bool
SELECT n.nspname, o.rolname AS owner, n.nspacl::text AS acl, e.objid IS NOT NULL AS is_member,
       coalesce(n.nspacl = i.initprivs, false) AS is_initial
  FROM pg_catalog.pg_namespace n
  JOIN pg_catalog.pg_roles o ON o.oid = n.nspowner
  LEFT JOIN pg_catalog.pg_depend e
    ON e.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND e.objid = n.oid
   AND e.deptype = 'e' AND e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
  LEFT JOIN pg_catalog.pg_init_privs i
    ON i.objoid = n.oid AND i.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
   AND i.objsubid = 0
 WHERE n.nspname !~ '^pg_(toast|temp_)'
 ORDER BY n.oid;
