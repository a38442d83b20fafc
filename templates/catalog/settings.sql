-- Parameters of roles, of databases and of roles in databases: one row a parameter.
-- rows: datname?, rolname?, setting
SELECT d.datname, r.rolname, c.setting
  FROM pg_catalog.pg_db_role_setting s
 CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS c(setting)
  LEFT JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole;
