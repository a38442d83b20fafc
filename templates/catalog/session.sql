-- Which server a new session is on. What it needs is set only in the backend whose process id is
-- :pid: behind a pooler that may be another one, and the settings would reach somebody else.
-- Operators are qualified because search_path may be anybody's until then.
-- row: pid integer, started, system_identifier?, settings integer
SELECT pg_catalog.pg_backend_pid() AS pid,
       pg_catalog.to_char(pg_catalog.timezone('UTC', pg_catalog.pg_postmaster_start_time()),
                          'YYYY-MM-DD HH24:MI:SS.US') AS started,
       (SELECT system_identifier FROM pg_catalog.pg_control_system())::text AS system_identifier,
       (SELECT pg_catalog.count(pg_catalog.set_config(s.name, s.value, false))
          FROM (VALUES :settings) AS s (name, value)
         WHERE pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.=) :pid) AS settings;
