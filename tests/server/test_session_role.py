"""The session role is declared itself: its own password and limits change last, and never shut it out."""
import json

import pytest

import servers

MAJORS = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 18)]
each_major = pytest.mark.parametrize("major", MAJORS, ids=lambda m: f"pg{m}")


@pytest.fixture
def server(major, new_server):
    server = new_server(major, hba="local all postgres trust\nlocal all all scram-sha-256\n")
    server.rows("SET password_encryption = 'scram-sha-256';"
                "CREATE ROLE deploy LOGIN CREATEROLE CREATEDB PASSWORD 'Secret.Old';"
                "GRANT pg_signal_backend TO deploy")
    server.rows("CREATE DATABASE one OWNER deploy")
    server.rows("CREATE DATABASE two OWNER deploy")
    return server


def run(server, path, password, *command, **more):
    return servers.run("-i", path, "--conninfo", f"pg-test={server.conninfo(user='deploy')}", *command,
                       env={"PGPASSWORD": password}, **more)


@each_major
def test_its_own_password_changes_when_all_else_is_done(server, write):
    """Every database has a session of its own, and the next one needs the old password."""
    server.rows("ALTER ROLE deploy SUPERUSER")
    path = write({"pg_policy": "none", "pg_dbsu": "postgres",
                  "pg_users": [{"name": "deploy", "password": "Secret.New", "connlimit": 50,
                                "parameters": {"work_mem": "8MB"}}, {"name": "reader"}],
                  "pg_databases": [{"name": name, "schemas": ["s"]} for name in ("one", "two", "three")]})
    plan = run(server, path, "Secret.Old", "plan", "--format", "json")
    steps = json.loads(plan.stdout)["targets"][0]["steps"]
    own = [step["phase"] == "session-role" for step in steps]
    assert own == sorted(own) and own.count(True) >= 2, steps
    run(server, path, "Secret.Old", "apply", "--yes")
    for name in ("one", "two", "three"):
        assert server.value("SELECT count(*) FROM pg_namespace WHERE nspname = 's'", dbname=name) == 1
    again = run(server, path, "Secret.New", "plan", "--detailed-exitcode")
    assert "no changes" in again.stdout
    assert "password authentication failed" in run(server, path, "Secret.Old", "plan", expect=1).stderr


@each_major
@pytest.mark.parametrize("entry, what", [
    ({"expire_at": "2020-01-01"}, 'role "deploy" never expires'), ({"expire_in": 0}, "never expires"),
    ({"connlimit": 0}, "CONNECTION LIMIT 0"), ({"login": False}, "never loses LOGIN"),
    ({"parameters": {"local_preload_libraries": "nowhere"}}, "never gets local_preload_libraries"),
    ({"parameters": {"session_preload_libraries": "nowhere"}}, "never gets session_preload_libraries")],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "")
def test_what_would_shut_it_out_is_refused(server, write, entry, what):
    asked = "SELECT rolvaliduntil, rolconnlimit, rolcanlogin FROM pg_roles WHERE rolname = 'deploy'"
    before = server.rows(asked)
    path = write({"pg_policy": "none", "pg_dbsu": "postgres", "pg_databases": [],
                  "pg_users": [{"name": "deploy", **entry}, {"name": "reader"}]})
    refused = run(server, path, "Secret.Old", "apply", "--yes", expect=4)
    assert what in refused.stdout + refused.stderr
    assert server.rows(asked) == before
    assert server.rows("SELECT 1 FROM pg_roles WHERE rolname = 'reader'") == []
    assert server.rows("SELECT 1 FROM pg_db_role_setting") == []
