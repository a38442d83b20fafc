-- Languages, foreign data wrappers and foreign servers of one database: one row each.
-- rows: nspname?, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, name, arguments?, owned_by?, extension_acl?
SELECT NULL AS nspname, x.kind, o.rolname AS owner, x.acl::text AS acl, e.objid IS NOT NULL AS is_member,
       coalesce(x.acl = i.initprivs, false) AS is_initial, false AS is_security_definer, x.name,
       NULL AS arguments, NULL AS owned_by,
       CASE WHEN e.objid IS NOT NULL AND x.acl <> i.initprivs THEN i.initprivs::text END AS extension_acl
  FROM (SELECT 'language' AS kind, 'pg_catalog.pg_language'::pg_catalog.regclass AS class, l.oid,
               l.lanname AS name, l.lanowner AS owner, l.lanacl AS acl
          FROM pg_catalog.pg_language l
         WHERE l.lanpltrusted
         UNION ALL
        SELECT 'fdw', 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass, f.oid, f.fdwname,
               f.fdwowner, f.fdwacl
          FROM pg_catalog.pg_foreign_data_wrapper f
         UNION ALL
        SELECT 'server', 'pg_catalog.pg_foreign_server'::pg_catalog.regclass, s.oid, s.srvname,
               s.srvowner, s.srvacl
          FROM pg_catalog.pg_foreign_server s) x
  JOIN pg_catalog.pg_roles o ON o.oid = x.owner
  LEFT JOIN pg_catalog.pg_depend e
    ON e.classid = x.class AND e.objid = x.oid AND e.deptype = 'e'
   AND e.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
  LEFT JOIN pg_catalog.pg_init_privs i
    ON i.objoid = x.oid AND i.classoid = x.class AND i.objsubid = 0
 ORDER BY x.kind, x.name;
