-- How many sessions each role has, ours aside: those that came in by LOGIN, not what works for the role
-- in the background (a subscription's apply worker), which would start again. Rows of other roles have no
-- backend_type for who may not see it.
-- rows: usename, sessions integer
SELECT a.usename, pg_catalog.count(*) AS sessions
  FROM pg_catalog.pg_stat_activity a
 WHERE a.usename IS NOT NULL AND a.pid <> pg_catalog.pg_backend_pid()
   AND (a.backend_type IS NULL OR a.backend_type IN ('client backend', 'walsender'))
 GROUP BY a.usename;
