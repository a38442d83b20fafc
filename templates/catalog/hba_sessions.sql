-- Who is connected, as HBA rules see it. Without pg_read_all_stats the rows of other roles have no backend_type;
-- without a database they are then replication or the server's own workers.
-- rows: user, database?, address?, ssl bool, gss bool, is_walsender bool, is_hidden bool,
-- rows: sessions integer
SELECT a.usename AS "user",
       a.datname AS database,
       pg_catalog.host(a.client_addr) AS address,
       coalesce(s.ssl, false) AS ssl,
       coalesce(g.encrypted, false) AS gss,
       coalesce(a.backend_type = 'walsender', false) AS is_walsender,
       a.backend_type IS NULL AS is_hidden,
       pg_catalog.count(*) AS sessions
  FROM pg_catalog.pg_stat_activity a
  LEFT JOIN pg_catalog.pg_stat_ssl s ON s.pid = a.pid
  LEFT JOIN pg_catalog.pg_stat_gssapi g ON g.pid = a.pid
 WHERE a.pid <> pg_catalog.pg_backend_pid()
   AND a.usename IS NOT NULL
   AND (a.backend_type IN ('client backend', 'walsender')
        OR (a.backend_type IS NULL
            AND (a.datname IS NOT NULL OR a.pid IN (SELECT r.pid FROM pg_catalog.pg_stat_replication r))))
 GROUP BY 1, 2, 3, 4, 5, 6, 7
 ORDER BY 1, 2, 3, 4, 5, 6, 7;
