"""Where output goes and what input is read: devices, links, closed and full files, little memory."""
import json
import os
import pathlib
import resource
import shutil
import signal
import stat
import subprocess
import time

import pytest

import access
import servers

RULES = {"pg_default_hba_rules": [], "pg_hba_rules": [
    {"title": "dbsu", "addr": "local", "user": "${dbsu}", "auth": "trust", "order": 1},
    {"title": "monitor", "addr": "local", "user": "${monitor}", "auth": "pwd", "order": 2},
    {"title": "replication", "addr": "intra", "user": "${repl}", "db": "replication", "order": 3}]}
SMALL = {"pg_users": [{"name": "alice"}]}


@pytest.fixture
def last(new_server):
    return new_server(servers.MAJORS[-1])


def records(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


def test_a_plan_is_written_into_a_device_a_pipe_and_behind_a_link(last, write, tmp_path):
    """rename() over /dev/null would make it a file for every program of the machine."""
    path = write(SMALL)
    before = os.stat("/dev/null")
    servers.run("-i", path, "plan", "-o", "/dev/null", server=last)
    after = os.stat("/dev/null")
    assert stat.S_ISCHR(after.st_mode) and after.st_ino == before.st_ino

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True)
    servers.run("-i", path, "plan", "-o", pipe, server=last)
    assert json.loads(reader.communicate(timeout=servers.PATIENCE)[0])["format_version"] == 1
    assert stat.S_ISFIFO(os.stat(pipe).st_mode)

    (tmp_path / "link").symlink_to("plan.json")
    servers.run("-i", path, "plan", "-o", tmp_path / "link", server=last)
    assert (tmp_path / "link").is_symlink()
    assert json.loads((tmp_path / "plan.json").read_text())["format_version"] == 1
    refused = servers.run("-i", path, "plan", "--format", "sql", "--with-verifiers", "-o",
                          "/dev/stdout", server=last, expect=64)
    assert "not to a device or a pipe" in refused.stderr


def test_an_inventory_without_end_is_too_large(tmp_path):
    (tmp_path / "all.yml").symlink_to("/dev/zero")
    done = servers.run("-i", tmp_path / "all.yml", "validate", expect=3)
    assert "larger than the 67108864 bytes" in done.stdout + done.stderr


def test_an_include_of_itself_ten_times_ends(tmp_path):
    """10 ** 10 files, if each were read before the depth of ten is reached."""
    (tmp_path / "hba.conf").write_text("include hba.conf\n" * 10 + "local all all peer\n")
    began = time.monotonic()
    done = servers.run("hba", "lint", "--file", tmp_path / "hba.conf", expect=None)
    assert "deeper than 10 files" in done.stdout + done.stderr
    assert time.monotonic() - began < servers.PATIENCE / 4


@pytest.mark.skipif(not servers.AS_ROOT, reason="only root may write where the server's account may not")
def test_a_link_of_the_servers_account_does_not_lead_root_elsewhere(last, write, tmp_path):
    """Whoever is the server's account, or a superuser in it, may put a link in the place of the file."""
    victim = last.folder / "of_root"
    shutil.copy(last.data / "pg_hba.conf", victim)
    os.chmod(victim, 0o644)
    os.chown(victim, 0, 0)
    before = victim.read_bytes()
    (last.data / "pg_hba.conf").unlink()
    (last.data / "pg_hba.conf").symlink_to(victim)
    last.reload()
    done = servers.run("-i", write(RULES), "hba", "install", "--yes", server=last, expect=1)
    assert "belongs to user 0 and not to user" in done.stderr
    assert victim.read_bytes() == before and not list(last.data.glob("*.before-pgcharter"))


def test_a_log_that_cannot_be_written_stops_before_the_first_step(last, write):
    done = servers.run("-i", write(SMALL), "--log", "/dev/full", "apply", "--yes", server=last,
                       expect=1)
    assert "nothing is done that --log cannot record" in done.stderr
    assert 'the log "/dev/full" is not complete: No space left on device' in done.stderr
    assert last.value("SELECT count(*) FROM pg_roles WHERE rolname = 'alice'") == 0
    done = servers.run("-i", write(RULES), "--log", "/dev/full", "hba", "install", "--yes",
                       server=last, expect=1)
    assert "nothing is done that --log cannot record" in done.stderr
    assert "pgcharter" not in (last.data / "pg_hba.conf").read_text()


def test_a_log_that_fills_up_makes_the_run_fail(last, write, tmp_path):
    """The limit of the size of a file stands for a full disk: the first record fits, others do not."""
    log = tmp_path / "log"
    log.write_text("x" * 3000 + "\n")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (3600, 3600))

    argv = [str(servers.PROGRAM), "-i", str(write(SMALL)), "--conninfo",
            f"pg-test={last.conninfo()}", "--log", str(log), "apply", "--yes"]
    done = subprocess.run(argv, capture_output=True, text=True, preexec_fn=limit,
                          env=servers.clean_environment(), timeout=servers.PATIENCE)
    assert done.returncode == 1, done
    assert "is not complete: File too large" in done.stderr
    assert last.value("SELECT count(*) FROM pg_roles WHERE rolname = 'alice'") == 1


def test_the_log_has_every_statement_and_what_hba_install_did(last, write, tmp_path):
    log = tmp_path / "log"
    path = write({**RULES, "pg_users": [{"name": "old"}, {"name": "new"}], "pg_databases": [
        {"name": "app", "owners": [{"kind": "table", "schema": "public", "name": "*",
                                    "owner": "new"}]}]})
    servers.run("-i", path, "apply", "--yes", server=last)
    last.rows("CREATE TABLE t1 (a int); CREATE TABLE t2 (a int);"
              "ALTER TABLE t1 OWNER TO old; ALTER TABLE t2 OWNER TO old", dbname="app")
    servers.run("-i", path, "--log", log, "apply", "--yes", server=last)
    steps = [record for record in records(log) if record["event"] == "step"]
    said = [statement for step in steps for statement in step["statements"]]
    assert {'ALTER TABLE "public"."t1" OWNER TO "new"', 'ALTER TABLE "public"."t2" OWNER TO "new"'} \
        <= set(said)
    assert all(step["sql"] == step["statements"][0] for step in steps)

    log.unlink()
    servers.run("-i", path, "--log", log, "hba", "install", "--yes", server=last)
    began, ended = records(log)
    assert (began["event"], began["cluster"], began["instance"], began["method"]) == (
        "hba-start", "pg-test", "pg-test-1", "file") and began["os_user"]
    assert (ended["event"], ended["result"], ended["error"]) == ("hba-end", "done", None)
    assert "replaced" in ended["outcome"]


def limited(program, kind, amount, path, server):
    argv = [str(program), "-i", str(path), "--conninfo", f"pg-test={server.conninfo()}",
            "apply", "--yes"]
    return subprocess.run(argv, capture_output=True, text=True, env=servers.clean_environment(),
                          preexec_fn=lambda: resource.setrlimit(kind, (amount, amount)),
                          timeout=servers.PATIENCE)


def assert_whole_or_nothing(done, server):
    """Done; or an exit code with a sentence, or a clean end by GLib, and nothing was done."""
    exists = server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'alice'") == 1
    if done.returncode == 0:
        assert exists
        server.rows("DROP ROLE alice")
        return
    assert not exists, done
    assert done.stderr and (done.returncode in (1, 3) or
                            done.returncode in (-signal.SIGTRAP, -signal.SIGABRT)), done


@pytest.mark.parametrize("descriptors", [4, 6, 8, 12])
def test_few_descriptors_end_before_the_first_step(descriptors, last, write):
    path = write({**SMALL, "pg_policy": "none"})
    assert_whole_or_nothing(
        limited(servers.PROGRAM, resource.RLIMIT_NOFILE, descriptors, path, last), last)


@pytest.mark.skipif(servers.RELEASE_PROGRAM == servers.PROGRAM,
                    reason="a sanitizer needs terabytes of addresses")
def test_little_memory_ends_before_the_first_step(last, write):
    path = write({**SMALL, "pg_policy": "none"})
    for megabytes in range(24, 64, 4):
        done = limited(servers.RELEASE_PROGRAM, resource.RLIMIT_AS, megabytes << 20, path, last)
        if done.returncode != 127:  # the loader of shared libraries says it then
            assert_whole_or_nothing(done, last)
