"""What is declared absent and a role has all the same: the plan says so, and has_*_privilege is the judge."""
import json
import re

import pytest

import servers

TABLE = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"]

# Who is asked about; what each has besides its own entries
ROLES = {
    "clean": "nothing",
    "r": "grp and, through it, far",
    "walled": "grp, which it does not inherit from",
    "su": "SUPERUSER",
    "heir": "o, who owns everything",
    "reader": "pg_read_all_data", "writer": "pg_write_all_data", "keeper": "pg_maintain",
}
SHARED = """
CREATE ROLE grp; CREATE ROLE far; CREATE ROLE o;
CREATE ROLE clean; CREATE ROLE r; CREATE ROLE walled NOINHERIT; CREATE ROLE su SUPERUSER;
CREATE ROLE heir; CREATE ROLE reader; CREATE ROLE writer; CREATE ROLE keeper;
GRANT far TO grp; GRANT grp TO r; GRANT grp TO walled; GRANT o TO heir;
"""
SETUP = """
GRANT CREATE ON DATABASE app TO far;
CREATE SCHEMA s AUTHORIZATION o;
GRANT USAGE ON SCHEMA s TO far;
SET ROLE o;
CREATE TABLE s.open (a int, b int); GRANT SELECT, UPDATE ON s.open TO PUBLIC;
CREATE TABLE s.grouped (a int, b int); GRANT SELECT, DELETE ON s.grouped TO grp;
CREATE TABLE s.shut (a int, b int); REVOKE ALL ON s.shut FROM o;
CREATE TABLE s.parts (a int, b int); GRANT SELECT (a), INSERT (b) ON s.parts TO far, clean;
CREATE TABLE s.whole (a int, b int); GRANT SELECT, REFERENCES ON s.whole TO clean;
GRANT INSERT ON s.whole TO grp;
CREATE VIEW s.seen AS SELECT 1 AS a; GRANT SELECT ON s.seen TO far;
CREATE SEQUENCE s.numbers; GRANT USAGE ON s.numbers TO far;
CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION s.g() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE ALL ON FUNCTION s.g() FROM PUBLIC;
CREATE TYPE s.colour AS ENUM ('red');
RESET ROLE;
CREATE FOREIGN DATA WRAPPER plain; GRANT USAGE ON FOREIGN DATA WRAPPER plain TO far;
CREATE SERVER away FOREIGN DATA WRAPPER plain;
GRANT ALL ON ALL TABLES IN SCHEMA s TO r, walled, reader;
REVOKE ALL ON s.whole FROM reader;
"""
IN_S = {"schema": "s"}

# The entry's keys, has_*_privilege with its arguments, the privileges of the kind
OBJECTS = [
    ({"kind": "database"}, ("has_database_privilege", "app"), ["CREATE", "CONNECT", "TEMPORARY"]),
    ({"kind": "schema", **IN_S}, ("has_schema_privilege", "s"), ["USAGE", "CREATE"]),
    *[({"kind": "table", **IN_S, "name": name}, ("has_table_privilege", f"s.{name}"), TABLE)
      for name in ("open", "grouped", "shut", "parts", "whole")],
    *[({"kind": "table", **IN_S, "name": name, "columns": [column]},
       ("has_column_privilege", f"s.{name}", column), ["SELECT", "INSERT", "UPDATE", "REFERENCES"])
      for name in ("open", "parts", "whole") for column in ("a", "b")],
    ({"kind": "table", "schema": "pg_catalog", "name": "pg_class"},
     ("has_table_privilege", "pg_catalog.pg_class"), TABLE),
    ({"kind": "view", **IN_S, "name": "seen"}, ("has_table_privilege", "s.seen"), TABLE),
    ({"kind": "sequence", **IN_S, "name": "numbers"}, ("has_sequence_privilege", "s.numbers"),
     ["USAGE", "SELECT", "UPDATE"]),
    ({"kind": "function", **IN_S, "name": "f"}, ("has_function_privilege", "s.f()"), ["EXECUTE"]),
    ({"kind": "function", **IN_S, "name": "g"}, ("has_function_privilege", "s.g()"), ["EXECUTE"]),
    ({"kind": "type", **IN_S, "name": "colour"}, ("has_type_privilege", "s.colour"), ["USAGE"]),
    ({"kind": "language", "name": "plpgsql"}, ("has_language_privilege", "plpgsql"), ["USAGE"]),
    ({"kind": "fdw", "name": "plain"}, ("has_foreign_data_wrapper_privilege", "plain"), ["USAGE"]),
    ({"kind": "server", "name": "away"}, ("has_server_privilege", "away"), ["USAGE"]),
    ({"kind": "tablespace", "name": "pg_default"}, ("has_tablespace_privilege", "pg_default"), ["CREATE"]),
]


def notes_of(path, server, *ids):
    done = servers.run("-i", path, "plan", "--format", "json", server=server)
    [target] = json.loads(done.stdout)["targets"]
    return [note for note in target["notes"] if note["id"] in (ids or ("absent-still-allowed",))]


def kept(notes, lines):
    """{(number of the entry, role): the privileges that it keeps}, as the notes say."""
    found = {}
    for note in notes:
        said = re.match(r'(.*?) on .*: declared absent for "(.*?)", but kept ', note["message"])
        found[lines[note["line"]], said[2]] = set(said[1].split(", "))
    return found


@pytest.fixture
def app(server):
    server.rows(SHARED)
    for role, since, group in (("reader", 14, "pg_read_all_data"), ("writer", 14, "pg_write_all_data"),
                               ("keeper", 17, "pg_maintain")):
        if server.major >= since:
            server.rows(f"GRANT {group} TO {role}")
    server.rows("CREATE DATABASE app OWNER o")
    server.rows(SETUP, dbname="app")
    if server.major >= 14:  # heir inherits from the database's owner, and so from pg_database_owner
        server.rows("GRANT TRUNCATE ON s.shut TO pg_database_owner", dbname="app")
    return server


def written(write, grants, **more):
    """The inventory, and the number of the grant that begins on a line of it."""
    path = write({"pg_policy": "none", "pg_databases": [{"name": "app", "grants": grants}], **more})
    begins = [number for number, line in enumerate(path.read_text().split("\n"), 1)
              if re.match(" *- to:", line)]
    return path, {line: at for at, line in enumerate(begins)}


def objects_of(major):
    for keys, judge, privileges in OBJECTS:
        yield keys, judge, privileges + (["MAINTAIN"] if privileges is TABLE and major >= 17 else [])
    if major >= 15:
        yield ({"kind": "parameter", "name": "log_statement"}, ("has_parameter_privilege", "log_statement"),
               ["SET", "ALTER SYSTEM"])


def test_the_plan_says_what_stays_and_has_privilege_agrees(app, write):
    cases = list(objects_of(app.major))
    entries = [{"to": list(ROLES), "privileges": ["ALL"], "state": "absent", **keys} for keys, _, _ in cases]
    path, lines = written(write, entries)
    first = kept(notes_of(path, app), lines)
    servers.run("-i", path, "apply", "--yes", server=app)
    assert "no changes" in servers.run("-i", path, "plan", server=app).stdout
    assert kept(notes_of(path, app), lines) == first
    assert len(first) > 2 * len(ROLES) and not any(role == "clean" and at in (0, 1) and "CREATE" in what
                                                   for (at, role), what in first.items())
    for at, (_, (function, *arguments), privileges) in enumerate(cases):
        for role in ROLES:
            holds = {privilege for privilege in privileges
                     if app.value(f"SELECT {function}({', '.join(['%s'] * (len(arguments) + 2))})",
                                  (role, *arguments, privilege), dbname="app")}
            assert first.get((at, role), set()) == holds, (entries[at], role)


FUTURE = [("tables", "has_table_privilege", "CREATE TABLE s.later_{0} ()", "s.later_{0}",
           ["SELECT", "INSERT", "UPDATE"]),
          ("sequences", "has_sequence_privilege", "CREATE SEQUENCE s.later_{0}", "s.later_{0}",
           ["USAGE", "SELECT"]),
          ("functions", "has_function_privilege",
           "CREATE FUNCTION s.later_{0}() RETURNS int LANGUAGE sql AS 'SELECT 1'", "s.later_{0}()",
           ["EXECUTE"]),
          ("types", "has_type_privilege", "CREATE TYPE s.later_{0} AS ENUM ('a')", "s.later_{0}", ["USAGE"])]
BOTH = ("absent-still-allowed", "default-revoke-ineffective")


def test_what_will_be_created_is_told_too(app, write):
    """Global defaults and the built-in one cannot be revoked in a schema."""
    app.rows("ALTER DEFAULT PRIVILEGES FOR ROLE o GRANT SELECT ON TABLES TO clean;"
             "ALTER DEFAULT PRIVILEGES FOR ROLE o IN SCHEMA s GRANT INSERT ON TABLES TO grp, clean;"
             "ALTER DEFAULT PRIVILEGES FOR ROLE o IN SCHEMA s GRANT USAGE ON SEQUENCES TO PUBLIC",
             dbname="app")
    entries = [{"to": [*ROLES, "PUBLIC"], "privileges": privileges, "kind": kind, "schema": "s",
                "future": ["o"], "state": "absent"} for kind, *_, privileges in FUTURE]
    entries[1]["to"].remove("PUBLIC")
    path, lines = written(write, entries)
    servers.run("-i", path, "apply", "--yes", server=app)
    notes = [note for note in notes_of(path, app, *BOTH) if 'that role "o" creates' in note["message"]]
    found = kept(notes, lines)
    assert len(found) > len(ROLES)
    assert found[2, "PUBLIC"] == {"EXECUTE"} and found[3, "PUBLIC"] == {"USAGE"}
    for at, (kind, function, create, name, privileges) in enumerate(FUTURE):
        app.rows(f"SET ROLE o; {create.format(kind)}", dbname="app")
        for role in ROLES:
            holds = {privilege for privilege in privileges
                     if app.value(f"SELECT {function}(%s, %s, %s)", (role, name.format(kind), privilege),
                                  dbname="app")}
            assert found.get((at, role), set()) == holds, (kind, role)


def test_a_fragment_that_revokes_in_a_schema(app, write):
    fragments = ["IN SCHEMA s REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC", "REVOKE USAGE ON TYPES FROM clean"]
    users = [{"name": "o", "login": False}]
    path = write({"pg_policy": "none", "pg_default_privileges": fragments, "pg_default_schemas": ["s"],
                  "pg_users": users, "pg_databases": [{"name": "app", "owner": "o"}]})
    servers.run("-i", path, "apply", "--yes", server=app)
    said = [note["message"] for note in notes_of(path, app, *BOTH)]
    assert said == [
        'EXECUTE on functions that role "postgres" creates in schema "s" in database "template1" and 3 more'
        ' default privileges: declared absent for "PUBLIC", but kept by PostgreSQL\'s built-in default',
        'USAGE on types that role "postgres" creates in database "template1" and 3 more default privileges:'
        ' declared absent for "clean", but kept through PUBLIC']
    for what in ("FUNCTION s.made() RETURNS int LANGUAGE sql AS 'SELECT 1'", "TYPE s.made AS ENUM ('a')"):
        app.rows(f"SET ROLE o; CREATE {what}", dbname="app")
    assert app.value("SELECT has_function_privilege('clean', 's.made()', 'EXECUTE')", dbname="app")
    assert app.value("SELECT has_type_privilege('clean', 's.made', 'USAGE')", dbname="app")


def test_what_the_hints_say_does_it(app, write):
    """The inventory of the bug report: four absences, none of which held, and no word about it."""
    absent = [{"to": "r", "privileges": ["CONNECT"], "kind": "database", "state": "absent"},
              {"to": "r", "privileges": ["EXECUTE"], "kind": "function", "schema": "s", "name": "f",
               "state": "absent"},
              {"to": "clean", "privileges": ["SELECT"], "kind": "table", "schema": "s", "name": "whole",
               "columns": ["b"], "state": "absent"},
              {"to": "r", "privileges": ["DELETE"], "kind": "table", "schema": "s", "name": "grouped",
               "state": "absent"}]
    path, lines = written(write, absent)
    notes = notes_of(path, app)
    assert [lines[note["line"]] for note in notes] == [0, 1, 2, 3]
    assert [note["severity"] for note in notes] == ["warning"] * 4
    assert notes[3]["hint"] == ('end the membership ({name: grp, state: absent} in the roles of "r"), or take'
                                ' it from "grp"')
    text = " ".join(servers.run("-i", path, "plan", "-v", server=app).stdout.split())
    assert all(note["message"] in text for note in notes)
    done = [*absent,
            {"to": "PUBLIC", "privileges": ["CONNECT"], "kind": "database", "state": "absent"},
            {"to": "PUBLIC", "privileges": ["EXECUTE"], "kind": "function", "schema": "s", "name": "f",
             "state": "absent"},
            {"to": "clean", "privileges": ["SELECT"], "kind": "table", "schema": "s", "name": "whole",
             "state": "absent"},
            {"to": "clean", "privileges": ["SELECT"], "kind": "table", "schema": "s", "name": "whole",
             "columns": ["a"]}]
    users = [{"name": "r", "roles": [{"name": "grp", "state": "absent"}]}]
    path, lines = written(write, done, pg_users=users)
    servers.run("-i", path, "apply", "--yes", server=app)
    assert notes_of(path, app) == []
    assert not app.value("SELECT has_database_privilege('r', 'app', 'CONNECT')", dbname="app")
    assert not app.value("SELECT has_function_privilege('r', 's.f()', 'EXECUTE')", dbname="app")
    assert not app.value("SELECT has_column_privilege('clean', 's.whole', 'b', 'SELECT')", dbname="app")
    assert app.value("SELECT has_column_privilege('clean', 's.whole', 'a', 'SELECT')", dbname="app")
    assert not app.value("SELECT has_table_privilege('r', 's.grouped', 'DELETE')", dbname="app")


def test_a_grant_option_that_stays(app, write):
    app.rows("SET ROLE o; GRANT SELECT ON s.shut TO grp WITH GRANT OPTION;"
             "GRANT SELECT ON s.shut TO r, clean WITH GRANT OPTION", dbname="app")
    path, _ = written(write, [{"to": list(ROLES), "privileges": ["SELECT"], "kind": "table", "schema": "s",
                               "name": "shut", "grantable": True, "state": "absent"}])
    servers.run("-i", path, "apply", "--yes", server=app)
    notes = notes_of(path, app)
    assert all(note["message"].startswith("the grant option of SELECT on table") for note in notes)
    for role in ROLES:
        told = any(f'for "{role}"' in note["message"] for note in notes)
        question = "SELECT has_table_privilege(%s, 's.shut', 'SELECT WITH GRANT OPTION')"
        assert told == app.value(question, (role,), dbname="app"), role


def test_a_table_and_one_of_its_columns_contradict(app, write):
    table = {"to": "clean", "privileges": ["SELECT", "INSERT"], "kind": "tables", "schema": "s"}
    column = {"to": ["clean", "r"], "privileges": ["SELECT"], "kind": "table", "schema": "s", "name": "p*",
              "columns": ["a", "b"], "state": "absent"}
    for grants in ([table, column], [column, table]):
        path, _ = written(write, grants)
        done = servers.run("-i", path, "plan", server=app, expect=3)
        said = [line for line in done.stderr.split("\n") if "grant-conflicting-objects" in line]
        assert len(said) == 1 and 'declared absent for "clean", but the whole table is present at' in said[0]
    other = {**column, "privileges": ["UPDATE"]}
    path, _ = written(write, [table, other])
    servers.run("-i", path, "apply", "--yes", server=app)


def test_what_has_ended_is_no_absence(app, write):
    """The entry gives nothing any more; what the role has otherwise was not its business."""
    entry = {"to": "r", "privileges": ["DELETE"], "kind": "table", "schema": "s", "name": "grouped"}
    path, _ = written(write, [{**entry, "until": "2020-01-01"}])
    servers.run("-i", path, "apply", "--yes", server=app)
    assert notes_of(path, app) == []
    path, _ = written(write, [{**entry, "state": "absent"}])
    assert len(notes_of(path, app)) == 1
