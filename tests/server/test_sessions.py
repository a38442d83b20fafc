"""What a server, its databases' owners and what is in between may do to a session of ours."""
import pytest

import access
import pgbouncer
import round_trips
import servers

OWNED = {"pg_users": [{"name": "mallory"}, {"name": "other", "login": False},
                      {"name": "leaver"}],
         "pg_databases": [{"name": "app", "owner": "mallory",
                           "schemas": [{"name": "s", "owner": "other"}]},
                          {"name": "shop", "schemas": [{"name": "t", "owner": "other"}]}]}
LATER = {**OWNED, "pg_users": OWNED["pg_users"][:2],
         "pg_databases": [{**one, "schemas": one["schemas"] + [{"name": "new", "owner": "other"}]}
                          for one in OWNED["pg_databases"]]}
SETTINGS = ["local_preload_libraries = 'x'", "default_transaction_read_only = on",
            "statement_timeout = 1", "lock_timeout = 1", "idle_in_transaction_session_timeout = 1",
            "role = 'mallory'", "exit_on_error = on", "search_path = 'nowhere'",
            "default_transaction_isolation = 'serializable'",
            "default_transaction_deferrable = on"]
SINCE = {14: ["idle_session_timeout = 1"], 17: ["transaction_timeout = 1"]}


def settings(major):
    return SETTINGS + [one for since, some in SINCE.items() if since <= major for one in some]


def adopt(path, *command, **more):
    return servers.run("-i", path, *command, "--mode", "adopt", **more)


def test_no_setting_of_a_databases_owner_stops_an_apply(server, write):
    adopt(write(OWNED), "apply", "--yes", server=server)
    session = server.connect("mallory", "app")
    session.autocommit = True
    for setting in settings(server.major):
        session.cursor().execute(f"ALTER DATABASE app SET {setting}")
    session.close()
    path = write(LATER, name="later.yml")
    adopt(path, "apply", "--yes", server=server)
    assert adopt(path, "plan", "--detailed-exitcode", server=server)
    assert server.rows("SELECT rolname FROM pg_roles WHERE rolname = 'leaver' AND rolcanlogin") == []


def test_a_database_that_cannot_be_read_holds_up_itself_only(server, write):
    """The leaver loses LOGIN and the other database gets its schema; the exit code says what is left."""
    adopt(write(OWNED), "apply", "--yes", server=server)
    server.rows("ALTER DATABASE app SET session_preload_libraries = 'nowhere'")
    path = write(LATER, name="later.yml")
    plan = adopt(path, "plan", server=server, expect=1)
    assert "[database-unreadable]" in plan.stdout and 'NOLOGIN' in plan.stdout
    done = adopt(path, "apply", "--yes", server=server, expect=1)
    errors = [line for line in done.stderr.splitlines() if "error" in line]
    assert len(errors) == 1 and 'pg-test: cannot connect to database "app"' in errors[0], done
    assert server.rows("SELECT 1 FROM pg_roles WHERE rolname = 'leaver' AND rolcanlogin") == []
    new = "SELECT count(*) FROM pg_namespace WHERE nspname = 'new'"
    assert server.value(new, dbname="shop") == 1
    assert "no changes" in adopt(path, "plan", server=server, expect=1).stdout
    server.rows("ALTER DATABASE app RESET session_preload_libraries")
    adopt(path, "apply", "--yes", server=server)
    assert server.value(new, dbname="app") == 1


def test_only_a_leaver_with_objects_in_a_database_that_cannot_be_read_stays(server, write):
    users = [{"name": "owns"}, {"name": "nothing"}, {"name": "stays"}]
    adopt(write({"pg_users": users, "pg_databases": [{"name": "app"}]}), "apply", "--yes", server=server)
    server.rows("CREATE TABLE t (a int); ALTER TABLE t OWNER TO owns", dbname="app")
    server.rows("ALTER DATABASE app SET session_preload_libraries = 'nowhere'")
    path = write({"pg_users": [{**one, "state": "absent"} for one in users[:2]] + users[2:],
                  "pg_databases": [{"name": "app"}]})
    prune = ["apply", "--yes", "--prune", "--allow-mass-removal"]
    assert "[prune-blocked]" in adopt(path, *prune, server=server, expect=1).stdout
    left = "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname IN ('owns', 'nothing')"
    assert server.rows(left) == [("owns", False)]
    server.rows("ALTER DATABASE app RESET session_preload_libraries")
    adopt(path, *prune, server=server)
    assert server.rows(left) == []


LOCK = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
TRACES = ("SELECT current_setting('search_path'), current_setting('default_transaction_read_only'),"
          " current_setting('DateStyle'), current_setting('statement_timeout')")


def through(pooler, path, *command, **more):
    return servers.run("--conninfo", f"pg-test={pooler.conninfo()}", "-i", path, *command, **more)


@pytest.mark.parametrize("mode, more", [("transaction", ""), ("statement", ""),
                                        ("transaction", "ignore_startup_parameters = options"),
                                        ("transaction", "server_round_robin = 1")])
def test_a_pool_that_shares_sessions_is_refused_and_left_as_it_was(new_server, write, mode, more):
    server = new_server(servers.MAJORS[-1])
    path = write(OWNED)
    with pgbouncer.pooling(server, mode, more) as pooler:
        crowd = [pooler.connect() for _ in range(3)]
        if mode == "transaction":  # the pool has three sessions of the server then
            for one in crowd:
                one.cursor().execute("BEGIN")
            for one in crowd:
                one.cursor().execute("COMMIT")
        before = traces(crowd)
        for command in (["plan"], ["apply", "--yes"]):
            refused = through(pooler, path, *command, expect=1)
            errors = [line for line in refused.stderr.splitlines() if "error" in line]
            assert len(errors) == 1 and "pooler" in errors[0], refused
            assert mode == "statement" or "pool_mode = session" in errors[0]
            assert traces(crowd) == before
            assert server.value(LOCK) == 0
        for one in crowd:
            one.close()
    assert server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'mallory'") == 0


def traces(crowd):
    """What each client finds set."""
    found = []
    for connection in crowd:
        with connection.cursor() as cursor:
            cursor.execute(TRACES)
            found.append(cursor.fetchone())
    return found


@pytest.mark.parametrize("more", ["", "ignore_startup_parameters = options"])
def test_a_pool_that_keeps_sessions_serves(server, write, more):
    """Databases are there: PgBouncer stays in template1, so none can be created through it."""
    path = write(OWNED)
    server.rows("CREATE DATABASE app")
    server.rows("CREATE DATABASE shop")
    with pgbouncer.pooling(server, "session", more) as pooler:
        through(pooler, path, "apply", "--yes")
        assert "no changes" in through(pooler, path, "plan").stdout
        later = pooler.connect()
        assert traces([later])[0][1] == "off", "PgBouncer discards what a session has set"
        later.close()
        assert server.value(LOCK) == 0
    access.assert_settled(path, server)


def over(counter):
    return ["--conninfo", f"pg-test={counter.conninfo()}"]


def test_sessions_on_two_servers_are_refused(major, new_server, write):
    """An address that leads to several servers: what one of them has says nothing of the other."""
    first, second = new_server(major), new_server(major)
    path = write(OWNED)
    for command in (["plan"], ["apply", "--yes"]):
        with round_trips.counting(first, second) as counter:
            refused = servers.run(*over(counter), "-i", path, *command, expect=1)
        assert "is on another server than the first one" in refused.stderr, refused
        assert refused.stderr.count("system identifier") == 1
    for server in (first, second):
        assert server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'mallory'") == 0
        assert server.value(LOCK) == 0


def test_a_server_that_stops_answering_is_given_up(major, new_server, write):
    server = new_server(major)
    path = write(OWNED)
    with round_trips.counting(server) as counter:
        counter.silent_after = 1
        started = servers.time.monotonic()
        refused = servers.run(*over(counter), "-i", path, "plan", "--statement-timeout", "1s",
                              expect=1)
        assert servers.time.monotonic() - started < 60
    errors = [line for line in refused.stderr.splitlines() if "error" in line]
    assert len(errors) == 1 and "pg-test" in errors[0], refused


def test_ctrl_c_cancels_what_a_plan_waits_for(server, write):
    path = write(OWNED)
    with servers.blocking(server, "LOCK pg_catalog.pg_auth_members IN ACCESS EXCLUSIVE MODE"):
        with servers.running("-i", path, "plan", server=server) as process:
            servers.wait_until(lambda: servers.blocked(server), what="the lock")
            process.send_signal(servers.signal.SIGINT)
            out, err = process.communicate(timeout=servers.PATIENCE)
            assert process.returncode == 130 and "pg-test: interrupted" in err + out, (out, err)
        servers.wait_until(lambda: not servers.blocked(server), what="the end of the statement")
