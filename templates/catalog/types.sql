-- Types and domains of one database that have privileges of their own (no row types of tables, no
-- arrays, no multiranges), grouped as in relations.sql.
-- rows: nspname, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, extension_acl?, objects integer
SELECT n.nspname, g.kind, o.rolname AS owner, g.acl::text AS acl, g.is_member, g.is_initial,
       false AS is_security_definer, g.extension_acl::text AS extension_acl,
       g.objects
  FROM (SELECT t.typnamespace, CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END AS kind,
               t.typowner, t.typacl AS acl, e.objid IS NOT NULL AS is_member,
               coalesce(t.typacl = i.initprivs, false) AS is_initial, CASE WHEN e.objid IS NOT NULL AND t.typacl <> i.initprivs THEN i.initprivs END AS extension_acl,
               count(*) AS objects
          FROM pg_catalog.pg_type t
          LEFT JOIN (SELECT d.objid
                       FROM pg_catalog.pg_depend d
                      WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                        AND d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                        AND d.deptype = 'e') e ON e.objid = t.oid
          LEFT JOIN pg_catalog.pg_init_privs i
            ON i.objoid = t.oid AND i.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass
           AND i.objsubid = 0
         WHERE t.typtype IN ('e', 'r', 'd')
            OR t.typtype = 'b' AND t.typinput <> 'pg_catalog.array_in'::pg_catalog.regproc
            OR t.typtype = 'c' AND t.typrelid IN (
                   SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relkind = 'c')
         GROUP BY 1, 2, 3, 4, 5, 6, 7) g
  JOIN pg_catalog.pg_namespace n
    ON n.oid = g.typnamespace AND n.nspname !~ '^pg_(toast|temp_)'
   AND (n.nspname NOT IN ('pg_catalog', 'information_schema')
        OR n.nspname = ANY (ARRAY[:system_schemas]::text[]))
  JOIN pg_catalog.pg_roles o ON o.oid = g.typowner;
