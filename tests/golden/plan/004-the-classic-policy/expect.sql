\set ON_ERROR_STOP on

-- cluster pg-test, PostgreSQL 18

\connect -reuse-previous=on "dbname='postgres'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
CREATE ROLE "dbrole_readonly" NOLOGIN;
CREATE ROLE "dbrole_readwrite" NOLOGIN;
CREATE ROLE "dbrole_offline" NOLOGIN;
CREATE ROLE "dbrole_admin" NOLOGIN BYPASSRLS;
CREATE ROLE "replicator" LOGIN REPLICATION;
CREATE ROLE "dbuser_monitor" LOGIN CONNECTION LIMIT 10;
CREATE ROLE "dbuser_admin" LOGIN BYPASSRLS;
CREATE ROLE "app" LOGIN;
-- ALTER ROLE "app" PASSWORD <secret>;
COMMENT ON ROLE "dbrole_readonly" IS 'role for readonly access';
COMMENT ON ROLE "dbrole_readwrite" IS 'role for read-write access';
COMMENT ON ROLE "dbrole_offline" IS 'role for restricted read-only access';
COMMENT ON ROLE "dbrole_admin" IS 'role for object creation';
COMMENT ON ROLE "postgres" IS 'system superuser';
COMMENT ON ROLE "replicator" IS 'system replicator';
COMMENT ON ROLE "dbuser_monitor" IS 'system monitor user';
COMMENT ON ROLE "dbuser_admin" IS 'system admin user';
COMMENT ON ROLE "app" IS 'business user app';
ALTER ROLE "dbuser_monitor" SET "search_path" TO 'monitor', 'public';
GRANT "dbrole_readonly" TO "dbrole_readwrite";
GRANT "dbrole_readwrite", "pg_monitor", "pg_signal_backend" TO "dbrole_admin";
GRANT "pg_monitor", "dbrole_readonly" TO "replicator";
GRANT "pg_monitor", "dbrole_readonly" TO "dbuser_monitor";
GRANT "dbrole_admin" TO "dbuser_admin";
GRANT "dbrole_readwrite" TO "app";
COMMIT;

\connect -reuse-previous=on "dbname='template1'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT USAGE ON SCHEMAS TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT SELECT ON TABLES TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT SELECT ON SEQUENCES TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT EXECUTE ON FUNCTIONS TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT INSERT, UPDATE, DELETE ON TABLES TO "dbrole_readwrite";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT UPDATE, USAGE ON SEQUENCES TO "dbrole_readwrite";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin" GRANT TRUNCATE, REFERENCES, TRIGGER ON TABLES TO "dbrole_admin";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin" GRANT CREATE ON SCHEMAS TO "dbrole_admin";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin" GRANT USAGE ON TYPES TO "dbrole_admin";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT USAGE ON SCHEMAS TO "dbrole_offline";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT SELECT ON TABLES TO "dbrole_offline";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT SELECT ON SEQUENCES TO "dbrole_offline";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT EXECUTE ON FUNCTIONS TO "dbrole_offline";
CREATE SCHEMA "monitor" AUTHORIZATION "postgres";
GRANT USAGE ON SCHEMA "pg_catalog" TO "replicator";
GRANT EXECUTE ON FUNCTION pg_catalog.current_setting(text), pg_catalog.set_config(text, text, boolean), pg_catalog.pg_is_in_recovery(), pg_catalog.pg_create_restore_point(text), pg_catalog.pg_switch_wal(), pg_catalog.pg_last_wal_replay_lsn(), pg_catalog.txid_current(), pg_catalog.txid_current_snapshot(), pg_catalog.txid_snapshot_xmax(txid_snapshot), pg_catalog.pg_control_checkpoint() TO "replicator";
GRANT USAGE ON SCHEMA "monitor" TO "dbuser_monitor", "dbuser_admin", "replicator";
COMMIT;

\connect -reuse-previous=on "dbname='postgres'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT USAGE ON SCHEMAS TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT SELECT ON TABLES TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT SELECT ON SEQUENCES TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT EXECUTE ON FUNCTIONS TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT INSERT, UPDATE, DELETE ON TABLES TO "dbrole_readwrite";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT UPDATE, USAGE ON SEQUENCES TO "dbrole_readwrite";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin" GRANT TRUNCATE, REFERENCES, TRIGGER ON TABLES TO "dbrole_admin";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin" GRANT CREATE ON SCHEMAS TO "dbrole_admin";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin" GRANT USAGE ON TYPES TO "dbrole_admin";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT USAGE ON SCHEMAS TO "dbrole_offline";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT SELECT ON TABLES TO "dbrole_offline";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT SELECT ON SEQUENCES TO "dbrole_offline";
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres", "dbuser_admin", "dbrole_admin" GRANT EXECUTE ON FUNCTIONS TO "dbrole_offline";
CREATE SCHEMA "monitor" AUTHORIZATION "postgres";
GRANT USAGE ON SCHEMA "pg_catalog" TO "replicator";
GRANT EXECUTE ON FUNCTION pg_catalog.current_setting(text), pg_catalog.set_config(text, text, boolean), pg_catalog.pg_is_in_recovery(), pg_catalog.pg_create_restore_point(text), pg_catalog.pg_switch_wal(), pg_catalog.pg_last_wal_replay_lsn(), pg_catalog.txid_current(), pg_catalog.txid_current_snapshot(), pg_catalog.txid_snapshot_xmax(txid_snapshot), pg_catalog.pg_control_checkpoint() TO "replicator";
GRANT USAGE ON SCHEMA "monitor" TO "dbuser_monitor", "dbuser_admin", "replicator";
COMMIT;
CREATE DATABASE "app" OWNER "app" CONNECTION LIMIT 2147480013;

\connect -reuse-previous=on "dbname='app'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
ALTER DATABASE "app" WITH CONNECTION LIMIT -1;
COMMENT ON DATABASE "app" IS 'business database app';
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT USAGE ON SCHEMAS TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT SELECT ON TABLES TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT SELECT ON SEQUENCES TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT EXECUTE ON FUNCTIONS TO "dbrole_readonly";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT INSERT, UPDATE, DELETE ON TABLES TO "dbrole_readwrite";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT UPDATE, USAGE ON SEQUENCES TO "dbrole_readwrite";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT TRUNCATE, REFERENCES, TRIGGER ON TABLES TO "dbrole_admin";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT CREATE ON SCHEMAS TO "dbrole_admin";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT USAGE ON TYPES TO "dbrole_admin";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT USAGE ON SCHEMAS TO "dbrole_offline";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT SELECT ON TABLES TO "dbrole_offline";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT SELECT ON SEQUENCES TO "dbrole_offline";
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT EXECUTE ON FUNCTIONS TO "dbrole_offline";
REVOKE CONNECT ON DATABASE "app" FROM PUBLIC;
GRANT CONNECT ON DATABASE "app" TO "replicator", "dbuser_monitor";
GRANT CONNECT ON DATABASE "app" TO "dbuser_admin", "app" WITH GRANT OPTION;
GRANT CREATE ON DATABASE "app" TO "dbrole_admin";
GRANT CREATE ON SCHEMA "public" TO "dbrole_admin";
COMMIT;
