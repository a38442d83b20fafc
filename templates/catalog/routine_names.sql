-- The routines of some schemas by name and input types, with what routines.sql groups them by. A
-- type is [schema, name, whether an array of it].
-- rows: nspname, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, name, arguments?, owned_by?, extension_acl?
SELECT n.nspname,
       CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END AS kind,
       o.rolname AS owner, p.proacl::text AS acl, e.objid IS NOT NULL AS is_member,
       coalesce(p.proacl = i.initprivs, false) AS is_initial, p.prosecdef AS is_security_definer,
       p.proname AS name, a.arguments, NULL AS owned_by,
       CASE WHEN e.objid IS NOT NULL AND p.proacl <> i.initprivs THEN i.initprivs::text END AS extension_acl
  FROM pg_catalog.pg_proc p
  JOIN pg_catalog.pg_namespace n
    ON n.oid = p.pronamespace AND n.nspname = ANY (ARRAY[:schemas]::text[])
  JOIN pg_catalog.pg_roles o ON o.oid = p.proowner
 CROSS JOIN LATERAL (
       SELECT coalesce(pg_catalog.json_agg(
                  pg_catalog.json_build_array(s.nspname, coalesce(l.typname, t.typname),
                                              l.oid IS NOT NULL) ORDER BY x.place), '[]') AS arguments
         FROM pg_catalog.unnest(p.proargtypes) WITH ORDINALITY AS x(type, place)
         JOIN pg_catalog.pg_type t ON t.oid = x.type
         LEFT JOIN pg_catalog.pg_type l ON l.oid = t.typelem AND l.typarray = t.oid
         JOIN pg_catalog.pg_namespace s ON s.oid = coalesce(l.typnamespace, t.typnamespace)) a
  LEFT JOIN (SELECT d.objid
               FROM pg_catalog.pg_depend d
              WHERE d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass
                AND d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass
                AND d.deptype = 'e') e ON e.objid = p.oid
  LEFT JOIN pg_catalog.pg_init_privs i
    ON i.objoid = p.oid AND i.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
   AND i.objsubid = 0
 WHERE :any_acl OR coalesce(p.proacl::text, '') = ANY (ARRAY[:acls]::text[])
 ORDER BY n.nspname, p.proname, a.arguments::text;
