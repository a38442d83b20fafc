"""`hba install` on real servers: the new rules are in force, or the old ones are, never a mixture."""
import json
import os
import shutil
import subprocess
import time

import pytest

import servers

# initdb's own rules let everybody in over the socket, so the first install is from there.
RULES = [
    {"title": "dbsu", "addr": "local", "user": "${dbsu}", "auth": "trust", "order": 1},
    {"title": "monitor", "addr": "local", "user": "${monitor}", "auth": "pwd", "order": 2},
    {"title": "replication", "addr": "intra", "user": "${repl}", "db": "replication", "order": 3},
    {"title": "alice", "addr": "127.0.0.1/32", "user": "alice", "auth": "trust", "order": 4},
]
WAYS = ["file", "server"]


def write(tmp_path, rules, **more):
    # the intranet of the guards' replicas; the host is the primary's own
    variables = {"pg_default_hba_rules": [], "pg_hba_rules": rules, **more}
    return servers.write_inventory(tmp_path / "inventory.yml", servers.inventory(variables))


def install(path, server, *options, **more):
    return servers.run("-i", path, "hba", "install", "--yes", *options, server=server, **more)


def hba_text(server):
    return (server.data / "pg_hba.conf").read_text()


def methods(server):
    return [row[0] for row in server.rows("SELECT auth_method FROM pg_hba_file_rules ORDER BY line_number")]


@pytest.mark.parametrize("way", WAYS)
def test_rules_come_into_force_and_a_second_install_changes_nothing(way, server, tmp_path):
    path = write(tmp_path, RULES)
    before = os.stat(server.data / "pg_hba.conf")
    first = install(path, server, "--way", way)
    assert "replaced, reloaded" in first.stdout
    assert methods(server) == ["trust", "scram-sha-256"] + ["scram-sha-256"] * 3 + ["trust"]
    after = os.stat(server.data / "pg_hba.conf")
    assert (before.st_uid, before.st_gid, before.st_mode) == (after.st_uid, after.st_gid, after.st_mode)
    rendered = servers.run("-i", path, "render", "hba", "-N", "pg-test-1").stdout
    assert hba_text(server) == rendered  # byte by byte
    again = install(path, server, "--way", way)
    assert "no changes" in again.stdout
    server.restart()
    assert server.value("SELECT 1") == 1


@pytest.mark.parametrize("way", WAYS)
def test_rules_that_shut_dbsu_out_are_refused(way, server, tmp_path):
    before = hba_text(server)
    path = write(tmp_path, RULES[1:])
    done = install(path, server, "--way", way, expect=4)
    assert "would lock out" in done.stderr and "pg_dbsu over the socket" in done.stderr
    assert hba_text(server) == before
    assert server.value("SELECT 1") == 1


def test_a_reject_before_the_rule_that_lets_in_is_a_lock_out_with_its_place(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    rules = [{"title": "nobody", "addr": "local", "auth": "deny", "order": 0}, *RULES]
    done = install(write(tmp_path, rules), server, expect=4)
    assert "rejected by" in done.stderr and "inventory.yml:" in done.stderr


@pytest.mark.parametrize("way", WAYS)
def test_a_line_that_this_build_refuses_brings_the_old_bytes_back(way, server, tmp_path):
    """ldap is no error of the inventory, but the npm builds have no LDAP."""
    before = hba_text(server)
    rules = [*RULES, {"title": "ldap", "order": 5,
                      "rules": ["host all all 10.9.0.0/16 ldap ldapserver=127.0.0.1 ldapprefix=x"]}]
    done = install(write(tmp_path, rules), server, "--way", way, expect=1)
    assert "the old rules are back in force" in done.stderr
    assert "not supported by this build" in done.stderr
    assert hba_text(server) == before
    server.restart()
    assert server.value("SELECT 1") == 1
    # and the next run with good rules succeeds
    assert "replaced" in install(write(tmp_path, RULES), server, "--way", way).stdout


def test_a_file_in_place_but_not_loaded_is_loaded(new_server, tmp_path):
    """What a kill between replacing and reloading leaves."""
    server = new_server(servers.MAJORS[-1])
    path = write(tmp_path, RULES)
    rendered = servers.run("-i", path, "render", "hba", "-N", "pg-test-1").stdout
    time.sleep(1.1)  # file times have whole seconds
    server.write_hba(rendered)
    done = install(path, server)
    assert "is loaded now" in done.stdout
    with pytest.raises(Exception, match="no pg_hba.conf entry"):
        server.connect("nobody_knows")


def test_a_link_stays_a_link(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    real = server.folder / "elsewhere.conf"
    shutil.move(server.data / "pg_hba.conf", real)
    os.symlink(real, server.data / "pg_hba.conf")
    install(write(tmp_path, RULES), server)
    assert os.path.islink(server.data / "pg_hba.conf")
    assert "alice" in real.read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")
@pytest.mark.parametrize("way", WAYS)
def test_a_full_disk_leaves_the_old_rules(way, new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    small = server.folder / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32k,mode=0777", "tmpfs", str(small)], check=True)
    try:
        shutil.copy(server.data / "pg_hba.conf", small / "pg_hba.conf")
        shutil.chown(small / "pg_hba.conf", "nobody", "nogroup")
        server.settings["hba_file"] = str(small / "pg_hba.conf")
        server.restart()
        before = (small / "pg_hba.conf").read_text()
        many = [*RULES, {"title": "many", "order": 9,
                         "rules": [f"host all u{i} 10.0.0.0/8 trust" for i in range(2000)]}]
        done = install(write(tmp_path, many), server, "--way", way, expect=1)
        assert "No space left" in done.stderr and "nothing was overwritten" in done.stderr
        assert (small / "pg_hba.conf").read_text() == before
        server.restart()
        assert server.value("SELECT 1") == 1
    finally:
        server.stop()
        subprocess.run(["umount", str(small)], check=True)


def test_hba_test_agrees_with_what_was_installed(new_server, tmp_path):
    path = write(tmp_path, RULES, pg_users=[{"name": "alice"}])
    server = new_server(servers.MAJORS[-1], listen=True)
    servers.run("-i", path, "apply", "--yes", server=server)
    install(path, server)
    said = json.loads(servers.run("-i", path, "-N", "pg-test-1", "hba", "test", "--user", "alice",
                                  "--database", "postgres", "--addr", "127.0.0.1", "--format",
                                  "json").stdout)
    assert said["matched"] and said["method"] == "trust" and said["type"] == "host"
    assert server.value("SELECT current_user", user="alice", tcp=True) == "alice"
    refused = json.loads(servers.run("-i", path, "-N", "pg-test-1", "hba", "test", "--user", "bob",
                                     "--database", "postgres", "--addr", "127.0.0.1", "--format",
                                     "json").stdout)
    assert refused["matched"] is False
    with pytest.raises(Exception, match="no pg_hba.conf entry"):
        server.connect("bob", tcp=True)


def test_live_roles_are_the_servers(new_server, tmp_path):
    """A membership that only the server knows decides with --live, and not without."""
    rules = [*RULES, {"title": "readers", "addr": "127.0.0.1/32", "user": "+readers", "auth": "md5",
                      "order": 5}]
    server = new_server(servers.MAJORS[-1])
    server.rows("CREATE ROLE readers")
    server.rows("CREATE ROLE zoe IN ROLE readers")
    path = write(tmp_path, rules)
    words = ["hba", "test", "-N", "pg-test-1", "--user", "zoe", "--database", "postgres", "--addr",
             "127.0.0.1", "--format", "json"]
    assert json.loads(servers.run("-i", path, *words).stdout)["matched"] is False
    live = json.loads(servers.run("-i", path, *words, "--live", server=server).stdout)
    assert live["matched"] and live["method"] == "md5"


def test_diff_against_what_is_installed(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    install(write(tmp_path, RULES), server)
    path = write(tmp_path, [*RULES[:3], {**RULES[3], "auth": "pwd"}])
    done = servers.run("-i", path, "-N", "pg-test-1", "hba", "diff", "--format", "json", server=server)
    changes = json.loads(done.stdout)["changes"]
    assert [(c["change"], c["user"], c["address"], c["before"]["method"], c["after"]["method"])
            for c in changes] == [("method", "alice", "127.0.0.1", "trust", "scram-sha-256")]
    install(path, server)
    assert "no changes" in servers.run("-i", path, "-N", "pg-test-1", "hba", "diff",
                                       server=server).stdout
