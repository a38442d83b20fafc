\set ON_ERROR_STOP on

-- cluster pg-test, PostgreSQL 18

\connect -reuse-previous=on "dbname='postgres'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
CREATE ROLE "dbrole_readonly" NOLOGIN;
CREATE ROLE "dbrole_offline" NOLOGIN;
CREATE ROLE "dbrole_readwrite" NOLOGIN;
CREATE ROLE "dbrole_admin" NOLOGIN;
CREATE ROLE "replicator" LOGIN REPLICATION;
CREATE ROLE "dbuser_dba" LOGIN SUPERUSER;
CREATE ROLE "dbuser_monitor" LOGIN;
COMMENT ON ROLE "dbrole_readonly" IS 'role for global read-only access';
COMMENT ON ROLE "dbrole_offline" IS 'role for restricted read-only access';
COMMENT ON ROLE "dbrole_readwrite" IS 'role for global read-write access';
COMMENT ON ROLE "dbrole_admin" IS 'role for object creation';
COMMENT ON ROLE "postgres" IS 'system superuser';
COMMENT ON ROLE "replicator" IS 'system replicator';
COMMENT ON ROLE "dbuser_dba" IS 'pgsql admin user';
ALTER ROLE "dbuser_monitor" SET "log_min_duration_statement" TO '1000';
COMMENT ON ROLE "dbuser_monitor" IS 'pgsql monitor user';
ALTER ROLE "dbuser_monitor" SET "search_path" TO 'monitor', 'public';
GRANT "dbrole_readonly" TO "dbrole_readwrite";
GRANT "pg_monitor", "dbrole_readwrite" TO "dbrole_admin";
GRANT "pg_monitor", "dbrole_readonly" TO "replicator";
GRANT "dbrole_admin" TO "dbuser_dba";
GRANT "pg_monitor", "dbrole_readonly" TO "dbuser_monitor";
COMMIT;

\connect -reuse-previous=on "dbname='template1'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" GRANT SELECT ON TABLES TO "dbrole_readonly" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE "dbuser_dba" GRANT SELECT ON TABLES TO "dbrole_readonly" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE "dbuser_dba" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE "dbrole_admin" GRANT SELECT ON TABLES TO "dbrole_readonly" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE "dbrole_admin" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE SCHEMA "monitor" AUTHORIZATION "postgres";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_dba", "dbrole_admin" IN SCHEMA "public" GRANT USAGE ON SEQUENCES TO "dbrole_readonly";
GRANT USAGE ON SCHEMA "pg_catalog" TO "replicator";
GRANT EXECUTE ON FUNCTION pg_catalog.current_setting(text), pg_catalog.set_config(text, text, boolean), pg_catalog.pg_is_in_recovery(), pg_catalog.pg_create_restore_point(text), pg_catalog.pg_switch_wal(), pg_catalog.pg_last_wal_replay_lsn(), pg_catalog.txid_current(), pg_catalog.txid_current_snapshot(), pg_catalog.txid_snapshot_xmax(txid_snapshot), pg_catalog.pg_control_checkpoint() TO "replicator";
GRANT USAGE ON SCHEMA "monitor" TO "dbuser_monitor", "dbuser_dba", "replicator";
COMMIT;

\connect -reuse-previous=on "dbname='postgres'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" GRANT SELECT ON TABLES TO "dbrole_readonly" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE "dbuser_dba" GRANT SELECT ON TABLES TO "dbrole_readonly" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE "dbuser_dba" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE "dbrole_admin" GRANT SELECT ON TABLES TO "dbrole_readonly" WITH GRANT OPTION;
ALTER DEFAULT PRIVILEGES FOR ROLE "dbrole_admin" REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
CREATE SCHEMA "monitor" AUTHORIZATION "postgres";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_dba", "dbrole_admin" IN SCHEMA "public" GRANT USAGE ON SEQUENCES TO "dbrole_readonly";
GRANT USAGE ON SCHEMA "pg_catalog" TO "replicator";
GRANT EXECUTE ON FUNCTION pg_catalog.current_setting(text), pg_catalog.set_config(text, text, boolean), pg_catalog.pg_is_in_recovery(), pg_catalog.pg_create_restore_point(text), pg_catalog.pg_switch_wal(), pg_catalog.pg_last_wal_replay_lsn(), pg_catalog.txid_current(), pg_catalog.txid_current_snapshot(), pg_catalog.txid_snapshot_xmax(txid_snapshot), pg_catalog.pg_control_checkpoint() TO "replicator";
GRANT USAGE ON SCHEMA "monitor" TO "dbuser_monitor", "dbuser_dba", "replicator";
COMMIT;
