"""What more people may do than the inventory says is a warning in every mode; the server is asked."""
import json

import pytest

import servers

IDS = ("public-privilege-undeclared", "file-function-undeclared", "parameter-privilege-undeclared")
OPENED = (
    "CREATE SCHEMA s", "CREATE TABLE s.t (id int, note text)", "CREATE TABLE s.read_only (id int, note text)",
    "CREATE SEQUENCE s.numbers", "SELECT lo_create(4711)",
    "GRANT CREATE ON DATABASE app TO PUBLIC", "GRANT CREATE, USAGE ON SCHEMA s TO PUBLIC",
    "GRANT SELECT, INSERT ON s.t TO PUBLIC", "GRANT SELECT, UPDATE (note) ON s.read_only TO PUBLIC",
    "GRANT USAGE ON SEQUENCE s.numbers TO PUBLIC", "GRANT UPDATE ON LARGE OBJECT 4711 TO PUBLIC",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT DELETE ON TABLES TO PUBLIC",
    "GRANT EXECUTE ON FUNCTION pg_read_file(text, bigint, bigint), pg_ls_logdir() TO reader",
    "GRANT EXECUTE ON FUNCTION lo_import(text) TO PUBLIC",
)
PARAMETER = "GRANT SET ON PARAMETER log_statement TO reader"
CLOSING = (
    {"kind": "database", "privileges": ["CREATE"]},
    {"kind": "schema", "schema": "s", "privileges": ["CREATE"]},
    {"kind": "table", "schema": "s", "name": "t", "privileges": ["INSERT"]},
    {"kind": "table", "schema": "s", "name": "read_only", "columns": ["note"], "privileges": ["UPDATE"]},
    {"kind": "sequence", "schema": "s", "name": "numbers", "privileges": ["USAGE"]},
    {"kind": "large_object", "name": "4711", "privileges": ["UPDATE"]},
)


@pytest.fixture
def opened(major, new_server):
    server = new_server(major)
    server.rows("CREATE ROLE reader LOGIN")
    server.rows("CREATE DATABASE app")
    for statement in OPENED:
        server.rows(statement, dbname="app")
    if major >= 15:
        server.rows(PARAMETER)
    return server


def warnings(path, server, *options):
    plan = json.loads(servers.run("-i", path, "plan", "--format", "json", *options, server=server).stdout)
    return sorted((note["id"], note["message"]) for target in plan["targets"]
                  for note in target["notes"] if note["id"] in IDS)


def inventory(write, grants=(), **more):
    return write({"pg_policy": "none", "pg_users": [{"name": "reader", "roles": []}], **more,
                  "pg_databases": [{"name": "app", "grants": list(grants)}]})


@pytest.mark.parametrize("mode", ("additive", "adopt", "strict"))
def test_every_mode_warns(mode, opened, major, write):
    told = warnings(inventory(write), opened, "--mode", mode)
    public = " through PUBLIC, which no entry declares"
    file = ' in database "app", which reaches the server\'s files and which no entry declares'
    expected = {f"every role has {what}{public}" for what in (
        'CREATE on database "app"', 'CREATE on schema "s" of database "app"',
        'INSERT on 1 table in schema "s" of database "app"',
        'UPDATE on column "note" of table "s"."read_only" of database "app"',
        'USAGE on 1 sequence in schema "s" of database "app"', 'UPDATE on 1 large object of database "app"',
        'DELETE on tables that role "postgres" creates in database "app"')}
    expected |= {f'role "reader" may execute pg_read_file(text,bigint,bigint){file}',
                 f'role "reader" may execute pg_ls_logdir(){file}',
                 f"every role may execute lo_import(text){file}"}
    if major < 15:  # as initdb leaves it
        expected.add(f'every role has CREATE on schema "public" of database "app"{public}')
    if major >= 15:
        expected.add('role "reader" has SET on parameter log_statement, which no entry declares')
    assert {message for _, message in told} == expected
    assert len(told) == len(expected)


def test_what_an_entry_takes_or_declares_is_not_told(opened, major, write):
    absent = [{"to": "PUBLIC", "state": "absent", **entry} for entry in CLOSING]
    declared = [{"to": "reader", "kind": "function", "schema": "pg_catalog", "privileges": ["EXECUTE"],
                 "name": ["pg_read_file", "pg_ls_logdir"]},
                {"to": "PUBLIC", "kind": "function", "schema": "pg_catalog", "privileges": ["EXECUTE"],
                 "name": "lo_import"}]
    shared = [{"to": "reader", "kind": "parameter", "name": "log_statement", "privileges": ["SET"]}]
    more = {"pg_grants": shared} if major >= 15 else {}
    opened.rows("ALTER DEFAULT PRIVILEGES IN SCHEMA s REVOKE DELETE ON TABLES FROM PUBLIC", dbname="app")
    opened.rows("REVOKE CREATE ON SCHEMA public FROM PUBLIC", dbname="app")
    path = inventory(write, absent + declared, **more)
    assert warnings(path, opened) == []
    servers.run("-i", path, "apply", "--yes", server=opened)
    assert opened.value("SELECT has_table_privilege('reader', 's.t', 'INSERT')", dbname="app") is False
    assert opened.value("SELECT has_function_privilege('reader', 'pg_ls_logdir()', 'EXECUTE')",
                        dbname="app") is True


def test_a_fresh_database_has_nothing_to_tell(major, new_server, write):
    server = new_server(major)
    path = write({"pg_users": [{"name": "reader"}], "pg_databases": [{"name": "made"}]})
    assert warnings(path, server) == []
    servers.run("-i", path, "apply", "--yes", server=server)
    assert warnings(path, server) == []
