"""One object of every kind that has an ACL, for the tests of grants."""

SETUP = """
CREATE SCHEMA app;
CREATE SCHEMA sales_a;
CREATE SCHEMA sales_b;
CREATE TABLE app.orders (id int, status text, note text, secret text);
CREATE TABLE app.inv_a (id int);
CREATE TABLE app.inv_b (id int);
CREATE TABLE app.inv_pii (id int);
CREATE TABLE app.parted (id int, day date) PARTITION BY RANGE (day);
CREATE TABLE app.parted_1 PARTITION OF app.parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE VIEW app.orders_view AS SELECT id FROM app.orders;
CREATE MATERIALIZED VIEW app.orders_mat AS SELECT 1 AS id;
CREATE SEQUENCE app.numbers;
CREATE TABLE app.serials (id serial);
CREATE FUNCTION app.refresh(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.refresh(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.refresh(text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION app.refresh(VARIADIC int[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE app.work(int) LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE app.total(int) (sfunc = int4pl, stype = int);
CREATE TYPE app.kind AS ENUM ('a');
CREATE TYPE app.pair AS (a int, b int);
CREATE DOMAIN app.email AS text;
CREATE FUNCTION app.of_kind(app.kind) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TABLE sales_a.t (id int);
CREATE TABLE sales_b.t (id int);
CREATE FOREIGN DATA WRAPPER plain;
CREATE SERVER far FOREIGN DATA WRAPPER plain;
CREATE FOREIGN TABLE app.far_away (id int) SERVER far;
REVOKE ALL ON ALL ROUTINES IN SCHEMA app FROM PUBLIC;
REVOKE ALL ON TYPE app.kind, app.pair FROM PUBLIC;
REVOKE ALL ON DOMAIN app.email FROM PUBLIC;
REVOKE ALL ON LANGUAGE plpgsql FROM PUBLIC;
SELECT lo_create(424242);
SELECT lo_create(424243);
"""


def make(server, dbname="app"):
    """The database with everything in it, as a server that had a life before pgcharter."""
    if not server.rows("SELECT 1 FROM pg_database WHERE datname = %s", (dbname,)):
        server.rows(f'CREATE DATABASE "{dbname}"')
    server.rows(SETUP, dbname=dbname)
