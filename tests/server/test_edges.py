"""Corners of roles, memberships, databases and default privileges, judged by the server."""
import datetime

import pytest

import access
import servers

MAJORS = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 15, 16, 18)]


@pytest.fixture(params=MAJORS, ids=lambda major: f"pg{major}")
def some_server(request):
    with servers.Postgres(request.param) as running:
        yield running


def apply(path, server, *options, **more):
    return servers.run("-i", path, "apply", "--yes", *options, server=server, **more)


def settle(path, server):
    apply(path, server)
    access.assert_settled(path, server)


def test_what_another_grantor_gave_public_is_taken_away(some_server, write):
    """A superuser's own REVOKE would be a silent no-op: the grantor is alice."""
    server = some_server
    server.rows("CREATE ROLE alice")
    server.rows("CREATE DATABASE app")
    for sql in ("GRANT CREATE ON SCHEMA public TO alice WITH GRANT OPTION",
                "SET ROLE alice; GRANT CREATE ON SCHEMA public TO PUBLIC"):
        server.rows(sql, dbname="app")
    path = write({"pg_databases": [{"name": "app"}], "pg_harden_existing": True})
    settle(path, server)
    assert server.value("SELECT has_schema_privilege('pg_monitor', 'public', 'CREATE')",
                        dbname="app") is False
    assert server.value("SELECT has_schema_privilege('alice', 'public', 'CREATE')",
                        dbname="app") is True


def test_fragments_are_folded_before_anything_is_compared(some_server, write):
    server = some_server
    fragments = ["GRANT SELECT ON TABLES TO dbrole_readonly",
                 "REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
                 "GRANT INSERT, UPDATE ON TABLES TO dbrole_readwrite",
                 "REVOKE UPDATE ON TABLES FROM dbrole_readwrite",
                 "IN SCHEMA public GRANT DELETE ON TABLES TO dbrole_admin",
                 "GRANT SELECT ON SEQUENCES TO dbrole_readonly WITH GRANT OPTION",
                 "REVOKE GRANT OPTION FOR SELECT ON SEQUENCES FROM dbrole_readonly"]
    path = write({"pg_default_privileges": fragments, "pg_users": [{"name": "o", "roles": ["dbrole_admin"]}],
                  "pg_databases": [{"name": "app", "owner": "o"}]})
    plan = servers.run("-i", path, "plan", server=server).stdout
    assert "UPDATE ON TABLES" not in plan and "GRANT OPTION" not in plan
    settle(path, server)
    server.rows("SET ROLE o; CREATE TABLE public.t (); CREATE FUNCTION public.f() RETURNS int"
                " LANGUAGE sql AS 'SELECT 1'; CREATE SEQUENCE public.s", dbname="app")

    def may(role, what, privilege, kind="table"):
        return server.value(f"SELECT has_{kind}_privilege(%s, %s, %s)", (role, what, privilege),
                            dbname="app")
    assert may("dbrole_readonly", "public.t", "SELECT")
    assert may("dbrole_readwrite", "public.t", "INSERT")
    assert not may("dbrole_readwrite", "public.t", "UPDATE")
    assert may("dbrole_admin", "public.t", "DELETE")
    assert not may("pg_monitor", "public.f()", "EXECUTE", "function")
    assert may("dbrole_readonly", "public.s", "SELECT", "sequence")
    assert not may("dbrole_readonly", "public.s", "SELECT WITH GRANT OPTION", "sequence")


def test_a_revoke_in_a_schema_that_stores_nothing_is_a_warning(some_server, write):
    path = write({"pg_default_privileges": ["GRANT SELECT ON TABLES TO dbrole_readonly",
                                            "IN SCHEMA public REVOKE SELECT ON TABLES FROM dbrole_readonly"]})
    assert "default-revoke-ineffective" in apply(path, some_server).stdout
    access.assert_settled(path, some_server)


@pytest.mark.parametrize("mode", ["additive", "adopt", "strict"])
def test_what_names_a_schema_that_the_same_plan_makes(some_server, mode, write):
    """Default privileges IN SCHEMA above all: they come after the schema, in every database that has it."""
    server = some_server
    server.rows("CREATE DATABASE old TEMPLATE template0")
    path = write({
        "pg_access_mode": mode, "pg_default_schemas": ["monitor", "api"],
        "pg_default_privileges": ["GRANT USAGE ON SCHEMAS TO dbrole_readonly",
                                  "IN SCHEMA api GRANT SELECT ON TABLES TO dbrole_readonly",
                                  "IN SCHEMA monitor GRANT SELECT ON SEQUENCES TO dbrole_readonly"],
        "pg_users": [{"name": "o", "roles": ["dbrole_admin"]}, {"name": "r", "login": False}],
        "pg_databases": [
            {"name": "app", "owner": "o"},
            {"name": "old", "owner": "o", "schemas": ["api", {"name": "monitor", "owner": "o"}, "own"],
             "grants": [{"to": "r", "privileges": ["SELECT"], "kind": "tables", "schema": "own",
                         "future": ["o"]},
                        {"to": "r", "privileges": ["CREATE"], "kind": "schema", "schema": "own",
                         "missing": "error"},
                        {"to": "r", "profile": "reader", "schema": "own"}],
             "owners": [{"kind": "schema", "schema": "own", "owner": "o", "missing": "error"}]}],
        "pg_privilege_profiles": {"reader": [{"kind": "schema", "privileges": ["USAGE"]}]}})
    offline = servers.run("-i", path, "plan", "--offline").stdout
    assert 'IN SCHEMA "api" GRANT SELECT' in offline and "schema-not-found" not in offline
    settle(path, server)
    for database, schema in (("template1", "api"), ("postgres", "api"), ("app", "api"), ("old", "api")):
        creator = "o" if database in ("app", "old") else "dbrole_admin"
        server.rows(f"GRANT CREATE ON SCHEMA {schema} TO {creator}; SET ROLE {creator};"
                    f" CREATE TABLE {schema}.made_later ()", dbname=database)
        assert server.value(f"SELECT has_table_privilege('dbrole_readonly', '{schema}.made_later', 'SELECT')",
                            dbname=database)
    server.rows("SET ROLE o; CREATE TABLE own.made_later ()", dbname="old")
    assert server.value("SELECT has_table_privilege('r', 'own.made_later', 'SELECT')", dbname="old")


def test_a_default_privilege_in_a_schema_of_one_database_only(some_server, write):
    """Where the schema neither is nor will be the entry is an error, as it is to the server."""
    path = write({"pg_default_privileges": ["IN SCHEMA here GRANT SELECT ON TABLES TO dbrole_readonly"],
                  "pg_users": [{"name": "o"}],
                  "pg_databases": [{"name": "app", "owner": "o", "schemas": ["here"]}]})
    done = apply(path, some_server, expect=3)
    said = done.stdout + done.stderr
    assert said.count("schema-not-found") == 2
    assert 'database "template1" has no schema' in said and 'database "postgres" has no schema' in said
    assert not some_server.value("SELECT count(*) FROM pg_database WHERE datname = 'app'")


def test_membership_options_and_revokes(some_server, write):
    server = some_server
    for sql in ("CREATE ROLE g", "CREATE ROLE h", "CREATE ROLE k", "CREATE ROLE m LOGIN",
                "GRANT g, h TO m WITH ADMIN OPTION", "GRANT k TO m"):
        server.rows(sql)
    path = write({"pg_users": [{"name": "m", "roles": [
        {"name": "g", "state": "absent"}, {"name": "h", "admin": False},
        {"name": "k", "admin": True}]}]})
    settle(path, server)
    rows = dict(server.rows("SELECT r.rolname, a.admin_option FROM pg_auth_members a"
                            " JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member"
                            " WHERE m.rolname = 'm'"))
    assert rows == {"h": False, "k": True}


@pytest.mark.skipif(max(servers.MAJORS) < 16, reason="INHERIT and SET options came with 16")
def test_inherit_and_set_options_hold_for_every_grantor(new_server, write):
    server = new_server(max(servers.MAJORS))
    for sql in ("CREATE ROLE g", "CREATE ROLE m", "CREATE ROLE other", "GRANT g TO other WITH ADMIN OPTION",
                "GRANT g TO m", "SET ROLE other; GRANT g TO m"):
        server.rows(sql)
    path = write({"pg_users": [{"name": "m", "login": False, "roles": [
        {"name": "g", "inherit": False, "set": False}]}]})
    settle(path, server)
    rows = server.rows("SELECT inherit_option, set_option FROM pg_auth_members a"
                       " JOIN pg_roles m ON m.oid = a.member WHERE m.rolname = 'm'")
    assert rows == [(False, False), (False, False)]


def test_a_circle_with_what_the_server_has_is_refused(some_server, write):
    some_server.rows("CREATE ROLE a; CREATE ROLE b; GRANT a TO b")
    path = write({"pg_users": [{"name": "a", "login": False, "roles": ["b"]}]})
    done = apply(path, some_server, expect=3)
    assert "membership-cycle-on-server" in done.stderr
    assert some_server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'dbrole_admin'") == 0


def test_parameters_are_set_reset_and_compared_as_the_server_stores_them(some_server, write):
    server = some_server
    server.rows("CREATE ROLE p; ALTER ROLE p SET work_mem = '1MB'; ALTER ROLE p SET statement_timeout = 5")
    path = write({"pg_users": [{"name": "p", "parameters": {
        "work_mem": "DEFAULT", "search_path": "app, \"$user\", \"Odd Name\", public",
        "statement_timeout": "10s", "my.text": "it's \\ \"x\""}}],
        "pg_databases": [{"name": "app", "parameters": {"search_path": "app,public", "timezone": "UTC"}},
                         {"name": "numbers", "parameters": {"search_path": "2024, x, 1.5"}},
                         {"name": "number", "parameters": {"search_path": 2024}}]})
    settle(path, server)
    config = dict(item.split("=", 1) for item in server.value(
        "SELECT setconfig FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole"
        " WHERE r.rolname = 'p'"))
    assert config == {"search_path": 'app, "$user", "Odd Name", public', "statement_timeout": "10s",
                      "my.text": "it's \\ \"x\""}


def test_expire_in_is_set_once_and_never_moved_later(some_server, write):
    server = some_server
    server.rows("CREATE ROLE late VALID UNTIL 'infinity'")
    server.rows("CREATE ROLE soon VALID UNTIL '2020-01-01'")
    path = write({"pg_users": [{"name": name, "expire_in": 30} for name in ("fresh", "late", "soon")]})
    settle(path, server)
    until = dict(server.rows("SELECT rolname, (rolvaliduntil AT TIME ZONE 'UTC')::date::text FROM pg_roles"
                             " WHERE rolname IN ('fresh', 'late', 'soon')"))
    day = (datetime.datetime.utcnow().date() + datetime.timedelta(days=30)).isoformat()
    assert until == {"fresh": day, "late": day, "soon": "2020-01-01"}


def test_databases_from_other_templates(some_server, write):
    server = some_server
    databases = [{"name": "base", "schemas": ["stuff"], "is_template": True},
                 {"name": "copy", "template": "base"},
                 {"name": "plain", "template": "template0"},
                 {"name": "from_postgres", "template": "postgres"},
                 {"name": "closed", "allowconn": False, "connlimit": 3}]
    path = write({"pg_databases": databases})
    settle(path, server)
    schemas = {name: {row[0] for row in server.rows(
        "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
        dbname=name)} for name in ("base", "copy", "plain", "from_postgres")}
    assert schemas == {"base": {"public", "monitor", "stuff"}, "copy": {"public", "monitor", "stuff"},
                       "plain": {"public"}, "from_postgres": {"public", "monitor"}}
    assert server.rows("SELECT datallowconn, datconnlimit FROM pg_database WHERE datname = 'closed'") == \
        [(False, 3)]
    # opened again, it is looked into by the plan after that
    databases[-1]["allowconn"] = True
    path = write({"pg_databases": databases})
    apply(path, server)
    apply(path, server)
    access.assert_settled(path, server)
    assert server.value("SELECT 1", dbname="closed") == 1


def test_an_absent_role_is_disabled_and_its_sessions_end(some_server, write):
    server = some_server
    server.rows("CREATE ROLE leaver LOGIN")
    session = server.connect("leaver")
    path = write({"pg_users": [{"name": "leaver", "state": "absent"}]})
    settle(path, server)
    assert server.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'leaver'") is False
    with pytest.raises(Exception, match="terminat|closed"):
        session.cursor().execute("SELECT 1")
    with pytest.raises(Exception, match="not permitted to log in"):
        server.connect("leaver")
    # declared again it logs in again
    path = write({"pg_users": [{"name": "leaver", "login": True}]})
    settle(path, server)
    server.connect("leaver").close()


def test_many_leavers_at_once_are_refused(new_server, write):
    server = new_server(servers.MAJORS[-1])
    names = [f"u{i}" for i in range(10)]
    for name in names:
        server.rows(f"CREATE ROLE {name} LOGIN")
    path = write({"pg_users": [{"name": name, "state": "absent"} for name in names]})
    done = apply(path, server, expect=4)
    assert "--allow-mass-removal" in done.stderr
    assert server.value("SELECT count(*) FROM pg_roles WHERE rolname ~ '^u[0-9]' AND rolcanlogin") == 10
    apply(path, server, "--allow-mass-removal")
    assert server.value("SELECT count(*) FROM pg_roles WHERE rolname ~ '^u[0-9]' AND rolcanlogin") == 0


def test_a_first_run_on_somebody_elses_server_is_refused(new_server, write):
    server = new_server(servers.MAJORS[-1])
    for name in ("x", "y", "z"):
        server.rows(f"CREATE ROLE {name} LOGIN")
    path = write({"pg_users": [{"name": "mine"}]})
    done = apply(path, server, expect=4)
    assert "--init" in done.stderr
    assert server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'mine'") == 0
    apply(path, server, "--init")
    apply(path, server)


@pytest.mark.parametrize("key", ["login", "superuser"])
def test_dbsu_is_never_stripped(key, new_server, write):
    server = new_server(servers.MAJORS[-1])
    path = write({"pg_users": [{"name": "postgres", key: False}]})
    done = apply(path, server, expect=4)
    assert "never loses" in done.stderr
    assert server.rows("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = 'postgres'") == \
        [(True, True)]


def test_the_offline_plan_is_the_plan_of_a_fresh_server(some_server, write):
    """What initdb leaves is known by tables: they must be the server's."""
    path = write({"pg_users": [{"name": "o", "password": "x"}], "pg_databases": [
        {"name": "app", "owner": "o", "revokeconn": True, "schemas": ["s"]},
        {"name": "plain", "template": "template0"}]})

    def steps(*options, **more):
        text = servers.run("-i", path, "plan", "--format", "sql", *options, **more).stdout
        return [line for line in text.splitlines() if not line.startswith("-- cluster")]
    assert steps("--offline", "--pg-version", some_server.major) == steps(server=some_server)


def test_a_closed_database_is_looked_after_from_outside(some_server, write):
    server = some_server
    database = {"name": "shut", "allowconn": False, "connlimit": 3, "revokeconn": True, "owner": "o"}
    path = write({"pg_users": [{"name": "o"}], "pg_databases": [database]})
    settle(path, server)
    for sql in ("ALTER DATABASE shut CONNECTION LIMIT 9", "GRANT CONNECT ON DATABASE shut TO PUBLIC",
                "ALTER DATABASE shut OWNER TO postgres", "COMMENT ON DATABASE shut IS 'drifted'"):
        server.rows(sql)
    settle(path, server)
    assert server.rows("SELECT datconnlimit, r.rolname, datallowconn FROM pg_database d JOIN pg_roles r"
                       " ON r.oid = d.datdba WHERE datname = 'shut'") == [(3, "o", False)]
    assert server.value("SELECT has_database_privilege('pg_monitor', 'shut', 'CONNECT')") is False


def test_a_role_that_comes_back_without_a_word_about_login_is_told(some_server, write):
    for users in ([{"name": "u"}], [{"name": "u", "state": "absent"}]):
        apply(write({"pg_users": users}), some_server)
    done = apply(write({"pg_users": [{"name": "u"}]}), some_server)
    assert "role-without-login" in done.stdout
    path = write({"pg_users": [{"name": "u", "login": True}]})
    settle(path, some_server)
    some_server.connect("u").close()
