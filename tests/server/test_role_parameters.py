"""parameters and parameters_in: what a role has set everywhere, and in one database."""
import pytest

import servers


def written(write, users, mode="additive", name="inventory.yml", **more):
    return write({"pg_policy": "none", "pg_dbsu": "postgres", "pg_access_mode": mode,
                  "pg_users": users, "pg_databases": [{"name": "app"}, {"name": "new"}], **more}, name)


def settings(server):
    return server.rows("""
        SELECT coalesce(d.datname, '-'), c FROM pg_db_role_setting s
        CROSS JOIN LATERAL unnest(s.setconfig) AS c LEFT JOIN pg_database d ON d.oid = s.setdatabase
        WHERE s.setrole = 'ann'::regrole ORDER BY 1, 2""")


def apply(path, server, **more):
    done = servers.run("-i", path, "apply", "--yes", server=server, **more)
    if done.code == 0:
        servers.run("-i", path, "plan", "--detailed-exitcode", server=server)
    return done


ANN = {"name": "ann", "parameters": {"work_mem": "8MB"}, "parameters_in": {
    "app": {"search_path": "app, public", "work_mem": "16MB"}, "new": {"statement_timeout": "5s"},
    "postgres": {"my.own": "x y"}}}
DECLARED = [("-", "work_mem=8MB"), ("app", "search_path=app, public"), ("app", "work_mem=16MB"),
            ("new", "statement_timeout=5s"), ("postgres", "my.own=x y")]


@pytest.mark.parametrize("mode", ["additive", "adopt", "strict"])
def test_settings_in_one_database(mode, server, write):
    """Set on a database that the same plan makes, too; the login sees them; adopt takes what is not named."""
    server.rows("CREATE DATABASE app")
    apply(written(write, [ANN], mode), server)
    assert settings(server) == DECLARED
    assert server.value("SHOW work_mem", user="ann", dbname="app") == "16MB"
    assert server.value("SHOW work_mem", user="ann", dbname="new") == "8MB"
    assert server.value("SHOW statement_timeout", user="ann", dbname="new") == "5s"
    server.rows("ALTER ROLE ann IN DATABASE app SET work_mem = '1MB'")
    server.rows("ALTER ROLE ann IN DATABASE new SET lock_timeout = '1s'")
    server.rows("ALTER ROLE ann IN DATABASE app SET lock_timeout = '1s'")
    apply(written(write, [ANN], mode), server)
    added = [("app", "lock_timeout=1s"), ("new", "lock_timeout=1s")]
    assert settings(server) == (sorted(DECLARED + added) if mode == "additive" else DECLARED)
    plain = {"name": "ann", "parameters_in": {"app": {"work_mem": "DEFAULT"}, "new": {}}}
    apply(written(write, [plain], mode), server)
    left = {"additive": [one for one in sorted(DECLARED + added) if one != ("app", "work_mem=16MB")],
            "adopt": [("-", "work_mem=8MB"), ("postgres", "my.own=x y")],
            # postgres is not among the declared databases
            "strict": [("postgres", "my.own=x y")]}
    assert settings(server) == left[mode]


def test_two_entries_of_one_role_add_up(server, write):
    first = {"name": "ann", "parameters_in": {"app": {"work_mem": "1MB", "lock_timeout": "3s"}}}
    path = written(write, [{"name": "ann", "parameters_in": {"app": {"work_mem": "2MB"}}}],
                   pg_default_roles=[first])
    apply(path, server)
    assert settings(server) == [("app", "lock_timeout=3s"), ("app", "work_mem=2MB")]


def test_a_session_role_sets_its_own_and_those_of_whom_it_made(server, write):
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE CREATEDB")
    ann = {**ANN, "parameters_in": {k: v for k, v in ANN["parameters_in"].items() if k != "postgres"}}
    path = written(write, [ann, {"name": "deploy", "parameters_in": {"app": {"work_mem": "3MB"}}}])
    conninfo = f"pg-test={server.conninfo(user='deploy')}"
    servers.run("-i", path, "--conninfo", conninfo, "apply", "--yes")
    assert settings(server) == DECLARED[:-1]  # without the parameter that only a superuser may set
    assert server.value("SHOW work_mem", user="deploy", dbname="app") == "3MB"
    servers.run("-i", path, "--conninfo", conninfo, "plan", "--detailed-exitcode")


def test_a_database_that_is_nowhere(server, write):
    path = written(write, [{"name": "ann", "parameters_in": {"gone": {"work_mem": "1MB"}}}])
    refused = apply(path, server, expect=3)
    assert 'database "gone" is neither declared nor on the server [database-not-found]' in refused.stderr
    assert server.rows("SELECT 1 FROM pg_roles WHERE rolname = 'ann'") == []


@pytest.mark.parametrize("value, message", [
    ("app", 'must be a mapping of databases, found a text'),
    ({"app": "work_mem"}, 'must be a mapping, found a text'),
    ({"app": {"search_path": "a b"}}, "parameter-invalid"),
    ({"app": {"work_mem": ["a"]}}, "must be a text"),
    ({"a\x01b": {"work_mem": "1MB"}}, "control character"),
])
def test_what_is_not_understood(value, message, write):
    done = servers.run("-i", written(write, [{"name": "ann", "parameters_in": value}]), "validate", expect=3)
    assert message in done.stderr + done.stdout


def test_names_that_need_quotes(server, write):
    role, database = 'e"f, x\'', "th'r\"ee, = {x}"
    path = write({"pg_policy": "none", "pg_databases": [{"name": database}], "pg_users": [
        {"name": role, "parameters_in": {database: {"my.own": "it's \"so\", \\ x"}}}]})
    apply(path, server)
    assert server.value("SHOW my.own", user=role, dbname=database) == 'it\'s "so", \\ x'
