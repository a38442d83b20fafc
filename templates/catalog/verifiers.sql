-- What pg_authid stores for some roles: :roles is a list of literals.
-- rows: rolname, rolpassword?
SELECT rolname, rolpassword
  FROM pg_catalog.pg_authid
 WHERE rolname = ANY (ARRAY[:roles]::text[]);
