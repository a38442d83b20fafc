-- Columns of one database that have an ACL of their own. They are few: found first (OFFSET keeps it
-- so), then joined; a planner that expects few tables would look each one's columns up.
-- rows: nspname, kind kind, owner, relname, attname, acl?, table_acl,
-- rows: is_member bool, is_initial bool, extension_acl?
SELECT n.nspname, k.kind, o.rolname AS owner, c.relname, a.attname, a.attacl::text AS acl,
       coalesce(c.relacl, '{}')::text AS table_acl,
       e.objid IS NOT NULL AS is_member, coalesce(a.attacl = i.initprivs, false) AS is_initial,
       CASE WHEN e.objid IS NOT NULL AND a.attacl <> i.initprivs THEN i.initprivs::text END AS extension_acl
  FROM (SELECT b.attrelid, b.attnum, b.attname, b.attacl
          FROM pg_catalog.pg_attribute b
         WHERE b.attacl IS NOT NULL AND NOT b.attisdropped
        OFFSET 0) a
  JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
  JOIN (VALUES ('r'::"char", 'table'), ('p', 'table'), ('f', 'table'), ('v', 'view'),
               ('m', 'matview')) AS k(relkind, kind)
    ON k.relkind = c.relkind
  JOIN pg_catalog.pg_namespace n
    ON n.oid = c.relnamespace AND n.nspname !~ '^pg_(toast|temp_)'
   AND (n.nspname NOT IN ('pg_catalog', 'information_schema')
        OR n.nspname = ANY (ARRAY[:system_schemas]::text[]))
  JOIN pg_catalog.pg_roles o ON o.oid = c.relowner
  LEFT JOIN pg_catalog.pg_depend e
    ON e.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND e.objid = c.oid AND e.deptype = 'e'
   AND e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
  LEFT JOIN pg_catalog.pg_init_privs i
    ON i.objoid = c.oid AND i.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
   AND i.objsubid = a.attnum
 ORDER BY n.nspname, c.relname, a.attnum;
