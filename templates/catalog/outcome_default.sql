-- The default privileges of one role on one type of object for outcome.sql. Where there is no row,
-- the built-in defaults are those outside schemas; in a schema there are none.
-- rows: name, acl?, owner integer
SELECT r.rolname::text AS name,
       CASE WHEN :'schema' = '' THEN d.defaclacl
            ELSE coalesce(d.defaclacl, '{}'::pg_catalog.aclitem[]) END AS acl, r.oid AS owner
  FROM pg_catalog.pg_roles r
  LEFT JOIN pg_catalog.pg_default_acl d
    ON d.defaclrole = r.oid AND d.defaclobjtype = :'object_type'::"char"
   AND d.defaclnamespace = coalesce((SELECT n.oid FROM pg_catalog.pg_namespace n
                                      WHERE n.nspname = :'schema'), 0::pg_catalog.oid)
 WHERE r.rolname = :'role'
