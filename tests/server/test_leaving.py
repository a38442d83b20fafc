"""Roles that leave: marked, disabled, back again, dropped with what they own moved; and what adopt and
strict take from the roles that stay."""
import re
import time

import psycopg2
import pytest

import access
import servers

MAJORS = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 15, 16, 18)]
FEW = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 18)]


@pytest.fixture(params=MAJORS, ids=lambda major: f"pg{major}")
def server(request):
    with servers.Postgres(request.param) as running:
        yield running


@pytest.fixture(params=FEW, ids=lambda major: f"pg{major}")
def few(request):
    return request.param


def users(*names, mode="adopt", databases=(), **more):
    entries = [name if isinstance(name, dict) else {"name": name} for name in names]
    return {"pg_access_mode": mode, "pg_users": entries,
            "pg_databases": [{"name": name} for name in databases], **more}


def apply(path, server, *options, **more):
    return servers.run("-i", path, "apply", "--yes", *options, server=server, **more)


def sql_of(path, server, *options):
    return [step["sql"] for step in access.plan_steps(path, server, *options)]


def settled(path, server, *options):
    for _ in range(2):
        again = servers.run("-i", path, "plan", "--detailed-exitcode", *options, server=server)
        assert "no changes" in again.stdout, again


def members(server, role):
    return [row[0] for row in server.rows(
        "SELECT m.rolname FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid"
        " JOIN pg_roles m ON m.oid = a.member WHERE r.rolname = %s ORDER BY 1", (role,))]


def can_log_in(server, role):
    return server.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", (role,))


def roles(server):
    return {row[0] for row in server.rows("SELECT rolname FROM pg_roles")}


# ---- memberships and settings

def test_adopt_takes_memberships_and_settings_that_are_not_declared(server, write):
    path = write(users({"name": "alice", "roles": ["dbrole_readonly"], "parameters": {"work_mem": "8MB"}},
                       {"name": "bob"}, "carol", databases=["app"]))
    apply(path, server)
    settled_state = server.access_state()
    server.rows("CREATE ROLE theirs; CREATE ROLE also_theirs")
    before = server.access_state()
    for sql in ("GRANT dbrole_readwrite, pg_monitor, theirs TO alice", "GRANT dbrole_readwrite TO bob",
                "GRANT alice TO also_theirs", "ALTER ROLE alice SET lock_timeout = '1s'",
                "ALTER ROLE alice IN DATABASE app SET work_mem = '9MB'",
                "ALTER ROLE bob SET lock_timeout = '2s'"):
        server.rows(sql)
    drifted = server.access_state()
    text = servers.run("-i", path, "plan", "--mode", "additive", server=server).stdout
    assert "no changes" in text
    assert 'undeclared memberships in "pg_monitor", "dbrole_readwrite", "theirs"' in text
    assert 'undeclared settings: "lock_timeout", "work_mem" in database "app"' in text
    assert text.count("[membership-undeclared]") == 1 and text.count("[setting-undeclared]") == 1
    assert servers.difference(drifted, server.access_state()) == ""

    apply(path, server)
    assert members(server, "pg_monitor").count("alice") == 0
    assert "alice" not in members(server, "theirs") and "alice" not in members(server, "dbrole_readwrite")
    assert "bob" in members(server, "dbrole_readwrite"), "bob's entry says nothing of roles"
    assert members(server, "alice") == ["also_theirs"], "it is not declared: adopt leaves it alone"
    assert server.rows("SELECT setconfig FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole"
                       " WHERE rolname IN ('alice', 'bob') ORDER BY 1") == \
        [(["lock_timeout=2s"],), (["work_mem=8MB"],)]
    settled(path, server)
    apply(path, server, "--mode", "strict")
    assert members(server, "alice") == [], "in strict nobody else is a member of what is declared"
    server.rows("REVOKE dbrole_readwrite FROM bob")
    server.rows("ALTER ROLE bob RESET lock_timeout")
    assert servers.difference(before, server.access_state()) == ""
    server.rows("DROP ROLE theirs, also_theirs")
    assert servers.difference(settled_state, server.access_state()) == ""


def test_pg_managed_narrows(new_server, write):
    server = new_server(18)
    path = write(users({"name": "alice", "roles": []}, {"name": "bob", "roles": []},
                       pg_managed={"roles": ["a*"]}))
    apply(path, server)
    assert members(server, "pgcharter_managed") == ["alice"]
    server.rows("GRANT pg_monitor TO alice, bob")
    apply(path, server)
    assert "alice" not in members(server, "pg_monitor") and "bob" in members(server, "pg_monitor")
    settled(path, server)


@pytest.mark.parametrize("major", [m for m in MAJORS if m >= 16])
def test_the_administrator_of_its_own_roles_stays_one(major, new_server, write):
    server = new_server(major)
    path = write(users({"name": "boss", "createrole": True, "roles": []}, "alice"))
    apply(path, server)
    server.rows("CREATE ROLE made", user="boss")
    assert members(server, "made") == ["boss"]
    settled(path, server)
    server.rows("GRANT pg_monitor TO boss")
    apply(path, server)
    assert members(server, "made") == ["boss"] and "boss" not in members(server, "pg_monitor")


CHIEFS = {
    "taken away because it is not declared": ("adopt", {"name": "chief", "roles": []}, ["keeper"]),
    "declared absent": ("additive", {"name": "chief", "roles": [{"name": "grp", "state": "absent"}]},
                        ["keeper", "other"]),
    "without admin": ("adopt", {"name": "chief", "roles": [{"name": "grp", "admin": False}]},
                      ["chief", "keeper"]),
}


@pytest.mark.parametrize("what", CHIEFS)
@pytest.mark.parametrize("major", [m for m in MAJORS if m >= 16])
def test_what_was_granted_by_a_membership_stays_with_who_may_have_it(what, major, new_server, write):
    mode, chief, left = CHIEFS[what]
    server = new_server(major)
    path = write(users(chief, {"name": "grp", "login": False}, {"name": "keeper", "roles": ["grp"]},
                       {"name": "other", "roles": []}, mode=mode))
    server.rows("CREATE ROLE chief LOGIN; CREATE ROLE grp; CREATE ROLE keeper LOGIN; CREATE ROLE other LOGIN")
    server.rows("GRANT grp TO chief WITH ADMIN OPTION")
    server.rows("GRANT grp TO keeper, other", user="chief")
    apply(path, server)
    assert members(server, "grp") == left
    settled(path, server)


# ---- leaving and coming back

def test_a_role_leaves_and_comes_back(server, write):
    both = write(users({"name": "alice", "roles": ["dbrole_readonly"]}, "bob", databases=["app"]), "both.yml")
    one = write(users("bob", databases=["app"]), "one.yml")
    apply(both, server)
    assert {"alice", "bob", "dbrole_readonly"} <= set(members(server, "pgcharter_managed"))
    assert not {"postgres", "replicator", "dbuser_dba", "dbuser_monitor"} & \
        set(members(server, "pgcharter_managed"))
    assert "pgcharter" in server.value("SELECT shobj_description('pgcharter_managed'::regrole, 'pg_authid')")
    assert not can_log_in(server, "pgcharter_managed")
    settled(both, server)
    server.rows("CREATE TABLE t (); CREATE TABLE own (); ALTER TABLE own"
                " OWNER TO alice", dbname="app")
    before = server.access_state()

    noted = servers.run("-i", one, "plan", "--mode", "additive", server=server).stdout
    assert "no changes" in noted and 'role "alice" is no longer declared' in noted
    session = server.connect("alice", "app")
    apply(one, server)
    with pytest.raises(psycopg2.OperationalError):
        session.cursor().execute("SELECT 1")
    with pytest.raises(psycopg2.OperationalError, match="not permitted to log in"):
        server.connect("alice")
    assert members(server, "pgcharter_disabled") == ["alice"]
    assert "alice" not in members(server, "pgcharter_managed")
    settled(one, server)
    settled(one, server, "--mode", "strict")

    apply(both, server)
    assert can_log_in(server, "alice") and members(server, "pgcharter_disabled") == []
    server.rows("SELECT 1 FROM t", user="alice", dbname="app")
    left = [line for line in servers.difference(before, server.access_state()).splitlines()
            if "pgcharter_disabled" not in line]
    assert left == []
    settled(both, server)
    apply(one, server)
    assert not can_log_in(server, "alice")
    settled(one, server)


def test_without_provisioning_nobody_has_left(new_server, write):
    server = new_server(18)
    apply(write(users("alice"), "a.yml"), server)
    for mode in ("adopt", "strict"):
        settled(write(users(mode=mode, pg_provision=False), "b.yml"), server)


def test_login_false_stays_without_login_when_it_comes_back(new_server, write):
    server = new_server(18)
    both, one = write(users({"name": "grp", "login": False}), "a.yml"), write(users(), "b.yml")
    apply(both, server)
    apply(one, server)
    assert "grp" in members(server, "pgcharter_managed")
    apply(both, server)
    assert not can_log_in(server, "grp") and members(server, "pgcharter_disabled") == []


def test_a_run_that_is_killed_while_it_disables_is_finished(few, new_server, write):
    both = write(users("alice", "bob"), "both.yml")
    one = write(users("bob"), "one.yml")
    reference = new_server(few)
    apply(both, reference)
    steps = access.plan_steps(one, reference)
    assert len(steps) >= 4
    apply(one, reference)
    for step in steps:
        server = new_server(few)
        apply(both, server)
        session = server.connect("alice")
        with servers.running("-i", one, "apply", "--yes", server=server,
                             env={"PGCHARTER_TEST_STOP": str(step["seq"])}) as process:
            process.communicate(timeout=servers.PATIENCE)
        apply(one, server)
        assert servers.difference(reference.access_state(), server.access_state()) == "", step
        servers.wait_until(lambda: not server.value(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'alice'"), what="alice's session to end")
        session.close()
        settled(one, server)
        server.remove()


def test_strict_lets_nobody_else_in(server, write):
    path = write(users("alice", mode="strict"))
    server.rows("CREATE ROLE stranger LOGIN")
    server.rows("CREATE ROLE grp")
    server.rows("GRANT pg_read_all_data, grp TO stranger" if server.major >= 14 else
                "GRANT pg_read_all_stats, grp TO stranger")
    session = server.connect("stranger")
    apply(path, server)
    servers.wait_until(lambda: not server.value(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'stranger'"), what="its session to end")
    session.close()
    assert not can_log_in(server, "stranger") and can_log_in(server, "postgres")
    assert server.rows("SELECT roleid::regrole::text FROM pg_auth_members"
                       " WHERE member = 'stranger'::regrole") == [("grp",)]
    settled(path, server)
    apply(path, server, "--prune")
    assert "stranger" in roles(server), "it was never ours to drop"


def test_mass_removal_needs_its_switch(new_server, write):
    server = new_server(18)
    many = [f"u{i}" for i in range(8)]
    all_of_them, none = write(users(*many), "a.yml"), write(users(), "b.yml")
    apply(all_of_them, server)
    planned = servers.run("-i", none, "plan", server=server)
    assert 'ALTER ROLE "u7" NOLOGIN' in planned.stdout and "[mass-removal]" in planned.stdout
    for options in ([], ["--prune"]):
        refused = servers.run("-i", none, "apply", "--yes", *options, server=server, expect=4)
        assert "disables or drops 8 of" in refused.stderr
    assert can_log_in(server, "u7")
    apply(none, server, "--allow-mass-removal")
    refused = servers.run("-i", none, "apply", "--yes", "--prune", server=server, expect=4)
    assert "disables or drops 8 of" in refused.stderr
    apply(none, server, "--prune", "--allow-mass-removal")
    assert not set(many) & roles(server)


@pytest.mark.parametrize("name", ["postgres", "replicator", "dbuser_dba"])
def test_what_the_cluster_needs_never_leaves(name, new_server, write):
    server = new_server(18)
    apply(write(users(), "all.yml"), server)
    refused = servers.run("-i", write(users({"name": name, "state": "absent"})), "plan", "--prune",
                          server=server, expect=4)
    assert "role-protected" in refused.stderr


# ---- dropping

PRUNED = users({"name": "gone", "state": "absent", "heir": "heir"}, "heir", "friend", "owner",
               mode="additive", databases=["a", "b"])
IN_EACH = """
    CREATE SCHEMA s; GRANT CREATE, USAGE ON SCHEMA s TO PUBLIC;
    SET ROLE gone;
    CREATE TABLE s.t (id serial PRIMARY KEY, x text, g int GENERATED ALWAYS AS IDENTITY);
    CREATE TABLE s.p (i int) PARTITION BY RANGE (i);
    CREATE TABLE s.p1 PARTITION OF s.p FOR VALUES FROM (0) TO (9);
    CREATE VIEW s.v AS SELECT * FROM s.t; CREATE MATERIALIZED VIEW s.m AS SELECT 1 AS one;
    CREATE SEQUENCE s.q; CREATE TYPE s.c AS (x int); CREATE TYPE s.e AS ENUM ('a'); CREATE DOMAIN s.d AS int;
    CREATE FUNCTION s.f(int, text) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE PROCEDURE s.pr() LANGUAGE sql AS 'SELECT 1';
    SELECT lo_create(4711);
    ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO friend;
    GRANT SELECT ON s.t TO friend; GRANT UPDATE (x) ON s.t TO friend; GRANT EXECUTE ON FUNCTION s.f TO friend;
    RESET ROLE;
    SET ROLE owner;
    CREATE TABLE s."Odd ""name" (a int, "b c" int); CREATE SEQUENCE s.os;
    CREATE FUNCTION s.of(int, VARIADIC text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
    CREATE PROCEDURE s.opr() LANGUAGE sql AS 'SELECT 1'; CREATE TYPE s.oe AS ENUM ('a');
    SELECT lo_create(4712);
    GRANT SELECT, INSERT ON s."Odd ""name" TO gone WITH GRANT OPTION;
    GRANT UPDATE (a, "b c") ON s."Odd ""name" TO gone WITH GRANT OPTION;
    GRANT USAGE ON SEQUENCE s.os TO gone WITH GRANT OPTION;
    GRANT EXECUTE ON ROUTINE s.of, s.opr TO gone WITH GRANT OPTION;
    GRANT USAGE ON TYPE s.oe TO gone WITH GRANT OPTION;
    GRANT SELECT ON LARGE OBJECT 4712 TO gone WITH GRANT OPTION;
    RESET ROLE;
    GRANT CREATE ON SCHEMA s TO gone WITH GRANT OPTION;
    SET ROLE gone;
    GRANT SELECT ON s."Odd ""name" TO friend WITH GRANT OPTION;
    GRANT UPDATE ("b c") ON s."Odd ""name" TO friend; GRANT INSERT ON s."Odd ""name" TO PUBLIC;
    GRANT USAGE ON SEQUENCE s.os TO friend; GRANT EXECUTE ON ROUTINE s.of, s.opr TO friend;
    GRANT USAGE ON TYPE s.oe TO friend; GRANT SELECT ON LARGE OBJECT 4712 TO friend;
    GRANT CREATE ON SCHEMA s TO friend;
    RESET ROLE;
    SET ROLE friend; GRANT SELECT ON s."Odd ""name" TO heir; RESET ROLE;
    ALTER TABLE s."Odd ""name" ENABLE ROW LEVEL SECURITY;
    CREATE POLICY pol ON s."Odd ""name" TO gone, friend;
"""


def make_owned(server):
    for name in ("gone", "heir", "friend", "owner"):
        server.rows(f"CREATE ROLE {name} LOGIN")
    for name in ("a", "b", "c"):
        server.rows(f"CREATE DATABASE {name}")
        server.rows(f"GRANT CREATE ON DATABASE {name} TO gone WITH GRANT OPTION")
    server.rows("GRANT CREATE ON DATABASE a TO friend", user="gone")
    server.rows("GRANT CREATE ON DATABASE c TO friend", user="gone")
    for name in ("postgres", "a", "b", "c"):
        server.rows(IN_EACH, dbname=name)
    server.rows("ALTER DATABASE c OWNER TO gone")
    if server.major >= 15:
        server.rows("GRANT SET ON PARAMETER work_mem, my.own TO gone WITH GRANT OPTION")
        server.rows("GRANT SET ON PARAMETER work_mem, my.own TO friend", user="gone")
    server.rows("CREATE ROLE grp")
    server.rows("GRANT grp TO gone WITH ADMIN OPTION")
    server.rows("GRANT grp TO friend", user="gone")
    server.rows("GRANT gone TO owner")


RIGHTS_OF_FRIEND = """
    SELECT has_table_privilege('friend', 's."Odd ""name"', 'SELECT WITH GRANT OPTION'),
           has_table_privilege('heir', 's."Odd ""name"', 'SELECT'),
           has_table_privilege('friend', 's."Odd ""name"', 'INSERT'),
           has_column_privilege('friend', 's."Odd ""name"', 'b c', 'UPDATE'),
           has_sequence_privilege('friend', 's.os', 'USAGE'),
           has_function_privilege('friend', 's.of(int, text[])', 'EXECUTE'),
           has_function_privilege('friend', 's.opr()', 'EXECUTE'),
           has_type_privilege('friend', 's.oe', 'USAGE'), has_schema_privilege('friend', 's', 'CREATE'),
           has_table_privilege('friend', 's.t', 'SELECT'),
           has_column_privilege('friend', 's.t', 'x', 'UPDATE'),
           has_function_privilege('friend', 's.f(int, text)', 'EXECUTE'),
           has_database_privilege('friend', 'a', 'CREATE'),
           has_database_privilege('friend', 'c', 'CREATE'), pg_has_role('friend', 'grp', 'MEMBER'),
           (SELECT lomacl::text LIKE '%friend=r%' FROM pg_largeobject_metadata WHERE oid = 4712)
"""


def assert_everything_moved(server, databases):
    for name in databases:
        assert server.rows("SELECT c.oid::regclass::text FROM pg_class c"
                           " WHERE relnamespace = 's'::regnamespace AND relkind <> 't'"
                           " AND relowner NOT IN ('heir'::regrole, 'owner'::regrole)",
                           dbname=name) == []
        assert server.value("SELECT count(*) FROM pg_class WHERE relowner = 'heir'::regrole",
                            dbname=name) > 8
        rights = server.rows(RIGHTS_OF_FRIEND, dbname=name)[0]
        assert all(rights), (name, rights)
    assert server.value("SELECT datdba::regrole::text FROM pg_database WHERE datname = 'c'") == "heir"


def test_prune_moves_what_it_owned_and_keeps_what_it_granted(server, write):
    path = write(PRUNED)
    make_owned(server)
    apply(path, server)
    session = server.connect("owner")
    plan = servers.run("-v", "-i", path, "plan", "--prune", server=server).stdout
    assert re.search(r'in database "c", role "gone" owns .*relations \(\d+\).*; is referenced by policies'
                     r' \(1\); holds', plan)
    assert "loses default privileges (1)" in plan
    assert '"owner": privileges inherited from role "gone" are lost' in plan
    assert 'GRANT UPDATE ("b c") ON TABLE "s"."Odd ""name" TO "friend";' in plan
    done = apply(path, server, "--prune")
    assert "gone" not in roles(server), done
    session.close()
    assert_everything_moved(server, ["postgres", "a", "b", "c"])
    if server.major >= 15:
        assert server.value("SELECT bool_and(has_parameter_privilege('friend', p, 'SET'))"
                            " FROM unnest('{work_mem,my.own}'::text[]) p")
    settled(path, server, "--prune")
    settled(path, server)


def test_prune_killed_at_any_step_is_finished(few, new_server, write):
    path = write(PRUNED)
    reference = new_server(few)
    make_owned(reference)
    apply(path, reference)
    steps = access.plan_steps(path, reference, "--prune")
    apply(path, reference, "--prune")
    chosen = steps if servers.TEST_ALL else steps[1::5]
    for step in chosen:
        server = new_server(few)
        make_owned(server)
        apply(path, server)
        with servers.running("-i", path, "apply", "--yes", "--prune", server=server,
                             env={"PGCHARTER_TEST_STOP": str(step["seq"])}) as process:
            process.communicate(timeout=servers.PATIENCE)
        apply(path, server, "--prune")
        assert servers.difference(reference.access_state(), server.access_state()) == "", step
        server.remove()


def test_a_database_that_cannot_be_entered_keeps_the_role(few, new_server, write):
    server = new_server(few)
    path = write(PRUNED)
    make_owned(server)
    apply(path, server)
    server.rows("ALTER DATABASE c ALLOW_CONNECTIONS false")
    plan = servers.run("-i", path, "plan", "--prune", server=server).stdout
    assert 'role "gone" remains disabled: it is still referenced in database "c"' in plan
    assert 'DROP ROLE "gone"' not in plan
    apply(path, server, "--prune")
    assert "gone" in roles(server) and not can_log_in(server, "gone")
    assert server.value("SELECT count(*) FROM pg_class WHERE relowner = 'gone'::regrole", dbname="a") == 0
    server.rows("ALTER DATABASE c ALLOW_CONNECTIONS true")
    apply(path, server, "--prune")
    assert "gone" not in roles(server)
    assert_everything_moved(server, ["postgres", "a", "b", "c"])


def test_a_database_that_is_full_keeps_the_role_too(new_server, write):
    server = new_server(18)
    path = write(users({"name": "gone", "state": "absent"}, mode="additive"))
    server.rows("CREATE ROLE gone")
    server.rows("CREATE DATABASE shut")
    server.rows("CREATE TABLE t (); ALTER TABLE t OWNER TO gone", dbname="shut")
    server.write_hba("local shut all reject\nlocal all all trust\n")
    server.reload()
    servers.wait_until(lambda: not can_enter(server, "shut"), what="the reload")
    done = apply(path, server, "--prune")
    assert 'which cannot be connected to: ' in done.stdout and "gone" in roles(server)
    server.write_hba("local all all trust\n")
    server.reload()
    servers.wait_until(lambda: can_enter(server, "shut"), what="the reload")
    apply(path, server, "--prune")
    assert "gone" not in roles(server)
    assert server.value("SELECT relowner::regrole::text FROM pg_class WHERE relname = 't'",
                        dbname="shut") == "pgcharter_orphans"


def can_enter(server, database):
    try:
        server.connect(dbname=database).close()
        return True
    except psycopg2.OperationalError:
        return False


def test_two_who_hang_on_each_other_leave_together(server, write):
    path = write(users({"name": "one", "state": "absent", "heir": "heir"}, {"name": "two", "state": "absent"},
                       "heir", "friend", mode="additive"))
    server.rows("CREATE ROLE one; CREATE ROLE two; CREATE ROLE friend LOGIN; CREATE TABLE t1 ();"
                " CREATE TABLE t2 (); CREATE TABLE t3 (); GRANT SELECT ON t3 TO one WITH GRANT OPTION;"
                " ALTER TABLE t1 OWNER TO one; ALTER TABLE t2 OWNER TO two")
    for first, second, table in (("one", "two", "t1"), ("two", "one", "t2"), ("one", "two", "t3")):
        server.rows(f"SET ROLE {first}; GRANT SELECT ON {table} TO {second} WITH GRANT OPTION;"
                    f" SET ROLE {second}; GRANT SELECT ON {table} TO friend, PUBLIC")
    server.rows("GRANT one TO two WITH ADMIN OPTION")
    apply(path, server, "--prune", "--allow-mass-removal")
    assert not {"one", "two"} & roles(server)
    assert server.rows("SELECT relname, relowner::regrole::text,"
                       " has_table_privilege('friend', oid, 'SELECT'), relacl::text ~ '[{,]=r/'"
                       " FROM pg_class WHERE relname ~ '^t.$' ORDER BY 1") == \
        [("t1", "heir", True, True), ("t2", "pgcharter_orphans", True, True), ("t3", "postgres", True, True)]
    settled(path, server, "--prune")


def test_who_waits_too_long_for_a_lock_plans_the_rest_again(new_server, write):
    server = new_server(18)
    path = write(users({"name": "one", "state": "absent"}, {"name": "two", "state": "absent"}, "friend",
                       mode="additive"))
    server.rows("CREATE ROLE one; CREATE ROLE two; CREATE ROLE friend; CREATE TABLE t1 ();"
                "CREATE TABLE t2 (); CREATE TABLE t3 (); ALTER TABLE t1 OWNER TO one;"
                "ALTER TABLE t2 OWNER TO two;"
                "GRANT SELECT ON t3 TO one, two WITH GRANT OPTION")
    for role in ("one", "two"):
        server.rows(f"SET ROLE {role}; GRANT SELECT ON t3 TO friend, PUBLIC")
    apply(path, server)
    with servers.blocking(server, "SELECT count(*) FROM t2") as let_go:
        with servers.running("-i", path, "-v", "apply", "--yes", "--prune",
                             "--allow-mass-removal", server=server) as process:
            servers.wait_until(lambda: servers.blocked(server), what="the lock")
            time.sleep(5.5)  # longer than its lock_timeout
            let_go()
            stdout, stderr = process.communicate(timeout=servers.PATIENCE)
    assert process.returncode == 0 and "retrying" in stderr, stdout + stderr
    assert not {"one", "two"} & roles(server)
    assert server.value("SELECT has_table_privilege('friend', 't3', 'SELECT')")


def make_tables(server, count, dbname):
    server.rows("DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE format('CREATE FUNCTION f%s() RETURNS int LANGUAGE"
                " sql AS ''SELECT 1''; ALTER FUNCTION f%s() OWNER TO gone', i, i); END LOOP; END $$",
                dbname=dbname)
    server.rows("SET ROLE gone; SELECT count(lo_create(0)) FROM generate_series(1, 2000)", dbname=dbname)
    for part in range(4):
        server.rows("DO $$ BEGIN FOR i IN 1..400 LOOP EXECUTE format("
                    "'CREATE TABLE held%s_%s (); GRANT SELECT ON held%s_%s TO gone',"
                    " {0}, i, {0}, i); END LOOP; END $$".format(part), dbname=dbname)
    for start in range(0, count, 500):
        server.rows("DO $$ BEGIN FOR i IN %d..%d LOOP EXECUTE format("
                    "'CREATE TABLE t%%s (id serial PRIMARY KEY, x text); ALTER TABLE t%%s OWNER TO gone',"
                    " i, i); END LOOP; END $$" % (start, start + 499), dbname=dbname)


def test_many_tables_fit_into_a_small_lock_table(few, new_server, write):
    tables, settings = (30000, {}) if servers.TEST_ALL else (3000, {"max_locks_per_transaction": "10"})
    server = new_server(few, settings=settings)
    path = write(users({"name": "gone", "state": "absent"}, mode="additive", databases=["big"]))
    server.rows("CREATE ROLE gone LOGIN")
    apply(path, server)
    # so that what makes the tables needs no more than one transaction's locks either
    server.rows("ALTER SYSTEM SET max_locks_per_transaction = 256")
    server.settings.pop("max_locks_per_transaction", None)
    server.restart()
    make_tables(server, tables, "big")
    server.rows("ALTER SYSTEM RESET ALL")
    server.settings.update(settings)
    server.restart()
    plan = servers.run("-i", path, "plan", "--prune", server=server).stdout
    assert re.search(r'ALTER \.\.\. OWNER TO "pgcharter_orphans": \d+ relations of "gone"', plan)
    assert len(plan.splitlines()) < 300
    apply(path, server, "--prune", timeout=2 * servers.PATIENCE)
    assert "gone" not in roles(server)
    assert server.value("SELECT count(*) FROM pg_class WHERE relname ~ '^t[0-9]+$'"
                        " AND relowner = 'pgcharter_orphans'::regrole", dbname="big") == tables


def test_an_heir_has_to_stay(new_server, write):
    server = new_server(18)
    server.rows("CREATE ROLE gone; CREATE ROLE also_gone")
    path = write(users({"name": "gone", "state": "absent", "reassign_to": "also_gone"},
                       {"name": "also_gone", "state": "absent"}, mode="additive"))
    refused = servers.run("-i", path, "plan", "--prune", server=server, expect=3)
    assert 'role "also_gone" is itself being dropped' in refused.stderr
    servers.run("-i", path, "plan", server=server)
    path = write(users({"name": "gone", "state": "absent", "reassign_to": "nobody"}, mode="additive"))
    refused = servers.run("-i", path, "plan", "--prune", server=server, expect=3)
    assert 'role "nobody" does not exist' in refused.stderr


def test_a_role_that_is_still_named_is_not_dropped(new_server, write):
    server = new_server(18)
    both = write(users("alice", "bob"), "both.yml")
    apply(both, server)
    named = write(users({"name": "bob", "roles": ["alice"]}), "named.yml")
    refused = servers.run("-i", named, "plan", "--prune", server=server, expect=3)
    assert "role-still-referenced" in refused.stderr
    servers.run("-i", named, "plan", server=server)


def test_leavers_of_adopt_are_dropped_in_one_run(server, write):
    apply(write(users("alice", "bob", databases=["app"]), "a.yml"), server)
    server.rows("CREATE SCHEMA x AUTHORIZATION alice", dbname="app")
    one = write(users("bob", databases=["app"]), "b.yml")
    apply(one, server, "--prune")
    assert "alice" not in roles(server)
    assert server.value("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'x'",
                        dbname="app") == "pgcharter_orphans"
    assert server.rows("SELECT rolcanlogin, rolsuper, rolcreaterole FROM pg_roles"
                       " WHERE rolname = 'pgcharter_orphans'") == [(False, False, False)]
    settled(one, server, "--prune")
    settled(one, server, "--mode", "strict")


# ---- databases and schemas

def test_databases_and_schemas_go_with_prune_only(server, write):
    made = {"pg_databases": [{"name": "old"}, {"name": "full"}, {"name": "app", "schemas": ["s", "t"]}]}
    apply(write(made, "a.yml"), server)
    server.rows("CREATE TABLE t ()", dbname="full")
    server.rows("CREATE TABLE t.t ()", dbname="app")
    gone = {"pg_databases": [{"name": "old", "state": "absent", "is_template": True},
                             {"name": "app", "schemas": [{"name": "s", "state": "absent"}]}]}
    server.rows("ALTER DATABASE old IS_TEMPLATE true")
    path = write(gone, "b.yml")
    settled(path, server)
    apply(path, server, "--prune")
    assert "old" not in server.databases()
    assert server.rows("SELECT 1 FROM pg_namespace WHERE nspname = 's'", dbname="app") == []
    settled(path, server, "--prune")

    full = {"pg_databases": [{"name": "full", "state": "absent"},
                             {"name": "app", "schemas": [{"name": "t", "state": "absent"}]}]}
    path = write(full, "c.yml")
    refused = servers.run("-i", path, "apply", "--yes", "--prune", server=server, expect=4)
    assert 'database "full" holds data (tables: 1, large objects: 0) (use --allow-data-loss' in refused.stderr
    session = server.connect(dbname="full")
    failed = servers.run("-i", path, "apply", "--yes", "--prune", "--allow-data-loss", server=server,
                         expect=1)
    assert "being accessed by other users" in failed.stderr
    session.close()
    apply(path, server, "--prune", "--allow-data-loss")
    assert "full" not in server.databases()
    assert server.rows("SELECT 1 FROM pg_namespace WHERE nspname = 't'", dbname="app") == []
    settled(path, server, "--prune")


def test_a_full_schema_is_refused(new_server, write):
    server = new_server(18)
    apply(write({"pg_databases": [{"name": "app", "schemas": ["t"]}]}, "a.yml"), server)
    server.rows("CREATE VIEW t.v AS SELECT 1 AS one", dbname="app")
    path = write({"pg_databases": [{"name": "app", "schemas": [{"name": "t", "state": "absent"}]}]}, "b.yml")
    planned = servers.run("-i", path, "plan", "--prune", server=server)
    assert 'DROP SCHEMA "t" CASCADE' in planned.stdout and "[data-loss]" in planned.stdout
    refused = servers.run("-i", path, "apply", "--yes", "--prune", server=server, expect=4)
    assert 'schema "t" of database "app" is not empty (objects: 1)' in refused.stderr
    assert server.value("SELECT one FROM t.v", dbname="app") == 1


@pytest.mark.parametrize("name", ["template0", "template1", "postgres"])
def test_the_servers_own_databases_are_never_dropped(name, new_server, write):
    server = new_server(18)
    path = write({"pg_databases": [{"name": name, "state": "absent"}]})
    refused = servers.run("-i", path, "plan", "--prune", "--allow-data-loss", server=server, expect=4)
    assert "database-protected" in refused.stderr
