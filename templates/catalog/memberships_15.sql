-- Memberships up to PostgreSQL 15, where INHERIT is the member's and SET ROLE is always allowed.
-- rows: role, member, grantor?, admin_option bool, inherit_option bool, set_option bool
SELECT g.rolname AS role, m.rolname AS member, b.rolname AS grantor,
       a.admin_option, true AS inherit_option, true AS set_option
  FROM pg_catalog.pg_auth_members a
  JOIN pg_catalog.pg_roles g ON g.oid = a.roleid
  JOIN pg_catalog.pg_roles m ON m.oid = a.member
  LEFT JOIN pg_catalog.pg_roles b ON b.oid = a.grantor
 ORDER BY a.roleid, a.member;
