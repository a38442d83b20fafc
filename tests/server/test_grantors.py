"""Privileges that were passed on: each is revoked under its grantor, and after those that rest on it."""
import pytest

import executor
import objects
import servers

ROLES = "gxyz"
# g has it from the owner, and passes it on to x, x to y, y to z
CHAIN = """
GRANT {0} TO g WITH GRANT OPTION; SET ROLE g; GRANT {0} TO x WITH GRANT OPTION;
SET ROLE x; GRANT {0} TO y WITH GRANT OPTION; SET ROLE y; GRANT {0} TO z; RESET ROLE
"""
HOLDERS = {
    "USAGE, CREATE ON SCHEMA app":
        "SELECT 1 FROM pg_namespace, aclexplode(nspacl) a WHERE nspname = 'app'",
    "CREATE, CONNECT ON DATABASE app":
        "SELECT 1 FROM pg_database, aclexplode(datacl) a WHERE datname = 'app'",
    "SELECT, INSERT ON TABLE app.orders":
        "SELECT 1 FROM pg_class, aclexplode(relacl) a WHERE oid = 'app.orders'::regclass",
    "SELECT (note) ON TABLE app.orders":
        "SELECT 1 FROM pg_attribute, aclexplode(attacl) a WHERE attrelid = 'app.orders'::regclass",
}


@pytest.fixture
def app(server):
    objects.make(server)
    server.rows("CREATE ROLE g; CREATE ROLE x; CREATE ROLE y; CREATE ROLE z")
    return server


def inventory(*grants, **more):
    return {"pg_users": [{"name": role, "login": False} for role in ROLES],
            "pg_databases": [{"name": "app", "grants": list(grants)}], **more}


def absent(*roles):
    return {"to": list(roles), "privileges": ["SELECT"], "kind": "table", "schema": "app",
            "name": "orders", "state": "absent"}


def settle(path, server, *options):
    servers.run("-i", path, "apply", "--yes", *options, server=server)
    again = servers.run("-i", path, "plan", "--detailed-exitcode", *options, server=server)
    assert "no changes" in again.stdout
    return again


def holders(server, what):
    question = HOLDERS[what] + " AND a.grantee = %s::regrole"
    return "".join(role for role in ROLES if server.rows(question, (role,), dbname="app"))


@pytest.mark.parametrize("what", HOLDERS)
@pytest.mark.parametrize("kept", ["", "g", "x", "y", "z"])
def test_a_chain_is_taken_from_its_end(kept, what, app, write):
    app.rows("GRANT USAGE ON SCHEMA app TO PUBLIC;" + CHAIN.format(what), dbname="app")
    managed = [role for role in ROLES if role not in kept]
    settle(write(inventory(pg_managed={"roles": managed})), app, "--mode", "adopt")
    assert holders(app, what) == kept


def test_a_chain_that_is_declared_absent(app, write):
    grants = [{"to": list(ROLES), "privileges": ["USAGE", "CREATE"], "kind": "schema",
               "schema": "app", "state": "absent"},
              {"to": list(ROLES), "privileges": ["CREATE", "CONNECT"], "kind": "database",
               "state": "absent"}]
    for what in list(HOLDERS)[:2]:
        app.rows(CHAIN.format(what), dbname="app")
    settle(write(inventory(*grants)), app)
    for what in list(HOLDERS)[:2]:
        assert holders(app, what) == ""


@pytest.mark.parametrize("loser", ["x", "y"])
def test_a_grantor_that_is_a_superuser_by_now(loser, app, write):
    """REVOKE under its name succeeds and takes nothing: the plan says so instead of trying."""
    what = "SELECT, INSERT ON TABLE app.orders"
    app.rows("GRANT USAGE ON SCHEMA app TO PUBLIC;" + CHAIN.format(what) +
             "; ALTER ROLE x SUPERUSER", dbname="app")
    path = write(inventory(absent(loser)))
    told = settle(path, app)
    assert '"y" keeps privileges granted by "x" in database "app"' in told.stdout, told
    assert "[grantor-cannot-revoke]" in told.stdout
    assert holders(app, what) == ROLES
    app.rows("ALTER ROLE x NOSUPERUSER")
    assert "grantor-cannot-revoke" not in settle(path, app).stdout
    assert not app.value("SELECT has_table_privilege(%s, 'app.orders', 'SELECT')", (loser,),
                         dbname="app")
    assert app.value("SELECT has_table_privilege('z', 'app.orders', 'SELECT')", dbname="app")


def test_roles_that_are_only_numbers(app, write):
    """What a crash or a hand in the catalog left behind cannot be named in a statement."""
    app.rows("GRANT SELECT ON app.orders TO g WITH GRANT OPTION;"
             "GRANT USAGE ON SCHEMA app TO g; SET ROLE g; GRANT SELECT ON app.orders TO x; RESET ROLE;"
             "GRANT SELECT ON app.orders TO y WITH GRANT OPTION; GRANT USAGE ON SCHEMA app TO y;"
             "SET ROLE y; GRANT SELECT ON app.orders TO g; RESET ROLE;"
             "DELETE FROM pg_authid WHERE rolname = 'g'", dbname="app")
    path = write({**inventory(absent("x", "y")), "pg_users": [{"name": "x"}, {"name": "y"}]})
    for mode in ("additive", "adopt", "strict"):
        told = settle(path, app, "-v", "--mode", mode)
        assert told.stdout.count("[grantor-cannot-revoke]") == 2, told


@pytest.mark.parametrize("mode", ["adopt", "strict"])
def test_the_monitor_keeps_its_schema_where_template1_is_closed(mode, server, write):
    path = write({"pg_databases": [{"name": "app", "revokeconn": True}]})
    settle(path, server, "--mode", mode)
    server.rows("UPDATE pg_database SET datallowconn = false WHERE datname = 'template1'")
    settle(path, server, "--mode", mode)
    assert server.value("SELECT has_schema_privilege('dbuser_monitor', 'monitor', 'USAGE')",
                        dbname="app")


def test_what_a_leaver_has_from_others_than_the_owner(server, write):
    """DROP OWNED leaves it: its grantor revokes it, also where that one may not look any more."""
    server.rows("CREATE DATABASE app")
    server.rows("CREATE ROLE giver; CREATE ROLE leaver; CREATE ROLE stayer; CREATE SCHEMA s;"
                "CREATE TABLE s.t (id int); CREATE SCHEMA open;"
                "CREATE FUNCTION s.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
                "GRANT USAGE ON SCHEMA s TO giver, leaver", dbname="app")
    for what in ("SELECT, INSERT ON s.t", "UPDATE (id) ON s.t", "EXECUTE ON FUNCTION s.f(int)",
                 "USAGE, CREATE ON SCHEMA open", "CONNECT ON DATABASE app"):
        server.rows(f"GRANT {what} TO giver WITH GRANT OPTION; SET ROLE giver;"
                    f"GRANT {what} TO leaver WITH GRANT OPTION; SET ROLE leaver;"
                    f"GRANT {what} TO stayer", dbname="app")
    server.rows("REVOKE USAGE ON SCHEMA s FROM giver", dbname="app")
    path = write({"pg_users": [{"name": "leaver", "state": "absent"}],
                  "pg_databases": [{"name": "app"}]})
    servers.run("-i", path, "apply", "--yes", "--prune", server=server)
    again = servers.run("-i", path, "plan", "--detailed-exitcode", "--prune", server=server)
    assert "no changes" in again.stdout
    assert server.rows("SELECT 1 FROM pg_roles WHERE rolname = 'leaver'") == []
    for role in ("giver", "stayer"):
        assert server.rows("""
            SELECT has_table_privilege(r, 's.t', 'SELECT') AND has_table_privilege(r, 's.t', 'INSERT'),
                   has_column_privilege(r, 's.t', 'id', 'UPDATE'),
                   has_schema_privilege(r, 'open', 'USAGE') AND has_schema_privilege(r, 'open', 'CREATE'),
                   (SELECT count(*) FROM pg_proc, aclexplode(proacl) a
                    WHERE proname = 'f' AND a.grantee = r::regrole),
                   (SELECT count(*) FROM pg_database, aclexplode(datacl) a
                    WHERE datname = 'app' AND a.grantee = r::regrole)
            FROM (VALUES (%s)) v(r)""", (role,), dbname="app") == [(True, True, True, 1, 1)], role
    assert not server.value("SELECT has_schema_privilege('giver', 's', 'USAGE')", dbname="app")


# g has the table with grant option and gave one of its columns to x: no entry of pg_attribute tells
# the server that the one rests on the other
COLUMN_BY_TABLE = """
GRANT USAGE ON SCHEMA app TO g, x; GRANT SELECT ON app.orders TO g WITH GRANT OPTION;
SET ROLE g; GRANT SELECT (note) ON app.orders TO x; RESET ROLE
"""
NOTE = {"kind": "table", "schema": "app", "name": "orders", "columns": ["note"]}
ORDERS = {"kind": "table", "schema": "app", "name": "orders"}


def column_entries(server):
    return server.rows(
        "SELECT a.grantee::regrole::text, a.grantor::regrole::text, a.privilege_type"
        " FROM pg_attribute, aclexplode(attacl) a"
        " WHERE attrelid = 'app.orders'::regclass AND attname = 'note' AND a.grantee <> 0 ORDER BY 1, 2, 3",
        dbname="app")


@pytest.mark.parametrize("mode, grants", [
    ("adopt", []),
    ("strict", []),
    ("adopt", [{"to": "g", "privileges": ["SELECT"], **ORDERS}]),
    ("adopt", [{"to": "g", "privileges": ["SELECT", "UPDATE"], **NOTE}]),
    ("additive", [absent("g"), {"to": "x", "privileges": ["SELECT"], **NOTE, "state": "absent"}]),
])
def test_a_column_goes_before_the_option_that_it_rests_on(mode, grants, app, write):
    app.rows(COLUMN_BY_TABLE, dbname="app")
    settle(write(inventory(*grants)), app, "--mode", mode)
    assert not [entry for entry in column_entries(app) if entry[0] == "x"]
    assert not app.value("SELECT has_column_privilege('x', 'app.orders', 'note', 'SELECT')", dbname="app")


@pytest.mark.parametrize("grants", [
    [absent("g")],
    [{"to": "g", "privileges": ["SELECT"], **ORDERS, "grantable": True, "state": "absent"}],
])
def test_who_keeps_a_column_gets_it_from_the_owner(grants, app, write):
    app.rows(COLUMN_BY_TABLE, dbname="app")
    owner = app.value("SELECT relowner::regrole::text FROM pg_class WHERE oid = 'app.orders'::regclass",
                      dbname="app")
    settle(write(inventory(*grants)), app)
    assert [entry for entry in column_entries(app) if entry[0] == "x"] == [("x", owner, "SELECT")]
    assert app.value("SELECT has_column_privilege('x', 'app.orders', 'note', 'SELECT')", dbname="app")


def test_a_grant_that_only_warned_is_rolled_back(app, write):
    """GRANT ends well where it grants nothing; a trigger says here what the server says then."""
    servers.skip_without_event_triggers(app)
    app.rows("CREATE FUNCTION public.warns() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
             " RAISE WARNING 'no privileges were granted' USING ERRCODE = '01007'; END $$", dbname="app")
    app.rows("CREATE EVENT TRIGGER w ON ddl_command_end WHEN TAG IN ('GRANT')"
             " EXECUTE FUNCTION public.warns()", dbname="app")
    path = write(inventory({"to": "x", "privileges": ["SELECT"], **ORDERS}))
    failed = servers.run("-i", path, "apply", "--yes", server=app, expect=1)
    assert "no privileges were granted [SQLSTATE 01007]" in failed.stderr, failed
    assert not app.value("SELECT has_table_privilege('x', 'app.orders', 'SELECT')", dbname="app")
    app.rows("DROP EVENT TRIGGER w", dbname="app")
    settle(path, app)
    assert app.value("SELECT has_table_privilege('x', 'app.orders', 'SELECT')", dbname="app")


def entry_of_x(server):
    return server.rows("SELECT a.grantor::regrole::text, a.privilege_type FROM pg_class, aclexplode(relacl) a"
                       " WHERE oid = 'app.orders'::regclass AND a.grantee = 'x'::regrole", dbname="app")


@pytest.mark.parametrize("also_a_member", [False, True])
def test_a_grantor_that_has_lost_its_option_is_told(also_a_member, app, write):
    """REVOKE in its name does nothing, silently where it is a member of a role with the option."""
    grant = "GRANT SELECT ON app.orders TO {} WITH GRANT OPTION;"
    app.rows("GRANT USAGE ON SCHEMA app TO PUBLIC;" + grant.format("g") + grant.format("y") +
             "SET ROLE g; GRANT SELECT ON app.orders TO x; RESET ROLE;" +
             ("GRANT y TO g;" if also_a_member else ""), dbname="app")
    # REVOKE ... FROM g alone would refuse: CASCADE takes x's entry only where g keeps no option
    app.rows("UPDATE pg_class SET relacl = (SELECT array_agg(item) FROM unnest(relacl) item"
             " WHERE item::text NOT LIKE 'g=%') WHERE oid = 'app.orders'::regclass", dbname="app")
    path = write(inventory(absent("x")))
    plan = servers.run("-i", path, "plan", "-v", server=app).stdout
    assert "[grantor-cannot-revoke]" in plan and "the grantor has no grant option any more" in plan
    settle(path, app)
    assert entry_of_x(app) == [("g", "SELECT")]


def test_a_column_whose_grantor_has_lost_the_option_is_told(app, write):
    app.rows(COLUMN_BY_TABLE + "; REVOKE SELECT ON app.orders FROM g", dbname="app")
    path = write(inventory({"to": "x", "privileges": ["SELECT"], **NOTE, "state": "absent"}))
    assert "[grantor-cannot-revoke]" in servers.run("-i", path, "plan", "-v", server=app).stdout
    settle(path, app)
    assert [entry for entry in column_entries(app) if entry[0] == "x"] == [("x", "g", "SELECT")]


@pytest.fixture
def deploy(app):
    """A session role that has the rights of the owner and of another role with the grant option."""
    app.rows("CREATE ROLE deploy LOGIN; CREATE ROLE mid; CREATE ROLE own; GRANT mid, own TO deploy;"
             "GRANT USAGE ON SCHEMA app TO deploy, x, own; GRANT CREATE ON SCHEMA app TO own;"
             "ALTER TABLE app.orders OWNER TO own; GRANT CONNECT ON DATABASE app TO deploy;"
             "GRANT SELECT ON app.orders TO mid WITH GRANT OPTION; GRANT SELECT ON app.orders TO x",
             dbname="app")
    return app


def test_what_the_owner_granted_is_revoked_by_the_owner(deploy, write):
    """PostgreSQL revokes in the name of the first role with the option whose rights the session has."""
    path = write({"pg_policy": "none", "pg_databases": [{"name": "app", "grants": [absent("x")]}]})
    executor.run(deploy, "-i", path, "apply", "--yes")
    assert entry_of_x(deploy) == []
    assert "no changes" in executor.run(deploy, "-i", path, "plan").stdout


def test_hardening_by_a_session_role_with_two_roles(deploy, write):
    deploy.rows("ALTER SCHEMA public OWNER TO own; GRANT CREATE ON SCHEMA public TO mid WITH GRANT OPTION;"
                "GRANT CREATE ON SCHEMA public TO PUBLIC; ALTER DATABASE app OWNER TO deploy", dbname="app")
    path = write({"pg_policy": "none", "pg_databases": [{"name": "app", "grants": [
        {"to": "PUBLIC", "privileges": ["CREATE"], "kind": "schema", "schema": "public",
         "state": "absent"}]}]})
    executor.run(deploy, "-i", path, "apply", "--yes")
    assert not deploy.value("SELECT has_schema_privilege('x', 'public', 'CREATE')", dbname="app")


@pytest.mark.parametrize("declared, undo", [
    ({"to": "x", "privileges": ["SELECT"], **ORDERS}, "REVOKE SELECT ON app.orders FROM x"),
    ({"to": "x", "privileges": ["SELECT"], **NOTE}, "REVOKE SELECT (note) ON app.orders FROM x"),
    ({"to": "x", "privileges": ["CREATE"], "kind": "schema", "schema": "app"},
     "REVOKE CREATE ON SCHEMA app FROM x"),
    ({"to": "x", "privileges": ["EXECUTE"], "kind": "function", "schema": "app", "name": "total"},
     "REVOKE EXECUTE ON FUNCTION app.total() FROM x"),
    ({"to": "x", "privileges": ["USAGE"], "kind": "type", "schema": "app", "name": "colour"},
     "REVOKE USAGE ON TYPE app.colour FROM x"),
])
def test_another_outcome_than_planned_is_not_committed(declared, undo, app, write):
    """An event trigger undoes what was asked for."""
    servers.skip_without_event_triggers(app)
    if "FUNCTION" in undo:
        app.rows("CREATE FUNCTION app.total() RETURNS int LANGUAGE sql AS 'SELECT 1';"
                 "REVOKE EXECUTE ON FUNCTION app.total() FROM PUBLIC", dbname="app")
    if "TYPE" in undo:
        app.rows("CREATE TYPE app.colour AS ENUM ('red'); REVOKE USAGE ON TYPE app.colour FROM PUBLIC",
                 dbname="app")
    app.rows("CREATE FUNCTION public.meddle() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
             " IF pg_catalog.current_setting('meddle.on', true) IS DISTINCT FROM 'yes' THEN"
             " PERFORM pg_catalog.set_config('meddle.on', 'yes', true);"
             f" EXECUTE '{undo}'; END IF; END $$", dbname="app")
    app.rows("CREATE EVENT TRIGGER m ON ddl_command_end WHEN TAG IN ('GRANT')"
             " EXECUTE FUNCTION public.meddle()", dbname="app")
    path = write(inventory(declared, pg_policy="none"))
    failed = servers.run("-i", path, "apply", "--yes", server=app, expect=1)
    assert " became {" in failed.stderr and " instead of {" in failed.stderr, failed
    assert column_entries(app) == [] and entry_of_x(app) == []
    app.rows("DROP EVENT TRIGGER m", dbname="app")
    settle(path, app)
