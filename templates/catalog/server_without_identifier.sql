-- server.sql where pg_control_system() may not be called: the system identifier stays unknown.
-- row: version_number integer, version, system_identifier integer?, started, in_recovery bool,
-- row: scram_iterations integer?, bootstrap_superuser, session_role,
-- row: session_role_is_superuser bool, may_read_verifiers bool, createrole_self_grant?
SELECT pg_catalog.current_setting('server_version_num')::int AS version_number,
       pg_catalog.current_setting('server_version') AS version,
       NULL AS system_identifier,
       pg_catalog.pg_postmaster_start_time()::text AS started,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       pg_catalog.current_setting('scram_iterations', true) AS scram_iterations,
       (SELECT rolname FROM pg_catalog.pg_roles WHERE oid = 10) AS bootstrap_superuser,
       r.rolname AS session_role,
       r.rolsuper AS session_role_is_superuser,
       pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS may_read_verifiers,
       pg_catalog.current_setting('createrole_self_grant', true) AS createrole_self_grant
  FROM pg_catalog.pg_roles r
 WHERE r.rolname = session_user;
