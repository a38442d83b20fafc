-- Who holds the advisory lock of pgcharter in this database.
-- rows: pid integer?, usename?, host?, backend_start?
SELECT l.pid, a.usename, pg_catalog.host(a.client_addr), a.backend_start::text
  FROM pg_catalog.pg_locks l
  LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
   AND (l.classid::bigint << 32) + l.objid::bigint = :key::bigint;
