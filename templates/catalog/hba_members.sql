-- Who is a member of whom: all that HBA rules ask of roles.
-- rows: role?, member
SELECT r.rolname AS role, m.rolname AS member
  FROM pg_catalog.pg_auth_members a
  JOIN pg_catalog.pg_roles r ON r.oid = a.roleid
  JOIN pg_catalog.pg_roles m ON m.oid = a.member
 UNION ALL
SELECT NULL, rolname FROM pg_catalog.pg_roles;
