"""Privileges that were passed on by roles that leave: whoever stays keeps what the mode leaves him, and
nothing keeps the leavers, whatever else the same plan takes or moves."""
import itertools

import pytest

import servers

MAJORS = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 18)]
# the owner gives it to g, g to x, x to y
CHAIN = "gxy"
TABLE = {"kind": "table", "schema": "app"}
BY_COLUMN = {**TABLE, "columns": ["a"], "privileges": ["SELECT"]}

# what g, x and y get (one text: all the same), how to ask for it, what declares it
KINDS = {
    "table": ("SELECT ON app.t", "has_table_privilege({0}, 'app.t', 'SELECT')",
              {**TABLE, "name": "t", "privileges": ["SELECT"]}),
    "column": ("SELECT (a) ON app.c", "has_column_privilege({0}, 'app.c', 'a', 'SELECT')",
               {**BY_COLUMN, "name": "c"}),
    "column by a table": (("SELECT ON app.ct", "SELECT (a) ON app.ct", None),
                          "has_column_privilege({0}, 'app.ct', 'a', 'SELECT')", {**BY_COLUMN, "name": "ct"}),
    "column by two tables": (("SELECT ON app.ctt", "SELECT ON app.ctt", "SELECT (a) ON app.ctt"),
                             "has_column_privilege({0}, 'app.ctt', 'a', 'SELECT')",
                             {**BY_COLUMN, "name": "ctt"}),
    "sequence": ("USAGE ON SEQUENCE app.s", "has_sequence_privilege({0}, 'app.s', 'USAGE')",
                 {"kind": "sequence", "schema": "app", "name": "s", "privileges": ["USAGE"]}),
    "schema": ("CREATE ON SCHEMA other", "has_schema_privilege({0}, 'other', 'CREATE')",
               {"kind": "schema", "schema": "other", "privileges": ["CREATE"]}),
    "database": ("CREATE ON DATABASE app", "has_database_privilege({0}, 'app', 'CREATE')",
                 {"kind": "database", "privileges": ["CREATE"]}),
    "function": ("EXECUTE ON FUNCTION app.f(hidden.kind)",
                 "has_function_privilege({0}, 'app.f(hidden.kind)', 'EXECUTE')",
                 {"kind": "function", "schema": "app", "name": "f", "privileges": ["EXECUTE"]}),
    "type": ("USAGE ON TYPE app.colour", "has_type_privilege({0}, 'app.colour', 'USAGE')",
             {"kind": "type", "schema": "app", "name": "colour", "privileges": ["USAGE"]}),
    "language": ("USAGE ON LANGUAGE own", "has_language_privilege({0}, 'own', 'USAGE')",
                 {"kind": "language", "name": "own", "privileges": ["USAGE"]}),
    "server": ("USAGE ON FOREIGN SERVER far", "has_server_privilege({0}, 'far', 'USAGE')",
               {"kind": "server", "name": "far", "privileges": ["USAGE"]}),
    "large object": ("SELECT ON LARGE OBJECT 4711",
                     "(SELECT lomacl::text ~ ('[{{,]' || {0} || '=r') FROM pg_largeobject_metadata)",
                     {"kind": "large_object", "name": "4711", "privileges": ["SELECT"]}),
}
OBJECTS = """
CREATE SCHEMA app; CREATE SCHEMA other; CREATE SCHEMA hidden; GRANT USAGE ON SCHEMA app, hidden TO PUBLIC;
CREATE TABLE app.t (a int); CREATE TABLE app.c (a int); CREATE TABLE app.ct (a int);
CREATE TABLE app.ctt (a int); CREATE SEQUENCE app.s; CREATE TYPE hidden.kind AS ENUM ('one');
CREATE FUNCTION app.f(hidden.kind) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE TYPE app.colour AS ENUM ('red');
CREATE FOREIGN DATA WRAPPER w; CREATE SERVER far FOREIGN DATA WRAPPER w;
SELECT lo_create(4711); CREATE TRUSTED LANGUAGE own HANDLER plpgsql_call_handler;
REVOKE ALL ON FUNCTION app.f(hidden.kind) FROM PUBLIC; REVOKE ALL ON TYPE app.colour FROM PUBLIC;
REVOKE ALL ON LANGUAGE own FROM PUBLIC
"""


@pytest.fixture(params=MAJORS, ids=lambda major: f"pg{major}")
def server(request):
    with servers.Postgres(request.param) as running:
        running.rows("CREATE DATABASE app")
        for role in ("own", "h", *CHAIN):
            running.rows(f"CREATE ROLE {role}")
        yield running


def give(server, what):
    giver = "postgres"
    for at, role in enumerate(CHAIN):
        privilege = what if isinstance(what, str) else what[at]
        # the server lets nobody but the owner give an option on a column that rests on a table's
        option = "" if isinstance(what, tuple) and "(a)" in (privilege or "") else " WITH GRANT OPTION"
        if privilege is not None:
            server.rows(f"SET ROLE {giver}; GRANT {privilege} TO {role}{option}", dbname="app")
        giver = role


def make(server):
    server.rows(OBJECTS, dbname="app")
    for what, *_ in KINDS.values():
        give(server, what)
    server.rows("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO g WITH GRANT OPTION;"
                "ALTER DEFAULT PRIVILEGES FOR ROLE g GRANT SELECT ON TABLES TO x;"
                "ALTER DEFAULT PRIVILEGES FOR ROLE x IN SCHEMA app GRANT SELECT ON TABLES TO g, y",
                dbname="app")
    server.rows("REVOKE USAGE ON SCHEMA app, hidden FROM PUBLIC", dbname="app")


def users(leavers, **more):
    entries = [{"name": role, "state": "absent"} if role in leavers else {"name": role, "login": False}
               for role in CHAIN]
    return {"pg_policy": "none", "pg_users": entries, "pg_databases": [{"name": "app", **more}]}


def held(server, roles):
    """What each role has."""
    return {role: {kind for kind, (_, question, *_) in KINDS.items()
                   if server.value("SELECT " + question.format(f"'{role}'"), dbname="app")}
            for role in roles}


def prune(path, server, *options):
    done = servers.run("-i", path, "apply", "--yes", "--prune", "--allow-mass-removal", *options,
                       server=server)
    again = servers.run("-i", path, "plan", "--prune", "--detailed-exitcode", *options, server=server)
    assert "no changes" in again.stdout, again
    return done


def gone(server, leavers):
    assert server.rows("SELECT rolname FROM pg_roles WHERE rolname = ANY (%s)", (list(leavers),)) == []


LEAVERS = ["".join(some) for count in (1, 2, 3) for some in itertools.combinations(CHAIN, count)]


@pytest.mark.parametrize("mode", ["additive", "adopt", "strict"])
@pytest.mark.parametrize("leavers", LEAVERS)
def test_who_stays_has_what_the_mode_leaves(leavers, mode, server, write):
    make(server)
    staying = [role for role in CHAIN if role not in leavers]
    before = held(server, staying)
    prune(write(users(leavers)), server, "--mode", mode)
    gone(server, leavers)
    assert held(server, staying) == (before if mode == "additive" else {role: set() for role in staying})


@pytest.mark.parametrize("leavers", ["g", "x", "gx"])
def test_who_stays_has_what_is_declared(leavers, server, write):
    """adopt strips whoever else stays of his grant options in the same plan."""
    make(server)
    grants = [{"to": "y", **declared} for *_, declared in KINDS.values()]
    prune(write(users(leavers, grants=grants)), server, "--mode", "adopt")
    gone(server, leavers)
    staying = [role for role in CHAIN if role not in leavers]
    assert held(server, staying) == {role: set(KINDS) if role == "y" else set() for role in staying}


def make_table(server, sql):
    """A table of the role `own`, and what roles do with it."""
    server.rows("CREATE SCHEMA app AUTHORIZATION own; GRANT USAGE ON SCHEMA app TO PUBLIC;"
                "CREATE TABLE app.t (a int, b int); ALTER TABLE app.t OWNER TO own;" + sql, dbname="app")


def reads(server, role, column="a"):
    return server.value("SELECT has_column_privilege(%s, 'app.t', %s, 'SELECT')", (role, column),
                        dbname="app")


def owner_of(server, relation):
    return server.value("SELECT relowner::regrole::text FROM pg_class WHERE relname = %s", (relation,),
                        dbname="app")


G_HAS = "GRANT SELECT ON app.t TO g WITH GRANT OPTION; SET ROLE g;"
TABLE_TO_X = G_HAS + "GRANT SELECT ON app.t TO x; RESET ROLE;"
COLUMN_TO_X = G_HAS + "GRANT SELECT (a) ON app.t TO x; RESET ROLE;"
H_HAS = "GRANT SELECT ON app.t TO h WITH GRANT OPTION;"


@pytest.mark.parametrize("what", [
    TABLE_TO_X + H_HAS + "GRANT h TO g",
    TABLE_TO_X + "GRANT own TO g",
    TABLE_TO_X + H_HAS + "GRANT h TO y; GRANT y TO g WITH ADMIN OPTION; SET ROLE g; GRANT y TO own",
    TABLE_TO_X + "ALTER ROLE g SUPERUSER",
    COLUMN_TO_X + "GRANT SELECT (a) ON app.t TO h WITH GRANT OPTION; GRANT h TO g",
    COLUMN_TO_X + "ALTER ROLE g SUPERUSER",
    COLUMN_TO_X + "REVOKE SELECT ON app.t FROM g",
    COLUMN_TO_X + "GRANT own TO g; REVOKE USAGE ON SCHEMA app FROM PUBLIC",
])
def test_what_cascade_would_spare_goes(what, server, write):
    """A leaver that has the grant option by a membership, in another ACL, or no more."""
    make_table(server, what)
    prune(write(users("g")), server)
    gone(server, "g")
    assert reads(server, "x")


@pytest.mark.parametrize("become, undo", [("ALTER ROLE g SUPERUSER", "ALTER ROLE g NOSUPERUSER"),
                                          ("GRANT own TO g", "REVOKE own FROM g")])
def test_a_grantor_that_cannot_revoke_keeps_the_leaver(become, undo, server, write):
    """REVOKE in its name would be the owner's: the plan says who stays for what, and does the rest."""
    make_table(server, TABLE_TO_X + "GRANT INSERT ON app.t TO x;" + become)
    server.rows("CREATE TABLE left_over (); ALTER TABLE left_over OWNER TO x", dbname="app")
    path = write(users("x"))
    told = prune(path, server)
    assert ('role "x" remains disabled: it keeps privileges granted by "g" in database "app": the grantor'
            ' is a superuser, or has the owner\'s rights, and so revokes as the owner') in told.stdout, told
    assert owner_of(server, "left_over") == "pgcharter_orphans"
    assert not server.value("SELECT has_table_privilege('x', 'app.t', 'INSERT')", dbname="app")
    server.rows(undo)
    prune(path, server)
    gone(server, "x")


def test_an_owner_that_is_declared_beside_the_prune(server, write):
    """The plan moves the leaver's table, so that --prune has nothing to move."""
    make_table(server, "ALTER TABLE app.t OWNER TO g; SET ROLE g;"
                       "GRANT SELECT ON app.t TO x, y WITH GRANT OPTION;"
                       "SET ROLE x; GRANT SELECT ON app.t TO h")
    path = write(users("gx", owners=[{"owner": "own", "kind": "table", "schema": "app", "name": "t"}]))
    prune(path, server)
    gone(server, "gx")
    assert owner_of(server, "t") == "own"
    assert reads(server, "h") and reads(server, "y")


@pytest.mark.parametrize("owner, other", ["gx", "xg"])
def test_leavers_that_own_and_grant_to_each_other(owner, other, server, write):
    make_table(server, f"ALTER TABLE app.t OWNER TO {owner}; SET ROLE {owner};"
                       "GRANT SELECT ON app.t TO h WITH GRANT OPTION; SET ROLE h;"
                       f"GRANT SELECT ON app.t TO y, {other} WITH GRANT OPTION;"
                       "SET ROLE y; GRANT SELECT (b) ON app.t TO own; RESET ROLE;"
                       "GRANT USAGE ON SCHEMA app TO own, h; REVOKE USAGE ON SCHEMA app FROM PUBLIC")
    prune(write(users("gx")), server)
    gone(server, "gx")
    assert reads(server, "h") and reads(server, "y") and reads(server, "own", "b")
    assert not server.value("SELECT has_schema_privilege('y', 'app', 'USAGE')", dbname="app")


def test_a_schema_that_is_dropped_beside_the_prune(server, write):
    make_table(server, TABLE_TO_X + "CREATE TABLE app.mine (); ALTER TABLE app.mine OWNER TO g")
    path = write(users("g", schemas=[{"name": "app", "state": "absent"}]))
    prune(path, server, "--allow-data-loss")
    gone(server, "g")
    assert server.rows("SELECT 1 FROM pg_namespace WHERE nspname = 'app'", dbname="app") == []
