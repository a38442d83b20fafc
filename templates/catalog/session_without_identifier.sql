-- session.sql where the session role may not call pg_control_system().
-- row: pid integer, started, system_identifier?, settings integer
SELECT pg_catalog.pg_backend_pid() AS pid,
       pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.pg_postmaster_start_time()),
                          'YYYY-MM-DD HH24:MI:SS.US') AS started,
       NULL AS system_identifier,
       (SELECT pg_catalog.count(pg_catalog.set_config(s.name, s.value, false))
          FROM (VALUES :settings) AS s (name, value)
         WHERE pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) :pid) AS settings;
