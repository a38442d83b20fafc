"""Killed at any moment and started again, it converges: the same state as without."""
import os
import signal

import pytest

import access
import objects
import servers


def kill_before_step(number, path, server):
    """Runs apply up to before the step of that number, where it dies of kill -9; False if it came
    to its end instead."""
    with servers.running("-i", path, "apply", "--yes", server=server,
                         env={"PGCHARTER_TEST_STOP": str(number)}) as process:
        _, stderr = process.communicate(timeout=servers.PATIENCE)
    assert process.returncode in (0, -signal.SIGKILL), stderr
    wait_for_sessions_to_end(server)
    return process.returncode != 0


def wait_for_sessions_to_end(server):
    servers.wait_until(lambda: not server.value(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgcharter'"),
        what="the killed program's sessions to end")


def interesting_stops(steps):
    """In the cluster-wide transaction, between CREATE DATABASE and its own, inside a database's."""
    first = steps[len([s for s in steps if s["phase"] == "role"]) // 2]
    created = [s for s in steps if s["phase"] == "database" and s["action"] == "create"
               and s["name"] == "app"]
    inside = [s for s in steps if s["database"] == "app"]
    return {"inside the cluster-wide transaction": first["seq"],
            "just after CREATE DATABASE": created[-1]["seq"] + 1,
            "before the database's own transaction": inside[0]["seq"],
            "inside a database's transaction": inside[len(inside) // 2]["seq"],
            "before the last step": steps[-1]["seq"]}


@pytest.fixture
def reference(major, new_server, write):
    """The state that an undisturbed apply makes, its steps, and the inventory."""
    path = write(access.RICH)
    server = new_server(major)
    steps = access.plan_steps(path, server)
    servers.run("-i", path, "apply", "--yes", server=server)
    return path, steps, server.access_state()


def test_kill_9_then_apply_gives_the_same_state(reference, major, new_server):
    path, steps, expected = reference
    for what, number in interesting_stops(steps).items():
        server = new_server(major)
        assert kill_before_step(number, path, server), f"{what}: step {number} was never reached"
        servers.run("-i", path, "apply", "--yes", server=server)
        assert servers.difference(expected, server.access_state()) == "", what
        access.assert_settled(path, server)


def test_kill_9_while_it_waits_for_a_lock(reference, major, new_server):
    path, _, expected = reference
    server = new_server(major)
    with servers.blocking(server, "CREATE ROLE writer") as let_go:
        with servers.running("-i", path, "apply", "--yes", server=server) as process:
            servers.wait_until(lambda: servers.blocked(server), what="the lock")
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        let_go()
    wait_for_sessions_to_end(server)
    servers.run("-i", path, "apply", "--yes", server=server)
    assert servers.difference(expected, server.access_state()) == ""
    access.assert_settled(path, server)


def test_a_killed_transaction_leaves_nothing_of_itself(major, new_server, write):
    path = write(access.RICH)
    server = new_server(major)
    before = server.access_state()
    number = interesting_stops(access.plan_steps(path, server))[
        "inside the cluster-wide transaction"]
    assert kill_before_step(number, path, server)
    assert servers.difference(before, server.access_state()) == ""


@pytest.mark.skipif(not servers.TEST_ALL, reason="every single step: ./dev test --all")
@pytest.mark.parametrize("major", [servers.MAJORS[0], servers.MAJORS[-1]])
def test_kill_9_before_every_step(reference, major, new_server):
    """On the oldest and the newest, because it takes minutes."""
    path, steps, expected = reference
    for step in steps:
        server = new_server(major)
        if kill_before_step(step["seq"], path, server):
            servers.run("-i", path, "apply", "--yes", server=server)
        assert servers.difference(expected, server.access_state()) == "", step
        server.remove()


def drifted(new_server, major):
    """A server with objects of every kind, grants that nobody declares, and owners to change."""
    server = new_server(major)
    objects.make(server)
    for statement in ("CREATE ROLE carol; CREATE ROLE reader LOGIN; CREATE ROLE other LOGIN",
                      "GRANT ALL ON ALL TABLES IN SCHEMA app TO carol WITH GRANT OPTION",
                      "GRANT USAGE ON SCHEMA app TO carol",
                      "SET ROLE carol; GRANT SELECT ON app.orders TO reader, other",
                      "GRANT UPDATE ON app.inv_a TO reader; GRANT SELECT ON app.orders TO other",
                      "GRANT EXECUTE ON ALL ROUTINES IN SCHEMA app TO other"):
        server.rows(statement, dbname="app")
    return server


ADOPTED = {
    "pg_access_mode": "adopt",
    "pg_users": [{"name": "reader"}, {"name": "other"}, {"name": "keeper"}, {"name": "carol"}],
    "pg_databases": [{"name": "app", "grants": [
        {"to": "reader", "privileges": ["SELECT"], "kind": "tables", "schema": "app"},
        {"to": "other", "privileges": ["SELECT"], "kind": "table", "schema": "app",
         "name": "orders", "columns": ["note"]}],
        "owners": [{"kind": "views", "schema": "app", "owner": "keeper"},
                   {"kind": "schema", "schema": "sales_*", "owner": "keeper"}]}],
}


def test_kill_9_in_an_adopt(major, new_server, write):
    """In --all before every step, else before some of those in the database."""
    path = write(ADOPTED)
    server = drifted(new_server, major)
    numbers = [step["seq"] for step in access.plan_steps(path, server) if step["database"] == "app"]
    servers.run("-i", path, "apply", "--yes", server=server)
    access.assert_settled(path, server)
    expected = server.access_state()
    server.remove()
    for number in numbers if servers.TEST_ALL else numbers[1::len(numbers) // 3]:
        server = drifted(new_server, major)
        assert kill_before_step(number, path, server), f"step {number} was never reached"
        servers.run("-i", path, "apply", "--yes", server=server)
        assert servers.difference(expected, server.access_state()) == "", number
        access.assert_settled(path, server)
        server.remove()
