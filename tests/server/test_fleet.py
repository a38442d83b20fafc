"""Many clusters at once: what is printed and done does not depend on how many work side by side, and
one that fails does not hold up the others."""
import contextlib
import select
import socket
import time

import access
import proxy
import pytest
import servers

CLUSTERS = 6


@pytest.fixture
def fleet():
    with contextlib.ExitStack() as stack:
        yield {f"pg-{i}": stack.enter_context(servers.Postgres(servers.MAJORS[i % len(servers.MAJORS)]))
               for i in range(CLUSTERS)}


def inventory(clusters):
    return {"all": {"children": {
        name: {"hosts": {f"10.1.1.{i + 1}": {"pg_seq": 1, "pg_role": "primary"}},
               "vars": {"pg_cluster": name, **access.RICH}}
        for i, name in enumerate(clusters)}}}


def reach(fleet, **instead):
    return [word for name, server in fleet.items()
            for word in ("--conninfo", f"{name}={instead.get(name) or server.conninfo()}")]


def stable(text, fleet):
    for server in fleet.values():
        text = text.replace(str(server.folder), "DIR")
    return text


def test_the_same_whatever_the_number_of_jobs(fleet, tmp_path):
    path = servers.write_inventory(tmp_path / "inventory.yml", inventory(fleet))
    plans = {jobs: servers.run("-i", path, *reach(fleet), "--jobs", jobs, "plan", "-v")
             for jobs in (1, 8)}
    assert plans[1].stdout == plans[8].stdout, "no verifier is in a plan"
    assert plans[1].stderr == plans[8].stderr
    said = {}
    for jobs in (1, 8):
        said[jobs] = servers.run("-i", path, *reach(fleet), "--jobs", jobs, "apply", "--yes")
        again = servers.run("-i", path, *reach(fleet), "plan", "--detailed-exitcode")
        assert again.stdout.count("): no changes") == CLUSTERS
        if jobs == 1:
            states = [server.access_state() for server in fleet.values()]
            for server in fleet.values():
                server.stop()
                server.remove()
                server.__init__(server.major)
                server.start()
    assert [line for line in said[1].stdout.splitlines() if " done" in line] == \
        [line for line in said[8].stdout.splitlines() if " done" in line]
    assert said[1].stderr == said[8].stderr
    for before, server in zip(states, fleet.values()):
        assert servers.difference(before, server.access_state()) == ""


@pytest.mark.parametrize("jobs", (1, 8))
def test_one_that_fails_does_not_hold_up_the_others(fleet, tmp_path, jobs):
    path = servers.write_inventory(tmp_path / "inventory.yml", inventory(fleet))
    nowhere = {"pg-2": "host=/nonexistent user=postgres"}
    done = servers.run("-i", path, *reach(fleet, **nowhere), "--jobs", jobs, "apply", "--yes",
                       expect=1)
    assert done.stdout.count("steps done") == CLUSTERS - 1, done
    assert done.stderr.count("pg-2: cannot connect") == 1, done
    order = [line.split(":")[0] for line in done.stdout.splitlines() if " done" in line]
    assert order == [name for name in fleet if name != "pg-2"]


@pytest.mark.parametrize("jobs", (1, 8))
def test_two_clusters_that_are_one_server(fleet, tmp_path, jobs):
    path = servers.write_inventory(tmp_path / "inventory.yml", inventory(fleet))
    twin = {"pg-3": fleet["pg-1"].conninfo()}
    done = servers.run("-i", path, *reach(fleet, **twin), "--jobs", jobs, "plan", expect=1)
    assert 'clusters "pg-1" and "pg-3" are the same server' in done.stderr, done
    assert "pg-1 (" in done.stdout and "pg-3 (" not in done.stdout


@pytest.mark.parametrize("major", (min(servers.MAJORS), max(servers.MAJORS)))
def test_an_acl_that_gets_too_wide_is_told(major, tmp_path):
    names = [f"reader_{i:03}" for i in range(450)]
    variables = {"pg_users": [{"name": name, "login": False} for name in names],
                 "pg_databases": [{"name": "app", "grants": [
                     {"to": names, "privileges": ["SELECT"], "kind": "tables", "schema": "public"},
                     {"to": names, "privileges": ["UPDATE"], "kind": "table", "schema": "public",
                      "name": "t", "columns": ["id"]},
                     {"to": names, "privileges": ["USAGE"], "kind": "schema", "schema": "public"}]}]}
    path = servers.write_inventory(tmp_path / "inventory.yml", servers.inventory(variables))
    with servers.Postgres(major) as server:
        server.rows("CREATE DATABASE app")
        server.rows("CREATE TABLE t (id int); CREATE TABLE u (id int)", dbname="app")
        told = servers.run("-i", path, "plan", server=server).stdout
        assert '2 tables in schema "public" of database "app" would have 451 entries' in told or \
            'table "public"."t" of database "app" would have 451 entries' in told, told
        assert 'column "id" of table "public"."t" of database "app" would have 450 entries' in told
        assert "grant to a group role and make these roles its members" in told
        assert 'schema "public" would have' not in told, "pg_namespace has TOAST"
        servers.run("-i", path, "apply", "--yes", server=server)
        again = servers.run("-i", path, "plan", "--detailed-exitcode", server=server)
        assert "acl-too-wide" not in again.stdout, "nothing is added any more"


class Mute(proxy.Proxy):
    """Passes on what the server says up to so many bytes, and then nothing, without hanging up."""

    def __init__(self, passed):
        super().__init__()
        self.passed = passed

    def forward(self, here):
        there = socket.socket(socket.AF_UNIX)
        there.connect(proxy.socket_of(self.server))
        left = self.passed
        while True:
            readable, _, _ = select.select([here, there], [], [])
            for one in readable:
                data = one.recv(65536)
                if not data:
                    here.close()
                    there.close()
                    return
                if one is here:
                    there.sendall(data)
                elif left > 0:
                    here.sendall(data[:left])
                    left -= len(data)


def test_three_of_twenty_that_hang(tmp_path):
    """One never answers, one stops in the middle of logging in, one in the middle of a query."""
    names = [f"pg-{i:02}" for i in range(20)]
    path = servers.write_inventory(tmp_path / "inventory.yml", {"all": {"children": {
        name: {"hosts": {f"10.1.1.{i + 1}": {"pg_seq": 1, "pg_role": "primary"}},
               "vars": {"pg_cluster": name, "pg_policy": "none", "pg_users": [{"name": "reader"}],
                        "pg_databases": [{"name": "app"}]}} for i, name in enumerate(names)}}})
    with contextlib.ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        fleet = {name: stack.enter_context(servers.Postgres(
            servers.MAJORS[-1], listen=name in ("pg-07", "pg-13"))) for name in names if name != "pg-02"}
        hung = {"pg-02": f"host=127.0.0.1 port={silent.getsockname()[1]} user=postgres dbname=postgres"}
        for name, passed in (("pg-07", 40), ("pg-13", 3000)):
            hung[name] = stack.enter_context(proxy.serving(Mute(passed), fleet[name])).conninfo()
        options = [word for name in names for word in (
            "--conninfo", f"{name}={hung.get(name) or fleet[name].conninfo()}")]
        began = time.monotonic()
        done = servers.run("-i", path, *options, "apply", "--yes", "--statement-timeout", "2s", expect=1)
        assert time.monotonic() - began < 60
        assert done.stdout.count("steps done") == 17, done
        waits = [line for line in done.stderr.splitlines() if "clusters are done after" in line]
        assert waits[0] == ("pgcharter: 17 of 20 clusters are done after 5 seconds;"
                            " waiting for pg-02, pg-07, pg-13")
        errors = [line for line in done.stderr.splitlines() if line.startswith("pgcharter: error:")]
        assert [line.split(":")[2].strip() for line in errors] == ["pg-02", "pg-07", "pg-13"], errors
        for name, server in fleet.items():
            if name not in hung:
                assert server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'reader'") == 1
