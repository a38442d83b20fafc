\set ON_ERROR_STOP on

-- cluster pg-test, PostgreSQL 18

\connect -reuse-previous=on "dbname='postgres'"
SET client_encoding = 'UTF8';
SET search_path = '';
SET standard_conforming_strings = on;
SET client_min_messages = warning;
BEGIN;
CREATE ROLE "alice" LOGIN;
-- ALTER ROLE "alice" PASSWORD <secret>;
CREATE ROLE "bob" LOGIN;
-- ALTER ROLE "bob" PASSWORD <secret>;
CREATE ROLE "carol" LOGIN;
-- ALTER ROLE "carol" PASSWORD <secret>;
COMMIT;
