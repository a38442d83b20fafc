-- The relations of some schemas by name, with what relations.sql groups them by; with :any_acl false
-- only those whose ACL is among :acls, where '' stands for NULL.
-- rows: nspname, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, name, arguments?, owned_by?, extension_acl?
SELECT n.nspname, k.kind, o.rolname AS owner, c.relacl::text AS acl, e.objid IS NOT NULL AS is_member,
       coalesce(c.relacl = i.initprivs, false) AS is_initial, false AS is_security_definer,
       c.relname AS name, NULL AS arguments,
       (SELECT t.relname
          FROM pg_catalog.pg_depend d
          JOIN pg_catalog.pg_class t ON t.oid = d.refobjid
         WHERE k.kind = 'sequence'
           AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
           AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
           AND d.deptype IN ('a', 'i')
         LIMIT 1) AS owned_by,
       CASE WHEN e.objid IS NOT NULL AND c.relacl <> i.initprivs THEN i.initprivs::text END AS extension_acl
  FROM pg_catalog.pg_class c
  JOIN (VALUES ('r'::"char", 'table'), ('p', 'table'), ('f', 'table'), ('v', 'view'),
               ('m', 'matview'), ('S', 'sequence')) AS k(relkind, kind)
    ON k.relkind = c.relkind
  JOIN pg_catalog.pg_namespace n
    ON n.oid = c.relnamespace AND n.nspname = ANY (ARRAY[:schemas]::text[])
  JOIN pg_catalog.pg_roles o ON o.oid = c.relowner
  LEFT JOIN (SELECT d.objid
               FROM pg_catalog.pg_depend d
              WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                AND d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                AND d.deptype = 'e') e ON e.objid = c.oid
  LEFT JOIN pg_catalog.pg_init_privs i
    ON i.objoid = c.oid AND i.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
   AND i.objsubid = 0
 WHERE :any_acl OR coalesce(c.relacl::text, '') = ANY (ARRAY[:acls]::text[])
 ORDER BY n.nspname, c.relname;
