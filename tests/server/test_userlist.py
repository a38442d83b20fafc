"""`render userlist`: PgBouncer logs people in with the server's own verifiers, through to the server."""
import os
import shutil
import signal
import subprocess
import time

import psycopg2
import pytest

import servers

PGBOUNCER = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
USERS = [{"name": "alice", "password": "Alice's \"secret\"", "pgbouncer": True},
         {"name": 'we"ird', "password": "Weird.Secret", "pgbouncer": True},
         {"name": "direct", "password": "Direct.Secret"}]


def userlist(server, path, folder):
    return servers.run("-i", path, "render", "userlist", "-d", folder, server=server)


def test_verifiers_are_the_servers_and_the_file_is_private(server, write, tmp_path):
    path = write({"pg_users": USERS, "pg_monitor_password": "Secret.Monitor"})
    servers.run("-i", path, "apply", "--yes", server=server)
    done = userlist(server, path, tmp_path / "out")
    file = tmp_path / "out" / "pg-test-1.userlist.txt"
    assert os.stat(file).st_mode & 0o777 == 0o600
    text = file.read_text()
    stored = dict(server.rows("SELECT rolname, rolpassword FROM pg_authid WHERE rolpassword IS NOT NULL"))
    assert '"postgres" ""\n' in text
    assert f'"alice" "{stored["alice"]}"\n' in text
    assert f'"we""ird" "{stored[chr(119) + "e" + chr(34) + "ird"]}"\n' in text
    assert f'"dbuser_monitor" "{stored["dbuser_monitor"]}"\n' in text
    assert "direct" not in text and "replicator" not in text
    assert "SCRAM" not in done.stdout + done.stderr


def test_it_never_goes_to_stdout(new_server, write):
    server = new_server(servers.MAJORS[-1])
    path = write({"pg_users": USERS})
    assert "never written to stdout" in servers.run("-i", path, "render", "userlist", server=server,
                                                    expect=64).stderr


def test_a_role_that_is_not_there_is_told(new_server, write, tmp_path):
    server = new_server(servers.MAJORS[-1])
    done = userlist(server, write({"pg_users": USERS}), tmp_path / "out")
    assert 'role "alice" is not on the server' in done.stderr


def test_roles_that_the_server_refuses_are_left_out(server, write, tmp_path):
    """PgBouncer compares the password itself, so it would let them in."""
    users = [{"name": name, "password": f"{name}.Pw", "pgbouncer": True, **more} for name, more in (
        ("past", {"expire_at": "2020-01-01"}), ("future", {"expire_at": "2999-01-01"}),
        ("endless", {"expire_at": "infinity"}), ("group", {"login": False}), ("plain", {}))]
    path = write({"pg_users": users})
    servers.run("-i", path, "apply", "--yes", server=server)
    done = userlist(server, path, tmp_path / "out")
    text = (tmp_path / "out" / "pg-test-1.userlist.txt").read_text()
    assert {name for name in ("past", "future", "endless", "group", "plain") if f'"{name}" "SCRAM' in text} \
        == {"future", "endless", "plain"}
    told = [line for line in done.stderr.splitlines() if "[userlist-role-disabled]" in line]
    assert len(told) == 2 and 'role "past" has expired' in told[0] and 'role "group" is NOLOGIN' in told[1]


@pytest.mark.skipif(not os.path.exists(PGBOUNCER), reason="no pgbouncer on this machine")
def test_pgbouncer_passes_the_login_through(new_server, write, tmp_path):
    server = new_server(servers.MAJORS[-1], listen=True)
    path = write({"pg_users": USERS, "pg_databases": [{"name": "app"}]})
    servers.run("-i", path, "apply", "--yes", server=server)
    server.write_hba("local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
    server.reload()
    userlist(server, path, tmp_path / "out")
    folder = server.folder / "pgbouncer"
    folder.mkdir()
    shutil.copy(tmp_path / "out" / "pg-test-1.userlist.txt", folder / "userlist.txt")
    port = servers.free_port()
    (folder / "pgbouncer.ini").write_text(
        f"[databases]\n* = host=127.0.0.1 port={server.port}\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
        f"auth_type = scram-sha-256\nauth_file = {folder}/userlist.txt\n")
    for each in [folder, *folder.iterdir()]:
        if servers.AS_ROOT:
            shutil.chown(each, "nobody", "nogroup")
    process = subprocess.Popen([PGBOUNCER, "-q", str(folder / "pgbouncer.ini")], cwd="/",
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, preexec_fn=servers.die_with_parent,
                               **servers.ACCOUNT)
    try:
        deadline = time.monotonic() + 10
        while True:
            try:
                connection = psycopg2.connect(host="127.0.0.1", port=port, dbname="app", user="alice",
                                              password="Alice's \"secret\"")
                break
            except psycopg2.OperationalError as error:
                assert time.monotonic() < deadline and "refused" in str(error), error
                time.sleep(0.05)
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone()[0] == "alice"
        connection.close()
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(host="127.0.0.1", port=port, dbname="app", user="alice", password="wrong")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
