-- Whose locks the session with that process id waits for.
-- rows: pid integer, usename?, since?
SELECT a.pid, a.usename, coalesce(a.xact_start, a.backend_start)::text AS since
  FROM pg_catalog.pg_stat_activity a
 WHERE a.pid = ANY (pg_catalog.pg_blocking_pids(:pid))
 ORDER BY a.pid;
