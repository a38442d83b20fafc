"""Code of roles that leave, or whose objects get another owner: it gets no rights of a superuser unasked."""
import json

import psycopg2
import pytest

import servers

MAJORS = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 18)]

CODE = """
    SET ROLE mallory;
    CREATE FUNCTION m.run(text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$BEGIN EXECUTE $1; END$$;
    CREATE FUNCTION m.plain(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    CREATE FUNCTION m.fires() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE VIEW m.secrets AS SELECT rolname, rolpassword FROM pg_authid;
    CREATE TABLE m.t (i int DEFAULT m.plain(1), s serial, at timestamptz DEFAULT now(),
                      CHECK (m.plain(i) > 0));
    CREATE INDEX odd ON m.t (m.plain(i)); CREATE INDEX usual ON m.t (abs(i));
    CREATE TRIGGER fires BEFORE INSERT ON m.t FOR EACH ROW EXECUTE FUNCTION m.fires();
    CREATE POLICY p ON m.t USING (true);
    CREATE RULE r AS ON DELETE TO m.t DO NOTHING;
    CREATE TABLE m.harmless (i serial PRIMARY KEY CHECK (i > 0));
    GRANT USAGE ON SCHEMA m TO eve; GRANT SELECT ON m.secrets TO eve;
"""
ALL_CODE = ["function m.run(text) SECURITY DEFINER", "function m.fires()", "function m.plain(integer)",
            "view m.secrets", "rule r on m.t", "trigger fires on m.t", "policy p on m.t", "index odd on m.t",
            "constraint t_i_check on m.t", "expression of column m.t.i"]


@pytest.fixture(params=MAJORS, ids=lambda major: f"pg{major}")
def server(request):
    with servers.Postgres(request.param) as running:
        yield running


def inventory(*entries, mode="additive", **database):
    return {"pg_access_mode": mode, "pg_users": list(entries), "pg_databases": [{"name": "app", **database}]}


def with_code(server, write):
    path = write(inventory({"name": "mallory"}, {"name": "eve"}, schemas=[{"name": "m", "owner": "mallory"}]),
                 "before.yml")
    servers.run("-i", path, "apply", "--yes", server=server)
    server.rows(CODE, dbname="app")


def is_superuser(server, role):
    return server.value("SELECT rolsuper FROM pg_roles WHERE rolname = %s", (role,))


def test_what_a_dropped_role_wrote_gains_no_rights(server, write):
    with_code(server, write)
    path = write(inventory({"name": "mallory", "state": "absent"}, {"name": "eve"}), "after.yml")
    plan = json.loads(servers.run("-i", path, "plan", "--prune", "--format", "json", server=server).stdout)
    listed = [note["message"] for note in plan["targets"][0]["notes"] if note["id"] == "prune-code"]
    assert listed == ['in database "app", code of role "mallory" is reassigned to "pgcharter_orphans": '
                      + "; ".join(ALL_CODE)]
    servers.run("-i", path, "apply", "--yes", "--prune", server=server)
    assert server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'mallory'") == 0
    for statement in ("SELECT m.run('ALTER ROLE eve SUPERUSER')", "SELECT * FROM m.secrets"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            server.rows(statement, user="eve", dbname="app")
    assert not is_superuser(server, "eve")
    assert server.rows("SELECT DISTINCT relowner::regrole::text FROM pg_class"
                       " WHERE relnamespace = 'm'::regnamespace", dbname="app") == [("pgcharter_orphans",)]
    again = servers.run("-i", path, "plan", "--prune", "--detailed-exitcode", server=server)
    assert "no changes" in again.stdout


def test_code_goes_to_a_superuser_with_its_switch_only(server, write):
    with_code(server, write)
    server.rows("CREATE ROLE admins; GRANT postgres TO admins")
    for heir in ("postgres", "admins"):
        path = write(inventory({"name": "mallory", "state": "absent", "reassign_to": heir}, {"name": "eve"}))
        planned = servers.run("-i", path, "plan", "--prune", "--format", "json", server=server)
        assert "code-to-superuser" in planned.stdout
        refused = servers.run("-i", path, "apply", "--yes", "--prune", server=server, expect=4)
        assert "function m.run(text) SECURITY DEFINER" in refused.stderr
        assert "--allow-superuser-code" in refused.stderr
    assert server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'mallory'") == 1
    servers.run("-i", path, "apply", "--yes", "--prune", "--allow-superuser-code", server=server)
    assert server.value("SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'run'",
                        dbname="app") == "admins"


def test_owners_give_no_code_to_a_superuser_either(server, write):
    with_code(server, write)

    def owned_by_dbsu(**entry):
        return write(inventory({"name": "mallory"}, {"name": "eve"},
                               owners=[{"schema": "m", "owner": "postgres", **entry}]))
    for entry, code in (({"kind": "functions"}, "function m.run(text)"),
                        ({"kind": "views"}, "view m.secrets"),
                        ({"kind": "table", "name": "t"}, "trigger fires on m.t")):
        refused = servers.run("-i", owned_by_dbsu(**entry), "apply", "--yes", server=server, expect=4)
        assert code in refused.stderr and "--allow-superuser-code" in refused.stderr
    servers.run("-i", owned_by_dbsu(kind="table", name="harmless"), "apply", "--yes", server=server)
    servers.run("-i", owned_by_dbsu(kind="table", name="t"), "apply", "--yes", "--allow-superuser-code",
                server=server)
    assert server.rows("SELECT relname, relowner::regrole::text FROM pg_class WHERE relname IN"
                       " ('t', 'harmless', 'secrets') ORDER BY 1", dbname="app") == \
        [("harmless", "postgres"), ("secrets", "mallory"), ("t", "postgres")]


def test_what_only_superusers_may_own_goes_to_dbsu(server, write):
    server.rows("CREATE ROLE boss LOGIN SUPERUSER; CREATE ROLE heir")
    server.rows("CREATE TABLE t ();"
                " CREATE FUNCTION fires() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
                " CREATE EVENT TRIGGER ev ON ddl_command_end EXECUTE FUNCTION fires();"
                " CREATE FOREIGN DATA WRAPPER fdw; CREATE PUBLICATION everything FOR ALL TABLES;"
                " CREATE PUBLICATION one FOR TABLE t", user="boss")
    for number, more in enumerate(({}, {"reassign_to": "heir"})):
        server.rows("DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'boss') THEN"
                    " CREATE ROLE boss LOGIN SUPERUSER; END IF; END $$")
        path = write({"pg_users": [{"name": "boss", "state": "absent", **more},
                                   {"name": "heir", "login": False}]})
        if number == 1:
            for kind, name in (("EVENT TRIGGER", "ev"), ("FOREIGN DATA WRAPPER", "fdw"), ("TABLE", "t"),
                               ("PUBLICATION", "everything"), ("FUNCTION", "fires()")):
                server.rows(f"ALTER {kind} {name} OWNER TO boss")
        servers.run("-i", path, "apply", "--yes", "--prune", server=server)
        heir = more.get("reassign_to", "pgcharter_orphans")
        assert server.rows("SELECT evtowner::regrole::text FROM pg_event_trigger UNION ALL"
                           " SELECT fdwowner::regrole::text FROM pg_foreign_data_wrapper UNION ALL"
                           " SELECT pubowner::regrole::text FROM pg_publication UNION ALL"
                           " SELECT relowner::regrole::text FROM pg_class WHERE relname = 't' UNION ALL"
                           " SELECT proowner::regrole::text FROM pg_proc WHERE proname = 'fires'") == \
            [("postgres",)] * 4 + [(heir,)] * 2


def test_a_role_that_somebody_else_made_takes_nothing_over(server, write):
    path = write({"pg_users": [{"name": "gone", "state": "absent"}]})
    server.rows("CREATE ROLE gone; CREATE ROLE grp; CREATE TABLE t (); ALTER TABLE t OWNER TO gone")
    for made, unmade in (("CREATE ROLE pgcharter_orphans",
                          "COMMENT ON ROLE pgcharter_orphans IS 'pgcharter'"),
                         ("ALTER ROLE pgcharter_orphans LOGIN", "ALTER ROLE pgcharter_orphans NOLOGIN"),
                         ("GRANT grp TO pgcharter_orphans", "REVOKE grp FROM pgcharter_orphans"),
                         ("GRANT pgcharter_orphans TO grp WITH ADMIN OPTION",
                          "REVOKE pgcharter_orphans FROM grp")):
        server.rows(made)
        refused = servers.run("-i", path, "plan", "--prune", server=server, expect=4)
        assert "own-role-invalid" in refused.stderr and "pgcharter_orphans" in refused.stderr
        server.rows(unmade)
    servers.run("-i", path, "apply", "--yes", "--prune", server=server)
    assert server.value("SELECT relowner::regrole::text FROM pg_class"
                        " WHERE relname = 't'") == "pgcharter_orphans"
