-- Whose locks the session with that process id waits for. A prepared transaction has no session: its locks
-- have no pid, and all of them the virtual transaction of the lock on its transaction id.
-- rows: pid integer, usename?, since?, prepared?
SELECT a.pid, a.usename, coalesce(a.xact_start, a.backend_start)::text AS since, NULL AS prepared
  FROM pg_catalog.pg_stat_activity a
 WHERE a.pid = ANY (pg_catalog.pg_blocking_pids(:pid))
UNION
SELECT 0, x.owner, x.prepared::text, x.gid
  FROM pg_catalog.pg_prepared_xacts x
  JOIN pg_catalog.pg_locks own ON own.pid IS NULL AND own.transactionid = x.transaction
  JOIN pg_catalog.pg_locks held ON held.pid IS NULL AND held.virtualtransaction = own.virtualtransaction
  JOIN pg_catalog.pg_locks wanted ON NOT wanted.granted AND wanted.pid = :pid
   AND ROW(wanted.locktype, wanted.database, wanted.relation, wanted.transactionid, wanted.classid,
           wanted.objid)
       IS NOT DISTINCT FROM
       ROW(held.locktype, held.database, held.relation, held.transactionid, held.classid, held.objid)
 ORDER BY 1, 4;
