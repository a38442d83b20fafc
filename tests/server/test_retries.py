"""What other sessions do at the same time is waited out or planned around, and nothing unseen is run."""
import contextlib
import threading

import pytest

import access
import objects
import servers

MANY = {"pg_users": [{"name": f"u{i}", "login": False} for i in range(60)]}


@contextlib.contextmanager
def storm(server, statements, dbname="postgres"):
    """Two sessions that run the statements again and again; they lose against others at times."""
    stop = threading.Event()

    def blow():
        while not stop.is_set():
            try:
                for statement in statements:
                    server.rows(statement, dbname=dbname)
            except Exception as error:
                assert "concurrently" in str(error) or "deadlock" in str(error), error
    threads = [threading.Thread(target=blow) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_storm_of_grants_beside_an_apply(server, write):
    """Grants on the same rows make "tuple concurrently updated": the transaction is tried again."""
    path = write(access.RICH)
    server.rows("CREATE ROLE stormy")
    with storm(server, ["GRANT USAGE ON SCHEMA pg_catalog TO stormy",
                        "REVOKE USAGE ON SCHEMA pg_catalog FROM stormy",
                        "GRANT EXECUTE ON FUNCTION pg_catalog.pg_switch_wal() TO stormy",
                        "REVOKE EXECUTE ON FUNCTION pg_catalog.pg_switch_wal() FROM stormy"]):
        servers.run("-i", path, "apply", "--yes", server=server)
    access.assert_settled(path, server)


def test_a_role_that_somebody_else_is_making_is_not_made_twice(new_server, write):
    server = new_server(servers.MAJORS[-1])
    path = write(MANY)
    somebody = server.connect()
    somebody.cursor().execute("CREATE ROLE u30 NOLOGIN")
    with servers.running("-i", path, "-v", "apply", "--yes", server=server) as process:
        servers.time.sleep(1)
        somebody.commit()
        out, err = process.communicate(timeout=servers.PATIENCE)
    somebody.close()
    assert process.returncode == 0, out + err
    assert "retrying" in err
    access.assert_settled(path, server)


@pytest.mark.skipif(not servers.TEST_ALL, reason="waits for six lock timeouts of 5 s")
def test_a_lock_that_does_not_go_is_told(new_server, write):
    """lock_timeout ends the wait; after the last try the sentence says what was in the way."""
    server = new_server(servers.MAJORS[-1], settings={"deadlock_timeout": "100ms"})
    server.rows("CREATE ROLE u30 LOGIN")
    with servers.blocking(server, "ALTER ROLE u30 CONNECTION LIMIT 5"):
        done = servers.run("-i", write({"pg_users": [{"name": "u30", "login": False}]}), "apply",
                           "--yes", server=server, expect=1)
    assert "lock timeout" in done.stderr or "could not obtain" in done.stderr


def test_a_storm_of_grants_on_the_tables_of_an_apply(server, write):
    """Somebody grants and revokes on the same tables: what is left is always a part of what was shown."""
    objects.make(server)
    server.rows("CREATE ROLE stormy", dbname="app")
    path = write({"pg_users": [{"name": "reader", "login": False}, {"name": "writer", "login": False}],
                  "pg_databases": [{"name": "app", "grants": [
                      {"to": "reader", "privileges": ["SELECT"], "kind": "tables", "schema": "app"},
                      {"to": "writer", "privileges": ["SELECT", "INSERT"], "kind": "tables",
                       "schema": "app"}]}]})
    servers.run("-i", path, "apply", "--yes", server=server)
    server.rows("REVOKE ALL ON ALL TABLES IN SCHEMA app FROM reader, writer", dbname="app")
    with storm(server, ["GRANT UPDATE ON app.orders, app.inv_a TO stormy",
                        "GRANT SELECT ON app.orders TO reader",
                        "REVOKE UPDATE ON app.inv_a, app.orders FROM stormy"], "app"):
        servers.run("-i", path, "apply", "--yes", server=server)
    access.assert_settled(path, server)
    for table in ("orders", "inv_a", "parted"):
        assert server.value("SELECT has_table_privilege('reader', %s, 'SELECT')"
                            " AND has_table_privilege('writer', %s, 'INSERT')",
                            (f"app.{table}", f"app.{table}"), dbname="app")


DDL = {
    "a table": "DROP TABLE s.t1",
    "a function": "DROP FUNCTION s.f1(int)", "a type": "DROP TYPE s.e1", "a schema": "DROP SCHEMA s1 CASCADE",
    "a column": "ALTER TABLE s.t2 DROP COLUMN a", "a sequence": "DROP SEQUENCE s.q1",
    "everything": "DROP TABLE s.t1, s.t2; DROP FUNCTION s.f1(int); DROP TYPE s.e1; DROP SCHEMA s1 CASCADE",
}


def ddl_beside_apply(server, write, ddl):
    """Its exit code and what it said: the DDL comes while it waits in the transaction of its roles."""
    server.rows("CREATE DATABASE app")
    server.rows("CREATE SCHEMA s; CREATE SCHEMA s1; CREATE TABLE s.t1 (a int); "
                "CREATE TABLE s.t2 (a int, b int); CREATE TABLE s1.t (a int); "
                "CREATE FUNCTION s.f1(int) RETURNS int LANGUAGE sql AS 'SELECT 1';"
                "CREATE TYPE s.e1 AS ENUM ('x'); CREATE SEQUENCE s.q1", dbname="app")
    grants = [{"to": "ann", "kind": kind, "schema": "s*", "name": "*", "privileges": [privilege]}
              for kind, privilege in (("table", "SELECT"), ("function", "EXECUTE"), ("type", "USAGE"),
                                      ("sequence", "USAGE"))]
    grants += [{"to": "ann", "kind": "schema", "schema": "s*", "privileges": ["USAGE"]},
               {"to": "ann", "kind": "table", "schema": "s", "name": "t2", "columns": ["a", "b"],
                "privileges": ["UPDATE"]}]
    path = write({"pg_policy": "none", "pg_users": [{"name": "ann", "login": False}],
                  "pg_databases": [{"name": "app", "grants": grants}]})
    with servers.blocking(server, "LOCK TABLE pg_authid IN SHARE MODE") as let_go, \
            servers.running("-i", path, "-v", "apply", "--yes", "--lock-timeout", "600s",
                            server=server) as process:
        servers.wait_until(lambda: servers.blocked(server), what="the wait for pg_authid")
        server.rows(ddl, dbname="app")
        let_go()
        out, err = process.communicate(timeout=servers.PATIENCE)
    return path, process.returncode, out + err


@pytest.mark.parametrize("what", DDL)
def test_what_others_drop_after_the_plan_is_planned_again(what, server, write):
    path, code, said = ddl_beside_apply(server, write, DDL[what])
    assert code == 0, said
    assert server.value("SELECT has_schema_privilege('ann', 's', 'USAGE')", dbname="app")
    again = servers.run("-i", path, "plan", server=server)
    assert "no changes" in again.stdout, again


def test_what_others_rename_would_be_run_unseen(server, write):
    path, code, said = ddl_beside_apply(server, write, "ALTER TABLE s.t1 RENAME TO other")
    assert code == 1 and "different steps than those shown are needed now; run apply again" in said
    servers.run("-i", path, "apply", "--yes", server=server)
    again = servers.run("-i", path, "plan", server=server)
    assert "no changes" in again.stdout, again


def test_what_is_missing_again_is_an_error(new_server, write):
    """A parameter that no module has is 42704, too: it is not tried over and over."""
    server = new_server(servers.MAJORS[-1])
    path = write({"pg_policy": "none", "pg_users": [
        {"name": "ann", "login": False, "parameters": {"no_such_parameter": "1"}}]})
    failed = servers.run("-i", path, "-v", "apply", "--yes", server=server, expect=1)
    assert 'unrecognized configuration parameter "no_such_parameter"' in failed.stderr
    assert failed.stderr.count("retrying") == 1
    assert server.rows("SELECT 1 FROM pg_roles WHERE rolname = 'ann'") == []
