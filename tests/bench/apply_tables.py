"""Applying privileges on many tables, beside psql with the smallest script that does the same."""
import json

import measure
import servers
import yaml

TABLES, SCHEMAS, ROLES = 20000, 20, ("reader", "writer", "auditor")
PRIVILEGES = {"reader": ["SELECT"], "writer": ["SELECT", "INSERT", "UPDATE", "DELETE"],
              "auditor": ["SELECT"]}

MAKE_TABLES = """
DO $$
BEGIN
  FOR i IN 0 .. {tables} - 1 LOOP
    IF i % 500 = 0 THEN
      COMMIT;
    END IF;
    EXECUTE format('CREATE TABLE s%s.t%s (id bigint, name text)', i % {schemas}, i);
  END LOOP;
END $$;
VACUUM ANALYZE pg_class;
"""


def inventory(schemas):
    grants = [{"to": role, "privileges": PRIVILEGES[role], "kind": "tables",
               "schema": [f"s{i}" for i in range(SCHEMAS)]} for role in ROLES]
    return servers.inventory({
        "pg_users": [{"name": role, "login": False} for role in ROLES],
        "pg_databases": [{"name": "app", "schemas": [f"s{i}" for i in range(SCHEMAS)],
                          "grants": grants if schemas else []}]})


def smallest_script():
    names = ", ".join(f"s{i}" for i in range(SCHEMAS))
    return "".join(f"GRANT {', '.join(PRIVILEGES[role])} ON ALL TABLES IN SCHEMA {names} TO {role};\n"
                   for role in ROLES)


def write(folder, name, mapping):
    path = folder / name
    path.write_text(yaml.dump(mapping, Dumper=yaml.CSafeDumper, sort_keys=False))
    return path


def grants_of(running):
    return running.rows("SELECT a.grantee::regrole::text, a.privilege_type, count(*) FROM pg_class c,"
                        " aclexplode(c.relacl) a WHERE c.relkind = 'r' AND c.oid >= 16384"
                        " AND a.grantee <> c.relowner GROUP BY 1, 2 ORDER BY 1, 2", dbname="app")


def apply_20000_tables(folder):
    before = write(folder, "before.yml", inventory(schemas=False))
    path = write(folder, "tables.yml", inventory(schemas=True))
    script = folder / "smallest.sql"
    script.write_text(smallest_script())
    with measure.server() as running:
        target = measure.target(running)
        measure.program("-i", before, *target, "apply", "--yes")
        measure.psql_text(running, folder, MAKE_TABLES.format(tables=TABLES, schemas=SCHEMAS),
                          dbname="app")
        running.rows("ALTER DATABASE app RENAME TO untouched")

        def fresh(_):
            """Both sides start from the same database; what they leave behind is not counted."""
            running.rows("DROP DATABASE IF EXISTS app")
            running.rows("CREATE DATABASE app TEMPLATE untouched")
            running.rows("CHECKPOINT")

        fresh(None)
        plan = json.loads(measure.output_of("-i", path, *target, "plan", "--format", "json"))
        statements = len(plan["targets"][0]["steps"])
        results = {}

        def ours():
            measure.program("-i", path, *target, "apply", "--yes")
            results["ours"] = None

        def theirs():
            measure.psql(running, script, "-1", dbname="app")

        fresh(None)
        ours()
        results["ours"] = grants_of(running)
        fresh(None)
        theirs()
        assert grants_of(running) == results["ours"], "the two sides do different work"
        mine, psql = measure.fastest(ours, theirs, before=fresh)
        measure.report(f"apply {TABLES:,} tables x {len(ROLES)} roles", "at most 1.1x", mine, psql,
                       "psql -1", f"{mine / psql:.2f}x")
        print(f"  {statements} statements (to reach: hundreds)", flush=True)
