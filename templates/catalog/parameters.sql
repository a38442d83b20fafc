-- Configuration parameters (PostgreSQL 15 on): those with an ACL, and where :all is true those that
-- the server knows. They belong to the bootstrap superuser.
-- rows: nspname?, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, name, arguments?, owned_by?, extension_acl?
SELECT NULL AS nspname, 'parameter' AS kind, o.rolname AS owner, p.paracl::text AS acl,
       false AS is_member, false AS is_initial, false AS is_security_definer,
       coalesce(p.parname, pg_catalog.lower(s.name)) AS name, NULL AS arguments, NULL AS owned_by, NULL AS extension_acl
  FROM pg_catalog.pg_settings s
  FULL JOIN pg_catalog.pg_parameter_acl p ON p.parname = pg_catalog.lower(s.name)
 CROSS JOIN pg_catalog.pg_roles o
 WHERE o.oid = 10 AND (:all OR p.paracl IS NOT NULL)
 ORDER BY 8;
