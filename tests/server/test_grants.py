"""grants, owners and profiles on every kind of object; the server's has_*_privilege is the judge."""
import pytest

import objects
import servers

USERS = ["reporting", "support", "auditor", "etl", "analyst", "keeper"]


def inventory(grants=(), owners=(), users=USERS, database=None, **more):
    return {
        "pg_users": [{"name": user} if isinstance(user, str) else user for user in users],
        "pg_databases": [{"name": "app", "grants": list(grants), "owners": list(owners),
                          **(database or {})}],
        **more,
    }


def settle(path, server, *options):
    """Applies, and nothing is left to do."""
    servers.run("-i", path, "apply", "--yes", *options, server=server)
    again = servers.run("-i", path, "plan", "--detailed-exitcode", *options, server=server,
                        expect=None)
    assert again.code == 0, again
    return again


def may(server, function, *arguments):
    question = ", ".join(["%s"] * len(arguments))
    return server.value(f"SELECT {function}({question})", arguments, dbname="app")


@pytest.fixture
def app(server):
    objects.make(server)
    return server


def test_every_kind_is_granted(app, write):
    grants = [
        {"to": "reporting", "privileges": ["SELECT"], "kind": "tables", "schema": "app"},
        {"to": "auditor", "privileges": ["SELECT"], "kind": "table", "schema": "app",
         "name": ["orders", "inv_*"], "except": ["inv_pii"]},
        {"to": "auditor", "privileges": ["SELECT"], "kind": "view", "schema": "app",
         "name": "orders_view"},
        {"to": "analyst", "privileges": ["SELECT"], "kind": "matviews", "schema": "app"},
        {"to": "support", "privileges": ["SELECT", "UPDATE"], "kind": "table", "schema": "app",
         "name": "orders", "columns": ["status", "note"]},
        {"to": "etl", "privileges": ["EXECUTE"], "kind": "function", "schema": "app",
         "name": "refresh(int, text)", "grantable": True},
        {"to": "etl", "privileges": ["EXECUTE"], "kind": "function", "schema": "app",
         "name": "refresh(text[])"},
        {"to": "etl", "privileges": ["EXECUTE"], "kind": "function", "schema": "app",
         "name": "of_kind(app.kind)"},
        {"to": "etl", "privileges": ["EXECUTE"], "kind": "procedures", "schema": "app"},
        {"to": "etl", "privileges": ["EXECUTE"], "kind": "aggregate", "schema": "app",
         "name": "total"},
        {"to": "analyst", "privileges": ["EXECUTE"], "kind": "routines", "schema": "app"},
        {"to": "etl", "privileges": ["USAGE"], "kind": "sequence", "schema": "app",
         "name": "numbers"},
        {"to": "etl", "privileges": ["ALL"], "kind": "sequence", "schema": "app",
         "name": "serials_id_seq"},
        {"to": "etl", "privileges": ["USAGE"], "kind": "types", "schema": "app"},
        {"to": "etl", "privileges": ["USAGE"], "kind": "domain", "schema": "app", "name": "email"},
        {"to": ["etl", "analyst"], "privileges": ["CREATE", "USAGE"], "kind": "schema",
         "schema": "app"},
        {"to": "PUBLIC", "privileges": ["USAGE"], "kind": "schema", "schema": "sales_*"},
        {"to": "etl", "privileges": ["TEMP", "CONNECT"], "kind": "database"},
        {"to": "etl", "privileges": ["USAGE"], "kind": "language", "name": "plpgsql"},
        {"to": "etl", "privileges": ["USAGE"], "kind": "fdw", "name": "plain"},
        {"to": "etl", "privileges": ["USAGE"], "kind": "server", "name": "far"},
        {"to": "etl", "privileges": ["CREATE"], "kind": "tablespace", "name": "pg_default"},
        {"to": "etl", "privileges": ["SELECT"], "kind": "large_object", "name": "424242"},
    ]
    if app.major >= 15:
        grants.append({"to": "etl", "privileges": ["SET", "ALTER SYSTEM"], "kind": "parameter",
                       "name": ["work_mem", "auto_explain.log_min_duration"]})
    path = write(inventory(grants))
    settle(path, app)

    for table, expected in [("orders", True), ("parted", True), ("parted_1", True),
                            ("far_away", True), ("orders_view", False), ("orders_mat", False)]:
        assert may(app, "has_table_privilege", "reporting", f"app.{table}", "SELECT") is expected
    for table, expected in [("orders", True), ("inv_a", True), ("inv_b", True), ("inv_pii", False),
                            ("parted", False), ("orders_view", True)]:
        assert may(app, "has_table_privilege", "auditor", f"app.{table}", "SELECT") is expected
    assert may(app, "has_table_privilege", "analyst", "app.orders_mat", "SELECT")
    for column, expected in [("status", True), ("note", True), ("id", False), ("secret", False)]:
        for privilege in ("SELECT", "UPDATE"):
            assert may(app, "has_column_privilege", "support", "app.orders", column,
                       privilege) is expected
    for function, expected in [("refresh(int,text)", True), ("refresh(int)", False),
                               ("refresh(text[])", True), ("refresh(int[])", False),
                               ("of_kind(app.kind)", True), ("work(int)", True),
                               ("total(int)", True)]:
        assert may(app, "has_function_privilege", "etl", f"app.{function}", "EXECUTE") is expected
        assert may(app, "has_function_privilege", "analyst", f"app.{function}", "EXECUTE")
    assert may(app, "has_function_privilege", "etl", "app.refresh(int,text)",
               "EXECUTE WITH GRANT OPTION")
    assert not may(app, "has_function_privilege", "etl", "app.refresh(text[])",
                   "EXECUTE WITH GRANT OPTION")
    assert may(app, "has_sequence_privilege", "etl", "app.numbers", "USAGE")
    assert not may(app, "has_sequence_privilege", "etl", "app.numbers", "SELECT")
    assert may(app, "has_sequence_privilege", "etl", "app.serials_id_seq", "SELECT")
    for type_name in ("kind", "pair", "email"):
        assert may(app, "has_type_privilege", "etl", f"app.{type_name}", "USAGE")
        assert not may(app, "has_type_privilege", "analyst", f"app.{type_name}", "USAGE")
    assert may(app, "has_schema_privilege", "analyst", "app", "CREATE")
    assert may(app, "has_schema_privilege", "keeper", "sales_a", "USAGE")
    assert may(app, "has_language_privilege", "etl", "plpgsql", "USAGE")
    assert may(app, "has_foreign_data_wrapper_privilege", "etl", "plain", "USAGE")
    assert may(app, "has_server_privilege", "etl", "far", "USAGE")
    assert may(app, "has_tablespace_privilege", "etl", "pg_default", "CREATE")
    large = "SELECT count(*) FROM pg_largeobject_metadata, aclexplode(lomacl) a" \
            " WHERE oid = %s AND grantee = 'etl'::regrole"
    assert app.value(large, (424242,), dbname="app") == 1
    assert app.value(large, (424243,), dbname="app") == 0
    if app.major >= 15:
        assert may(app, "has_parameter_privilege", "etl", "work_mem", "SET, ALTER SYSTEM")
        assert may(app, "has_parameter_privilege", "etl", "auto_explain.log_min_duration", "SET")


def test_absent_takes_it_away_and_nothing_else(app, write):
    app.rows("CREATE ROLE reporting; CREATE ROLE support;"
             "GRANT SELECT, INSERT ON app.orders TO reporting, support;"
             "GRANT SELECT (note) ON app.orders TO reporting;"
             "GRANT CREATE ON SCHEMA sales_a TO PUBLIC", dbname="app")
    path = write(inventory([
        {"to": "reporting", "privileges": ["SELECT"], "kind": "table", "schema": "app",
         "name": "orders", "state": "absent"},
        {"to": "PUBLIC", "privileges": ["CREATE"], "kind": "schema", "schema": "sales_a",
         "state": "absent"},
    ]))
    settle(path, app)
    assert not may(app, "has_table_privilege", "reporting", "app.orders", "SELECT")
    assert may(app, "has_table_privilege", "reporting", "app.orders", "INSERT")
    assert may(app, "has_table_privilege", "support", "app.orders", "SELECT")
    assert may(app, "has_column_privilege", "reporting", "app.orders", "note", "SELECT"), \
        "a table's REVOKE takes the columns' along, and nobody asked for that"
    assert not may(app, "has_schema_privilege", "support", "sales_a", "CREATE")


def test_grants_of_another_grantor_are_taken_and_dependents_keep_theirs(app, write):
    app.rows("CREATE ROLE reporting; CREATE ROLE support; CREATE ROLE auditor;"
             "GRANT USAGE ON SCHEMA app TO reporting, support;"
             "GRANT SELECT ON app.orders TO reporting WITH GRANT OPTION;"
             "SET ROLE reporting; GRANT SELECT ON app.orders TO support WITH GRANT OPTION;"
             "SET ROLE support; GRANT SELECT ON app.orders TO auditor; RESET ROLE", dbname="app")
    path = write(inventory([{"to": "reporting", "privileges": ["SELECT"], "kind": "table",
                             "schema": "app", "name": "orders", "state": "absent"}]))
    settle(path, app)
    assert not may(app, "has_table_privilege", "reporting", "app.orders", "SELECT")
    assert may(app, "has_table_privilege", "support", "app.orders", "SELECT WITH GRANT OPTION")
    assert may(app, "has_table_privilege", "auditor", "app.orders", "SELECT")


def test_profiles_and_pg_grants(app, write):
    path = write(inventory(
        [{"to": "analyst", "profile": "reader", "schema": "sales_*"}],
        pg_privilege_profiles={"reader": [{"kind": "schema", "privileges": ["USAGE"]},
                                          {"kind": "tables", "privileges": ["SELECT"],
                                           "future": "owners"}]},
        pg_grants=[{"to": "keeper", "privileges": ["SELECT"], "kind": "tables", "schema": "app",
                    "database": "a*"},
                   {"to": "keeper", "privileges": ["INSERT"], "kind": "tables", "schema": "app",
                    "database": "b*"}]))
    settle(path, app)
    for schema in ("sales_a", "sales_b"):
        assert may(app, "has_schema_privilege", "analyst", schema, "USAGE")
        assert may(app, "has_table_privilege", "analyst", f"{schema}.t", "SELECT")
        app.rows(f"CREATE TABLE {schema}.later (id int)", dbname="app")
        assert may(app, "has_table_privilege", "analyst", f"{schema}.later", "SELECT")
    assert may(app, "has_table_privilege", "keeper", "app.orders", "SELECT")
    assert not may(app, "has_table_privilege", "keeper", "app.orders", "INSERT")
    again = servers.run("-i", path, "plan", "--detailed-exitcode", server=app)
    assert "no changes" in again.stdout, "what a default privilege gave is no drift"


def test_only_what_lacks_it_is_touched(app, write):
    path = write(inventory([{"to": "reporting", "privileges": ["SELECT"], "kind": "tables",
                             "schema": "app"}]))
    settle(path, app)
    app.rows("CREATE TABLE app.newcomer (id int)", dbname="app")
    plan = servers.run("-i", path, "plan", "--format", "sql", server=app)
    grants = [line for line in plan.stdout.splitlines() if line.startswith("GRANT")]
    assert grants == ['GRANT SELECT ON TABLE "app"."newcomer" TO "reporting";'], plan


def test_owners(app, write):
    path = write(inventory(
        [{"to": "reporting", "privileges": ["SELECT"], "kind": "tables", "schema": "app"}],
        owners=[{"kind": "tables", "schema": "app", "owner": "keeper"},
                {"kind": "schema", "schema": "sales_*", "owner": "keeper"},
                {"kind": "function", "schema": "app", "name": "refresh(int)", "owner": "keeper"},
                {"kind": "aggregate", "schema": "app", "name": "total", "owner": "keeper"},
                {"kind": "procedure", "schema": "app", "name": "work", "owner": "keeper"},
                {"kind": "views", "schema": "app", "owner": "keeper"},
                {"kind": "matviews", "schema": "app", "owner": "keeper"},
                {"kind": "sequences", "schema": "app", "owner": "keeper"},
                {"kind": "types", "schema": "app", "owner": "keeper"},
                {"kind": "domain", "schema": "app", "name": "email", "owner": "keeper"},
                {"kind": "server", "name": "far", "owner": "postgres"},
                {"kind": "large_objects", "owner": "keeper"}]))
    settle(path, app)
    owners = app.rows("""
        SELECT relname, relowner::regrole::text FROM pg_class
        WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
        UNION ALL SELECT nspname, nspowner::regrole::text FROM pg_namespace WHERE nspname ~ '^sales'
        UNION ALL SELECT oid::regprocedure::text, proowner::regrole::text FROM pg_proc
        WHERE oid IN ('app.refresh(int)'::regprocedure, 'app.total(int)'::regprocedure,
                      'app.work(int)'::regprocedure)
        UNION ALL SELECT typname, typowner::regrole::text FROM pg_type
        WHERE typname IN ('kind', 'pair', 'email')
        UNION ALL SELECT oid::text, lomowner::regrole::text FROM pg_largeobject_metadata""",
                      dbname="app")
    assert len(owners) >= 20 and {owner for _, owner in owners} == {"keeper"}, owners
    assert app.value("SELECT proowner::regrole::text FROM pg_proc"
                     " WHERE oid = 'app.refresh(int, text)'::regprocedure", dbname="app") == "postgres"
    assert may(app, "has_table_privilege", "reporting", "app.orders", "SELECT")


def test_relations_are_what_grant_on_table_takes(app, write):
    """Views, matviews and foreign tables as well as tables; those made later by the default."""
    grants = [{"to": "reporting", "privileges": ["SELECT"], "kind": "relations", "schema": "app",
               "future": "keeper"},
              {"to": "auditor", "privileges": ["SELECT"], "kind": "tables", "schema": "app",
               "future": "keeper"},
              {"to": "keeper", "privileges": ["USAGE", "CREATE"], "kind": "schema", "schema": "app"}]
    path = write(inventory(grants, [{"kind": "relations", "schema": "sales_*", "owner": "keeper"}]))
    app.rows("CREATE VIEW sales_a.v AS SELECT id FROM sales_a.t", dbname="app")
    told = settle(path, app)
    assert "but 2 existing views in database \"app\" are left out [view-not-covered]" in told.stdout
    app.rows("SET ROLE keeper; CREATE VIEW app.later AS SELECT 1 AS id;"
             "CREATE MATERIALIZED VIEW app.later_mat AS SELECT 1 AS id", dbname="app")
    for name, is_view in (("orders", False), ("parted", False), ("far_away", False),
                          ("orders_view", True), ("orders_mat", True)):
        assert may(app, "has_table_privilege", "reporting", f"app.{name}", "SELECT"), name
        assert may(app, "has_table_privilege", "auditor", f"app.{name}", "SELECT") is not is_view
    for name in ("later", "later_mat"):
        for role in ("reporting", "auditor"):
            assert may(app, "has_table_privilege", role, f"app.{name}", "SELECT"), (role, name)
    assert not may(app, "has_sequence_privilege", "reporting", "app.numbers", "SELECT")
    assert app.rows("SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relkind IN ('r', 'v')"
                    " AND relnamespace::regnamespace::text LIKE 'sales%%'", dbname="app") == [("keeper",)]
    assert "no changes" in servers.run("-i", path, "plan", server=app).stdout


def test_what_matches_nothing_is_told(app, write):
    grants = [{"to": "reporting", "privileges": ["SELECT"], "kind": "table", "schema": "app",
               "name": ["orders", "nothing_*"]},
              {"to": "reporting", "privileges": ["EXECUTE"], "kind": "function", "schema": "app",
               "name": "refresh(bigint)"},
              {"to": "reporting", "privileges": ["SELECT"], "kind": "table", "schema": "app",
               "name": "orders", "columns": ["nowhere"]},
              {"to": "reporting", "privileges": ["SELECT"], "kind": "tables", "schema": "nowhere"}]
    path = write(inventory(grants))
    told = servers.run("-v", "-i", path, "plan", server=app).stdout
    for words in ('no table of database "app" is "nothing_*"',
                  'no function of database "app" is "refresh(bigint)"',
                  'table "app"."orders" has no column "nowhere"',
                  'grant on tables in schema "nowhere" matches nothing in database "app"'):
        assert f"warning: {words}" in told
    path = write(inventory([{**grant, "missing": "error"} for grant in grants]))
    before = app.access_state()
    refused = servers.run("-i", path, "apply", "--yes", server=app, expect=3)
    assert refused.stderr.count("[grant-not-found]") == 4, refused
    assert servers.difference(before, app.access_state()) == ""


def test_grants_that_contradict_by_pattern(app, write):
    path = write(inventory([
        {"to": "reporting", "privileges": ["SELECT"], "kind": "tables", "schema": "app"},
        {"to": "reporting", "privileges": ["SELECT"], "kind": "table", "schema": "app",
         "name": "inv_pii", "state": "absent"}]))
    refused = servers.run("-i", path, "apply", "--yes", server=app, expect=3)
    assert "[grant-conflicting-objects]" in refused.stderr, refused


def test_existing_objects_get_the_default_privileges(app, write):
    app.rows("CREATE ROLE dbuser_app LOGIN; ALTER SCHEMA app OWNER TO dbuser_app;"
             "ALTER TABLE app.orders OWNER TO dbuser_app;"
             "CREATE FUNCTION app.trap() RETURNS int SECURITY DEFINER LANGUAGE sql AS 'SELECT 1';"
             "ALTER FUNCTION app.trap() OWNER TO dbuser_app;"
             "REVOKE ALL ON FUNCTION app.trap() FROM PUBLIC;"
             "CREATE ROLE carol; GRANT CREATE ON SCHEMA app TO carol; SET ROLE carol;"
             "CREATE TABLE app.carols (id int)", dbname="app")
    users = [*USERS, {"name": "dbuser_app", "roles": ["dbrole_admin"]}]
    for existing in (False, True):
        path = write(inventory(users=users, database={"owner": "dbuser_app"},
                               pg_default_privileges_existing=existing))
        told = settle(path, app)
        assert may(app, "has_table_privilege", "dbrole_readonly", "app.orders",
                   "SELECT") is existing
    assert may(app, "has_table_privilege", "dbrole_readonly", "app.inv_a", "SELECT"), "dbsu's"
    assert not may(app, "has_function_privilege", "dbrole_readonly", "app.trap()", "EXECUTE")
    assert not may(app, "has_table_privilege", "dbrole_readonly", "app.carols", "SELECT")
    assert 'role "carol" created 1 table in schema "app" of database "app" that no default privilege' \
        in told.stdout


@pytest.mark.parametrize("mode", ["additive", "adopt"])
def test_a_database_made_from_one_with_objects(mode, server, write):
    """Tables, columns and their ACLs come along, also to a copy of the copy: one run is enough."""
    server.rows("CREATE ROLE keeper")
    server.rows("CREATE DATABASE origin")
    server.rows("CREATE SCHEMA app; CREATE TABLE app.orders (id int, note text);"
                "GRANT SELECT ON app.orders TO keeper; GRANT INSERT (note) ON app.orders TO keeper;"
                "CREATE FUNCTION app.f(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", dbname="origin")
    grants = [
        {"to": "reporting", "privileges": ["SELECT"], "kind": "table", "schema": "app",
         "name": "orders", "columns": ["id"], "missing": "error"},
        {"to": "reporting", "privileges": ["EXECUTE"], "kind": "function", "schema": "app",
         "name": "f(int)", "missing": "error"},
        {"to": "PUBLIC", "privileges": ["EXECUTE"], "kind": "functions", "schema": "app",
         "state": "absent"},
    ]
    databases = [{"name": name, "template": template, "grants": grants}
                 for name, template in [("app", "origin"), ("copy", "app")]]
    path = write({"pg_users": [{"name": "reporting"}, {"name": "keeper", "login": False}],
                  "pg_databases": databases})
    settle(path, server, "--mode", mode)
    for dbname in ("app", "copy"):
        assert server.rows("SELECT has_column_privilege('reporting', 'app.orders', 'id', 'SELECT'),"
                           " has_column_privilege('reporting', 'app.orders', 'note', 'SELECT'),"
                           " has_column_privilege('keeper', 'app.orders', 'note', 'INSERT')",
                           dbname=dbname) == [(True, False, mode == "additive")]


def test_a_grant_is_stronger_than_a_fragment(app, write):
    """A fragment means all objects; what a grant says of one of them, present or absent, stays so."""
    path = write(inventory(
        [{"to": "PUBLIC", "privileges": ["EXECUTE"], "kind": "function", "schema": "app",
          "name": "refresh(int)"},
         {"to": "analyst", "privileges": ["SELECT"], "kind": "table", "schema": "app",
          "name": "orders"},
         {"to": "reporting", "privileges": ["SELECT"], "kind": "table", "schema": "app",
          "name": "inv_pii", "state": "absent"},
         {"to": "etl", "privileges": ["SELECT"], "kind": "table", "schema": "app",
          "name": "inv_pii", "state": "absent", "grantable": True}],
        pg_default_privileges=["REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
                               "GRANT SELECT ON TABLES TO reporting",
                               "GRANT SELECT ON TABLES TO etl WITH GRANT OPTION",
                               "GRANT SELECT ON TABLES TO analyst",
                               "REVOKE SELECT ON TABLES FROM analyst"],
        pg_default_privileges_existing=True))
    for mode in ("additive", "adopt"):
        settle(path, app, "--mode", mode)
        assert may(app, "has_function_privilege", "keeper", "app.refresh(int)", "EXECUTE")
        assert not may(app, "has_function_privilege", "keeper", "app.refresh(int, text)", "EXECUTE")
        for role, table, privilege, expected in [
                ("analyst", "orders", "SELECT", True), ("analyst", "inv_a", "SELECT", False),
                ("reporting", "orders", "SELECT", True), ("reporting", "inv_pii", "SELECT", False),
                ("etl", "orders", "SELECT WITH GRANT OPTION", True),
                ("etl", "inv_pii", "SELECT", True),
                ("etl", "inv_pii", "SELECT WITH GRANT OPTION", False)]:
            assert may(app, "has_table_privilege", role, f"app.{table}", privilege) is expected, \
                (role, table, privilege, mode)
