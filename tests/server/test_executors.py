"""Executors that are no superuser: what they may do is done, what not is told before anything runs."""
import re

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
    GRANT CONNECT ON DATABASE dx TO stranger WITH GRANT OPTION;
"""
BEFORE_BY_STRANGER = "GRANT CONNECT ON DATABASE dx TO PUBLIC"
BEFORE_IN_DX = """
    CREATE SCHEMA sales AUTHORIZATION owner_x;
    GRANT USAGE, CREATE ON SCHEMA sales TO owner_y, stranger;
    SET ROLE owner_x;
    CREATE TABLE sales.x (a int, b int);
    GRANT SELECT ON sales.x TO stranger WITH GRANT OPTION;
    CREATE FUNCTION sales.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
    SET ROLE owner_y;
    CREATE TABLE sales.y (a int);
    CREATE TABLE sales.z (a int)
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
         "grants": [
             {"to": "seer", "privileges": ["SELECT"], "kind": "tables", "schema": "sales"},
             {"to": "seer", "privileges": ["INSERT"], "kind": "tables", "schema": "sales",
              "future": ["owner_y"]},
             {"to": "copier", "privileges": ["UPDATE"], "kind": "table", "schema": "sales",
              "name": "x", "columns": ["a"]},
             {"to": "PUBLIC", "privileges": ["EXECUTE"], "kind": "function", "schema": "sales",
              "name": "f", "state": "absent"},
             {"to": "seer", "privileges": ["USAGE"], "kind": "schema", "schema": "sales"}],
         "owners": [{"kind": "table", "schema": "sales", "name": "z", "owner": "owner_x"}],
         "parameters": {"work_mem": "2MB", "log_statement": "none"}},
        {"name": "dy", "owner": "owner_x", "is_template": True},
        {"name": "dn", "owner": "new_owner", "schemas": ["sn"], "comment": "new",
         "revokeconn": True},
        {"name": "dm", "owner": "owner_y", "comment": "of y"},
        {"name": "dc", "template": "dm", "comment": "a copy"},
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
    "that is another grantor": (13, "CREATE ROLE deploy LOGIN; GRANT stranger, owner_x TO deploy"),
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
    server.rows(BEFORE_BY_STRANGER, user="stranger")
    server.rows(BEFORE_IN_DX, dbname="dx")
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


@each_major
@pytest.mark.parametrize("who", EXECUTORS)
def test_the_statement_of_the_hint_helps(major, who, new_server, write):
    since, made = EXECUTORS[who]
    if major < since:
        pytest.skip(f"from {since} on")
    server = new_server(major)
    prepare(server, BEFORE + "CREATE ROLE deploy_group;" + made)
    server.rows(BEFORE_BY_STRANGER, user="stranger")
    server.rows(BEFORE_IN_DX, dbname="dx")
    path = write(WANTED)
    target = executor.plan(server, path)
    helps = {number: executor.help_of(note)
             for number, note in executor.refused(target).items()}
    with server.connect("leaver"):
        executor.StepByStep(server).run(target["steps"], lambda step: helps[step["seq"]])


@each_major
def test_a_creator_of_roles_makes_everything_that_needs_no_superuser(major, new_server, write):
    server = new_server(major)
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE CREATEDB")
    path = write(access.RICH)
    pending = executor.run(server, "-v", "-i", path, "plan", "--detailed-exitcode", expect=2)
    assert "insufficient-privilege" not in pending.stdout
    # the text is wrapped, anywhere between two words
    assert 'skipped policy step: create role "replicator"' in " ".join(pending.stdout.split())
    executor.run(server, "-i", path, "apply", "--yes")
    for _ in range(2):
        again = executor.run(server, "-i", path, "plan", "--detailed-exitcode")
        assert "no changes" in again.stdout, again
    owners = dict(server.rows("SELECT datname, pg_get_userbyid(datdba) FROM pg_database"))
    assert (owners["app"], owners["plain"]) == ("owner_a", "deploy")
    # a superuser's run finds the rest, and after it the executor's plan is still empty
    servers.run("-i", path, "apply", "--yes", server=server)
    again = executor.run(server, "-i", path, "plan", "--detailed-exitcode")
    assert "no changes" in again.stdout and "policy-step-skipped" not in again.stdout, again


@each_major
def test_what_16_gives_a_creator_of_roles_is_left_alone(major, new_server, write):
    server = new_server(major)
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE")
    path = write({"pg_users": [{"name": "made"}, {"name": "deploy", "createrole": True, "roles": [
        {"name": "made", "state": "absent"}]}]})
    executor.run(server, "-i", path, "apply", "--yes")
    for more in ({}, {"server": server}):
        run = executor.run if not more else lambda _, *arguments, **m: servers.run(*arguments, **m)
        again = run(server, "-i", path, "plan", **more)
        assert 'FROM "deploy"' not in again.stdout, again


@each_major
@pytest.mark.parametrize("setting", ["", "set", "set, inherit"])
def test_a_role_is_joined_only_where_that_is_needed(major, setting, new_server, write):
    if major < 16 and setting:
        pytest.skip("from 16 on")
    server = new_server(major)
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE CREATEDB")
    if setting:
        server.rows(f"ALTER ROLE deploy SET createrole_self_grant = '{setting}'")
    path = write({"pg_users": [{"name": "keeper"}, {"name": "other"}],
                  "pg_databases": [{"name": "d", "owner": "keeper", "connlimit": 5}]})
    target = executor.plan(server, path)
    joins = [step["sql"] for step in target["steps"] if step["sql"].startswith('GRANT "keeper" TO')]
    assert len(joins) == (0 if setting == "set, inherit" else 1), joins
    assert len(executor.notes(target, "session-role-joins")) == len(joins)
    assert not any('GRANT "other"' in step["sql"] for step in target["steps"])
    executor.run(server, "-i", path, "apply", "--yes")
    assert executor.plan(server, path)["steps"] == []


@each_major
def test_apply_refuses_before_anything_is_run(major, new_server, write):
    server = new_server(major)
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE")
    path = write({"pg_users": [{"name": "fine"}, {"name": "too_much", "superuser": True}]})
    planned = executor.run(server, "-i", path, "plan")
    assert 'CREATE ROLE "too_much"' in planned.stdout and 'CREATE ROLE "fine"' in planned.stdout
    assert "only a superuser may change SUPERUSER" in planned.stdout
    before = server.access_state()
    refused = executor.run(server, "-i", path, "apply", "--yes", expect=4)
    assert "insufficient-privilege" in refused.stdout and "nothing was done" in refused.stderr, refused
    assert servers.difference(before, server.access_state()) == ""


@each_major
def test_an_owner_without_any_right_plans_and_applies_in_what_it_owns(major, new_server, write):
    server = new_server(major)
    server.rows("CREATE ROLE keeper LOGIN")
    wanted = {"pg_users": [{"name": "keeper"}, {"name": "reader"}],
              "pg_databases": [{"name": "d", "owner": "keeper", "schemas": ["old"]}]}
    servers.run("-i", write(wanted), "apply", "--yes", server=server)
    settled = executor.run(server, "-i", write(wanted), "plan", "--detailed-exitcode",
                           user="keeper")
    assert "no changes" in settled.stdout and "skipped policy step" not in settled.stdout, settled
    wanted["pg_databases"][0].update(comment="mine", schemas=["old", "new"], revokeconn=True,
                                     parameters={"work_mem": "5MB"})
    path = write(wanted)
    executor.run(server, "-i", path, "apply", "--yes", user="keeper")
    assert executor.plan(server, path, user="keeper")["steps"] == []
    assert server.value("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'new'",
                        dbname="d") == "keeper"
    # as dbsu would have it, but for the schema that belongs to who made it
    again = servers.run("-i", path, "plan", "--detailed-exitcode", server=server)
    assert "no changes" in again.stdout, again


@each_major
def test_an_executor_takes_dbsu_only_where_it_may(major, new_server, write):
    server = new_server(major)
    prepare(server, "CREATE ROLE boss LOGIN SUPERUSER; CREATE ROLE deputy LOGIN;"
                    "GRANT postgres TO deputy; CREATE ROLE aide LOGIN CREATEROLE")
    path = write({"pg_databases": [{"name": "d", "schemas": ["s"]}]})
    for user in ("boss", "deputy"):
        planned = executor.run(server, "-i", path, "plan", user=user)
        assert 'statements run as "postgres"' in planned.stdout
        assert "skipped policy step" not in planned.stdout
    assert "statements run as" not in executor.run(server, "-i", path, "plan", user="aide").stdout
    executor.run(server, "-i", path, "apply", "--yes", user="deputy")
    assert "no changes" in executor.run(server, "-i", path, "plan", user="deputy").stdout
    assert server.value("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 's'",
                        dbname="d") == "postgres"


@each_major
def test_from_16_on_membership_without_set_does_not_take_dbsu(major, new_server, write):
    if major < 16:
        pytest.skip("from 16 on")
    server = new_server(major)
    prepare(server, "CREATE ROLE deputy LOGIN; GRANT postgres TO deputy WITH SET FALSE")
    planned = executor.run(server, "-i", write({"pg_users": []}), "plan", user="deputy")
    assert "statements run as" not in planned.stdout


@each_major
def test_passwords_that_cannot_be_compared(major, new_server, write):
    server = new_server(major)
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE")
    path = write({"pg_users": [{"name": "a", "password": "Secret.A"},
                               {"name": "b", "password": "Secret.B"}]})
    executor.run(server, "-i", path, "apply", "--yes")
    assert servers.run("-i", path, "plan", server=server).stdout.count('PASSWORD <secret>') == \
        0, "a superuser compares them, and finds nothing to set"
    target = executor.plan(server, path)
    note, = executor.notes(target, "password-not-compared")
    assert target["steps"] == [] and '"a", "b"' in note["message"]
    assert "cannot be compared" in note["message"]
    stored = server.rows("SELECT rolname, rolpassword FROM pg_authid ORDER BY 1")
    for _ in range(2):
        steps = executor.plan(server, path, "--set-passwords")["steps"]
        assert [step["name"] for step in steps] == ["a", "b"] and all(s["secret"] for s in steps)
        executor.run(server, "-i", path, "apply", "--yes", "--set-passwords")
        new = server.rows("SELECT rolname, rolpassword FROM pg_authid ORDER BY 1")
        assert new != stored
        stored = new
    # who may read pg_authid compares, with or without the option
    server.rows("GRANT SELECT ON pg_authid TO deploy")
    for options in ([], ["--set-passwords"]):
        target = executor.plan(server, path, *options)
        assert target["steps"] == [] and executor.notes(target, "password-not-compared") == []
    server.rows("ALTER ROLE a PASSWORD 'Other'")
    assert [step["name"] for step in executor.plan(server, path)["steps"]] == ["a"]


@each_major
def test_pg_read_all_data_compares_passwords(major, new_server, write):
    if major < 14:
        pytest.skip("from 14 on")
    server = new_server(major)
    prepare(server, "CREATE ROLE deploy LOGIN CREATEROLE; GRANT pg_read_all_data TO deploy")
    path = write({"pg_users": [{"name": "a", "password": "Secret.A"}]})
    executor.run(server, "-i", path, "apply", "--yes")
    target = executor.plan(server, path)
    assert target["steps"] == [] and executor.notes(target, "password-not-compared") == []


@each_major
def test_the_log_is_kept_quiet_as_far_as_the_executor_may(major, new_server, write):
    server = new_server(major, settings={"log_statement": "all"})
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE")
    path = write({"pg_users": [{"name": "a", "password": "Secret.A"}]})
    note, = executor.notes(executor.plan(server, path), "password-may-be-logged")
    assert "log_statement" in note["message"]
    if major >= 15:
        server.rows(executor.help_of(note))
        assert executor.notes(executor.plan(server, path), "password-may-be-logged") == []
    executor.run(server, "-i", path, "apply", "--yes")
    verifier = server.value("SELECT rolpassword FROM pg_authid WHERE rolname = 'a'")
    assert "Secret.A" not in server.log_text()
    assert (verifier in server.log_text()) == (major < 15)


@each_major
def test_what_an_executor_may_not_look_at_is_told(major, new_server, write):
    server = new_server(major)
    prepare(server, "CREATE ROLE deploy LOGIN CREATEROLE; CREATE DATABASE d;"
                    "REVOKE CONNECT ON DATABASE d FROM PUBLIC;"
                    "REVOKE CONNECT ON DATABASE template1 FROM PUBLIC;"
                    "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
    path = write({"pg_databases": [{"name": "d"}]})
    target = executor.plan(server, path)
    assert target["server"]["system_identifier"] is None
    assert len(executor.notes(target, "system-identifier-unknown")) == 1
    assert '"template1"' in executor.notes(target, "database-inaccessible")[0]["message"]
    note = executor.notes(target, "insufficient-privilege")[0]
    assert 'may not connect to database "d"' in note["message"]
    server.rows(executor.help_of(note))
    assert not any("connect" in note["message"]
                   for note in executor.notes(executor.plan(server, path), "insufficient-privilege"))


@each_major
def test_the_lock_is_told_to_who_may_not_see_its_holder(major, new_server, write):
    server = new_server(major)
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE")
    path = write({"pg_users": [{"name": "a"}]})
    holder = server.connect()
    holder.cursor().execute("SELECT pg_advisory_lock(8099000229930464370)")
    refused = executor.run(server, "-i", path, "apply", "--yes", expect=1)
    assert "another apply holds the lock" in refused.stderr and "(null)" not in refused.stderr
    holder.close()
    executor.run(server, "-i", path, "apply", "--yes", "--wait", "5")


@pytest.mark.parametrize("major", [m for m in servers.MAJORS if m == 16])
def test_the_guide_shows_what_happens(major, new_server, tmp_path):
    guide = (servers.ROOT / "docs/how-to/without-superuser.md").read_text(encoding="utf-8")
    server = new_server(major)
    options = ["--conninfo", f"pg-shop={server.conninfo(user='deploy')}"]
    for kind, block in re.findall(r"^```(\w+)\n(.*?)^```", guide, re.M | re.S):
        if kind == "sql":
            prepare(server, block)
        if kind == "yaml":
            (tmp_path / "shop.yml").write_text(block)
        if kind != "console":
            continue
        for words, expected in re.findall(r"^\$ pgcharter (.*)\n((?:(?!\$ ).*\n)*)", block, re.M):
            done = servers.run(*options, *words.split(), cwd=tmp_path, expect=None,
                               env={"SHOP_OWNER_PASSWORD": "Secret.Shop"})
            printed = done.stdout.replace(f"{server.folder}:{server.port}", "10.0.0.7:5432")
            said, at = words_of(printed + done.stderr), 0
            for line in re.sub(r"16\.\d+", server_version(server), expected).splitlines():
                at = said.find(words_of(line), at)  # the page's lines are broken at 80 columns
                assert at >= 0, f"{line}\n{done}"


def words_of(text):
    return " ".join(text.split())


def server_version(server):
    return server.value("SELECT split_part(current_setting('server_version'), ' ', 1)")


@each_major
@pytest.mark.parametrize("mode", ["adopt", "strict"])
def test_what_an_executor_may_not_take_is_left_with_a_word(major, mode, new_server, write):
    """Memberships and settings that no entry names, and that only others may take: the rest is done."""
    server = new_server(major)
    server.rows("CREATE ROLE deploy LOGIN CREATEROLE CREATEDB; CREATE ROLE boss SUPERUSER")
    server.rows("CREATE ROLE theirs")
    server.rows("CREATE ROLE r; CREATE ROLE mine", user="deploy")
    server.rows("GRANT pg_monitor, theirs, boss TO r; ALTER ROLE r SET log_statement = 'all'")
    server.rows("ALTER ROLE r SET work_mem = '1MB'; GRANT mine TO r", user="deploy")
    path = write({"pg_policy": "none", "pg_access_mode": mode, "pg_users": [
        {"name": "r", "login": False, "roles": [], "parameters": {}},
        {"name": "mine", "login": False}, {"name": "new", "login": False}]})
    done = executor.run(server, "-i", path, "-v", "apply", "--yes")
    kept = {row[0] for row in server.rows("SELECT roleid::regrole::text FROM pg_auth_members"
                                          " WHERE member = 'r'::regrole")} - {"pgcharter_managed"}
    # before 16 CREATEROLE is enough for every role but superusers
    assert kept == ({"boss"} if major < 16 else {"boss", "theirs", "pg_monitor"})
    for name in kept:
        assert f'membership of "r" in "{name}" is undeclared, but stays' in done.stdout, done
    assert server.rows("SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = 'r'::regrole") == \
        [("log_statement=all",)]
    assert 'parameter "log_statement" of role "r" is undeclared, but stays' in done.stdout
    again = executor.run(server, "-i", path, "plan", "--detailed-exitcode")
    assert "no changes" in again.stdout and "undeclared-kept" in again.stdout
