"""When the world refuses: one sentence, exit 1, nothing half-done, and the next run finishes."""
import contextlib
import socket
import struct
import threading

import pytest

import access
import servers

USERS = {"pg_users": [{"name": "a", "password": "Secret.World"}]}


def assert_one_sentence(result, *words):
    errors = [line for line in result.stderr.splitlines() if "error" in line]
    assert len(errors) == 1, result
    for word in words:
        assert word in errors[0], result


def test_nobody_listens(write):
    refused = servers.run("-i", write(USERS), "--conninfo", "pg-test=host=/nonexistent", "plan",
                          expect=1)
    assert_one_sentence(refused, "pg-test", "/nonexistent")


def test_the_server_lets_nobody_in(major, new_server, write):
    server = new_server(major)
    server.write_hba("local all all reject\n")
    server.reload()
    servers.wait_until(lambda: rejects(server), what="the new pg_hba.conf")
    refused = servers.run("-i", write(USERS), "apply", "--yes", server=server, expect=1)
    assert_one_sentence(refused, "pg-test")


def rejects(server):
    try:
        server.connect().close()
        return False
    except servers.psycopg2.OperationalError:
        return True


def test_the_server_goes_away_in_the_middle(major, new_server, write):
    server = new_server(major)
    path = write(access.RICH)
    before = server.access_state()
    with contextlib.ExitStack() as stack:
        stack.enter_context(servers.blocking(server, "CREATE ROLE writer"))
        process = stack.enter_context(servers.running("-i", path, "apply", "--yes", server=server))
        servers.wait_until(lambda: servers.blocked(server), what="the lock")
        server.stop()
        _, stderr = process.communicate(timeout=servers.PATIENCE)
    assert process.returncode == 1, stderr
    assert "Sanitizer" not in stderr and "pg-test" in stderr
    server.start()
    assert servers.difference(before, server.access_state()) == "", "half a transaction is left"
    servers.run("-i", path, "apply", "--yes", server=server)
    access.assert_settled(path, server)


def test_a_session_that_is_ended_is_told(server, write):
    path = write(access.RICH)
    servers.run("-i", path, "apply", "--yes", server=server)
    settled = server.access_state()
    server.rows("DROP SCHEMA app", dbname="app")
    with servers.blocking(server, "CREATE SCHEMA app", dbname="app"):
        with servers.running("-i", path, "apply", "--yes", server=server) as process:
            servers.wait_until(lambda: servers.blocked(server), what="the lock")
            server.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'pgcharter' AND datname = 'app'")
            _, stderr = process.communicate(timeout=servers.PATIENCE)
    assert process.returncode == 1 and "app" in stderr, stderr
    servers.run("-i", path, "apply", "--yes", server=server)
    assert servers.difference(settled, server.access_state()) == ""


def test_two_at_once_do_not_cross(server, write):
    path = write(access.RICH)
    with servers.blocking(server, "CREATE ROLE writer") as let_go:
        with servers.running("-i", path, "apply", "--yes", server=server) as process:
            servers.wait_until(lambda: servers.blocked(server), what="the lock")
            second = servers.run("-i", path, "apply", "--yes", server=server, expect=1)
            assert_one_sentence(second, "pg-test")
            let_go()
            _, stderr = process.communicate(timeout=servers.PATIENCE)
            assert process.returncode == 0, stderr
    access.assert_settled(path, server)


def standby(server):
    """A copy of a stopped server that recovers for ever, so that nothing in it is writable."""
    server.stop(servers.signal.SIGINT)
    signal_file = server.data / "standby.signal"
    signal_file.touch()
    if servers.AS_ROOT:
        servers.shutil.chown(signal_file, "nobody", "nogroup")
    server.settings.update({"hot_standby": "on", "primary_conninfo": ""})
    server.start()


def test_no_member_is_writable(major, new_server, write):
    server = new_server(major)
    standby(server)
    assert server.value("SELECT pg_is_in_recovery()")
    for command in (["plan"], ["apply", "--yes"]):
        refused = servers.run("-i", write(USERS), *command, server=server, expect=1)
        assert_one_sentence(refused, "pg-test")


def test_another_superuser_leaves_everything_to_dbsu(server, write):
    server.rows("CREATE ROLE chief LOGIN SUPERUSER")
    path = write(access.RICH)
    servers.run("-i", path, "--conninfo", f"pg-test={server.conninfo(user='chief')}", "apply",
                "--yes")
    owners = server.rows("SELECT datname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba"
                         " WHERE rolname = 'chief'")
    assert owners == []
    assert server.rows("SELECT nspname FROM pg_namespace n JOIN pg_roles r ON r.oid = n.nspowner"
                       " WHERE rolname = 'chief'", dbname="app") == []
    access.assert_settled(path, server)


@contextlib.contextmanager
def fake_server(folder, version):
    """Speaks enough of the protocol to be a writable server of that version."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / ".s.PGSQL.5432"))
    listener.listen()

    def message(kind, body):
        return kind + struct.pack("!I", len(body) + 4) + body

    def parameter(name, value):
        return message(b"S", name.encode() + b"\0" + value.encode() + b"\0")

    def serve(client):
        length = struct.unpack("!I", client.recv(4))[0]
        client.recv(length)
        client.sendall(message(b"R", struct.pack("!I", 0))
                       + parameter("server_version", version)
                       + parameter("server_encoding", "UTF8") + parameter("client_encoding", "UTF8")
                       + parameter("is_superuser", "on")
                       + parameter("standard_conforming_strings", "on")
                       + parameter("default_transaction_read_only", "off")
                       + parameter("in_hot_standby", "off")
                       + message(b"K", struct.pack("!II", 1, 1)) + message(b"Z", b"I"))
        # "off" to whatever is asked: libpq asks a server older than 14 whether it is read-only
        column = struct.pack("!IHIHIH", 0, 0, 25, 0xffff, 0xffffffff, 0)
        while client.recv(65536)[:1] not in (b"X", b""):
            client.sendall(message(b"T", struct.pack("!H", 1) + b"answer\0" + column)
                           + message(b"D", struct.pack("!HI", 1, 3) + b"off")
                           + message(b"C", b"SELECT 1\0") + message(b"Z", b"I"))
        client.close()

    def accept():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with contextlib.suppress(OSError, struct.error):
                serve(client)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_a_server_older_than_13_is_refused(write):
    folder = servers.scratch_folder()
    with fake_server(folder, "12.22"):
        refused = servers.run("-i", write(USERS), "--conninfo", f"pg-test=host={folder} user=x",
                              "plan", expect=1)
    assert_one_sentence(refused, "12", "13")


def test_one_target_that_fails_does_not_stop_the_others(new_server, tmp_path):
    server = new_server(servers.MAJORS[-1])
    both = servers.inventory(USERS)
    both["all"]["children"]["gone"] = servers.inventory(USERS, cluster="pg-gone", hosts={
        "10.1.1.2": {"pg_seq": 1, "pg_role": "primary"}})["all"]["children"]["pg-gone"]
    path = servers.write_inventory(tmp_path / "both.yml", both)
    done = servers.run("-i", path, "--conninfo", "pg-gone=host=/nonexistent", "apply", "--yes",
                       server=server, expect=1)
    assert "pg-gone" in done.stderr
    assert server.value("SELECT count(*) FROM pg_roles WHERE rolname = 'a'") == 1


def test_a_writable_replica_of_the_inventory_is_named(new_server, tmp_path):
    """After a failover the plan goes to the member that can be written, and says whose that is."""
    old, new = new_server(servers.MAJORS[-1], listen=True), new_server(servers.MAJORS[-1], listen=True)
    standby(old)
    hosts = {"old": {"pg_seq": 1, "pg_role": "primary", "pg_port": old.port},
             "new": {"pg_seq": 2, "pg_role": "replica", "pg_port": new.port}}
    path = servers.write_inventory(tmp_path / "inventory.yml", servers.inventory(
        {"pg_host": "127.0.0.1", **USERS}, hosts=hosts, top={"admin_ip": "127.0.0.1"}))
    done = servers.run("-i", path, "--conninfo", "pg-test=host=127.0.0.1,127.0.0.1 "
                       f"port={old.port},{new.port} user=postgres", "plan")
    assert "pg-test (pg-test-2 at 127.0.0.1:" in done.stdout
    assert 'not the inventory\'s primary "pg-test-1" [member-differs]' in done.stdout


def test_somebody_in_the_template_for_a_moment_is_waited_for(server, write):
    path = write({"pg_databases": [{"name": "late"}]})
    visitor = server.connect(dbname="template1")
    with servers.running("-i", path, "apply", "--yes", server=server) as process:
        servers.time.sleep(1)
        visitor.close()
        out, err = process.communicate(timeout=servers.PATIENCE)
    assert process.returncode == 0, out + err
    assert server.value("SELECT count(*) FROM pg_database WHERE datname = 'late'") == 1


def test_the_callers_time_zone_moves_nothing(new_server, write):
    """PGTZ would shift the midnight that expire_at means; the server's zone decides."""
    server = new_server(servers.MAJORS[-1])
    path = write({"pg_users": [{"name": "late", "expire_at": "2099-01-01"}]})
    servers.run("-i", path, "apply", "--yes", server=server, env={"PGTZ": "Asia/Tokyo"})
    assert "no changes" in servers.run("-i", path, "plan", server=server).stdout
    assert server.value("SELECT (rolvaliduntil AT TIME ZONE current_setting('timezone'))::text"
                        " FROM pg_roles WHERE rolname = 'late'") == "2099-01-01 00:00:00"
