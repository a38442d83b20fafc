"""Who leaves cannot stay by holding locks, and who stays and holds one holds up nothing else."""
import contextlib
import re
import threading
import time

import psycopg2
import pytest

import access
import servers

MAJORS = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 18)]
QUICK = ["--lock-timeout", "1s"]


@pytest.fixture(params=MAJORS, ids=lambda major: f"pg{major}")
def server(request):
    with servers.Postgres(request.param) as running:
        yield running


def inventory(*names, **more):
    return {"pg_policy": "none", "pg_access_mode": "adopt",
            "pg_users": [{"name": name, "login": True} for name in names], **more}


def apply(path, server, *options, **more):
    return servers.run("-i", path, "apply", "--yes", "--allow-mass-removal", *options, server=server, **more)


def can_log_in(server, *roles):
    return [server.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", (role,)) for role in roles]


def there(server, *roles):
    return [server.value("SELECT count(*) FROM pg_roles WHERE rolname = %s", (role,)) == 1 for role in roles]


@contextlib.contextmanager
def holding(server, sql, role, dbname="postgres"):
    """The role's session with the uncommitted statement; its end may come from outside."""
    session = server.connect(role, dbname=dbname)
    session.cursor().execute(sql)
    try:
        yield session
    finally:
        session.close()


def is_alive(session):
    try:
        session.cursor().execute("SELECT 1")
        return True
    except psycopg2.OperationalError:
        return False


OWN_ROW = "ALTER ROLE CURRENT_USER PASSWORD 'Mine.And.Nobodys'"


def change_own_row(session):
    with contextlib.suppress(psycopg2.Error):
        session.cursor().execute(OWN_ROW)


@pytest.mark.parametrize("options", [[], QUICK, ["--lock-timeout", "50ms"], ["--prune"]],
                         ids=["plain", "quick", "too-quick-to-look", "prune"])
def test_a_leaver_with_an_open_transaction_leaves(options, server, write):
    apply(write(inventory("stays", "leaver"), "a.yml"), server)
    path = write(inventory("stays", "comes"), "b.yml")
    start = time.monotonic()
    with holding(server, OWN_ROW, "leaver") as his, server.connect("stays") as other:
        done = apply(path, server, *options)
        assert not is_alive(his) and is_alive(other)
    assert time.monotonic() - start < 15
    assert there(server, "comes", "leaver") == [True, "--prune" not in options]
    assert "--prune" in options or can_log_in(server, "leaver") == [False]
    assert " steps done\n" in done.stdout, done
    if options == []:
        assert re.search(r'waits for pid \d+ \(role "leaver", since [^;]+; it leaves, and its sessions are'
                         r' ended\); try 1 of 6', done.stderr), done
    access.assert_settled(path, server)


@pytest.mark.parametrize("options", [[], ["--prune"]], ids=["disable", "prune"])
def test_one_of_three_leavers_does_not_keep_the_others(options, server, write):
    leavers = ["a_leaver", "b_leaver", "c_leaver"]
    apply(write(inventory("stays", *leavers), "a.yml"), server)
    path = write(inventory("stays", "comes"), "b.yml")
    with contextlib.ExitStack() as stack:
        his = stack.enter_context(holding(server, OWN_ROW, "b_leaver"))
        for _ in range(3):  # more of his sessions stand in the queue for the same row
            session = stack.enter_context(contextlib.closing(server.connect("b_leaver")))
            thread = threading.Thread(target=change_own_row, args=(session,))
            thread.start()
            stack.callback(thread.join)
        stack.callback(his.close)
        servers.wait_until(lambda: server.value(
            "SELECT count(*) FROM pg_stat_activity WHERE usename = 'b_leaver'"
            " AND wait_event_type = 'Lock'") == 3, what="the queue")
        done = apply(path, server, *options)
        assert not is_alive(his)
    assert there(server, *leavers) == [options == []] * 3, done
    if not options:
        assert can_log_in(server, *leavers) == [False] * 3
    access.assert_settled(path, server)


def test_a_leaver_who_changes_his_row_over_and_over_leaves(server, write):
    apply(write(inventory("stays", "leaver", "other"), "a.yml"), server)
    path = write(inventory("stays"), "b.yml")
    stop = threading.Event()

    def change():
        while not stop.is_set():
            with contextlib.suppress(psycopg2.Error), contextlib.closing(server.connect("leaver")) as session:
                session.autocommit = True
                while not stop.is_set():
                    session.cursor().execute(OWN_ROW)
    threads = [threading.Thread(target=change) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        apply(path, server)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert can_log_in(server, "leaver", "other") == [False, False]
    access.assert_settled(path, server)


def test_who_stays_keeps_his_session_and_holds_up_one_role(server, write):
    leavers = ["a_leaver", "b_leaver", "c_leaver"]
    apply(write(inventory("stays", *leavers), "a.yml"), server)
    server.rows("CREATE ROLE dave LOGIN SUPERUSER")
    for role in leavers:
        server.rows(f"CREATE TABLE t_{role} (); ALTER TABLE t_{role} OWNER TO {role}")
    path = write(inventory("stays", "comes"), "b.yml")
    with holding(server, "ALTER ROLE b_leaver CONNECTION LIMIT 5", "dave") as daves:
        pid = daves.get_backend_pid()
        for options in ([], ["--prune"]):
            done = apply(path, server, *QUICK, *options, expect=1)
            last = done.stderr.splitlines()[-2]
            assert re.search(r'step \d+ \(ALTER ROLE "b_leaver" NOLOGIN\) failed: .*lock timeout.*: it waited'
                             rf' for pid {pid} \(role "dave", since [^)]+\)', last), done
            steps, of = map(int, re.search(r"  (\d+) of (\d+) steps were applied", done.stderr).groups())
            # Of b_leaver remain LOGIN and, with --prune, the role.
            assert of - steps == 1 + len(options), done
            assert there(server, "comes", *leavers) == [True, not options, True, not options]
            if not options:
                assert can_log_in(server, *leavers) == [False, True, False]
        assert is_alive(daves)
        daves.rollback()
        apply(path, server, "--prune")
    assert there(server, *leavers) == [False] * 3
    access.assert_settled(path, server)


def test_who_stays_holds_up_the_database_that_he_is_at(server, write):
    server.rows("CREATE ROLE dave LOGIN")
    databases = [{"name": name, "grants": [{"to": "stays", "privileges": ["SELECT"], "kind": "tables",
                                            "schema": "public"}]} for name in ("app", "other")]
    apply(write(inventory("stays", "leaver", "dave"), "a.yml"), server)
    for name in ("app", "other"):
        server.rows(f"CREATE DATABASE {name}")
        server.rows("CREATE TABLE t (); ALTER TABLE t OWNER TO dave", dbname=name)
    path = write(inventory("stays", "dave", pg_databases=databases), "b.yml")
    has = "SELECT has_table_privilege('stays', 't', 'SELECT')"
    with holding(server, "GRANT INSERT ON t TO PUBLIC", "dave", dbname="app") as daves:
        pid = daves.get_backend_pid()
        done = apply(path, server, *QUICK, expect=1)
        assert re.search(rf'step \d+ \(GRANT SELECT ON [^)]+\) failed: .*lock timeout.*: it waited for'
                         rf' pid {pid} \(role "dave"', done.stderr.splitlines()[-2]), done
        assert server.value(has, dbname="other") and not server.value(has, dbname="app")
        assert can_log_in(server, "leaver") == [False] and is_alive(daves)
        daves.rollback()
        apply(path, server)
    assert server.value(has, dbname="app")
    access.assert_settled(path, server)


def test_a_leaver_does_not_hold_up_what_others_get(server, write):
    server.rows("CREATE DATABASE app")
    apply(write(inventory("stays", "leaver"), "a.yml"), server)
    server.rows("CREATE TABLE t (); ALTER TABLE t OWNER TO leaver", dbname="app")
    path = write(inventory("stays", pg_databases=[{"name": "app", "grants": [
        {"to": "stays", "privileges": ["SELECT"], "kind": "tables", "schema": "public"}]}]), "b.yml")
    with holding(server, "GRANT INSERT ON t TO PUBLIC", "leaver", dbname="app") as his:
        apply(path, server)
        assert not is_alive(his)
    assert server.value("SELECT has_table_privilege('stays', 't', 'SELECT')", dbname="app")
    access.assert_settled(path, server)


def test_steps_of_all_tries_are_counted(server, write):
    apply(write(inventory("stays", "a_leaver", "b_leaver"), "a.yml"), server)
    server.rows("CREATE ROLE dave LOGIN SUPERUSER")
    path = write(inventory("stays", "comes"), "b.yml")
    count = len(access.plan_steps(path, server))
    with holding(server, "ALTER ROLE a_leaver CONNECTION LIMIT 5", "dave") as daves:
        with servers.running("-i", path, "-v", "apply", "--yes", "--allow-mass-removal", *QUICK,
                             server=server) as process:
            for line in process.stderr:
                if "retrying (try 2 of 6)" in line:
                    break
            daves.rollback()
            out, err = process.communicate(timeout=servers.PATIENCE)
    assert process.returncode == 0 and f"pg-test: {count} steps done\n" in out, out + err
    assert can_log_in(server, "a_leaver", "b_leaver") == [False, False]


def test_a_prepared_transaction_is_named(write, new_server):
    server = new_server(MAJORS[-1], settings={"max_prepared_transactions": "5"})
    apply(write(inventory("stays", "a_leaver", "b_leaver"), "a.yml"), server)
    server.rows(f"BEGIN; {OWN_ROW}; PREPARE TRANSACTION 'mine'", user="a_leaver")
    path = write(inventory("stays"), "b.yml")
    done = apply(path, server, *QUICK, expect=1)
    assert 'it waited for prepared transaction "mine" (role "a_leaver", since' in done.stderr, done
    assert can_log_in(server, "a_leaver", "b_leaver") == [True, False]
    server.rows("ROLLBACK PREPARED 'mine'")
    apply(path, server)
    access.assert_settled(path, server)
