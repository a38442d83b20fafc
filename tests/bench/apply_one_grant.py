"""How often an apply of one grant waits for the server, beside the plan alone."""
import measure
import round_trips
import servers
import yaml

INVENTORY = servers.inventory({
    "pg_users": [{"name": "reader", "login": False}],
    "pg_databases": [{"name": "app", "schemas": ["s"], "grants": [
        {"to": "reader", "privileges": ["USAGE"], "kind": "schema", "schema": "s"}]}]})


def apply_one_grant(folder):
    path = folder / "inventory.yml"
    path.write_text(yaml.dump(INVENTORY, Dumper=yaml.CSafeDumper, sort_keys=False))
    counts = {}
    with measure.server() as running:
        measure.program("-i", path, *measure.target(running), "apply", "--yes")
        running.rows("REVOKE USAGE ON SCHEMA s FROM reader", dbname="app")
        for command in (["plan"], ["apply", "--yes"]):
            with round_trips.counting(running) as counter:
                measure.program("-i", path, "--conninfo", f"pg-test={counter.conninfo()}", *command)
            counts[command[0]] = counter
    print(f"apply of one grant: {counts['apply'].round_trips} round trips over "
          f"{counts['apply'].connections} connections; plan alone: {counts['plan'].round_trips} over "
          f"{counts['plan'].connections} (to reach: 20)", flush=True)
