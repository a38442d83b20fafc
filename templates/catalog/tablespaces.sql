-- Tablespaces: one row each.
-- rows: nspname?, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, name, arguments?, owned_by?, extension_acl?
SELECT NULL AS nspname, 'tablespace' AS kind, o.rolname AS owner, t.spcacl::text AS acl,
       false AS is_member, false AS is_initial, false AS is_security_definer, t.spcname AS name,
       NULL AS arguments, NULL AS owned_by, NULL AS extension_acl
  FROM pg_catalog.pg_tablespace t
  JOIN pg_catalog.pg_roles o ON o.oid = t.spcowner
 ORDER BY t.spcname;
