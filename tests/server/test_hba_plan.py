"""HBA files in plan and apply; which role's rules; killed between replacing and loading."""
import json
import os
import shutil
import signal
import time

import psycopg2
import pytest

import access
import servers
from test_hba_install import RULES, hba_text, install, methods, write

BY_ROLE = [{"title": "writers", "role": "primary", "addr": "10.1.0.0/16", "user": "w", "order": 8},
           {"title": "readers", "role": "replica", "addr": "10.2.0.0/16", "user": "r", "order": 9}]


def plan_json(path, server, *options):
    return json.loads(servers.run("-i", path, "plan", "--format", "json", *options,
                                  server=server).stdout)["targets"][0]


def test_without_being_asked_a_difference_is_a_note(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    path = write(tmp_path, RULES)
    servers.run("-i", path, "apply", "--yes", server=server)
    before = hba_text(server)
    target = plan_json(path, server)
    assert target["steps"] == []
    notes = [n for n in target["notes"] if n["id"] == "hba-differs"]
    assert len(notes) == 1 and notes[0]["severity"] == "info" and "pg-test-1" in notes[0]["message"]
    assert "6 rules" in notes[0]["message"] and "hba diff -N pg-test-1" in notes[0]["hint"]
    done = servers.run("-i", path, "plan", "--detailed-exitcode", server=server)
    assert "no changes" in done.stdout
    servers.run("-i", path, "apply", "--yes", server=server)
    assert hba_text(server) == before
    install(path, server)
    assert not [n for n in plan_json(path, server)["notes"] if n["id"] == "hba-differs"]


def test_asked_it_is_one_step_after_all_others(server, tmp_path):
    path = write(tmp_path, RULES, pg_hba_install="server")
    target = plan_json(path, server)
    assert [s["phase"] for s in target["steps"]].count("hba") == 1
    step = target["steps"][-1]
    assert step["seq"] == len(target["steps"])
    assert (step["phase"], step["action"], step["kind"], step["name"]) == \
        ("hba", "write", "hba", "pg-test-1")
    assert step["sql"] is None and step["database"] is None and step["transactional"] is False
    assert step["file"] == str(server.data / "pg_hba.conf")
    assert target["summary"]["write"] == 1
    assert not [n for n in target["notes"] if n["id"] == "hba-differs"]
    text = servers.run("-i", path, "plan", server=server).stdout
    assert "on disk" in text and "1 to write" in text and "6 rules, 6 new" in text
    script = servers.run("-i", path, "plan", "--format", "sql", server=server).stdout
    assert "-- not in this script, apply does it: write" in script
    done = servers.run("-i", path, "apply", "--yes", server=server)
    assert f"{len(target['steps'])} steps done" in done.stdout
    assert len(methods(server)) == 6
    again = servers.run("-i", path, "plan", "--detailed-exitcode", server=server)
    assert "no changes" in again.stdout
    assert "no changes" in servers.run("-i", path, "apply", "--yes", server=server).stdout
    server.restart()
    assert server.value("SELECT 1") == 1


def test_the_script_without_the_hba_step_is_the_same(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    path = write(tmp_path, RULES)
    without = servers.run("-i", path, "plan", "--format", "sql", server=server).stdout
    asked = servers.run("-i", path, "plan", "--format", "sql", "--hba", server=server).stdout
    assert asked.startswith(without) and asked.count("\n") == without.count("\n") + 2
    script = tmp_path / "plan.sql"
    script.write_text(asked)
    assert server.psql_file(script).returncode == 0


def test_the_option_asks_for_one_run(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    path = write(tmp_path, RULES)
    log = tmp_path / "log"
    servers.run("-i", path, "plan", "--hba", "--detailed-exitcode", server=server, expect=2)
    servers.run("-i", path, "--log", log, "apply", "--hba", "--yes", server=server)
    assert len(methods(server)) == 6
    *_, last, end = [json.loads(line) for line in log.read_text().splitlines()]
    assert end["result"] == "done"
    assert last["phase"] == "hba" and last["result"] == "done" and last["sql"] is None
    assert "no changes" in servers.run("-i", path, "plan", "--hba", server=server).stdout
    assert "asks no server" in servers.run("-i", path, "plan", "--hba", "--offline",
                                           expect=64).stderr


def test_apply_refuses_a_lock_out_and_keeps_the_other_steps(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    path = write(tmp_path, RULES[1:])
    before = hba_text(server)
    done = servers.run("-i", path, "apply", "--hba", "--yes", server=server, expect=4)
    assert "would lock out" in done.stderr and "re-run apply" in done.stderr
    assert hba_text(server) == before
    target = plan_json(path, server, "--hba")
    assert [s["phase"] for s in target["steps"]] == ["hba"]
    servers.run("-i", path, "apply", "--hba", "--allow-lockout", "--yes", server=server)
    with pytest.raises(psycopg2.OperationalError, match="no pg_hba.conf entry"):
        server.connect()


def two_instances(tmp_path, rules, ports, **more):
    hosts = {f"127.0.0.{n}": {"pg_seq": n, "pg_port": port, "pg_role": role}
             for n, port, role in ((1, ports[0], "primary"), (2, ports[1], "replica"))}
    return servers.write_inventory(tmp_path / "two.yml", servers.inventory(
        {"pg_default_hba_rules": [], "pg_hba_rules": rules, **more}, hosts=hosts))


def test_an_instance_without_a_connection_of_its_own_is_left_out(new_server, tmp_path):
    """A cluster's conninfo serves the plan only."""
    server = new_server(servers.MAJORS[-1])
    path = two_instances(tmp_path, RULES, (server.port, servers.free_port()))
    quiet = plan_json(path, server)
    assert not [n for n in quiet["notes"] if n["id"].startswith("hba-")]
    asked = plan_json(path, server, "--hba")
    assert not [s for s in asked["steps"] if s["phase"] == "hba"]
    skipped = [n for n in asked["notes"] if n["id"] == "hba-instance-skipped"]
    assert [n["severity"] for n in skipped] == ["warning", "warning"]
    own = ["--conninfo", f"pg-test-1={server.conninfo()}"]
    target = json.loads(servers.run("-i", path, *own, "plan", "--hba", "--format", "json",
                                    server=server).stdout)["targets"][0]
    assert [s["name"] for s in target["steps"] if s["phase"] == "hba"] == ["pg-test-1"]
    verbose = json.loads(servers.run("-i", path, *own, "-v", "plan", "--format", "json",
                                     server=server).stdout)["targets"][0]
    assert [n["id"] for n in verbose["notes"] if n["id"].startswith("hba-")] == \
        ["hba-differs", "hba-instance-skipped"]


def test_rules_of_the_role_that_the_server_has(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    path = write(tmp_path, [*RULES, *BY_ROLE])
    same = install(path, server)
    assert "hba-role-differs" not in same.stderr
    assert "10.1.0.0/16" in hba_text(server)
    server.stop(signal.SIGINT)
    (server.data / "standby.signal").touch()
    if servers.AS_ROOT:
        shutil.chown(server.data / "standby.signal", "nobody", "nogroup")
    server.start()
    warned = install(path, server)
    assert "hba-role-differs" in warned.stderr and "no changes" in warned.stdout
    done = install(path, server, "--pg-role-from", "server")
    assert "replaced" in done.stdout and "hba-role-differs" not in done.stderr
    rules = [line for line in hba_text(server).splitlines() if not line.startswith("#")]
    assert any("10.2.0.0/16" in line for line in rules)
    assert not any("10.1.0.0/16" in line for line in rules)
    assert "takes inventory, server or patroni" in install(path, server, "--pg-role-from", "x",
                                                           expect=64).stderr


@pytest.mark.parametrize("way", ["file", "server"])
def test_kill_9_between_replacing_and_loading(way, new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    path = write(tmp_path, RULES)
    time.sleep(1.1)  # file times have whole seconds
    with servers.running("-i", path, "hba", "install", "--yes", "--way", way, server=server,
                         env={"PGCHARTER_TEST_STOP_HBA": "replaced"}) as process:
        process.communicate(timeout=servers.PATIENCE)
    assert process.returncode == -signal.SIGKILL
    assert server.value("SELECT count(*) FROM pg_hba_file_rules WHERE type IS NULL") == 0
    servers.wait_until(lambda: not server.value(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgcharter'"),
        what="the killed program's session to end")
    step = plan_json(path, server, "--hba")["steps"][-1]
    assert (step["phase"], step["action"]) == ("hba", "reload")
    assert "is loaded now" in install(path, server, "--way", way).stdout
    server.restart()
    assert len(methods(server)) == 6 and server.value("SELECT 1") == 1
    assert way == "server" or [name for name in os.listdir(server.data)
                               if name.startswith("pg_hba.conf.")] == ["pg_hba.conf.before-pgcharter"]


def test_kill_9_then_a_restart_of_the_server(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    path = write(tmp_path, RULES)
    with servers.running("-i", path, "hba", "install", "--yes", server=server,
                         env={"PGCHARTER_TEST_STOP_HBA": "replaced"}) as process:
        process.communicate(timeout=servers.PATIENCE)
    server.restart()
    assert len(methods(server)) == 6
    assert "changes" in install(path, server).stdout
    assert hba_text(server) == servers.run("-i", path, "render", "hba").stdout


def test_what_only_a_new_connection_shows_brings_the_old_rules_back(new_server, tmp_path):
    """Pigsty's rules say peer for dbsu over the socket, and we are another account."""
    server = new_server(servers.MAJORS[-1])
    before = hba_text(server)
    path = servers.write_inventory(tmp_path / "rich.yml", servers.inventory(access.RICH))
    done = servers.run("-i", path, "apply", "--hba", "--yes", server=server, expect=1)
    assert "the old rules are back in force" in done.stderr
    assert "Peer authentication failed" in done.stderr
    assert hba_text(server) == before
    assert server.value("SELECT 1") == 1
    assert [s["phase"] for s in plan_json(path, server, "--hba")["steps"]] == ["hba"]
