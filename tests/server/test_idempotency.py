"""After apply the plan is empty, twice; what somebody changes by hand is found and put right."""
import pytest

import access
import servers


def test_everything_is_made_and_the_second_plan_is_empty(server, write):
    path = write(access.RICH)
    pending = servers.run("-i", path, "plan", "--detailed-exitcode", server=server, expect=2)
    assert "no changes" not in pending.stdout
    before = server.access_state()
    servers.run("-i", path, "plan", server=server)
    assert servers.difference(before, server.access_state()) == "", "a plan changed something"

    servers.run("-i", path, "apply", "--yes", server=server)
    access.assert_settled(path, server)
    settled = server.access_state()
    verifiers = server.rows("SELECT rolname, rolpassword FROM pg_authid ORDER BY 1")
    servers.run("-i", path, "apply", "--yes", server=server)
    assert servers.difference(settled, server.access_state()) == ""
    assert verifiers == server.rows("SELECT rolname, rolpassword FROM pg_authid ORDER BY 1"), \
        "an equal password got a new salt"


@pytest.mark.parametrize("example, cluster", [("classic.yml", "pg-test"), ("classic.yml", "pg-meta"),
                                              ("modern.yml", "pg-shop")])
def test_the_examples_settle(example, cluster, server):
    options = ["-i", access.EXAMPLES / example, "-N", cluster]
    servers.run(*options, "apply", "--yes", server=server, cluster=cluster)
    again = servers.run(*options, "plan", "--detailed-exitcode", server=server, cluster=cluster)
    assert "no changes" in again.stdout


DRIFTS = {
    "an attribute": "ALTER ROLE owner_a NOCREATEDB",
    "a connection limit": "ALTER ROLE owner_a CONNECTION LIMIT 3",
    "an expiry": "ALTER ROLE reader VALID UNTIL 'infinity'",
    "a comment": "COMMENT ON ROLE owner_a IS 'something else'",
    "a parameter": "ALTER ROLE reader SET work_mem = '1MB'",
    "a lost membership": "REVOKE dbrole_readwrite FROM writer",
    "a lost admin option": "REVOKE ADMIN OPTION FOR group_x FROM member_x",
    "a password": "ALTER ROLE writer PASSWORD 'Guessable'",
    "a cleared password": "ALTER ROLE writer PASSWORD NULL",
    "a lost role": "DROP ROLE writer",
    "a database's owner": "ALTER DATABASE other OWNER TO owner_a",
    "a database's limit": "ALTER DATABASE app CONNECTION LIMIT 1",
    "a database's parameter": "ALTER DATABASE app SET timezone = 'Asia/Tokyo'",
    "CONNECT for everybody": "GRANT CONNECT ON DATABASE app TO PUBLIC",
    "a lost CONNECT": "REVOKE CONNECT ON DATABASE app FROM replicator",
    "a schema's lost grant": "REVOKE USAGE ON SCHEMA monitor FROM dbuser_monitor",
    "CREATE for everybody": "GRANT CREATE ON DATABASE app TO PUBLIC",
}
DRIFTS_IN_APP = {
    "a lost schema": "DROP SCHEMA app",
    "public open again": "GRANT CREATE ON SCHEMA public TO PUBLIC",
    "a lost default privilege":
        "ALTER DEFAULT PRIVILEGES FOR ROLE owner_a REVOKE SELECT ON TABLES FROM dbrole_readonly",
}


@pytest.mark.parametrize("major", [m for m in servers.MAJORS
                                   if servers.TEST_ALL or m in (13, 15, 16, 18)])
def test_drift_is_found_and_put_right_one_by_one(major, new_server, write):
    server = new_server(major)
    path = write({**access.RICH, "pg_harden_existing": True})
    servers.run("-i", path, "apply", "--yes", server=server)
    settled = server.access_state()
    drifts = [(name, sql, "postgres") for name, sql in DRIFTS.items()] + \
             [(name, sql, "app") for name, sql in DRIFTS_IN_APP.items()]
    for name, sql, database in drifts:
        server.rows(sql, dbname=database)
        steps = access.plan_steps(path, server)
        assert steps, f"{name} was not seen"
        servers.run("-i", path, "apply", "--yes", "--allow-mass-removal", server=server)
        left = servers.difference(settled, server.access_state())
        assert left == "", f"{name}: {[step['sql'] for step in steps]}\n{left}"
        again = servers.run("-i", path, "plan", "--detailed-exitcode", server=server)
        assert "no changes" in again.stdout, name


def test_what_the_inventory_does_not_name_is_left_alone(server, write):
    path = write(access.RICH)
    server.rows("CREATE ROLE stranger LOGIN CREATEDB PASSWORD 'Its.Own'")
    server.rows("CREATE DATABASE strange OWNER stranger")
    servers.run("-i", path, "apply", "--yes", server=server)
    server.rows("GRANT dbrole_readonly TO stranger")
    server.rows("GRANT stranger TO reader")
    server.rows("GRANT CONNECT ON DATABASE app TO stranger")
    server.rows("CREATE TABLE t (); GRANT SELECT ON t TO stranger", dbname="app")
    before = server.access_state()
    access.assert_settled(path, server)
    servers.run("-i", path, "apply", "--yes", server=server)
    assert servers.difference(before, server.access_state()) == ""
