\set ON_ERROR_STOP on

-- cluster pg-test, PostgreSQL 18

\connect -reuse-previous=on "dbname='postgres'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
CREATE ROLE "app" LOGIN;
ALTER ROLE "app" SET "default_transaction_read_only" TO 'on';
ALTER ROLE "app" SET "enable_seqscan" TO 'off';
ALTER ROLE "app" SET "work_mem" TO '4096';
ALTER ROLE "app" SET "seq_page_cost" TO '1.1';
COMMIT;
CREATE DATABASE "app";

\connect -reuse-previous=on "dbname='app'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
ALTER DATABASE "app" SET "jit" TO 'off';
COMMIT;
