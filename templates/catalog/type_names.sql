-- The types and domains of some schemas by name, with what types.sql groups them by.
-- rows: nspname, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, name, arguments?, owned_by?, extension_acl?
SELECT n.nspname, CASE t.typtype WHEN 'd' THEN 'domain' ELSE 'type' END AS kind, o.rolname AS owner,
       t.typacl::text AS acl, e.objid IS NOT NULL AS is_member,
       coalesce(t.typacl = i.initprivs, false) AS is_initial, false AS is_security_definer,
       t.typname AS name, NULL AS arguments, NULL AS owned_by,
       CASE WHEN e.objid IS NOT NULL AND t.typacl <> i.initprivs THEN i.initprivs::text END AS extension_acl
  FROM pg_catalog.pg_type t
  JOIN pg_catalog.pg_namespace n
    ON n.oid = t.typnamespace AND n.nspname = ANY (ARRAY[:schemas]::text[])
  JOIN pg_catalog.pg_roles o ON o.oid = t.typowner
  LEFT JOIN (SELECT d.objid
               FROM pg_catalog.pg_depend d
              WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                AND d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass
                AND d.deptype = 'e') e ON e.objid = t.oid
  LEFT JOIN pg_catalog.pg_init_privs i
    ON i.objoid = t.oid AND i.classoid = 'pg_catalog.pg_type'::pg_catalog.regclass
   AND i.objsubid = 0
 WHERE (t.typtype IN ('e', 'r', 'd')
        OR t.typtype = 'b' AND t.typinput <> 'pg_catalog.array_in'::pg_catalog.regproc
        OR t.typtype = 'c' AND t.typrelid IN (
               SELECT c.oid FROM pg_catalog.pg_class c WHERE c.relkind = 'c'))
   AND (:any_acl OR coalesce(t.typacl::text, '') = ANY (ARRAY[:acls]::text[]))
 ORDER BY n.nspname, t.typname;
