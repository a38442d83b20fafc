"""Event triggers whose function somebody else than a superuser owns: named before they can do harm."""
import pytest

import servers

MAJORS = [m for m in servers.MAJORS if servers.TEST_ALL or m in (13, 18)]


@pytest.mark.parametrize("major", MAJORS)
def test_event_triggers_of_others_are_named(major, new_server, write):
    server = new_server(major)
    path = write({"pg_policy": "none", "pg_users": [{"name": "mallory", "login": True}],
                  "pg_databases": [{"name": "app", "owner": "mallory"}]})
    servers.run("-i", path, "apply", "--yes", server=server)
    server.rows("CREATE SCHEMA m AUTHORIZATION mallory", dbname="app")
    server.rows("CREATE FUNCTION m.fires() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'",
                user="mallory", dbname="app")
    server.rows("CREATE FUNCTION own() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';"
                " CREATE EVENT TRIGGER bad ON ddl_command_end EXECUTE FUNCTION m.fires();"
                " CREATE EVENT TRIGGER off ON ddl_command_start EXECUTE FUNCTION m.fires();"
                " ALTER EVENT TRIGGER off DISABLE;"
                " CREATE EVENT TRIGGER good ON ddl_command_end EXECUTE FUNCTION own()", dbname="app")
    if major >= 17:
        server.rows("CREATE EVENT TRIGGER comes ON login EXECUTE FUNCTION m.fires()", dbname="app")
    plan = servers.run("-v", "-i", path, "plan", server=server).stdout
    said = " ".join(plan.split())
    assert ('in database "app", event trigger "bad" (ddl_command_end) runs function m.fires, which role'
            ' "mallory" owns, with the rights of whoever fires it') in said
    assert ('event trigger "comes" (login)' in said) == (major >= 17)
    assert '"off"' not in said and '"good"' not in said
    server.rows("ALTER FUNCTION m.fires() OWNER TO postgres", dbname="app")
    assert "event-trigger-untrusted" not in servers.run("-i", path, "plan", server=server).stdout
