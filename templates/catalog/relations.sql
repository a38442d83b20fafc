-- Tables, views, materialized views and sequences of one database, grouped by all that decides about
-- access; a NULL acl is the default. :system_schemas: those of the system's schemas that are asked for.
-- Groups are joined, not rows: with few rows expected for a schema a planner would go over the index.
-- rows: nspname, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, extension_acl?, objects integer
SELECT n.nspname, k.kind, o.rolname AS owner, g.acl::text AS acl, g.is_member, g.is_initial,
       false AS is_security_definer, g.extension_acl::text AS extension_acl,
       g.objects
  FROM (SELECT c.relnamespace,
               CASE WHEN c.relkind IN ('r', 'p', 'f') THEN 'r' ELSE c.relkind END AS relkind,
               c.relowner, c.relacl AS acl, e.objid IS NOT NULL AS is_member,
               coalesce(c.relacl = i.initprivs, false) AS is_initial, CASE WHEN e.objid IS NOT NULL AND c.relacl <> i.initprivs THEN i.initprivs END AS extension_acl,
               count(*) AS objects
          FROM pg_catalog.pg_class c
          LEFT JOIN (SELECT d.objid
                       FROM pg_catalog.pg_depend d
                      WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                        AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                        AND d.deptype = 'e') e ON e.objid = c.oid
          LEFT JOIN pg_catalog.pg_init_privs i
            ON i.objoid = c.oid AND i.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND i.objsubid = 0
         WHERE (c.reltype <> 0 OR c.relkind = 'S') -- most rows are indexes: the cheapest test first
           AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
         GROUP BY 1, 2, 3, 4, 5, 6, 7) g
  JOIN (VALUES ('r'::"char", 'table'), ('v', 'view'), ('m', 'matview'), ('S', 'sequence')) AS k(relkind, kind)
    ON k.relkind = g.relkind
  JOIN pg_catalog.pg_namespace n
    ON n.oid = g.relnamespace AND n.nspname !~ '^pg_(toast|temp_)'
   AND (n.nspname NOT IN ('pg_catalog', 'information_schema')
        OR n.nspname = ANY (ARRAY[:system_schemas]::text[]))
  JOIN pg_catalog.pg_roles o ON o.oid = g.relowner;
