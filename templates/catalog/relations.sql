-- Tables, views, materialized views and sequences of one database, grouped by all that decides about
-- access; a NULL acl is the default. :system_schemas: those of the system's schemas that are asked for.
SELECT n.nspname, g.kind, o.rolname AS owner, g.acl::text AS acl, g.is_member, g.is_initial,
       false AS is_security_definer, g.objects
  FROM (SELECT c.relnamespace, k.kind, c.relowner, c.relacl AS acl, e.objid IS NOT NULL AS is_member,
               coalesce(c.relacl = i.initprivs, false) AS is_initial, count(*) AS objects
          FROM pg_catalog.pg_class c
          JOIN (VALUES ('r'::"char", 'table'), ('p', 'table'), ('f', 'table'), ('v', 'view'),
                       ('m', 'matview'), ('S', 'sequence')) AS k(relkind, kind)
            ON k.relkind = c.relkind
          JOIN pg_catalog.pg_namespace s
            ON s.oid = c.relnamespace AND s.nspname !~ '^pg_(toast|temp_)'
           AND (s.nspname NOT IN ('pg_catalog', 'information_schema')
                OR s.nspname = ANY (ARRAY[:system_schemas]::text[]))
          LEFT JOIN (SELECT d.objid
                       FROM pg_catalog.pg_depend d
                      WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                        AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        AND d.deptype = 'e') e ON e.objid = c.oid
          LEFT JOIN pg_catalog.pg_init_privs i
            ON i.objoid = c.oid AND i.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND i.objsubid = 0
         GROUP BY 1, 2, 3, 4, 5, 6) g
  JOIN pg_catalog.pg_namespace n ON n.oid = g.relnamespace
  JOIN pg_catalog.pg_roles o ON o.oid = g.relowner;
