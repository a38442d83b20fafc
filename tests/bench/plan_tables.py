"""A plan without changes over many tables, beside psql reading the least that has to be read."""
import measure
import servers
import yaml

SCHEMAS, OWNERS, PEOPLE = 500, 100, 400  # a reader's role for each schema makes 1,000 roles
SIZES = (10000, 30000, 100000)

# So many tables would need as many locks in one transaction
MAKE_TABLES = """
DO $$
BEGIN
  FOR i IN {start} .. {end} - 1 LOOP
    EXECUTE format('SET LOCAL ROLE owner_%s', lpad((i %% {schemas} %% {owners})::text, 3, '0'));
    EXECUTE format('CREATE TABLE app_%s.t%s (id bigint, name text, amount numeric)',
                   lpad((i %% {schemas})::text, 3, '0'), i);
    IF i %% 20 = 0 THEN
      EXECUTE format('CREATE FUNCTION app_%s.f%s() RETURNS int LANGUAGE sql AS ''SELECT 1''',
                     lpad((i %% {schemas})::text, 3, '0'), i);
    END IF;
    IF i %% 100 = 0 THEN
      EXECUTE format('CREATE DOMAIN app_%s.d%s AS text',
                     lpad((i %% {schemas})::text, 3, '0'), i);
    END IF;
    IF i %% 500 = 499 THEN
      COMMIT;
    END IF;
  END LOOP;
END $$;
"""


def inventory():
    """Owners that create, a reader's role for each schema, people in them."""
    users = [{"name": f"owner_{i:03}", "login": False, "roles": ["dbrole_admin"]}
             for i in range(OWNERS)]
    users += [{"name": f"app_{i:03}_ro", "login": False} for i in range(SCHEMAS)]
    users += [{"name": f"person_{i:03}", "expire_at": "2099-12-31", "connlimit": 10,
               "roles": [f"app_{(i * 7 + j) % SCHEMAS:03}_ro" for j in range(3)]}
              for i in range(PEOPLE)]
    # One grant on a column: its ACLs have to be read, too, as in the floor
    grants = [{"to": "app_000_ro", "privileges": ["UPDATE"], "kind": "table", "schema": "app_000",
               "name": "t0", "columns": ["name"]}]
    for i in range(SCHEMAS):
        schema, reader, owner = f"app_{i:03}", f"app_{i:03}_ro", f"owner_{i % OWNERS:03}"
        grants += [{"to": reader, "privileges": ["USAGE"], "kind": "schema", "schema": schema},
                   {"to": reader, "privileges": ["SELECT"], "kind": "tables", "schema": schema,
                    "future": [owner]}]
    return servers.inventory({
        "pg_users": users,
        "pg_databases": [{"name": "app", "owner": "owner_000", "grants": grants, "schemas": [
            {"name": f"app_{i:03}", "owner": f"owner_{i % OWNERS:03}"} for i in range(SCHEMAS)]}]})


def write_inventory(folder):
    path = folder / "tables.yml"
    path.write_text(yaml.dump(inventory(), Dumper=yaml.CSafeDumper, sort_keys=False))
    return path


def make_tables(running, folder, start, end):
    measure.psql_text(running, folder,
                      MAKE_TABLES.format(start=start, end=end, schemas=SCHEMAS,
                                         owners=OWNERS).replace("%%", "%") +
                      "VACUUM ANALYZE pg_class, pg_proc, pg_type, pg_attribute, pg_depend,"
                      " pg_init_privs;\n", dbname="app")


def plan_100000_tables(folder):
    path = write_inventory(folder)
    with measure.server() as running:
        target = measure.target(running)
        plan = ["-i", path, *target, "plan", "--detailed-exitcode"]
        measure.program("-i", path, *target, "apply", "--yes")
        times, have = {}, 0
        for size in SIZES:
            make_tables(running, folder, have, size)
            have = size
            measure.program("-i", path, *target, "apply", "--yes")
            assert running.value("SELECT count(*) FROM pg_class WHERE relkind = 'r'"
                                 " AND oid >= 16384", dbname="app") == size
            ours, floor = measure.fastest(
                lambda: measure.program(*plan),
                lambda: measure.psql(running, measure.HERE / "floor.sql", dbname="app"))
            times[size] = ours
            measure.report(f"plan without changes, {size:,} tables in {SCHEMAS} schemas, 1,000 roles",
                           "at most 2x, the aim is 1.2x", ours, floor, "psql -f floor.sql",
                           f"{ours / floor:.2f}x")
        print(f"  resident: {measure.peak_mib(*plan):.0f} MiB (to reach: at most 48 MiB)")
        growth = ", ".join(f"{size:,}: {times[size] / times[SIZES[0]]:.1f}x" for size in SIZES[1:])
        print(f"  time against {SIZES[0]:,} tables: {growth} (to reach: linear)", flush=True)
