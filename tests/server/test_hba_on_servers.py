"""What render writes is what the servers read: every line is taken, none is skipped."""
import signal
import subprocess
import time

import pytest

import access
import servers

CLASSIC, MODERN = access.EXAMPLES / "classic.yml", access.EXAMPLES / "modern.yml"
GOLDEN = sorted((servers.ROOT / "tests/golden/hba").glob("*/inventory.yml"))


def hba_files(tmp_path, pattern):
    for number, inventory in enumerate([CLASSIC, MODERN, *GOLDEN]):
        folder = tmp_path / str(number)
        servers.run("-i", inventory, "render", "all", "-d", folder)
        for path in sorted(folder.glob(pattern)):
            yield inventory, path


def test_postgresql_takes_every_line(server, tmp_path):
    for inventory, path in hba_files(tmp_path, "*.pg_hba.conf"):
        server.write_hba("local all postgres trust\n" + path.read_text())
        # a line with a type and an error is only warned of: these servers have no certificate
        refused = server.rows("SELECT line_number, error FROM pg_hba_file_rules"
                              " WHERE type IS NULL")
        assert refused == [], (inventory, path.name)
        active = [line for line in path.read_text().splitlines()
                  if line.strip() and not line.startswith("#")]
        assert server.value("SELECT count(*) FROM pg_hba_file_rules") == len(active) + 1


def test_pgbouncer_takes_every_line(tmp_path):
    for inventory, path in hba_files(tmp_path, "*.pgb_hba.conf"):
        log = pgbouncer_log(path)
        assert "hba" not in log.lower().replace("auth_hba_file", ""), (inventory, path.name, log)


def pgbouncer_log(hba):
    """What PgBouncer says when it starts with that file."""
    folder = servers.scratch_folder()
    (folder / "hba").write_text(hba.read_text())
    (folder / "users").write_text("")
    (folder / "ini").write_text(f"""[databases]
* = host={folder}
[pgbouncer]
listen_addr =
unix_socket_dir = {folder}
auth_type = hba
auth_hba_file = {folder}/hba
auth_file = {folder}/users
logfile = {folder}/log
""")
    (folder / "log").touch()
    if servers.AS_ROOT:
        for name in ("hba", "users", "ini", "log"):
            servers.shutil.chown(folder / name, "nobody", "nogroup")
    process = subprocess.Popen(["/usr/sbin/pgbouncer", str(folder / "ini")], cwd=folder,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, preexec_fn=servers.die_with_parent,
                               **servers.ACCOUNT)
    try:
        servers.wait_until(lambda: "process up" in (folder / "log").read_text(), what="PgBouncer")
        return (folder / "log").read_text()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def test_the_instances_own_rules_decide(new_server, tmp_path):
    """The rule that a person reads in the example is the one that the server follows."""
    server = new_server(servers.MAJORS[-1], listen=True)
    target = {"server": server, "cluster": "pg-test"}
    servers.run("-i", CLASSIC, "-N", "pg-test", "apply", "--yes", **target)
    servers.run("-i", CLASSIC, "-N", "pg-test", "render", "hba", "-d", tmp_path)
    expected = {"pg-test-1": {"shop": True, "analyst": False},
                "pg-test-2": {"shop": True, "analyst": True}}
    for instance, people in expected.items():
        server.write_hba("local all postgres trust\n"
                         + (tmp_path / f"{instance}.pg_hba.conf").read_text())
        server.restart()
        for user, password in (("shop", "Shop.Writes"), ("analyst", "Analyst.Reads")):
            try:
                server.connect(user, "test", tcp=True, password=password).close()
                got_in = True
            except servers.psycopg2.OperationalError as error:
                assert "no pg_hba.conf entry" in str(error)
                got_in = False
            assert got_in is people[user], (instance, user)


def test_a_thousand_instances_in_one_pass(tmp_path):
    hosts = {f"10.{i // 250}.{i % 250}.1": {"pg_seq": 1, "pg_role": "primary",
                                           "pg_cluster": f"c{i}"} for i in range(1000)}
    mapping = {"all": {"vars": {"admin_ip": "10.0.0.1"}, "children": {"every": {"hosts": hosts}}}}
    path = servers.write_inventory(tmp_path / "many.yml", mapping)
    out, start = tmp_path / "out", time.monotonic()
    servers.run("-i", path, "render", "all", "-d", out)
    assert time.monotonic() - start < 60  # a guard against a square, not a measurement
    assert len(list(out.glob("*.pg_hba.conf"))) == 1000
    assert (out / "c7-1.pg_hba.conf").stat().st_mode & 0o777 == 0o600
    checked = subprocess.run("cat *.sha256 | sha256sum --quiet -c", shell=True, cwd=out,
                             capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


def test_bytes_depend_on_the_inventory_only(tmp_path):
    for name in ("a", "b"):
        servers.run("-i", MODERN, "render", "all", "-d", tmp_path / name,
                    env={"TZ": "Asia/Tokyo" if name == "a" else "UTC", "HOSTNAME": name})
    left, right = ({p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in "ab")
    assert left == right and len(left) == 8


def test_a_rule_that_pgbouncer_would_skip_is_never_written(write, tmp_path):
    path = write({"pg_default_hba_rules": [], "pg_hba_rules": [], "pgb_default_hba_rules": [],
                  "pgb_hba_rules": [
                      {"title": "skipped reject", "user": "+grp", "db": "all", "addr": "intra",
                       "auth": "deny", "order": 1},
                      {"title": "host bits", "user": "a", "db": "all", "addr": "10.1.2.3/8",
                       "auth": "pwd", "order": 2}]})
    found = servers.run("-i", path, "validate", expect=3)
    assert found.stdout.count("error:") == 2, found
    servers.run("-i", path, "render", "all", "-d", tmp_path / "out", expect=3)
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize("what", ["hba", "pgbouncer", "useropts"])
def test_one_instance_goes_to_stdout(what):
    done = servers.run("-i", MODERN, "-N", "pg-shop-1", "render", what)
    assert done.stdout and done.stderr == ""
