"""How often plan and apply wait for a distant server."""
import pytest

import access
import round_trips
import servers

INVENTORY = {"pg_users": [{"name": "owner_a", "login": False}, {"name": "reader", "login": False}],
             "pg_databases": [{"name": "app", "owner": "owner_a",
                               "schemas": [{"name": "s", "owner": "owner_a"}],
                               "grants": [{"to": "reader", "privileges": ["USAGE"], "kind": "schema",
                                           "schema": "s"}]}]}


@pytest.fixture
def last(new_server):
    return new_server(servers.MAJORS[-1])


def count(path, server, *arguments):
    with round_trips.counting(server) as counter:
        done = servers.run("-i", path, "--conninfo", f"pg-test={counter.conninfo()}", *arguments)
    return done, counter


def test_one_grant_is_applied_in_twenty_round_trips(last, write):
    """Where nobody is asked, the plan is made once, under the lock."""
    path = write(INVENTORY)
    servers.run("-i", path, "apply", "--yes", server=last)
    last.rows("REVOKE USAGE ON SCHEMA s FROM reader", dbname="app")
    done, plan = count(path, last, "plan")
    assert "GRANT USAGE" in done.stdout
    done, apply = count(path, last, "apply", "--yes")
    assert "1 step done" in done.stdout
    access.assert_settled(path, last)
    assert apply.round_trips <= 20, (plan.round_trips, apply.round_trips, apply.connections)
    assert apply.connections == plan.connections
