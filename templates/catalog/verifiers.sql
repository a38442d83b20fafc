-- What pg_authid stores for some roles: :roles is a list of literals. The server's clock decides what has expired.
-- rows: rolname, rolpassword?, rolcanlogin bool, is_expired bool
SELECT rolname, rolpassword, rolcanlogin,
       coalesce(rolvaliduntil <= pg_catalog.clock_timestamp(), false) AS is_expired
  FROM pg_catalog.pg_authid
 WHERE rolname = ANY (ARRAY[:roles]::text[]);
