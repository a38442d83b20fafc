"""A plan over 64 servers that are 20 ms away, beside one of them alone and psql asking the same."""
import contextlib
import re
import subprocess
import sys

import measure
import servers
import yaml

TARGETS, ROUND_TRIP = 64, 0.020
TINY = {"shared_buffers": "1MB", "max_connections": "10", "max_wal_senders": "0",
        "autovacuum": "off", "max_worker_processes": "0", "wal_level": "minimal",
        "max_parallel_workers": "0", "logging_collector": "off"}

POLICY = {"pg_users": [{"name": f"user_{i:02}", "roles": ["dbrole_readwrite"]} for i in range(20)],
          "pg_databases": [{"name": "app", "owner": "user_00", "schemas": ["app"], "grants": [
              {"to": ["user_01", "user_02"], "privileges": ["SELECT"], "kind": "tables",
               "schema": "app", "future": ["user_00"]}]}]}


def inventory(ports):
    return {"all": {"vars": {"admin_ip": "10.0.0.1"}, "children": {
        f"pg-{i:02}": {
            "hosts": {f"10.1.{i}.1": {"pg_seq": 1, "pg_role": "primary"}},
            "vars": {"pg_cluster": f"pg-{i:02}", **POLICY,
                     "pg_conninfo": f"host=127.0.0.1 port={port} user=postgres sslmode=disable"}}
        for i, port in enumerate(ports)}}}


@contextlib.contextmanager
def far_away(running, ports):
    pairs = [f"{port}={one.folder}/.s.PGSQL.{one.port}" for port, one in zip(ports, running)]
    proxy = subprocess.Popen([sys.executable, str(measure.HERE / "latency_proxy.py"),
                              str(ROUND_TRIP), *pairs], stdout=subprocess.PIPE, text=True,
                             preexec_fn=servers.die_with_parent)
    try:
        assert proxy.stdout.readline() == "ready\n"
        yield
    finally:
        proxy.kill()
        proxy.wait()


def asked_queries(path, log):
    """What the program asks of one server, as a script for psql, from that server's log."""
    with open(log, "w", encoding="utf-8"):
        pass
    measure.program("-i", path, "-N", "pg-00", "plan")
    text, database = [], None
    entry = re.compile(r"^<(\d+) (\w+)> LOG:  (?:statement|execute [^:]*): ", re.M)
    parts = entry.split(log.read_text())[1:]
    for session, name, statement in zip(parts[0::3], parts[1::3], parts[2::3]):
        statement = re.split(r"^<\d+ ", statement, flags=re.M)[0]
        if (session, name) != database:
            text.append(f"\\connect {name}\n")
            database = (session, name)
        text.append(statement.strip().rstrip(";") + ";\n")
    assert len(text) > 10
    return "".join(text)


def plan_64_targets(folder):
    with contextlib.ExitStack() as stack:
        ports = set()
        while len(ports) < TARGETS:  # a port that was only asked for may come again
            ports.add(servers.free_port())
        ports = sorted(ports)
        settings = {**TINY, "log_line_prefix": "<%p %d> "}
        running = [stack.enter_context(servers.Postgres(measure.MAJOR, settings=settings))
                   for _ in range(TARGETS)]
        path = folder / "fleet.yml"
        path.write_text(yaml.safe_dump(inventory(ports), sort_keys=False))
        stack.enter_context(far_away(running, ports))
        measure.program("-i", path, "apply", "--yes")
        running[0].rows("ALTER SYSTEM SET log_statement = 'all'")
        running[0].reload()
        script = folder / "asked.sql"
        script.write_text(asked_queries(path, running[0].log))
        running[0].rows("ALTER SYSTEM RESET log_statement")
        running[0].reload()
        targets = "".join(f"host=127.0.0.1 port={port} user=postgres dbname=postgres"
                          f" sslmode=disable\n" for port in ports)

        def xargs():
            subprocess.run(["xargs", "-P64", "-d", "\n", "-n1", "psql", "-X", "-q", "-v",
                            "ON_ERROR_STOP=1", "-o", "/dev/null", "-f", str(script), "-d"],
                           input=targets, text=True, check=True, env=measure.ENVIRONMENT)

        ours, alone, theirs = measure.fastest(
            lambda: measure.program("-i", path, "plan", "--detailed-exitcode"),
            lambda: measure.program("-i", path, "-N", "pg-00", "plan", "--detailed-exitcode"),
            xargs)
        measure.report(f"plan on {TARGETS} targets with 20 ms round trips", "at most 1.3x", ours,
                       max(alone, theirs),
                       f"the larger of one alone ({alone:.3f} s) and xargs -P64 psql"
                       f" ({theirs:.3f} s)", f"{ours / max(alone, theirs):.2f}x")
        print(f"  resident: {measure.peak_mib('-i', path, 'plan'):.0f} MiB")
