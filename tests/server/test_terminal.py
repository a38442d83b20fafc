"""Terminals, pipes and closed streams: no crash, no garbage, the right exit code."""
import fcntl
import json
import os
import pathlib
import pty
import re
import signal
import struct
import subprocess
import termios

import access
import pytest
import servers

CASE = pathlib.Path(servers.ROOT, "tests/golden/plan-state/130-a-narrow-terminal-breaks-lines-between-words")
PLAN = [str(servers.PROGRAM), "-i", str(CASE / "inventory.yml"), "plan", "--state", str(CASE / "state.yml")]


@pytest.fixture
def last(new_server):
    return new_server(servers.MAJORS[-1])


def environment(**more):
    clean = servers.clean_environment(**{"TERM": "xterm", **more})
    del clean["COLUMNS"]
    return clean


def on_a_terminal(argv, columns=80, answer=b"", stdout=None, **more):
    """(what the terminal showed, exit code): stdin and stderr are a terminal, stdout unless given.

    The answer may be a function that is called when the question stands there.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(argv, stdin=theirs, stdout=theirs if stdout is None else stdout,
                               stderr=theirs, env=environment(**more), start_new_session=True)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # nobody has the other end any more
            break
        if not piece:
            break
        shown += piece
        if answer and shown.endswith(b"[y/N] "):
            os.write(ours, answer() if callable(answer) else answer)
            answer = b""
    os.close(ours)
    return shown.decode(errors="replace"), process.wait(servers.PATIENCE)


@pytest.mark.parametrize("columns", [20, 40, 72])
def test_a_terminal_is_as_wide_as_it_is(columns):
    shown, code = on_a_terminal([*PLAN, "--color", "never"], columns)
    assert code == 0, shown
    for line in shown.splitlines():
        words = re.sub(r"'(?:''|[^'])*'|\"[^\"]*\"", lambda quoted: "x" * len(quoted[0]), line)
        # a place has a line of its own
        unbroken = words.strip().removeprefix("-- ").replace("nothing declares it", "x")
        assert len(line) <= columns or " " not in unbroken, line


def test_colours_are_for_terminals_that_know_them():
    assert "\033[32m" in on_a_terminal(PLAN)[0]
    assert "\033" not in on_a_terminal(PLAN, TERM="dumb")[0]
    assert "\033" not in on_a_terminal(PLAN, NO_COLOR="1")[0]
    assert "\033[32m" in on_a_terminal([*PLAN, "--color", "always"], TERM="dumb", NO_COLOR="1")[0]


@pytest.mark.parametrize("command", [PLAN, [*PLAN, "--format", "json"], [PLAN[0], "version"],
                                     [PLAN[0], "-i", PLAN[2], "validate"]])
def test_a_closed_stdout_is_an_error(command):
    done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", *command], env=environment(),
                          capture_output=True, text=True, timeout=servers.PATIENCE)
    assert done.returncode == 1 and "cannot write to stdout" in done.stderr, done
    assert "Sanitizer" not in done.stderr


def test_closed_streams_are_not_taken_for_files(tmp_path):
    """Without a guard the state file would get number 2, and warnings would be written into it."""
    done = subprocess.run(["sh", "-c", 'exec "$@" <&- 2>&-', "sh", *PLAN], env=environment(),
                          stdout=subprocess.PIPE, text=True, timeout=servers.PATIENCE)
    assert done.returncode == 0 and "to create" in done.stdout.splitlines()[-1], done


def test_a_pipe_that_ends_early_ends_a_plan_quietly():
    done = subprocess.run(["bash", "-c", '"$@" | head -1; echo "${PIPESTATUS[0]}"', "bash", *PLAN, "-v"],
                          env=environment(), capture_output=True, text=True, timeout=servers.PATIENCE)
    first, code = done.stdout.splitlines()
    assert first.startswith("pg-test (") and code in ("0", str(128 + signal.SIGPIPE)), done
    assert done.stderr == "", done


def test_an_apply_is_not_ended_by_its_reader(last, write):
    path = write({"pg_users": [{"name": "a"}]})
    read, written = os.pipe()
    os.close(read)
    argv = [str(servers.PROGRAM), *servers.connection_options(last, "pg-test"), "-i", str(path),
            "apply", "--yes"]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=written, stderr=subprocess.PIPE,
                          env=environment(), text=True, timeout=servers.PATIENCE)
    os.close(written)
    assert done.returncode == 1 and "cannot write to stdout" in done.stderr, done
    access.assert_settled(path, last)


@pytest.mark.parametrize("answer, code", [(b"n\n", 1), (b"\n", 1), (b"yes\n", 0)])
def test_the_question_is_asked_where_somebody_sees_it(last, write, tmp_path, answer, code):
    path = write({"pg_users": [{"name": "a"}]})
    argv = [str(servers.PROGRAM), *servers.connection_options(last, "pg-test"), "-i", str(path), "apply"]
    with open(tmp_path / "out", "w", encoding="utf-8") as out:
        shown, ended = on_a_terminal(argv, answer=answer, stdout=out)
    kept = (tmp_path / "out").read_text()
    assert ended == code, (shown, kept)
    assert re.search(r"apply \d+ steps to pg-test \(\d+ to create.*\)\? \[y/N\] ", shown), shown
    assert "[y/N]" not in kept and ("nothing done" in kept) == (code == 1), kept
    assert last.value("SELECT count(*) FROM pg_roles WHERE rolname = 'a'") == (0 if code else 1)


def test_the_header_says_which_server_it_is(last, write):
    planned = servers.run("-i", write({"pg_policy": "none"}), "plan", server=last).stdout
    assert planned.startswith(f"pg-test (pg-test-1 at {last.folder}:{last.port}, PostgreSQL "), planned


def test_the_log_says_who_did_what_from_where(last, write, tmp_path):
    path = write({"pg_users": [{"name": "a"}]})
    log = tmp_path / "log"
    servers.run("-i", path, "--log", log, "apply", "--yes", server=last)
    lines = log.read_text().splitlines()
    records = [json.loads(line) for line in lines]
    start, end, steps = records[0], records[-1], records[1:-1]
    assert start["event"] == "start" and start["steps"] == len(steps) > 0
    assert start["session_role"] == "postgres" and start["os_user"] and start["host"]
    assert {step["event"] for step in steps} == {"step"}
    assert (end["event"], end["result"], end["steps_done"]) == ("end", "done", len(steps))
    assert not [line for line in lines if ",  " in line or "{ " in line]


def test_the_json_of_a_fleet_names_what_failed(last, tmp_path):
    (tmp_path / "inventory.yml").write_text(json.dumps({"all": {"vars": {"pg_policy": "none"}, "children": {
        name: {"hosts": {f"10.9.9.{number}": {"pg_seq": 1, "pg_role": "primary"}},
               "vars": {"pg_cluster": name, "pg_users": [{"name": "a"}]}}
        for number, name in enumerate(("pg-one", "pg-two"), 1)}}}))
    done = servers.run("-i", tmp_path / "inventory.yml", "--conninfo", f"pg-one={last.conninfo()}",
                       "--conninfo", "pg-two=host=/nonexistent", "plan", "--format", "json", expect=1)
    document = json.loads(done.stdout)
    assert [target["cluster"] for target in document["targets"]] == ["pg-one"]
    failure, = document["failures"]
    assert failure["cluster"] == "pg-two" and failure["exit_code"] == 1
    assert "cannot connect" in failure["message"] and failure["diagnostics"] == []


def test_the_json_of_a_wrong_inventory_has_its_findings(write):
    path = write({"pg_users": [{"name": "a", "superuser": "flase"}]})
    done = servers.run("-i", path, "plan", "--offline", "--format", "json", expect=3)
    document = json.loads(done.stdout)
    assert document["targets"] == [] and document["summary"]["create"] == 0
    assert [finding["severity"] for finding in document["diagnostics"]].count("error") == 1


MANY = {"pg_users": [{"name": f"u{number}", "login": False} for number in range(60)]}


def test_a_wait_says_for_whom_and_which_try_it_is(last, write):
    path = write(MANY)
    with servers.blocking(last, "CREATE ROLE u30 NOLOGIN"):
        done = servers.run("-i", path, "apply", "--yes", "--lock-timeout", "1500ms", server=last, expect=1)
    assert re.search(r'pg-test: step \d+ waits for pid \d+ \(role "postgres", since [^)]+\); try 1 of 6\n',
                     done.stderr), done
    assert "retrying (try 2 of 6)" in done.stderr and "retrying (try 6 of 6)" in done.stderr, done
    assert "lock timeout" in done.stderr.splitlines()[-2] and done.stderr.count("waits for") >= 2, done


@pytest.mark.parametrize("duration", ["", "-1", "5 s", "1.5s", "soon", "99999999999h"])
def test_a_duration_that_is_none_is_refused(write, duration):
    done = servers.run("-i", write(MANY), "apply", "--yes", f"--lock-timeout={duration}", expect=64)
    assert f'--lock-timeout "{duration}" is not a duration' in done.stderr, done


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_apply_says_what_was_rolled_back(last, write, number):
    path = write(MANY)
    before = last.access_state()
    with servers.blocking(last, "CREATE ROLE u30 NOLOGIN"):
        with servers.running("-i", path, "apply", "--yes", "--lock-timeout", "0", server=last) as process:
            for line in process.stderr:
                if "waits for pid" in line:
                    break
            process.send_signal(number)
            out, err = process.communicate(timeout=servers.PATIENCE)
    assert process.returncode == 130, out + err
    assert re.search(r"pg-test: interrupted; the transaction of steps 1 to \d+ was rolled back\n"
                     r"  0 of \d+ steps were applied and kept; re-run apply to continue\n", err), err
    assert servers.difference(before, last.access_state()) == ""
    servers.run("-i", path, "apply", "--yes", server=last)
    access.assert_settled(path, last)


def test_comparing_many_passwords_shows_how_far_it_is(last, write):
    """Many iterations take about as long as thousands of passwords with the usual ones."""
    if servers.MAJORS[-1] < 16:
        pytest.skip("scram_iterations is 16's")
    users = [{"name": f"u{i}", "password": "Secret.Of.U"} for i in range(6)]
    # Or verifiers that cost more than ten times as much as new ones would not be compared.
    last.rows("ALTER SYSTEM SET scram_iterations = 200000")
    last.rows("SELECT pg_reload_conf()")
    path = write({"pg_users": users})
    for user in users:
        last.rows("SET scram_iterations = 200000; "
                  f"CREATE ROLE {user['name']} LOGIN PASSWORD '{user['password']}'")
    argv = [str(servers.PROGRAM), "-i", str(path), "--conninfo", f"pg-test={last.conninfo()}", "plan"]
    shown, code = on_a_terminal(argv)
    assert code == 0 and re.search(r"\rpg-test \[[#.]{30}\] [0-6]/6 passwords", shown), shown
    assert shown.index("passwords") < shown.rindex("\r\033[K") < shown.index("PostgreSQL 1"), shown
    assert "PASSWORD" not in shown
    quiet, code = on_a_terminal([*argv, "-q"])
    assert code == 0 and "passwords" not in quiet, quiet
    piped = servers.run("-i", path, "plan", server=last)
    assert "passwords" not in piped.stderr and "\r" not in piped.stderr
