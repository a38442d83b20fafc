-- Large objects by number, with what large_objects.sql groups them by.
-- rows: nspname?, kind kind, owner, acl?, is_member bool, is_initial bool,
-- rows: is_security_definer bool, name integer, arguments?, owned_by?, extension_acl?
SELECT NULL AS nspname, 'large_object' AS kind, o.rolname AS owner, l.lomacl::text AS acl,
       false AS is_member, false AS is_initial, false AS is_security_definer, l.oid AS name,
       NULL AS arguments, NULL AS owned_by, NULL AS extension_acl
  FROM pg_catalog.pg_largeobject_metadata l
  JOIN pg_catalog.pg_roles o ON o.oid = l.lomowner
 WHERE :any_acl OR coalesce(l.lomacl::text, '') = ANY (ARRAY[:acls]::text[])
 ORDER BY l.oid;
