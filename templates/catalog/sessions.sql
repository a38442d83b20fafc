-- How many sessions each role has, ours aside.
-- rows: usename, sessions integer
SELECT a.usename, pg_catalog.count(*) AS sessions
  FROM pg_catalog.pg_stat_activity a
 WHERE a.usename IS NOT NULL AND a.pid <> pg_catalog.pg_backend_pid()
 GROUP BY a.usename;
