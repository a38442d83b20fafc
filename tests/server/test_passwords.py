"""Passwords are compared with what the server stores, and come from files, the environment, commands."""
import pytest

import access
import servers

# What SASLprep makes equal, drops, maps or prohibits; and what is no matter to it
PLAINTEXTS = ["simple", "with blank", "quote'\"\\", "Grüße", "e\u0301 and \u00e9", "\u2168", "\ufb01",
              "a\u00a0b", "soft\u00adhyphen", "\u202eprohibited", "\U0001f511 key", "x" * 200,
              "\u0627\u0031", "SCRAM", "Md5"]


def users_of(passwords):
    return {"pg_users": [{"name": f"u{i}", "password": password, "comment": ""}
                         for i, password in enumerate(passwords)]}


def password_steps(path, server, **more):
    return [step["name"] for step in access.plan_steps(path, server, **more)
            if step["secret"] and step["name"].startswith("u")]


def test_what_the_server_made_of_a_password_is_recognised(server, write):
    for i, plaintext in enumerate(PLAINTEXTS):
        server.rows(f"SET password_encryption = 'scram-sha-256'; CREATE ROLE u{i} LOGIN PASSWORD %s",
                    (plaintext,))
    assert password_steps(write(users_of(PLAINTEXTS)), server) == []
    others = [plaintext + "!" for plaintext in PLAINTEXTS]
    assert len(password_steps(write(users_of(others)), server)) == len(PLAINTEXTS)


def test_what_we_made_of_a_password_lets_people_in(server, write):
    path = write(users_of(PLAINTEXTS))
    servers.run("-i", path, "apply", "--yes", server=server)
    server.write_hba("local all postgres trust\nlocal all all scram-sha-256\n")
    server.reload()
    for i, plaintext in enumerate(PLAINTEXTS):
        assert server.value("SELECT current_user", user=f"u{i}", password=plaintext) == f"u{i}"
    assert password_steps(path, server) == []


@pytest.mark.parametrize("major", [m for m in servers.MAJORS if m >= 16])
def test_the_stored_iterations_are_used_and_kept(major, new_server, write):
    server = new_server(major)
    for i, iterations in enumerate([1, 1000, 4096, 20000]):
        server.rows(f"SET scram_iterations = {iterations}; CREATE ROLE u{i} LOGIN PASSWORD 'p{i}'")
    assert password_steps(write(users_of([f"p{i}" for i in range(4)])), server) == []
    server.rows("ALTER SYSTEM SET scram_iterations = 1234")
    server.rows("SELECT pg_reload_conf()")
    path = write(users_of(["new", "p1"]))
    servers.wait_until(lambda: server.value("SHOW scram_iterations") == "1234")
    servers.run("-i", path, "apply", "--yes", server=server)
    stored = dict(server.rows("SELECT rolname, rolpassword FROM pg_authid"))
    assert stored["u0"].startswith("SCRAM-SHA-256$1234:"), "a new one has the server's iterations"
    assert stored["u1"].startswith("SCRAM-SHA-256$1000:"), "an equal one keeps its own"


def test_a_verifier_of_too_many_iterations_delays_no_plan(server, write):
    """Anybody may set such a one for himself (the server compares it with '' then, as a plan would with
    the declared password; this one would take an hour)."""
    endless = "SCRAM-SHA-256$2000000000:W22ZaJ0SNY7soEsUEjb6gQ==$" + "=:".join(["A" * 43] * 2) + "="
    server.rows("CREATE ROLE u0 LOGIN")
    server.rows(f"UPDATE pg_authid SET rolpassword = '{endless}' WHERE rolname = 'u0'")
    path = write(users_of(["secret"]))
    plan = servers.run("-i", path, "plan", "-v", server=server).stdout
    assert "[password-too-slow]" in plan and "2000000000 iterations" in plan
    servers.run("-i", path, "apply", "--yes", server=server)
    stored = server.value("SELECT rolpassword FROM pg_authid WHERE rolname = 'u0'")
    assert stored.startswith("SCRAM-SHA-256$4096:")
    assert password_steps(path, server) == []


def test_md5_becomes_scram_unless_md5_is_wanted(server, write):
    server.rows("SET password_encryption = 'md5'; CREATE ROLE u0 LOGIN PASSWORD 'secret'")
    md5 = server.value("SELECT rolpassword FROM pg_authid WHERE rolname = 'u0'")
    assert password_steps(write({**users_of(["secret"]), "pg_pwd_enc": "md5"}), server) == []
    assert password_steps(write(users_of([md5])), server) == []
    path = write(users_of(["secret"]))
    assert password_steps(path, server) == ["u0"]
    servers.run("-i", path, "apply", "--yes", server=server)
    assert server.value("SELECT rolpassword FROM pg_authid WHERE rolname = 'u0'"
                        ).startswith("SCRAM-SHA-256$")
    assert password_steps(path, server) == []


@pytest.fixture
def references(tmp_path):
    file, program = tmp_path / "secret", tmp_path / "program"
    file.write_text("Secret.File\n")
    file.chmod(0o600)
    program.write_text("#!/bin/sh\nprintf 'Secret.%s\\nanother line\\n' \"$1\"\n")
    program.chmod(0o700)
    return [{"file": str(file)}, {"env": "SECRET_OF_U1"}, {"command": [str(program), "Command"]}]


@pytest.mark.parametrize("major", servers.MAJORS[-1:])
def test_references_are_read_when_a_plan_needs_them(major, new_server, write, references):
    server = new_server(major)
    environment = {"SECRET_OF_U1": "Secret.Env"}
    path = write(users_of(references))
    assert servers.run("-i", path, "validate").stdout.startswith("0 errors")
    servers.run("-i", path, "apply", "--yes", server=server, env=environment)
    again = servers.run("-i", path, "plan", "--detailed-exitcode", server=server, env=environment)
    assert "no changes" in again.stdout
    server.write_hba("local all postgres trust\nlocal all all scram-sha-256\n")
    server.reload()
    for i, plaintext in enumerate(["Secret.File", "Secret.Env", "Secret.Command"]):
        assert server.value("SELECT 1", user=f"u{i}", password=plaintext) == 1


@pytest.mark.parametrize("major", servers.MAJORS[-1:])
def test_a_relative_path_counts_from_the_file_that_names_it(major, new_server, write, tmp_path, monkeypatch):
    server = new_server(major)
    users = users_of([{"file": "pw.txt"}, "{{ lookup('file', 'pw.txt') }}", "{{ referred }}"])
    path = write({**users, "referred": "{{ lookup('file', './pw.txt') }}", "pg_policy": "own/policy.yml"})
    policy = servers.run("show", "policy", "pigsty").stdout
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "policy.yml").write_text(
        policy.replace("pg_monitor_password: DBUser.Monitor", "pg_monitor_password: {file: monitor.txt}"))
    (tmp_path / "elsewhere").mkdir()
    for file, text in (("pw.txt", "Secret.Here"), ("own/monitor.txt", "Secret.Monitor"),
                       ("elsewhere/pw.txt", "Secret.Elsewhere")):
        (tmp_path / file).write_text(text)
        (tmp_path / file).chmod(0o600)
    monkeypatch.chdir(tmp_path / "elsewhere")
    servers.run("-i", path, "apply", "--yes", server=server)
    monkeypatch.chdir(tmp_path)
    again = servers.run("-i", "inventory.yml", "plan", "--detailed-exitcode", server=server)
    assert "no changes" in again.stdout
    server.write_hba("local all postgres trust\nlocal all all scram-sha-256\n")
    server.reload()
    for user, plaintext in (("u0", "Secret.Here"), ("u1", "Secret.Here"), ("u2", "Secret.Here"),
                            ("dbuser_monitor", "Secret.Monitor")):
        assert server.value("SELECT 1", user=user, password=plaintext) == 1


@pytest.mark.parametrize("major", servers.MAJORS[-1:])
def test_a_reference_that_cannot_be_read_refuses_the_plan(major, new_server, write, tmp_path):
    server = new_server(major)
    open_file, empty = tmp_path / "open", tmp_path / "empty"
    open_file.write_text("Secret.Open")
    open_file.chmod(0o644)
    empty.write_text("")
    empty.chmod(0o600)
    path = write(users_of([{"file": str(open_file)}, {"file": str(tmp_path / "none")},
                           {"file": str(empty)}, {"env": "NOT_SET"},
                           {"command": ["/bin/sh", "-c", "echo Secret.Said; exit 3"]},
                           {"command": ["echo", "SCRAM-SHA-256$4096:Secret.Cut"]}]))
    refused = servers.run("-i", path, "plan", server=server, expect=3)
    assert refused.stderr.count("[password-reference-unreadable]") == 6, refused
    assert "Secret." not in refused.stdout + refused.stderr
