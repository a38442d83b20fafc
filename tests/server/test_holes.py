"""What other tools got wrong, each a test of its own: ../shared/users-ask.md lists them."""
import json

import pytest

import access
import objects
import servers

USERS = [{"name": "reader", "login": False}, {"name": "other", "login": False}]


def inventory(*grants, **more):
    return {"pg_users": USERS, "pg_databases": [{"name": "app", "grants": list(grants)}], **more}


def select_on_tables(**more):
    return {"to": "reader", "privileges": ["SELECT"], "kind": "tables", "schema": "app", **more}


def steps(path, server, *options):
    plan = json.loads(servers.run("-i", path, "plan", "--format", "json", *options,
                                  server=server).stdout)
    return plan["targets"][0]["steps"]


@pytest.fixture
def app(server):
    objects.make(server)
    return server


def apply(path, server, *options):
    servers.run("-i", path, "apply", "--yes", *options, server=server)
    again = servers.run("-i", path, "plan", "--detailed-exitcode", *options, server=server)
    assert "no changes" in again.stdout


def test_a_partitioned_parent_and_a_foreign_table_are_tables(app, write):
    path = write(inventory(select_on_tables()))
    apply(path, app)
    for table in ("parted", "far_away"):
        app.rows(f"REVOKE SELECT ON app.{table} FROM reader", dbname="app")
        pending = steps(path, app)
        assert [step["sql"] for step in pending] == \
            [f'GRANT SELECT ON TABLE "app"."{table}" TO "reader"'], "reported as converged"
        apply(path, app)


def test_overloads_are_told_apart(app, write):
    path = write(inventory({"to": "reader", "privileges": ["EXECUTE"], "kind": "function",
                            "schema": "app", "name": "refresh"}))
    apply(path, app)
    app.rows("REVOKE EXECUTE ON FUNCTION app.refresh(int) FROM reader", dbname="app")
    assert [step["sql"] for step in steps(path, app)] == \
        ['GRANT EXECUTE ON FUNCTION "app"."refresh"("int4") TO "reader"']


def test_one_table_that_lacks_it_is_the_only_one_touched(app, write):
    path = write(inventory(select_on_tables()))
    apply(path, app)
    app.rows("CREATE TABLE app.late (id int)", dbname="app")
    before = dict(app.rows("SELECT relname, xmin::text FROM pg_class WHERE relname <> 'late'"
                           " AND relnamespace = 'app'::regnamespace", dbname="app"))
    apply(path, app)
    after = dict(app.rows("SELECT relname, xmin::text FROM pg_class WHERE relname <> 'late'"
                          " AND relnamespace = 'app'::regnamespace", dbname="app"))
    assert before == after, "other tables' rows were written"


@pytest.mark.parametrize("mode", ["additive", "adopt", "strict"])
def test_no_plan_grants_by_a_wildcard_and_revokes_by_name(mode, app, write):
    path = write(inventory(select_on_tables(),
                           {"to": "reader", "privileges": ["SELECT"], "kind": "table",
                            "schema": "app", "name": ["orders"]},
                           {"to": "other", "privileges": ["SELECT"], "kind": "tables",
                            "schema": "app", "except": ["orders"]}))
    pending = steps(path, app, "--mode", mode)
    assert not [step for step in pending if step["action"] == "revoke" and step["kind"] == "table"]
    apply(path, app, "--mode", mode)
    assert app.value("SELECT has_table_privilege('reader', 'app.orders', 'SELECT')", dbname="app")
    assert not app.value("SELECT has_table_privilege('other', 'app.orders', 'SELECT')",
                         dbname="app")


def test_an_equal_password_keeps_its_salt(server, write):
    path = write({"pg_users": [{"name": "reader", "password": "The.Same"}]})
    apply(path, server)
    stored = server.value("SELECT rolpassword FROM pg_authid WHERE rolname = 'reader'")
    servers.run("-i", path, "apply", "--yes", server=server)
    assert stored == server.value("SELECT rolpassword FROM pg_authid WHERE rolname = 'reader'")


def test_null_acls_are_defaults_and_public_has_its_rights(app, write):
    """Nothing to revoke where PUBLIC holds nothing; something where it holds by default."""
    absent = [{"to": "PUBLIC", "privileges": ["SELECT"], "kind": "tables", "schema": "sales_a",
               "state": "absent"},
              {"to": "PUBLIC", "privileges": ["EXECUTE"], "kind": "functions", "schema": "sales_a",
               "state": "absent"}]
    app.rows("CREATE FUNCTION sales_a.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", dbname="app")
    path = write(inventory(*absent))
    assert ['REVOKE EXECUTE ON FUNCTION "sales_a"."f"() FROM PUBLIC'] == \
        [step["sql"] for step in steps(path, app) if step["action"] == "revoke"
         and step["database"] == "app" and step["kind"] in ("function", "table")]
    apply(path, app)
    assert not app.value("SELECT has_function_privilege('reader', 'sales_a.f()', 'EXECUTE')",
                         dbname="app")
    assert app.value("SELECT has_function_privilege(relowner::regrole::text, 'sales_a.f()', 'EXECUTE')"
                     " FROM pg_class WHERE relname = 't' LIMIT 1", dbname="app")


def test_what_a_default_privilege_explains_is_no_drift(app, write):
    path = write(inventory(pg_default_privileges=["GRANT SELECT ON TABLES TO reader"]))
    apply(path, app, "--mode", "adopt")
    app.rows("CREATE TABLE app.made_later (id int); CREATE VIEW app.seen_later AS SELECT 1 AS id",
             dbname="app")
    assert app.value("SELECT has_table_privilege('reader', 'app.seen_later', 'SELECT')",
                     dbname="app")
    again = servers.run("-i", path, "plan", "--detailed-exitcode", "--mode", "adopt", server=app)
    assert "no changes" in again.stdout


def test_all_is_what_the_kind_and_version_have(app, write):
    path = write(inventory(select_on_tables(privileges=["ALL"])))
    apply(path, app)
    granted = {row[0] for row in app.rows(
        "SELECT privilege_type FROM pg_class, aclexplode(relacl) WHERE relname = 'orders'"
        " AND grantee = 'reader'::regrole", dbname="app")}
    assert len(granted) == (8 if app.major >= 17 else 7), granted


def test_the_owners_own_entry_is_no_grant_to_revoke(app, write):
    app.rows("CREATE ROLE reader; ALTER TABLE app.orders OWNER TO reader;"
             "GRANT SELECT ON app.orders TO PUBLIC", dbname="app")
    path = write(inventory())
    apply(path, app, "--mode", "strict")
    assert app.value("SELECT has_table_privilege('reader', 'app.orders', 'SELECT, INSERT, UPDATE')",
                     dbname="app")


def test_a_failure_leaves_no_half_of_a_policy(app, write):
    """The database's transaction fails at its last step: what came before it is taken back."""
    servers.skip_without_event_triggers(app)
    servers.run("-i", write(inventory(), name="first.yml"), "apply", "--yes", server=app)
    path = write(inventory(select_on_tables(), {"to": "reader", "privileges": ["SELECT"],
                                                "kind": "views", "schema": "app"}))
    pending = steps(path, app)
    assert [step["kind"] for step in pending] == ["table", "view"] or len(pending) == 1
    before = app.access_state()
    refuse = """CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS
                $$BEGIN RAISE 'refused by hand'; END$$;
                CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('GRANT')
                EXECUTE FUNCTION public.refuse()"""
    app.rows(refuse, dbname="app")
    failed = servers.run("-i", path, "apply", "--yes", server=app, expect=1)
    assert "refused by hand" in failed.stderr and "inventory.yml" in failed.stderr
    app.rows("DROP EVENT TRIGGER refuse; DROP FUNCTION public.refuse()", dbname="app")
    assert servers.difference(before, app.access_state()) == ""
    apply(path, app)


def test_revokes_of_another_grantors_grant_are_no_silent_no_op(app, write):
    app.rows("CREATE ROLE reader; CREATE ROLE other; GRANT USAGE ON SCHEMA app TO other;"
             "GRANT SELECT ON app.orders TO other WITH GRANT OPTION; SET ROLE other;"
             "GRANT SELECT ON app.orders TO reader", dbname="app")
    path = write(inventory(select_on_tables(kind="table", name="orders", state="absent")))
    apply(path, app)
    assert not app.value("SELECT has_table_privilege('reader', 'app.orders', 'SELECT')",
                         dbname="app")


def test_a_second_plan_is_empty_after_one_run(app, write):
    """Roles, a database made in the same run, its schemas, defaults and grants: one run is enough."""
    path = write({"pg_users": [{"name": "owner_x", "roles": ["dbrole_admin"]}, *USERS],
                  "pg_databases": [{"name": "fresh", "owner": "owner_x",
                                    "schemas": [{"name": "app", "owner": "owner_x"}],
                                    "grants": [select_on_tables(future="owner_x"),
                                               {"to": "reader", "privileges": ["USAGE"],
                                                "kind": "schema", "schema": "app"}]}]})
    apply(path, app)
    app.rows("SET ROLE owner_x; CREATE TABLE app.t ()", dbname="fresh")
    assert app.value("SELECT has_table_privilege('reader', 'app.t', 'SELECT')", dbname="fresh")
    access.assert_settled(path, app)
