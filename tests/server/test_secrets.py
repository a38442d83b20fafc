"""A secret is in no output, log, plan file, server log or process list."""
import os
import pathlib
import threading

import pytest

import access
import servers

# the values of SECRETS may be nowhere; their verifiers only where a person asked for them
EVERYTHING_LOGGED = {
    "log_statement": "all", "log_min_duration_statement": "0", "log_connections": "on",
    "log_error_verbosity": "verbose", "log_min_error_statement": "debug5",
    "log_parameter_max_length": "-1", "log_parameter_max_length_on_error": "-1",
    "log_min_duration_sample": "0", "log_transaction_sample_rate": "1",
    "shared_preload_libraries": "pg_stat_statements", "pg_stat_statements.track": "all",
}


def started_here():
    """The folders in /proc of the processes that this one started, and of what they started."""
    parents = {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            # the name, in brackets, may hold anything; the parent is the second word behind it
            parents[folder] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, more = set(), {os.getpid()}
    while more:
        new = {folder for folder, parent in parents.items() if parent in more} - found
        found |= new
        more = {int(folder.name) for folder in new}
    return found


class ProcessWatch(threading.Thread):
    """Reads the arguments and the environment of every process started here, again and again."""

    def __init__(self):
        super().__init__(daemon=True)
        self.seen, self.over = set(), threading.Event()

    def run(self):
        while not self.over.is_set():
            for folder in started_here():
                for name in ("cmdline", "environ"):
                    try:
                        self.seen.add((folder / name).read_bytes())
                    except OSError:
                        continue

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()

    def text(self):
        return b"\n".join(self.seen).decode(errors="replace")


def assert_none(secrets, text, where):
    for secret in secrets:
        assert secret not in text, f"{secret} is in {where}"


def test_no_secret_leaves_the_program(major, new_server, write, tmp_path):
    server = new_server(major, settings=EVERYTHING_LOGGED)
    server.rows("CREATE EXTENSION pg_stat_statements")
    path = write(access.RICH)
    secrets = access.SECRETS + access.SYSTEM_SECRETS
    saved, log = tmp_path / "plan.json", tmp_path / "log"
    runs = []
    with ProcessWatch() as watch:
        for arguments in (["validate"], ["validate", "--format", "json"], ["show"], ["plan"],
                          ["plan", "--format", "json"], ["plan", "--format", "sql"],
                          ["plan", "--offline"], ["plan", "--format", "json", "-o", saved],
                          ["-v", "-v", "--log", log, "apply", "--yes"], ["plan"], ["render", "all",
                                                                              "-d", tmp_path]):
            runs.append(servers.run("-i", path, *arguments, server=server))
    verifiers = [row[0] for row in server.rows(
        "SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL")]
    assert len(verifiers) == len(secrets)
    for run in runs:
        assert_none(secrets + verifiers, run.stdout + run.stderr, " ".join(run.argv))
    assert any("<secret>" in run.stdout for run in runs)
    for file in [f for f in tmp_path.iterdir() if f != path]:
        assert_none(secrets + verifiers, file.read_text(), file)
    assert "pgcharter" in watch.text() and "postgres" in watch.text()
    assert_none(secrets + verifiers, watch.text(), "a process list")
    assert_none(secrets + verifiers, server.log_text(), "the server's log")
    assert_none(secrets + verifiers,
                str(server.rows("SELECT query FROM pg_stat_statements")), "pg_stat_statements")


def test_a_script_with_verifiers_hides_them_as_apply_does(major, new_server, write, tmp_path):
    """What samples statements and counts them is not asked by log_statement alone."""
    server = new_server(major, settings=EVERYTHING_LOGGED)
    server.rows("CREATE EXTENSION pg_stat_statements")
    path, script = write(access.RICH), tmp_path / "plan.sql"
    servers.run("-i", path, "plan", "--format", "sql", "--with-verifiers", "-o", script,
                server=server)
    done = server.psql_file(script)
    assert done.returncode == 0, done.stderr
    verifiers = [row[0] for row in server.rows(
        "SELECT rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL")]
    assert len(verifiers) == len(access.SECRETS + access.SYSTEM_SECRETS)
    assert_none(verifiers, server.log_text(), "the server's log")
    assert_none(verifiers, str(server.rows("SELECT query FROM pg_stat_statements")),
                "pg_stat_statements")


def test_verifiers_are_written_only_into_a_private_file(server, write, tmp_path):
    path = write(access.RICH)
    refused = servers.run("-i", path, "plan", "--format", "sql", "--with-verifiers", server=server,
                          expect=None)
    assert refused.code in (4, 64) and "SCRAM-SHA-256" not in refused.stdout, refused
    script = tmp_path / "plan.sql"
    servers.run("-i", path, "plan", "--format", "sql", "--with-verifiers", "-o", script,
                server=server)
    assert script.stat().st_mode & 0o777 == 0o600
    assert "SCRAM-SHA-256$" in script.read_text()
    assert_none(access.SECRETS + access.SYSTEM_SECRETS, script.read_text(), script)


def test_a_password_statement_that_fails_tells_nothing(major, new_server, write):
    """The server logs a statement that fails; one with a verifier must not be among them."""
    server = new_server(major, settings={"log_statement": "all",
                                         "log_min_error_statement": "debug5"})
    path = write({"pg_users": [{"name": "a", "password": "Secret.One"},
                               {"name": "b", "password": "Secret.Two"}]})
    servers.run("-i", path, "apply", "--yes", server=server)
    server.rows("ALTER ROLE b PASSWORD NULL")
    with servers.blocking(server, "ALTER ROLE b PASSWORD NULL"):
        with servers.running("-i", path, "apply", "--yes", server=server) as process:
            servers.wait_until(lambda: servers.blocked(server), what="the lock")
            assert_none(["SCRAM-SHA-256$"], str(server.rows(
                "SELECT query FROM pg_stat_activity WHERE usename <> current_user")), "activity")
            server.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'pgcharter'")
            stdout, stderr = process.communicate(timeout=servers.PATIENCE)
    assert process.returncode == 1, stderr
    assert_none(["Secret.One", "Secret.Two", "SCRAM-SHA-256$"], stdout + stderr, "the output")
    assert_none(["Secret.One", "Secret.Two", "SCRAM-SHA-256$"], server.log_text(), "the log")


def test_a_password_in_conninfo_is_refused(server, write):
    path = write({"pg_users": []})
    refused = servers.run("-i", path, "--conninfo",
                          f"pg-test={server.conninfo()} password=Secret.Argv", "plan", expect=None)
    assert refused.code in (4, 64), refused
    assert "Secret.Argv" not in refused.stdout + refused.stderr


@pytest.mark.parametrize("who", ["superuser", "member of dbsu", "creator of roles"])
def test_a_script_with_verifiers_runs_as_who_planned_it(who, server, write, tmp_path):
    """It keeps as much out of the log as that role may: all of it, where it acts as dbsu."""
    server.rows("CREATE ROLE deploy LOGIN " + {"superuser": "SUPERUSER", "member of dbsu": "IN ROLE postgres",
                                               "creator of roles": "CREATEROLE CREATEDB"}[who])
    server.rows("ALTER SYSTEM SET log_statement = 'all'")
    server.reload()
    path = write({"pg_policy": "none", "pg_dbsu": "postgres",
                  "pg_users": [{"name": "ann", "password": "Some.Password.1"}]})
    script, conninfo = tmp_path / "plan.sql", server.conninfo(user="deploy")
    servers.run("-i", path, "--conninfo", f"pg-test={conninfo}", "plan", "--format", "sql",
                "--with-verifiers", "-o", script)
    servers.wait_until(lambda: server.value("SHOW log_statement") == "all", what="the new log_statement")
    done = servers.subprocess.run(["psql", "-X", "-q", "-d", conninfo, "-f", str(script)], text=True,
                                  capture_output=True, env=servers.clean_environment())
    assert (done.returncode, done.stderr) == (0, "")
    servers.run("-i", path, "--conninfo", f"pg-test={conninfo}", "plan", "--detailed-exitcode")
    assert ("SCRAM-SHA-256$" in server.log_text()) == (who == "creator of roles")
