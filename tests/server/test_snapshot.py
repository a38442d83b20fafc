"""A state that snapshot saved stands for the server: the plan is the same.

A world is what is left of two random inventories and what somebody did by hand between them, with
random objects and grants inside. Its snapshot is planned with inventories that were applied, and
with ones that were not, in every mode. ./dev test makes ten worlds, --all a hundred.
"""
import base64
import difflib
import hashlib
import hmac
import json
import os
import random

import pytest

import servers
import test_random
import test_random_grants

WORLDS = range(100 if servers.TEST_ALL else 10)
MODES = ["additive", "adopt", "strict"]
ALLOWED = ["--allow-mass-removal", "--init"]


def scram(password, salt):
    """A verifier as PostgreSQL stores it (RFC 5802)."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 4096)

    client = hmac.digest(salted, b"Client Key", "sha256")
    server = hmac.digest(salted, b"Server Key", "sha256")

    def text(value):
        return base64.b64encode(value).decode()

    stored = hashlib.sha256(client).digest()
    return f"SCRAM-SHA-256$4096:{text(salt)}${text(stored)}:{text(server)}"


def with_verifiers(variables, dice):
    """Passwords as ready verifiers: of a plaintext a state cannot say whether it is the stored one."""
    for user in variables["pg_users"]:
        if "password" in user:
            user["password"] = scram(user["password"], bytes([dice.randrange(3)]) * 16)
    return variables


def random_grants(dice, things):
    return [test_random_grants.random_grant(dice, things, ["team", "ops"],
                                            dice.choice([None, None, "absent"]))
            for _ in range(dice.randrange(1, 5))]


def fill(dice, server, dbname):
    """Objects with owners and grants; what exists afterwards."""
    connection = server.connect(dbname=dbname)
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in test_random_grants.create_objects(dice):
            cursor.execute(statement)
        cursor.execute(test_random_grants.ENTRIES)
        things = test_random_grants.objects_of(cursor.fetchall())
        for statement in test_random_grants.disturb(dice, things):
            try:
                cursor.execute(statement)
            except servers.psycopg2.Error:
                pass  # somebody who may not grant
    connection.close()
    return things


def random_world(dice, server, write):
    """Inventories over a server that is not what any of them says."""
    for role in [*test_random_grants.OWNERS, *test_random_grants.STRANGERS,
                 *test_random_grants.READERS, *test_random_grants.LOSERS]:
        server.rows(f"CREATE ROLE {test_random_grants.quoted(role)}")
    first = with_verifiers(test_random.random_inventory(dice), dice)
    applied = write(first, name="applied.yml")
    servers.run("-i", applied, "apply", "--yes", *ALLOWED, server=server)
    dbname = first["pg_databases"][0]["name"]
    things = fill(dice, server, dbname)
    test_random.disturb(dice, server)
    second = with_verifiers(test_random.random_inventory(dice), dice)
    for variables in (first, second):
        for database in variables["pg_databases"]:
            if database["name"] == dbname:
                database["grants"] = random_grants(dice, things)
        for name in ("team", "ops"):
            if name not in [user["name"] for user in variables["pg_users"]]:
                variables["pg_users"].append({"name": name, "login": False})
    return [write(first, name="first.yml"), write(second, name="second.yml")]


def plan(*arguments, server=None):
    """The plan as JSON without what tells of the connection and of the server's HBA file, which is
    no part of its access state; exit code and messages where refused."""
    done = servers.run("--color", "never", *arguments, "plan", "--format", "json", *ALLOWED,
                       server=server, expect=None)
    if done.code != 0:
        return done.code, done.stderr
    document = json.loads(done.stdout)
    for target in document["targets"]:
        target["server"]["system_identifier"] = None
        target["notes"] = [note for note in target["notes"] if note["id"] != "hba-differs"]
    return done.code, document


def difference(of_server, of_state):
    """Lines of JSON that only one of two plans has; '' when they are equal."""
    left, right = (json.dumps(plan, indent=1).splitlines() for plan in (of_server, of_state))
    return "\n".join(difflib.unified_diff(left, right, "server", "state", n=3, lineterm=""))


@pytest.mark.parametrize("seed", WORLDS)
def test_a_plan_with_a_snapshot_is_the_servers_plan(seed, new_server, write, tmp_path):
    major = servers.MAJORS[seed % len(servers.MAJORS)]
    dice = random.Random(f"snapshot {seed}")
    server = new_server(major)
    inventories = random_world(dice, server, write)
    state = tmp_path / "state.yml"
    # One inventory takes the snapshot, both plan with it: the other one comes later.
    servers.run("-i", inventories[seed % 2], "snapshot", "--all", "-o", state, server=server)
    planned = 0
    for inventory in inventories:
        for mode in MODES:
            of_server = plan("-i", inventory, "--mode", mode, server=server)
            of_state = plan("-i", inventory, "--mode", mode, "--state", state)
            found = difference(of_server, of_state)
            planned += of_server[0] == 0
            assert not found, f"{inventory} {mode}\n{found}"
    assert planned > 0, "refused in every mode: this world shows nothing"


def test_a_snapshot_of_what_a_plan_looks_into_is_enough(new_server, write, tmp_path):
    """Without --all, as the session of somebody who is not a superuser."""
    for major in (servers.MAJORS[0], servers.MAJORS[-1]):
        server = new_server(major)
        server.rows("CREATE ROLE deploy LOGIN CREATEROLE CREATEDB")
        server.rows("CREATE DATABASE app OWNER deploy")
        server.rows("CREATE DATABASE other")
        server.rows("CREATE TABLE t (id int, note text); GRANT SELECT (note) ON t TO deploy",
                    dbname="app", user="deploy" if major < 15 else None)
        path = write({"pg_policy": "none", "pg_dbsu": "deploy", "pg_users": [
                          {"name": "app", "parameters": {"work_mem": "4MB", "log_statement": "all"},
                           "expire_at": "2040-02-03 04:05:06+02"}],
                      "pg_databases": [{"name": "app", "grants": [
                          {"to": "app", "kind": "table", "schema": "public", "name": "t",
                           "columns": ["note", "id"], "privileges": ["SELECT"]}]}]})
        conninfo = f"pg-test={server.conninfo(user='deploy')}"
        state = tmp_path / f"{major}.yml"
        servers.run("-i", path, "--conninfo", conninfo, "snapshot", "-o", state)
        of_server = plan("-i", path, "--conninfo", conninfo)
        of_state = plan("-i", path, "--state", state)
        assert of_state == of_server
        text = state.read_text()
        assert "may_not_set: [log_" in text and "name: other" in text


def test_what_a_snapshot_did_not_look_at_is_said(server, write, tmp_path):
    server.rows("CREATE DATABASE app")
    state = tmp_path / "state.yml"
    servers.run("-i", write({"pg_policy": "none"}), "snapshot", "-o", state, server=server)
    path = write({"pg_policy": "none", "pg_databases": [{"name": "app", "grants": [
        {"to": "PUBLIC", "kind": "schema", "schema": "public", "privileges": ["USAGE"]}]}]})
    said = servers.run("-i", path, "plan", "--state", state).stdout
    assert ('the state does not include the contents of database "app", so nothing is planned there'
            " [state-incomplete]") in said


def test_no_secret_is_in_a_snapshot(server, write, tmp_path):
    verifier = scram("Clear.Text.1", b"0123456789abcdef")
    server.rows(f"CREATE ROLE ready PASSWORD '{verifier}'")
    server.rows("CREATE ROLE plain PASSWORD 'Clear.Text.2'")
    server.rows("SET password_encryption = 'md5'; CREATE ROLE old PASSWORD 'Clear.Text.3'")
    path = write({"pg_policy": "none", "pg_users": [
        {"name": "ready", "password": verifier, "login": False},
        {"name": "plain", "password": "Clear.Text.2", "login": False}]})
    state = tmp_path / "state.yml"
    done = servers.run("-i", path, "-v", "-v", "snapshot", "-o", state, server=server)
    stored = [row[0] for row in server.rows("SELECT rolpassword FROM pg_authid"
                                            " WHERE rolpassword IS NOT NULL")]
    assert len(stored) == 3
    text = state.read_text()
    parts = [part for one in stored for part in
             [one, one[3:], *one.replace("$", ":").split(":")[1:]] if len(part) > 5]
    for secret in ["Clear.Text", *parts]:
        assert secret not in text and secret not in done.stderr + done.stdout, secret
    digest = hashlib.sha256(verifier.encode()).hexdigest()
    assert f"- {{name: ready, password: 'scram-sha-256 sha256:{digest}'}}" in text
    assert "- {name: old, password: md5}" in text
    assert os.stat(state).st_mode & 0o777 == 0o600


def test_what_can_be_said_of_passwords_is_said(server, write, tmp_path):
    """A ready verifier is compared by its digest, a plaintext cannot be: never taken for equal."""
    verifier = scram("Clear.Text.1", b"0123456789abcdef")
    other = scram("Clear.Text.1", b"fedcba9876543210")
    for name in ("same", "differs", "plain"):
        server.rows(f"CREATE ROLE {name} PASSWORD '{verifier}'")
    server.rows("CREATE ROLE nothing")
    server.rows("SET password_encryption = 'md5'; CREATE ROLE old PASSWORD 'Clear.Text.1'")
    path = write({"pg_policy": "none", "pg_users": [
        {"name": name, "login": False, "comment": "", "password": password} for name, password in [
            ("same", verifier), ("differs", other), ("plain", "Clear.Text.1"),
            ("nothing", "Clear.Text.1"), ("old", "Clear.Text.1")]]})
    state = tmp_path / "state.yml"
    servers.run("-i", path, "snapshot", "-o", state, server=server)
    code, document = plan("-i", path, "--state", state)
    target = document["targets"][0]
    assert code == 0
    assert sorted(step["name"] for step in target["steps"]) == ["differs", "nothing", "old"]
    assert [note["message"] for note in target["notes"]] == [
        "declared passwords cannot be compared and are left unchanged, because a saved state holds no "
        'verifiers: "plain"']
    _, document = plan("-i", path, "--state", state, "--set-passwords")
    assert sorted(step["name"] for step in document["targets"][0]["steps"]) == [
        "differs", "nothing", "old", "plain"]


def test_apply_refuses_a_plan_that_was_made_with_a_state(server, write, tmp_path):
    path = write({"pg_policy": "none", "pg_users": [{"name": "app"}]})
    state, saved = tmp_path / "state.yml", tmp_path / "saved.plan"
    servers.run("-i", path, "snapshot", "-o", state, server=server)
    servers.run("-i", path, "plan", "--state", state, "-o", saved)
    refused = servers.run("-i", path, "apply", "--yes", saved, server=server, expect=4)
    assert "was made with --offline or --state and has no target server" in refused.stderr
    assert server.rows("SELECT 1 FROM pg_roles WHERE rolname = 'app'") == []


def test_a_state_for_each_cluster_of_a_folder(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    both = servers.inventory({"pg_policy": "none", "pg_users": [{"name": "app"}]})
    both["all"]["children"]["gone"] = servers.inventory(
        {"pg_policy": "none"}, cluster="pg-gone",
        hosts={"10.1.1.2": {"pg_seq": 1, "pg_role": "primary"}})["all"]["children"]["pg-gone"]
    path = servers.write_inventory(tmp_path / "both.yml", both)
    unreachable = ["--conninfo", "pg-gone=host=/nonexistent"]
    refused = servers.run("-i", path, *unreachable, "snapshot", server=server, expect=64)
    assert "a state is of one cluster" in refused.stderr
    done = servers.run("-i", path, *unreachable, "snapshot", "-d", tmp_path, server=server, expect=1)
    assert "/nonexistent" in done.stderr
    assert (tmp_path / "pg-test.state.yml").exists()
    refused = servers.run("-i", path, "plan", "--state", tmp_path / "pg-test.state.yml", expect=64)
    assert "--state FILE is of one cluster" in refused.stderr
    done = servers.run("-i", path, "plan", "--state", tmp_path, expect=3)
    assert "pg-gone.state.yml" in done.stderr and 'CREATE ROLE "app"' in done.stdout


@pytest.mark.parametrize("options, words", [
    (["--offline"], "--state cannot be combined with --offline"),
    (["--hba"], "--hba compares with servers' files"),
    (["--conninfo", "pg-test=host=/nowhere"], "--conninfo names a server"),
    (["--pg-version", "16"], "--pg-version goes with --offline"),
])
def test_a_state_excludes_what_speaks_of_another_server(options, words, write, tmp_path):
    state = tmp_path / "state.yml"
    state.write_text("pgcharter_state: 1\nserver: {version: 16.4}\nstarts_from: initdb\n"
                     "end_of_state: true\n")
    refused = servers.run("-i", write({"pg_policy": "none"}), "plan", "--state", state, *options,
                          expect=64)
    assert words in refused.stderr
