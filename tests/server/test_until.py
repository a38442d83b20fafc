"""What has ended is gone on the server, and what goes on is there; a second plan is empty."""
import datetime

import servers


def entry(role, day):
    return {"name": role, "until": day.isoformat()}


def test_roles_memberships_and_grants_end(server, write):
    past, future = datetime.date(2020, 12, 31), datetime.date(2999, 12, 31)
    server.rows("CREATE ROLE leaver LOGIN; CREATE ROLE guest LOGIN; CREATE ROLE readers; CREATE ROLE writers;"
                "GRANT readers, writers TO guest; CREATE TABLE t (); GRANT SELECT, UPDATE ON t TO guest")
    grants = [{"to": "guest", "kind": "table", "schema": "public", "name": "t", "privileges": [privilege],
               "until": day.isoformat(), "database": "postgres"}
              for privilege, day in (("SELECT", past), ("UPDATE", future))]
    path = write({"pg_policy": "none", "pg_grants": grants, "pg_databases": [{"name": "postgres"}],
                  "pg_users": [entry("leaver", past), {"name": "readers"}, {"name": "writers"},
                               {"name": "guest", "roles": [entry("readers", past),
                                                           entry("writers", future)]}]})
    servers.run("-i", path, "apply", "--yes", "--prune", server=server)
    assert server.value("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'leaver'") is False
    assert server.rows("SELECT roleid::regrole::text FROM pg_auth_members "
                       "WHERE member = 'guest'::regrole") == [("writers",)]
    assert server.rows("SELECT has_table_privilege('guest', 't', 'SELECT'), "
                       "has_table_privilege('guest', 't', 'UPDATE')") == [(False, True)]
    assert "no changes" in servers.run("-i", path, "plan", "--prune", server=server).stdout
