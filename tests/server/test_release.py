"""The program as it is delivered: hardened, without the stops of the tests, and it works."""
import json
import os
import pty
import subprocess

import pytest

import access
import servers

pytestmark = pytest.mark.skipif(not servers.RELEASE_PROGRAM.exists(),
                                reason="build/pgcharter is not built")


def release(*arguments, **more):
    return servers.run(*arguments, program=servers.RELEASE_PROGRAM, **more)


def readelf(option):
    return subprocess.run(["readelf", "--wide", option, str(servers.RELEASE_PROGRAM)], check=True,
                          capture_output=True, text=True).stdout


def test_it_is_hardened():
    assert "DYN" in readelf("--file-header"), "not a position-independent executable"
    assert "GNU_RELRO" in readelf("--program-headers")
    assert "BIND_NOW" in readelf("--dynamic")
    stack = [line for line in readelf("--program-headers").splitlines() if "GNU_STACK" in line]
    assert stack and "RWE" not in stack[0]
    symbols = readelf("--dyn-syms")
    assert "__stack_chk_fail" in symbols and "_chk@" in symbols


def test_it_has_no_stops():
    assert b"PGCHARTER_TEST_STOP" not in servers.RELEASE_PROGRAM.read_bytes()


def test_version_names_everything():
    version = (servers.ROOT / "VERSION").read_text().strip()
    assert version in release("version").stdout


def test_the_main_job(major, new_server, tmp_path):
    server = new_server(major)
    options = ["-i", access.EXAMPLES / "classic.yml", "-N", "pg-test"]
    target = {"server": server, "cluster": "pg-test"}
    release(*options, "validate")
    release(*options, "plan", "--detailed-exitcode", expect=2, **target)
    release(*options, "apply", "--yes", **target)
    assert "no changes" in release(*options, "plan", "--detailed-exitcode", **target).stdout
    release(*options, "render", "all", "-d", tmp_path)
    assert len(list(tmp_path.glob("*.pg_hba.conf"))) == 3


def test_the_offline_plan_is_the_documented_shape():
    done = release("-i", access.EXAMPLES / "classic.yml", "plan", "--offline", "--format", "json")
    plan = json.loads(done.stdout)
    assert sorted(plan) == ["format_version", "mode", "summary", "targets"]
    assert plan["mode"] == "additive"
    assert sorted(plan["summary"]) == sorted(
        ["create", "alter", "grant", "revoke", "drop", "disable", "write", "reload"])
    assert [t["cluster"] for t in plan["targets"]] == ["pg-meta", "pg-test"]
    for target in plan["targets"]:
        assert target["server"] == {"version": "15", "system_identifier": None}
        assert target["steps"] and sorted(target) == sorted(
            ["cluster", "instance", "server", "steps", "withheld", "notes", "summary"])
        for number, step in enumerate(target["steps"], 1):
            assert list(step) == ["seq", "phase", "action", "kind", "name", "database", "sql",
                                  "file", "difference", "secret", "destructive", "transactional",
                                  "transaction", "because"], step
            assert step["seq"] == number
            assert step["because"]["file"], step
            assert step["secret"] is (step["sql"] is not None and "<secret>" in step["sql"])


def on_a_terminal(argv, *answers):
    """Runs a command on a pseudo-terminal, gives what it showed and its code.

    Each question gets the next answer: a text to type, or what to call before typing yes."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.clear()
        os.environ.update(servers.clean_environment(TERM="xterm"))
        os.execv(argv[0], argv)
    shown, answers = b"", list(answers)
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if answers and shown.endswith(b"[y/N] "):
            answer = answers.pop(0)
            if callable(answer):
                answer()
                answer = b"yes\n"
            os.write(terminal, answer)
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return shown.decode(errors="replace"), os.waitstatus_to_exitcode(status)


def test_a_person_is_asked_and_may_decline(server, write):
    path = write({"pg_users": [{"name": "a"}]})
    argv = [str(servers.RELEASE_PROGRAM), "-i", str(path), "--conninfo",
            f"pg-test={server.conninfo()}", "apply"]
    before = server.access_state()
    shown, code = on_a_terminal(argv, b"no\n")
    assert code == 1 and "nothing done" in shown, shown
    assert servers.difference(before, server.access_state()) == ""
    shown, code = on_a_terminal(argv, b"yes\n")
    assert code == 0, shown
    access.assert_settled(path, server)


def test_what_was_not_shown_is_asked_again(server, write):
    path = write({"pg_users": [{"name": "a"}, {"name": "b"}]})
    argv = [str(servers.RELEASE_PROGRAM), "-i", str(path), "--conninfo",
            f"pg-test={server.conninfo()}", "apply"]
    shown, code = on_a_terminal(argv, lambda: server.rows("CREATE ROLE b CREATEDB"), b"no\n")
    assert code == 1 and "nothing done" in shown and shown.count("[y/N]") == 2, shown
    assert server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'a'") == 0
