"""adopt and strict take what nobody declares, and nothing else; nobody misses what is declared."""
import re
import threading
import time

import pytest

import objects
import servers

BASE = {
    "pg_users": [{"name": "dbuser_app", "roles": ["dbrole_admin"]}, {"name": "reporting"},
                 {"name": "support"}, {"name": "idle"}],
    "pg_databases": [{"name": "app", "owner": "dbuser_app", "grants": [
        {"to": "reporting", "privileges": ["SELECT"], "kind": "tables", "schema": "app",
         "future": "dbuser_app"},
        {"to": "support", "privileges": ["SELECT", "UPDATE"], "kind": "table", "schema": "app",
         "name": "orders", "columns": ["status", "note"]},
        {"to": ["reporting", "support"], "privileges": ["USAGE"], "kind": "schema",
         "schema": "app"},
    ]}],
}

# statement -> what it breaks, as (function, arguments, before adopt, after adopt)
DRIFTS = {
    "GRANT INSERT ON app.orders TO reporting":
        ("has_table_privilege('reporting', 'app.orders', 'INSERT')", True, False),
    "GRANT SELECT ON app.inv_pii TO support":
        ("has_table_privilege('support', 'app.inv_pii', 'SELECT')", True, False),
    "GRANT SELECT (secret) ON app.orders TO support":
        ("has_column_privilege('support', 'app.orders', 'secret', 'SELECT')", True, False),
    "GRANT SELECT, UPDATE ON app.orders TO support":
        ("has_column_privilege('support', 'app.orders', 'secret', 'UPDATE')", True, False),
    "GRANT EXECUTE ON FUNCTION app.refresh(int) TO idle":
        ("has_function_privilege('idle', 'app.refresh(int)', 'EXECUTE')", True, False),
    "GRANT EXECUTE ON PROCEDURE app.work(int) TO idle":
        ("has_function_privilege('idle', 'app.work(int)', 'EXECUTE')", True, False),
    "GRANT USAGE ON TYPE app.kind TO idle":
        ("has_type_privilege('idle', 'app.kind', 'USAGE')", True, False),
    "GRANT USAGE ON SEQUENCE app.numbers TO idle":
        ("has_sequence_privilege('idle', 'app.numbers', 'USAGE')", True, False),
    "GRANT CREATE ON SCHEMA app TO idle":
        ("has_schema_privilege('idle', 'app', 'CREATE')", True, False),
    "GRANT CREATE ON DATABASE app TO idle":
        ("has_database_privilege('idle', 'app', 'CREATE')", True, False),
    "GRANT USAGE ON FOREIGN SERVER far TO idle":
        ("has_server_privilege('idle', 'far', 'USAGE')", True, False),
    "GRANT SELECT ON LARGE OBJECT 424242 TO idle":
        ("(SELECT lomacl::text LIKE '%idle%' FROM pg_largeobject_metadata WHERE oid = 424242)",
         True, False),
    "ALTER DEFAULT PRIVILEGES FOR ROLE dbuser_app IN SCHEMA app GRANT INSERT ON TABLES TO idle":
        ("EXISTS (SELECT FROM pg_default_acl WHERE defaclrole = 'dbuser_app'::regrole"
         " AND defaclacl::text LIKE '%idle%')", True, False),
    # left alone: nobody's, or said by a default privilege of whoever made it
    "GRANT SELECT ON app.orders TO carol":
        ("has_table_privilege('carol', 'app.orders', 'SELECT')", True, True),
    "GRANT SELECT ON app.inv_a TO PUBLIC":
        ("has_table_privilege('idle', 'app.inv_a', 'SELECT')", True, True),
    # plpgsql is a member of its extension
    "GRANT USAGE ON LANGUAGE plpgsql TO idle":
        ("has_language_privilege('idle', 'plpgsql', 'USAGE')", True, True),
    "GRANT SELECT ON TABLE pg_catalog.pg_authid TO idle":
        ("has_table_privilege('idle', 'pg_catalog.pg_authid', 'SELECT')", True, True),
}


@pytest.fixture
def app(server, write):
    server.rows("CREATE ROLE carol; CREATE ROLE idle LOGIN")
    objects.make(server)
    server.rows("ALTER SCHEMA app OWNER TO carol; GRANT USAGE ON SCHEMA app TO idle;"
                "ALTER DEFAULT PRIVILEGES FOR ROLE carol IN SCHEMA app"
                " GRANT SELECT ON TABLES TO idle;"
                "SET ROLE carol; CREATE TABLE app.carols (id int); RESET ROLE", dbname="app")
    servers.run("-i", write(BASE), "apply", "--yes", server=server)
    return server


def settle(path, server, *options):
    servers.run("-i", path, "apply", "--yes", *options, server=server)
    again = servers.run("-i", path, "plan", "--detailed-exitcode", *options, server=server,
                        expect=None)
    assert again.code == 0, again
    return again


def test_adopt_takes_drift_of_every_kind(app, write):
    path = write(BASE)
    for statement in DRIFTS:
        app.rows(statement, dbname="app")
    additive = servers.run("-i", path, "plan", "--detailed-exitcode", server=app)
    assert "no changes" in additive.stdout, additive
    withheld = additive.stdout.partition("(with --mode adopt)")[2]
    for role in ("reporting", "support", "idle"):
        assert re.search(rf'REVOKE [^;]* FROM[^;]* "{role}"', withheld), additive
    for statement, (question, before, _) in DRIFTS.items():
        assert app.value(f"SELECT {question}", dbname="app") is before, statement
    plan = servers.run("-i", path, "plan", "--mode", "adopt", server=app)
    settle(path, app, "--mode", "adopt")
    for statement, (question, _, after) in DRIFTS.items():
        assert app.value(f"SELECT {question}", dbname="app") is after, (statement, plan)
    for column in ("status", "note"):
        assert app.value("SELECT has_column_privilege('support', 'app.orders', %s, 'UPDATE')",
                         (column,), dbname="app")
    assert app.value("SELECT has_table_privilege('idle', 'app.carols', 'SELECT')", dbname="app"), \
        "the default privileges of carol, whom nothing declares, explain it"


def test_strict_takes_from_strangers_too(app, write):
    path = write(BASE)
    app.rows("GRANT SELECT ON app.orders TO carol; GRANT USAGE ON SCHEMA sales_a TO carol",
             dbname="app")
    settle(path, app, "--mode", "adopt")
    assert app.value("SELECT has_table_privilege('carol', 'app.orders', 'SELECT')", dbname="app")
    settle(path, app, "--mode", "strict")
    assert not app.value("SELECT has_table_privilege('carol', 'app.orders', 'SELECT')",
                         dbname="app")
    assert not app.value("SELECT has_schema_privilege('carol', 'sales_a', 'USAGE')", dbname="app")
    assert app.value("SELECT has_table_privilege('carol', 'app.carols', 'SELECT')", dbname="app"), \
        "an owner keeps its own"


def test_pg_managed_narrows(app, write):
    app.rows("GRANT INSERT ON app.orders TO reporting, support", dbname="app")
    path = write({**BASE, "pg_access_mode": "adopt", "pg_managed": {"roles": ["rep*"]}})
    settle(path, app)
    assert not app.value("SELECT has_table_privilege('reporting', 'app.orders', 'INSERT')",
                         dbname="app")
    assert app.value("SELECT has_table_privilege('support', 'app.orders', 'INSERT')", dbname="app")
    path = write({**BASE, "pg_access_mode": "adopt", "pg_managed": {"databases": ["other*"]}})
    settle(path, app)
    assert app.value("SELECT has_table_privilege('support', 'app.orders', 'INSERT')", dbname="app")


def test_adopt_sets_the_owners_of_schemas(app, write):
    inventory = {**BASE, "pg_databases": [{**BASE["pg_databases"][0],
                                           "schemas": [{"name": "app", "owner": "dbuser_app"}]}]}
    path = write(inventory)
    told = servers.run("-i", path, "plan", "--detailed-exitcode", server=app)
    assert '[schema-owner-kept]' in told.stdout
    settle(path, app, "--mode", "adopt")
    assert app.value("SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'app'",
                     dbname="app") == "dbuser_app"


def test_nobody_misses_what_is_declared_meanwhile(app, write):
    """A session that asks all the time, while adopt takes a table's grant that hides a column's."""
    path = write(BASE)
    app.rows("GRANT SELECT ON app.orders TO support; GRANT ALL ON ALL TABLES IN SCHEMA app"
             " TO reporting WITH GRANT OPTION", dbname="app")
    missed, stop = [], threading.Event()

    def watch():
        connection = app.connect(dbname="app")
        connection.autocommit = True
        cursor = connection.cursor()
        while not stop.is_set():
            cursor.execute("SELECT has_column_privilege('support', 'app.orders', 'note', 'SELECT')"
                           " AND has_table_privilege('reporting', 'app.orders', 'SELECT')")
            if not cursor.fetchone()[0]:
                missed.append(time.monotonic())
        connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        settle(path, app, "--mode", "adopt")
    finally:
        stop.set()
        watcher.join()
    assert not missed
    assert not app.value("SELECT has_column_privilege('support', 'app.orders', 'secret', 'SELECT')",
                         dbname="app")
    assert not app.value("SELECT has_table_privilege('reporting', 'app.orders', 'INSERT')",
                         dbname="app")


def test_who_watches_may_connect_while_public_may_not(server, write):
    """revokeconn goes from the inventory: nobody is let in, and nobody is locked out."""
    question = """SELECT bool_and(has_database_privilege(r, 'app', 'CONNECT'))
                  FROM unnest(ARRAY['replicator', 'dbuser_monitor', 'dbuser_dba']) r"""
    for database, public in [({"revokeconn": True}, False), ({}, False),
                             ({"revokeconn": False}, True)]:
        path = write({"pg_users": BASE["pg_users"], "pg_databases": [{"name": "app", **database}]})
        settle(path, server, "--mode", "adopt")
        assert server.value("SELECT has_database_privilege('idle', 'app', 'CONNECT')") is public
        assert server.value(question), database
