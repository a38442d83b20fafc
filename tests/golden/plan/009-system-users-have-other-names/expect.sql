\set ON_ERROR_STOP on

-- cluster pg-test, PostgreSQL 18

\connect -reuse-previous=on "dbname='postgres'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
CREATE ROLE "watcher" LOGIN;
CREATE ROLE "replicator" LOGIN REPLICATION;
CREATE ROLE "dbuser_dba" LOGIN SUPERUSER;
COMMENT ON ROLE "watcher" IS 'business user watcher';
COMMENT ON ROLE "replicator" IS 'business user replicator';
COMMENT ON ROLE "dbuser_dba" IS 'business user dbuser_dba';
ALTER ROLE "watcher" SET "search_path" TO 'monitor', 'public';
GRANT "pg_monitor" TO "watcher";
COMMIT;

\connect -reuse-previous=on "dbname='template1'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
CREATE SCHEMA "monitor" AUTHORIZATION "postgres";
GRANT USAGE ON SCHEMA "pg_catalog" TO "replicator";
GRANT EXECUTE ON FUNCTION pg_catalog.current_setting(text), pg_catalog.set_config(text, text, boolean), pg_catalog.pg_is_in_recovery(), pg_catalog.pg_create_restore_point(text), pg_catalog.pg_switch_wal(), pg_catalog.pg_last_wal_replay_lsn(), pg_catalog.txid_current(), pg_catalog.txid_current_snapshot(), pg_catalog.txid_snapshot_xmax(txid_snapshot), pg_catalog.pg_control_checkpoint() TO "replicator";
GRANT USAGE ON SCHEMA "monitor" TO "watcher", "dbuser_dba", "replicator";
COMMIT;

\connect -reuse-previous=on "dbname='postgres'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
CREATE SCHEMA "monitor" AUTHORIZATION "postgres";
GRANT USAGE ON SCHEMA "pg_catalog" TO "replicator";
GRANT EXECUTE ON FUNCTION pg_catalog.current_setting(text), pg_catalog.set_config(text, text, boolean), pg_catalog.pg_is_in_recovery(), pg_catalog.pg_create_restore_point(text), pg_catalog.pg_switch_wal(), pg_catalog.pg_last_wal_replay_lsn(), pg_catalog.txid_current(), pg_catalog.txid_current_snapshot(), pg_catalog.txid_snapshot_xmax(txid_snapshot), pg_catalog.pg_control_checkpoint() TO "replicator";
GRANT USAGE ON SCHEMA "monitor" TO "watcher", "dbuser_dba", "replicator";
COMMIT;
