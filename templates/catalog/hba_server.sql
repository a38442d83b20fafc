-- Where the HBA file is, who we are to it, and what role the server has now.
-- row: hba_file, bytes hex, changed_since_load bool, maybe_changed_since_load bool,
-- row: in_recovery bool, major_version integer, client_address?, ssl bool?, data_directory,
-- row: session_role, session_role_is_superuser bool
SELECT pg_catalog.current_setting('hba_file') AS hba_file,
       pg_catalog.encode(pg_catalog.pg_read_binary_file(pg_catalog.current_setting('hba_file')), 'hex') AS bytes,
       f.modification > pg_catalog.pg_conf_load_time() AS changed_since_load,
       f.modification >= pg_catalog.date_trunc('second', pg_catalog.pg_conf_load_time()) AS maybe_changed_since_load,
       pg_catalog.pg_is_in_recovery() AS in_recovery,
       pg_catalog.current_setting('server_version_num')::int / 10000 AS major_version,
       pg_catalog.host(pg_catalog.inet_client_addr()) AS client_address,
       (SELECT s.ssl FROM pg_catalog.pg_stat_ssl s WHERE s.pid = pg_catalog.pg_backend_pid()) AS ssl,
       pg_catalog.current_setting('data_directory') AS data_directory,
       session_user AS session_role,
       (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = session_user) AS session_role_is_superuser
  FROM pg_catalog.pg_stat_file(pg_catalog.current_setting('hba_file')) f;
