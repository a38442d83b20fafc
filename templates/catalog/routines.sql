-- Functions, procedures and aggregates of one database, grouped as in relations.sql.
-- rows: nspname, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, extension_acl?, objects integer
SELECT n.nspname, g.kind, o.rolname AS owner, g.acl::text AS acl, g.is_member, g.is_initial,
       g.is_security_definer, g.extension_acl::text AS extension_acl,
       g.objects
  FROM (SELECT p.pronamespace,
               CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate'
                              ELSE 'function' END AS kind,
               p.proowner, p.proacl AS acl, e.objid IS NOT NULL AS is_member,
               coalesce(p.proacl = i.initprivs, false) AS is_initial,
               p.prosecdef AS is_security_definer, CASE WHEN e.objid IS NOT NULL AND p.proacl <> i.initprivs THEN i.initprivs END AS extension_acl,
               count(*) AS objects
          FROM pg_catalog.pg_proc p
          LEFT JOIN (SELECT d.objid
                       FROM pg_catalog.pg_depend d
                      WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                        AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                        AND d.deptype = 'e') e ON e.objid = p.oid
          LEFT JOIN pg_catalog.pg_init_privs i
            ON i.objoid = p.oid AND i.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
           AND i.objsubid = 0
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) g
  JOIN pg_catalog.pg_namespace n
    ON n.oid = g.pronamespace AND n.nspname !~ '^pg_(toast|temp_)'
   AND (n.nspname NOT IN ('pg_catalog', 'information_schema')
        OR n.nspname = ANY (ARRAY[:system_schemas]::text[]))
  JOIN pg_catalog.pg_roles o ON o.oid = g.proowner;
