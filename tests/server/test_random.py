"""Laws over random inventories: apply settles, whatever was there; the SQL script does the same.

A seed makes a server's history: an inventory is applied, somebody changes things by hand, a second
inventory follows. ./dev test takes two seeds for each major, --all thirty.
"""
import random

import pytest

import access
import servers

SEEDS = range(30 if servers.TEST_ALL else 2)
NAMES = ["ann", "bob", "Carl X", "d'or", 'e"f', "app", "team", "ops", "żubr", "x" * 63]
POLICY_ROLES = ["dbrole_readonly", "dbrole_readwrite", "dbrole_admin", "dbrole_offline",
                "pg_monitor"]
FRAGMENTS = [
    "GRANT USAGE ON SCHEMAS TO dbrole_readonly", "GRANT SELECT ON TABLES TO dbrole_readonly",
    "GRANT SELECT ON TABLES TO dbrole_offline WITH GRANT OPTION",
    "GRANT INSERT, UPDATE, DELETE ON TABLES TO dbrole_readwrite",
    "GRANT EXECUTE ON FUNCTIONS TO dbrole_readonly", "REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    "GRANT USAGE ON TYPES TO dbrole_admin", "REVOKE SELECT ON TABLES FROM dbrole_offline",
    "IN SCHEMA public GRANT SELECT ON TABLES TO dbrole_readonly",
    "GRANT ALL ON SEQUENCES TO dbrole_admin", "GRANT CREATE ON SCHEMAS TO dbrole_admin",
]


def maybe(dice, mapping, key, value, chance=0.5):
    if dice.random() < chance:
        mapping[key] = value()


def random_user(dice, name, earlier):
    user = {"name": name}
    for key in ("login", "createdb", "createrole", "inherit", "bypassrls", "replication"):
        maybe(dice, user, key, lambda: dice.random() < 0.6, 0.3)
    maybe(dice, user, "password", lambda: f"Secret of {name} {dice.randrange(3)}")
    maybe(dice, user, "connlimit", lambda: dice.choice([-1, 0, 5, 100]), 0.3)
    maybe(dice, user, "expire_at", lambda: dice.choice(["infinity", "2099-01-01",
                                                        "2088-02-03 04:05:06+00"]), 0.3)
    maybe(dice, user, "expire_in", lambda: dice.randrange(1, 4000), 0.2)
    maybe(dice, user, "comment", lambda: dice.choice(["", "a 'comment'", "two\nlines"]), 0.5)
    maybe(dice, user, "parameters", lambda: {
        "work_mem": f"{dice.randrange(1, 9)}MB", "search_path": dice.choice(
            ["a, b", '"$user", public', "DEFAULT"]), "my.own": dice.choice(["", "x y", 1, True])},
        0.4)
    groups = dice.sample(POLICY_ROLES + earlier, dice.randrange(0, 3))
    if groups:
        user["roles"] = [random_membership(dice, group) for group in groups]
    return user


def random_membership(dice, group):
    if dice.random() < 0.6:
        return group
    membership = {"name": group}
    for key in ("admin", "inherit", "set"):
        maybe(dice, membership, key, lambda: dice.random() < 0.5, 0.4)
    maybe(dice, membership, "state", lambda: "absent", 0.2)
    return membership


def random_database(dice, name, users):
    database = {"name": name}
    maybe(dice, database, "owner", lambda: dice.choice(users), 0.7)
    maybe(dice, database, "revokeconn", lambda: dice.random() < 0.7)
    maybe(dice, database, "connlimit", lambda: dice.choice([-1, 7, 70]), 0.3)
    maybe(dice, database, "comment", lambda: dice.choice(["", "what it's for"]), 0.4)
    maybe(dice, database, "is_template", lambda: dice.random() < 0.3, 0.2)
    maybe(dice, database, "template", lambda: dice.choice(["template0", "template1"]), 0.2)
    maybe(dice, database, "parameters", lambda: {"timezone": dice.choice(["UTC", "Asia/Tokyo"]),
                                                 "search_path": dice.choice(["a", "public,a"])})
    maybe(dice, database, "schemas", lambda: [
        schema if dice.random() < 0.5 else {"name": schema, "owner": dice.choice(users)}
        for schema in dice.sample(["s1", "S 2", "monitor", "own's"], dice.randrange(1, 4))], 0.7)
    return database


def random_inventory(dice):
    names = sorted(dice.sample(NAMES, dice.randrange(3, 8)), key=NAMES.index)
    users = [random_user(dice, name, names[:number]) for number, name in enumerate(names)]
    dice.shuffle(users)  # a role may be granted before its own entry
    variables = {"pg_users": users, "pg_databases": [
        random_database(dice, name, names) for name in dice.sample(["one", "Two 2", "th'ree"],
                                                                   dice.randrange(1, 4))]}
    maybe(dice, variables, "pg_access_mode", lambda: dice.choice(["adopt", "strict"]), 0.5)
    maybe(dice, variables, "pg_default_privileges_existing", lambda: True, 0.3)
    maybe(dice, variables, "pg_default_privileges",
          lambda: dice.sample(FRAGMENTS, dice.randrange(0, len(FRAGMENTS))), 0.4)
    return variables


def disturb(dice, server):
    """What somebody might do by hand between two applies.

    Roles are granted to those behind them in NAMES only: a loop with what the next inventory grants
    would rightly be refused."""
    there = dict(server.rows("SELECT rolname, quote_ident(rolname) FROM pg_roles"))
    roles = [there[name] for name in POLICY_ROLES + NAMES if name in there and name[:3] != "pg_"]
    for _ in range(6):
        database = dice.choice(server.databases())
        one, other = sorted(dice.sample(roles, 2), key=roles.index)
        sql = dice.choice([
            f"ALTER ROLE {one} CREATEDB CONNECTION LIMIT 2", f"GRANT {one} TO {other}",
            f"REVOKE {one} FROM {other}", f"COMMENT ON ROLE {one} IS 'by hand'",
            f"ALTER ROLE {one} SET work_mem = '3MB'", f"ALTER ROLE {one} RESET ALL",
            f"ALTER ROLE {one} IN DATABASE postgres SET work_mem = '2MB'",
            f"ALTER ROLE {one} PASSWORD 'by hand'", f"ALTER ROLE {one} VALID UNTIL '2030-01-01'",
            f"GRANT CREATE ON SCHEMA public TO {one}", "GRANT CREATE ON SCHEMA public TO PUBLIC",
            f"CREATE SCHEMA made_by_hand AUTHORIZATION {one}", "CREATE TABLE IF NOT EXISTS t ()",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {one} GRANT SELECT ON TABLES TO {other}",
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {one} REVOKE ALL ON TABLES FROM dbrole_readonly",
            f"REVOKE ALL ON SCHEMA monitor FROM {one}",
            f"GRANT ALL ON SCHEMA monitor TO {one} WITH GRANT OPTION",
        ])
        try:
            server.rows(sql, dbname=database)
        except servers.psycopg2.Error:
            continue  # a loop, a superuser, a schema that is not there: nothing happened


@pytest.mark.parametrize("seed", SEEDS)
def test_apply_settles_whatever_was_there(seed, major, new_server, write, tmp_path):
    dice = random.Random(f"{seed} {major}")
    server, scripted = new_server(major), new_server(major)
    for number in range(2):
        path = write(random_inventory(dice), name=f"{number}.yml")
        script = tmp_path / f"{number}.sql"
        allowed = ["--allow-mass-removal", "--init"]
        servers.run("-i", path, "plan", "--format", "sql", "--with-verifiers", "-o", script, *allowed,
                    server=scripted)
        servers.run("-i", path, "apply", "--yes", *allowed, server=server)
        access.assert_settled(path, server)
        done = scripted.psql_file(script)
        assert done.returncode == 0, done.stderr
        assert servers.difference(server.access_state(), scripted.access_state()) == ""
        by_hand = random.Random(seed)
        disturb(by_hand, server)
        disturb(random.Random(seed), scripted)
