"""Other tools that keep roles and privileges, where they are installed: a plan without changes for
the same small policy over 2,000 tables, beside ours. Their policies stand in rivals/."""
import shutil
import subprocess

import measure
import servers
import yaml

TABLES = 2000
POLICIES = measure.HERE / "rivals"
# What a tool is called with, twice: to make it so, and to find nothing more to do
RIVALS = {
    "pgroles": (["apply", "-f", str(POLICIES / "pgroles.yml")],
                ["diff", "-f", str(POLICIES / "pgroles.yml")]),
    "ldap2pg": (["--config", str(POLICIES / "ldap2pg.yml"), "--real"],
                ["--config", str(POLICIES / "ldap2pg.yml")]),
    "pgbedrock": (["configure", str(POLICIES / "pgbedrock.yml"), "--live"],
                  ["configure", str(POLICIES / "pgbedrock.yml"), "--check"]),
}
SETUP = f"""
DO $$ BEGIN FOR i IN 1 .. {TABLES} LOOP
  EXECUTE format('CREATE TABLE app.t%s (id int); ALTER TABLE app.t%1$s OWNER TO owner', i);
  IF i % 500 = 0 THEN COMMIT; END IF;
END LOOP; END $$;
"""


def inventory():
    return servers.inventory({
        "pg_users": [{"name": "owner", "login": False}, {"name": "app-reader", "login": False},
                     {"name": "person", "roles": ["app-reader"]}],
        "pg_databases": [{"name": "app", "schemas": [{"name": "app", "owner": "owner"}], "grants": [
            {"to": "app-reader", "privileges": ["USAGE"], "kind": "schema", "schema": "app"},
            {"to": "app-reader", "privileges": ["SELECT"], "kind": "tables", "schema": "app",
             "future": ["owner"]}]}]})


def environment(running):
    """How each of them, all over libpq's variables or a URL, finds the database."""
    return {**measure.ENVIRONMENT, "PGHOST": str(running.folder), "PGPORT": str(running.port),
            "PGUSER": running.dbsu, "PGDATABASE": "app", "DATABASE_URL":
            f"postgres://{running.dbsu}@/app?host={running.folder}&port={running.port}"}


def arguments(name, words, running):
    """pgbedrock takes host, port and so on as options only."""
    more = ["-h", str(running.folder), "-p", str(running.port), "-d", "app", "-U", running.dbsu,
            "-w", "none"] if name == "pgbedrock" else []
    return [name, *words, *more]


def measure_one(name, path, folder):
    with measure.server() as running:
        target = measure.target(running)
        measure.program("-i", path, *target, "apply", "--yes")
        measure.psql_text(running, folder, SETUP, dbname="app")
        env = environment(running)

        def rival(words):
            done = subprocess.run(arguments(name, words, running), env=env, capture_output=True)
            assert done.returncode in (0, 1, 2), done.stderr.decode()

        make, check = RIVALS[name]
        rival(make)
        measure.program("-i", path, *target, "apply", "--yes")
        ours, theirs = measure.fastest(
            lambda: measure.program("-i", path, *target, "plan"), lambda: rival(check))
        measure.report(f"plan without changes, {TABLES:,} tables", "faster", ours, theirs, name,
                       f"{theirs / ours:.1f}x faster")


def plan_beside_rivals(folder):
    path = folder / "rivals.yml"
    path.write_text(yaml.safe_dump(inventory(), sort_keys=False))
    for name in RIVALS:
        if shutil.which(name, path=measure.ENVIRONMENT["PATH"]) is None:
            print(f"plan beside {name}: skipped, it is not on PATH", flush=True)
        else:
            measure_one(name, path, folder)
