\set ON_ERROR_STOP on

-- cluster pg-app, PostgreSQL 14

\connect -reuse-previous=on "dbname='postgres'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
CREATE ROLE "app" LOGIN;
CREATE ROLE "reader" LOGIN;
COMMENT ON ROLE "reader" IS 'reads reports';
COMMIT;

\connect -reuse-previous=on "dbname='template1'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" GRANT SELECT ON TABLES TO "reader";
COMMIT;

\connect -reuse-previous=on "dbname='postgres'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
ALTER DEFAULT PRIVILEGES FOR ROLE "postgres" GRANT SELECT ON TABLES TO "reader";
COMMIT;
CREATE DATABASE "app" OWNER "app";

\connect -reuse-previous=on "dbname='app'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
ALTER DEFAULT PRIVILEGES FOR ROLE "app" GRANT SELECT ON TABLES TO "reader";
CREATE SCHEMA "sales" AUTHORIZATION "postgres";
REVOKE CONNECT ON DATABASE "app" FROM PUBLIC;
GRANT CONNECT ON DATABASE "app" TO "app" WITH GRANT OPTION;
GRANT CONNECT ON DATABASE "app" TO "reader";
COMMIT;
