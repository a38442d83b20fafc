"""Changes of owner by a session role that is no superuser: told before the first step, or done."""
import pytest

import servers

MAJORS = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 16, 18)]
each_major = pytest.mark.parametrize("major", MAJORS, ids=lambda m: f"pg{m}")
OBJECTS = {
    "tables": "CREATE TABLE s.t (a int)", "views": "CREATE VIEW s.v AS SELECT 1 AS a",
    "sequences": "CREATE SEQUENCE s.q", "functions":
    "CREATE FUNCTION s.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "types": "CREATE TYPE s.e AS ENUM ('x')", "domains": "CREATE DOMAIN s.d AS int",
}


def run(server, write, variables, *command, **more):
    path = write({"pg_policy": "none", "pg_dbsu": "postgres", **variables})
    conninfo = f"pg-test={server.conninfo(user='deploy')}"
    return servers.run("-i", path, "--conninfo", conninfo, *command, **more)


@pytest.fixture
def server(major, new_server):
    """deploy owns database app with schema s, and may become n."""
    server = new_server(major)
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE CREATEDB; CREATE ROLE n; CREATE ROLE g")
    server.rows("GRANT n TO deploy WITH ADMIN OPTION")
    server.rows("CREATE DATABASE app OWNER deploy")
    server.rows("CREATE SCHEMA s AUTHORIZATION deploy", dbname="app")
    return server


def owners(kind):
    return {"pg_databases": [{"name": "app", "owners": [{"kind": kind, "schema": "s", "owner": "n"}]}]}


def owner_of_all(server):
    return server.rows(
        "SELECT relowner::regrole::text FROM pg_class WHERE relnamespace = 's'::regnamespace"
        " AND relkind <> 'c'"
        " UNION SELECT proowner::regrole::text FROM pg_proc WHERE pronamespace = 's'::regnamespace"
        " UNION SELECT typowner::regrole::text FROM pg_type WHERE typnamespace = 's'::regnamespace"
        " AND typtype IN ('e', 'd')", dbname="app")


@each_major
@pytest.mark.parametrize("way", ["own", "inherited", "public"])
def test_the_new_owner_needs_create_on_the_schema(server, write, way):
    for sql in OBJECTS.values():
        server.rows(sql, dbname="app", user="deploy")
    if way == "inherited":
        server.rows("GRANT g TO n")
    for kind in OBJECTS:
        refused = run(server, write, owners(kind), "apply", "--yes", expect=4)
        assert 'the new owner "n" has no CREATE on schema "s"' in refused.stdout, kind
        assert 'GRANT CREATE ON SCHEMA "s" TO "n"' in refused.stdout, kind
    assert owner_of_all(server) == [("deploy",)]
    grantee = {"own": "n", "inherited": "g", "public": "PUBLIC"}[way]
    server.rows(f"GRANT CREATE ON SCHEMA s TO {grantee}", dbname="app")
    for kind in OBJECTS:
        run(server, write, owners(kind), "apply", "--yes")
    assert owner_of_all(server) == [("n",)]
    assert "no changes" in run(server, write, owners("tables"), "plan").stdout


@each_major
def test_a_role_that_the_database_owner_stands_for_may_own(server, write):
    """Schema public of 15 and later belongs to pg_database_owner, and the owner may create in it."""
    server.rows("ALTER DATABASE app OWNER TO n; GRANT ALL ON DATABASE app TO deploy")
    if server.major < 15:
        server.rows("ALTER SCHEMA public OWNER TO n; REVOKE CREATE ON SCHEMA public FROM PUBLIC",
                    dbname="app")
    server.rows("SET ROLE n; GRANT CREATE ON SCHEMA public TO deploy", dbname="app")
    server.rows("CREATE TABLE public.t (a int)", dbname="app", user="deploy")
    entry = {"kind": "tables", "schema": "public", "owner": "n"}
    run(server, write, {"pg_databases": [{"name": "app", "owners": [entry]}]}, "apply", "--yes")
    assert server.value("SELECT relowner::regrole::text FROM pg_class WHERE relname = 't'",
                        dbname="app") == "n"


@each_major
def test_grant_options_of_two_roles_are_not_one(server, write):
    """PostgreSQL grants as one of the two and only warns of the rest."""
    server.rows("CREATE ROLE a; CREATE ROLE b; GRANT a, b TO deploy; ALTER SCHEMA s OWNER TO postgres;"
                "GRANT USAGE ON SCHEMA s TO PUBLIC; CREATE TABLE s.t (x int);"
                "GRANT SELECT ON s.t TO a WITH GRANT OPTION; GRANT INSERT ON s.t TO b WITH GRANT OPTION",
                dbname="app")
    grant = {"to": "g", "kind": "table", "schema": "s", "name": "t"}
    both = [{**grant, "privileges": ["SELECT", "INSERT"]}]
    refused = run(server, write, {"pg_databases": [{"name": "app", "grants": both}]},
                  "apply", "--yes", expect=4)
    assert "[insufficient-privilege]" in refused.stdout
    server.rows("GRANT SELECT, INSERT ON s.t TO a WITH GRANT OPTION", dbname="app")
    run(server, write, {"pg_databases": [{"name": "app", "grants": both}]}, "apply", "--yes")
    assert server.value("SELECT has_table_privilege('g', 's.t', 'SELECT') AND"
                        " has_table_privilege('g', 's.t', 'INSERT')", dbname="app")


@pytest.mark.parametrize("major", [m for m in MAJORS if m >= 16], ids=lambda m: f"pg{m}")
def test_two_memberships_are_joined_where_admin_allows_both(server, write):
    server.rows("CREATE ROLE a; CREATE ROLE b;"
                "GRANT a, b TO deploy WITH ADMIN TRUE, INHERIT FALSE, SET FALSE")
    server.rows("ALTER SCHEMA s OWNER TO a", dbname="app")
    wanted = {"pg_databases": [{"name": "app", "owners": [{"kind": "schema", "schema": "s", "owner": "b"}]}]}
    done = run(server, write, wanted, "apply", "--yes")
    assert done.stdout.count("[session-role-joins]") == 2 or "2 times [session-role-joins]" in done.stdout
    assert server.value("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 's'",
                        dbname="app") == "b"
    assert "no changes" in run(server, write, wanted, "plan").stdout


@pytest.mark.parametrize("major", [m for m in MAJORS if m >= 16], ids=lambda m: f"pg{m}")
def test_an_heir_has_to_be_inherited(server, write):
    """REASSIGN OWNED asks for the privileges of the new owner, for which SET is not enough."""
    server.rows("CREATE ROLE heir; GRANT heir TO deploy WITH INHERIT FALSE, SET TRUE;"
                "GRANT CREATE ON SCHEMA s TO PUBLIC", dbname="app")
    server.rows("CREATE ROLE lv", user="deploy")
    server.rows("GRANT lv TO deploy WITH INHERIT TRUE, SET TRUE", user="deploy")
    server.rows("SET ROLE lv; CREATE TABLE s.t (a int)", dbname="app", user="deploy")
    wanted = {"pg_users": [{"name": "lv", "state": "absent", "reassign_to": "heir"}],
              "pg_databases": [{"name": "app"}]}
    refused = run(server, write, wanted, "apply", "--yes", "--prune", expect=4)
    assert 'the objects go to role "heir", whose privileges role "deploy" does not have' in refused.stdout
    server.rows("GRANT heir TO deploy WITH INHERIT TRUE")
    run(server, write, wanted, "apply", "--yes", "--prune")
    assert server.rows("SELECT 1 FROM pg_roles WHERE rolname = 'lv'") == []


GRANTS = [{"to": "new", "privileges": ["USAGE"], "kind": "schema", "schema": "s"},
          {"to": "x", "privileges": ["SELECT"], "kind": "table", "schema": "s", "name": "t",
           "columns": ["a"]}]


@each_major
def test_columns_go_along_with_all_tables_of_a_schema(new_server, major, write):
    """Their ACLs name the owner as well; x, of whom nobody speaks, keeps what new granted it."""
    server = new_server(major)
    server.rows("CREATE DATABASE app")
    server.rows("CREATE ROLE old; CREATE ROLE new; CREATE ROLE x; CREATE SCHEMA s AUTHORIZATION old;"
                "GRANT USAGE ON SCHEMA s TO new, x; CREATE TABLE s.t (a int, b int);"
                "CREATE TABLE s.kept (a int); ALTER TABLE s.t OWNER TO old; ALTER TABLE s.kept OWNER TO old;"
                "GRANT SELECT (a) ON s.t TO new WITH GRANT OPTION; GRANT UPDATE (a) ON s.kept TO new;"
                "SET ROLE new; GRANT SELECT (a) ON s.t TO x", dbname="app")
    for mode, owners_entry in (("adopt", {"kind": "tables", "schema": "s", "except": ["kept"]}),
                               ("strict", {"kind": "tables", "schema": "s"})):
        path = write({"pg_policy": "none", "pg_users": [{"name": "old", "login": False}, {"name": "new"}],
                      "pg_databases": [{"name": "app", "owners": [{**owners_entry, "owner": "new"}],
                                        "grants": GRANTS}]})
        servers.run("-i", path, "apply", "--yes", "--mode", mode, server=server)
        again = servers.run("-i", path, "plan", "--mode", mode, "--detailed-exitcode", server=server)
        assert "no changes" in again.stdout, again
        assert server.value("SELECT has_column_privilege('x', 's.t', 'a', 'SELECT')", dbname="app")
    assert server.rows("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 's'", dbname="app") \
        == [("new",)]
