"""Executors that are no superuser: what they may do is done, what not is told before anything runs."""
import pytest

import access
import executor
import servers

MAJORS = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 15, 16, 18)]
each_major = pytest.mark.parametrize("major", MAJORS, ids=lambda m: f"pg{m}")

# What is there before, of which the executor owns nothing: something for each kind of step to meet
BEFORE = """
    CREATE ROLE owner_x LOGIN;
    CREATE ROLE owner_y LOGIN;
    CREATE ROLE stranger LOGIN;
    CREATE ROLE boss LOGIN SUPERUSER;
    CREATE ROLE copier LOGIN REPLICATION;
    CREATE ROLE seer LOGIN BYPASSRLS;
    CREATE ROLE group_x;
    CREATE ROLE group_y;
    GRANT group_x TO stranger;
    GRANT group_y TO stranger WITH ADMIN OPTION;
    CREATE ROLE leaver LOGIN;
    CREATE DATABASE dx OWNER owner_x;
    CREATE DATABASE dy OWNER owner_y;
"""
WANTED = {
    "pg_users": [
        {"name": "owner_x", "comment": "x", "createdb": True, "password": "Secret.X"},
        {"name": "owner_y", "connlimit": 3, "parameters": {"work_mem": "8MB"}},
        {"name": "stranger", "createrole": True, "roles": [
            {"name": "group_x", "state": "absent"}, {"name": "group_y", "admin": False}, "owner_x"]},
        {"name": "boss", "comment": "the boss", "roles": ["group_x"]},
        {"name": "copier", "connlimit": 2, "roles": ["boss"]},
        {"name": "seer", "connlimit": 2, "parameters": {"log_statement": "none"}},
        {"name": "leaver", "state": "absent"},
        {"name": "deploy", "comment": "ourselves", "password": "Secret.Deploy",
         "parameters": {"work_mem": "4MB"}},
        {"name": "new_plain", "password": "Secret.New", "roles": ["group_x", "new_group"],
         "parameters": {"log_min_duration_statement": "10"}},
        {"name": "new_group", "login": False, "comment": "made here"},
        {"name": "new_super", "superuser": True},
        {"name": "new_replication", "replication": True},
        {"name": "new_bypass", "bypassrls": True},
        {"name": "new_createdb", "createdb": True, "createrole": True},
        {"name": "new_owner"},
    ],
    "pg_databases": [
        {"name": "dx", "owner": "owner_x", "comment": "of x", "connlimit": 9, "revokeconn": True,
         "schemas": ["sx", {"name": "sx_owned", "owner": "owner_x"}],
         "parameters": {"work_mem": "2MB", "log_statement": "none"}},
        {"name": "dy", "owner": "owner_x", "is_template": True},
        {"name": "dn", "owner": "new_owner", "schemas": ["sn"], "comment": "new",
         "revokeconn": True},
        {"name": "dm", "owner": "owner_y", "comment": "of y"},
        {"name": "dc", "template": "dx", "comment": "a copy"},
    ],
}
# How the executor is made, from the version on that has what it needs
EXECUTORS = {
    "with nothing": (13, "CREATE ROLE deploy LOGIN"),
    "CREATEROLE": (13, "CREATE ROLE deploy LOGIN CREATEROLE"),
    "CREATEROLE and CREATEDB": (13, "CREATE ROLE deploy LOGIN CREATEROLE CREATEDB"),
    "CREATEROLE in groups": (13, "CREATE ROLE deploy LOGIN CREATEROLE CREATEDB;"
                                 "GRANT group_x, owner_y TO deploy WITH ADMIN OPTION;"
                                 "GRANT owner_x, pg_signal_backend TO deploy"),
    "that inherits nothing": (13, "CREATE ROLE deploy LOGIN CREATEROLE CREATEDB NOINHERIT;"
                                  "GRANT owner_x, group_y TO deploy WITH ADMIN OPTION"),
    "that owns a database": (13, "CREATE ROLE deploy LOGIN; GRANT owner_x TO deploy;"),
    "that gives its attributes": (16, "CREATE ROLE deploy LOGIN CREATEROLE REPLICATION BYPASSRLS;"
                                      "GRANT copier, seer, leaver, deploy_group TO deploy"
                                      " WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"),
    "with SET and no INHERIT": (16, "CREATE ROLE deploy LOGIN CREATEDB;"
                                    "GRANT owner_x, owner_y TO deploy WITH SET TRUE, INHERIT FALSE"),
    "with INHERIT and no SET": (16, "CREATE ROLE deploy LOGIN CREATEDB;"
                                    "GRANT owner_x, owner_y TO deploy WITH SET FALSE, INHERIT TRUE"),
    "that gets what it creates": (16, "CREATE ROLE deploy LOGIN CREATEROLE CREATEDB;"
                                      "ALTER ROLE deploy SET createrole_self_grant = 'set, inherit'"),
    "with parameters": (15, "CREATE ROLE deploy LOGIN CREATEROLE;"
                            "GRANT SET ON PARAMETER log_statement TO deploy"),
}


def prepare(server, statements):
    for statement in statements.split(";"):
        if statement.strip():
            server.rows(statement)


@each_major
@pytest.mark.parametrize("who", EXECUTORS)
def test_the_judgement_is_the_servers(major, who, new_server, write):
    since, made = EXECUTORS[who]
    if major < since:
        pytest.skip(f"from {since} on")
    server = new_server(major)
    prepare(server, BEFORE + "CREATE ROLE deploy_group;" + made)
    path = write(WANTED)
    target = executor.plan(server, path)
    judged = executor.refused(target)
    staying = server.connect("leaver")
    said = executor.StepByStep(server).run(target["steps"])
    staying.close()
    wrong = [f"{step['sql']}: judged {judged.get(step['seq'], {}).get('message')},"
             f" the server says {said.get(step['seq'])}"
             for step in target["steps"] if (step["seq"] in judged) != (step["seq"] in said)]
    assert not wrong, "\n".join(wrong)
    assert set(said.values()) <= {"42501", "warning"}, said
    left = executor.plan(server, path)["steps"]
    assert left == [], [step["sql"] for step in left]
